#include "aws/credentials/instance_metadata.h"

#include <fmt/format.h>

#include "aws/uri.h"

namespace tfseal::aws {
namespace {

constexpr std::string_view kRolePath = "/latest/meta-data/iam/security-credentials/";
// Long enough for all requests of one round.
constexpr std::string_view kTokenSeconds = "300";
constexpr int kAttempts = 3;

}  // namespace

Result<HttpRequest> InstanceMetadataProvider::Request(const std::string& method, const std::string& path) const {
  const Environment& environment = context_.environment;
  std::string url = FirstSet(environment, {"AWS_EC2_METADATA_SERVICE_ENDPOINT"});
  const std::string mode = FirstSet(environment, {"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"});
  if (url.empty()) url = mode == "IPv6" || mode == "ipv6" ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
  const std::optional<Uri> uri = ParseUri(url);
  if (!uri) return ProviderError("instance metadata: AWS_EC2_METADATA_SERVICE_ENDPOINT is not a url");
  const std::string host = uri->HostName();
  HttpRequest request;
  request.method = method;
  request.scheme = uri->scheme;
  request.host = uri->host;
  request.path = uri->path + path;
  request.repeatable = true;
  request.allow_plain_http = host == "169.254.169.254" || host == "fd00:ec2::254";
  request.use_proxy = false;
  request.timeout = std::chrono::seconds(1);
  return request;
}

Result<std::optional<std::string>> InstanceMetadataProvider::Token() const {
  TFSEAL_ASSIGN(HttpRequest request, Request("PUT", "/latest/api/token"));
  request.headers.push_back({"x-aws-ec2-metadata-token-ttl-seconds", std::string(kTokenSeconds)});
  const HttpAnswer answer = Exchange(context_.transport, std::move(request));
  if (!answer.response) return std::optional<std::string>();
  if (answer.response->status != 200) {
    return ProviderError(fmt::format("instance metadata: the request for a token is answered with http status {}",
                                     answer.response->status),
                         "enable version 2 of the metadata service, or set AWS_EC2_METADATA_DISABLED=true");
  }
  return std::optional<std::string>(answer.response->body);
}

Result<HttpResponse> InstanceMetadataProvider::Get(const std::string& path, const std::string& token) const {
  TFSEAL_ASSIGN(HttpRequest request, Request("GET", path));
  request.headers.push_back({"x-aws-ec2-metadata-token", token});
  Result<HttpResponse> response = Ask(context_, request, kAttempts);
  if (!response.ok()) return ProviderError("instance metadata: " + response.error().message);
  return response;
}

Result<std::optional<Credentials>> InstanceMetadataProvider::Load() {
  const std::string disabled = FirstSet(context_.environment, {"AWS_EC2_METADATA_DISABLED"});
  if (disabled == "true" || disabled == "True" || disabled == "TRUE") return std::optional<Credentials>();
  TFSEAL_ASSIGN(const std::optional<std::string> token, Token());
  if (!token) return std::optional<Credentials>();
  TFSEAL_ASSIGN(const HttpResponse roles, Get(std::string(kRolePath), *token));
  if (roles.status == 404) return std::optional<Credentials>();
  const std::string role = roles.body.substr(0, roles.body.find('\n'));
  if (roles.status != 200 || role.empty()) {
    return ProviderError(fmt::format("instance metadata: asked for the role, http status {}", roles.status));
  }
  TFSEAL_ASSIGN(const HttpResponse answer, Get(std::string(kRolePath) + EncodeUri(role), *token));
  if (answer.status != 200) {
    return ProviderError(fmt::format("instance metadata: asked for credentials, http status {}", answer.status));
  }
  const Result<JsonValue> json = ParseJson(answer.body);
  if (!json.ok()) return ProviderError("instance metadata: the answer is not json");
  TFSEAL_ASSIGN(Credentials credentials, CredentialsFromJson(*json, {.session_token = "Token"}, "instance metadata"));
  return std::optional<Credentials>(std::move(credentials));
}

}  // namespace tfseal::aws

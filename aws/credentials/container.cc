#include "aws/credentials/container.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "aws/uri.h"
#include "core/file.h"

namespace tfseal::aws {
namespace {

constexpr std::size_t kTokenBytesMax = 64U << 10U;
constexpr int kAttempts = 3;
constexpr std::array<std::string_view, 3> kAgents = {"169.254.170.2", "169.254.170.23", "fd00:ec2::23"};

}  // namespace

Result<std::string> ContainerProvider::Token() const {
  const std::string path = FirstSet(context_.environment, {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"});
  std::string token = FirstSet(context_.environment, {"AWS_CONTAINER_AUTHORIZATION_TOKEN"});
  if (!path.empty()) {
    TFSEAL_ASSIGN(token, ReadFileBounded(path, kTokenBytesMax));
    while (token.ends_with('\n') || token.ends_with('\r')) token.pop_back();
  }
  if (token.find_first_of("\r\n") != std::string::npos) return ProviderError("the token has a line break");
  return token;
}

Result<std::optional<Credentials>> ContainerProvider::Load() {
  const std::string relative = FirstSet(context_.environment, {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"});
  const std::string full = FirstSet(context_.environment, {"AWS_CONTAINER_CREDENTIALS_FULL_URI"});
  if (relative.empty() && full.empty()) return std::optional<Credentials>();
  const std::optional<Uri> uri = ParseUri(relative.empty() ? full : "http://169.254.170.2" + relative);
  if (!uri) return ProviderError("container: the credentials' uri is not one");
  const std::string host = uri->HostName();
  const bool is_agent = std::find(kAgents.begin(), kAgents.end(), host) != kAgents.end();
  if (uri->scheme == "http" && !is_agent && !uri->IsLoopback()) {
    return ProviderError(
        "container: AWS_CONTAINER_CREDENTIALS_FULL_URI names a host that credentials are not asked "
        "of over plain http",
        "use https, or the agent's own address");
  }
  HttpRequest request;
  request.scheme = uri->scheme;
  request.host = uri->host;
  request.path = uri->path.empty() ? "/" : uri->path;
  request.query = uri->query;
  request.headers.push_back({"Accept", "application/json"});
  request.repeatable = true;
  request.allow_plain_http = is_agent;
  request.use_proxy = false;
  request.timeout = std::chrono::seconds(5);
  Result<std::string> token = Token();
  if (!token.ok()) return ProviderError("container: " + token.error().message);
  if (!token->empty()) request.headers.push_back({"Authorization", *token});
  Wipe(*token);
  const Result<HttpResponse> response = Ask(context_, request, kAttempts);
  if (!response.ok()) return ProviderError("container: " + response.error().message);
  if (response->status != 200) {
    return ProviderError(fmt::format("container: the agent answers with http status {}", response->status),
                         "give the task a role");
  }
  const Result<JsonValue> json = ParseJson(response->body);
  if (!json.ok()) return ProviderError("container: the answer is not json");
  TFSEAL_ASSIGN(Credentials credentials, CredentialsFromJson(*json, {.session_token = "Token"}, "container"));
  return std::optional<Credentials>(std::move(credentials));
}

}  // namespace tfseal::aws

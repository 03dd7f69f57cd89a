// Signs the requests that are on standard input, one JSON object a line, and prints every stage, for comparison with
// another implementation:
//   {"method", "scheme", "host", "path", "query", "headers": [[name, value]], "body": base64, "region", "service",
//    "s3": bool, "id", "secret", "token", "time": RFC 3339}
#include <cstdio>
#include <string>

#include "aws/sigv4.h"
#include "aws/timestamp.h"
#include "core/base64.h"
#include "core/json.h"

namespace tfseal::aws {
namespace {

JsonValue Stages(const JsonValue& json) {
  HttpRequest request;
  request.method = json["method"].asString();
  request.scheme = json["scheme"].asString();
  request.host = json["host"].asString();
  request.path = json["path"].asString();
  request.query = json["query"].asString();
  for (const JsonValue& header : json["headers"])
    request.headers.push_back({header[0].asString(), header[1].asString()});
  request.body = FromBase64(json["body"].asString()).value();
  Credentials credentials;
  credentials.access_key_id = json["id"].asString();
  credentials.secret_access_key = SecretBytes(json["secret"].asString());
  credentials.session_token = SecretBytes(json["token"].asString());
  const SigningScope scope{.region = json["region"].asString(),
                           .service = json["service"].asString(),
                           .time = ParseRfc3339(json["time"].asString()).value(),
                           .s3 = json["s3"].asBool()};
  AddSigningHeaders(request, credentials, scope);
  JsonValue stages(Json::objectValue);
  const std::string canonical = CanonicalRequest(request, scope.s3);
  stages["canonical_request"] = canonical;
  stages["string_to_sign"] = StringToSign(canonical, scope);
  stages["signature"] = Signature(SigningKey(credentials.secret_access_key, scope), StringToSign(canonical, scope));
  Authorize(request, credentials, scope);
  stages["authorization"] = request.headers.back().value;
  return stages;
}

}  // namespace
}  // namespace tfseal::aws

int main() {
  std::string line;
  for (int c = std::getchar(); c != EOF; c = std::getchar()) {
    if (c != '\n') {
      line += static_cast<char>(c);
      continue;
    }
    std::string text = tfseal::WriteJsonLine(tfseal::aws::Stages(tfseal::ParseJson(line).value()));
    if (!text.ends_with('\n')) text += '\n';
    std::fputs(text.c_str(), stdout);
    line.clear();
  }
  return 0;
}

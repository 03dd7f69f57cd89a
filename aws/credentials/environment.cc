#include "aws/credentials/environment.h"

#include "aws/timestamp.h"

namespace tfseal::aws {

Result<std::optional<Credentials>> EnvironmentProvider::Load() {
  const std::string id = FirstSet(environment_, {"AWS_ACCESS_KEY_ID"});
  if (id.empty()) return std::optional<Credentials>();
  std::string secret = FirstSet(environment_, {"AWS_SECRET_ACCESS_KEY"});
  if (secret.empty()) {
    return Error{.code = ErrorCode::kUnauthenticated,
                 .message = "environment: AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not",
                 .hint = "set both, or neither"};
  }
  std::string token = FirstSet(environment_, {"AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"});
  Credentials credentials;
  credentials.access_key_id = id;
  credentials.secret_access_key = SecretBytes(secret);
  credentials.session_token = SecretBytes(token);
  credentials.provider = "environment";
  credentials.expires = ParseRfc3339(FirstSet(environment_, {"AWS_CREDENTIAL_EXPIRATION"}));
  Wipe(secret);
  Wipe(token);
  return std::optional<Credentials>(std::move(credentials));
}

}  // namespace tfseal::aws

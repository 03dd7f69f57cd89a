#pragma once

#include <string>
#include <vector>

#include "apply/handler.h"
#include "policy/iam_policy.h"

namespace tfseal {

// Whether a role may do something, as far as documents can tell. A condition that cannot be evaluated here stays
// unknown: it neither allows nor denies.
struct Access {
  enum class Verdict : std::uint8_t { kAllowed, kDenied, kUnknown };
  Verdict verdict = Verdict::kDenied;
  std::string why;  // "policy PazPazSecretsReadOnly, statement #1"
};

// The policies of a role as they are now: inline and attached ones, its permissions boundary, and the policies of the
// secret and of the key. Service control policies of the organisation are not looked at.
class RoleAccess {
 public:
  static Result<RoleAccess> Read(const std::string& role, const std::string& secret, const std::string& key,
                                 const Action& action, RunContext& context);

  [[nodiscard]] Access OnSecret(std::string_view operation) const;  // "secretsmanager:GetSecretValue"
  [[nodiscard]] Access Decrypt() const;                             // of the key, through Secrets Manager
  [[nodiscard]] std::vector<std::string> policies() const;          // names of what was read

 private:
  struct Document {
    std::string name;
    IamPolicy policy;
  };
  [[nodiscard]] Access Judge(std::string_view operation, const std::string& resource,
                             const std::vector<Document>& on_resource) const;
  Status ReadIdentityPolicies(const std::string& role, const Action& action, RunContext& context);
  Status ReadBoundary(const JsonValue& role, const Action& action, RunContext& context);

  std::string role_arn_, account_, secret_, key_, region_;
  std::vector<Document> identity_;
  std::vector<Document> boundary_;
  std::vector<Document> secret_policies_;
  std::vector<Document> key_policies_;
};

}  // namespace tfseal

#pragma once

#include "aws/credentials/provider.h"
#include "aws/environment.h"

namespace tfseal::aws {

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary ones, AWS_SESSION_TOKEN.
class EnvironmentProvider : public CredentialProvider {
 public:
  explicit EnvironmentProvider(const Environment& environment) : environment_(environment) {}
  Result<std::optional<Credentials>> Load() override;

 private:
  const Environment& environment_;
};

}  // namespace tfseal::aws

#pragma once

#include "aws/credentials/provider.h"

namespace tfseal::aws {

// The task role of ECS and the pod identity of EKS: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI, with
// AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or AWS_CONTAINER_AUTHORIZATION_TOKEN. Plain HTTP is for this machine and the
// agents' own addresses only.
class ContainerProvider : public CredentialProvider {
 public:
  explicit ContainerProvider(const ProviderContext& context) : context_(context) {}
  Result<std::optional<Credentials>> Load() override;

 private:
  Result<std::string> Token() const;
  ProviderContext context_;
};

}  // namespace tfseal::aws

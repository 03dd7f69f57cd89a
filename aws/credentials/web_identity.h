#pragma once

#include "aws/credentials/provider.h"

namespace tfseal::aws {

// AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, as CI systems and EKS set them, or the same of a profile
// (web_identity_token_file, role_arn). The file is read for every renewal: whoever issues tokens replaces it.
class WebIdentityProvider : public CredentialProvider {
 public:
  WebIdentityProvider(const ProviderContext& context, std::string profile, bool use_environment)
      : context_(context), profile_(std::move(profile)), use_environment_(use_environment) {}
  Result<std::optional<Credentials>> Load() override;

 private:
  [[nodiscard]] std::string Get(std::string_view variable, std::string_view key) const;
  ProviderContext context_;
  std::string profile_;
  bool use_environment_;
};

}  // namespace tfseal::aws

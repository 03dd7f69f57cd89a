#pragma once

#include <set>

#include "aws/credentials/provider.h"

namespace tfseal::aws {

// The profile's role (role_arn with source_profile or credential_source). It comes before everything else that a
// profile can have.
class AssumeRoleProvider : public CredentialProvider {
 public:
  explicit AssumeRoleProvider(const ProviderContext& context) : context_(context) {}
  Result<std::optional<Credentials>> Load() override;

 private:
  Result<std::optional<Credentials>> LoadProfile(const std::string& profile, std::set<std::string>& visited);
  Result<Credentials> LoadSource(const std::string& profile, std::set<std::string>& visited);
  ProviderContext context_;
};

// What else a profile can have: SSO, keys in the credentials file, a program, keys in the configuration file.
class ProfileProvider : public CredentialProvider {
 public:
  ProfileProvider(const ProviderContext& context, std::string profile)
      : context_(context), profile_(std::move(profile)) {}
  Result<std::optional<Credentials>> Load() override;

 private:
  ProviderContext context_;
  std::string profile_;
};

// The order in which botocore asks.
std::vector<std::unique_ptr<CredentialProvider>> StandardProviders(const ProviderContext& context);

}  // namespace tfseal::aws

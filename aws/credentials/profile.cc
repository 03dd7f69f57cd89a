#include "aws/credentials/profile.h"

#include <fmt/format.h>

#include "aws/credentials/assume_role.h"
#include "aws/credentials/container.h"
#include "aws/credentials/environment.h"
#include "aws/credentials/instance_metadata.h"
#include "aws/credentials/process.h"
#include "aws/credentials/sso.h"
#include "aws/credentials/web_identity.h"

namespace tfseal::aws {
namespace {

using Sections = std::map<std::string, ConfigSection, std::less<>>;

// The keys that one of the two files has for the profile.
Result<std::optional<Credentials>> StaticKeys(const Sections& file, const std::string& profile) {
  const auto section = file.find(profile);
  if (section == file.end()) return std::optional<Credentials>();
  const auto get = [&](std::string_view key) {
    const auto value = section->second.find(key);
    return value == section->second.end() ? std::string_view() : std::string_view(value->second);
  };
  if (get("aws_access_key_id").empty()) return std::optional<Credentials>();
  if (get("aws_secret_access_key").empty()) {
    return ProviderError(fmt::format("profile {}: it has aws_access_key_id and no aws_secret_access_key", profile));
  }
  Credentials credentials;
  credentials.access_key_id = get("aws_access_key_id");
  credentials.secret_access_key = SecretBytes(get("aws_secret_access_key"));
  credentials.session_token = SecretBytes(get("aws_session_token"));
  credentials.provider = fmt::format("profile {}", profile);
  return std::optional<Credentials>(std::move(credentials));
}

Result<std::optional<Credentials>> AnyKeys(const SharedConfig& config, const std::string& profile) {
  TFSEAL_ASSIGN(std::optional<Credentials> keys, StaticKeys(config.credentials, profile));
  if (keys) return keys;
  return StaticKeys(config.profiles, profile);
}

bool TakesRole(const SharedConfig& config, const std::string& profile) {
  return !config.Get(profile, "role_arn").empty() && config.Get(profile, "web_identity_token_file").empty();
}

std::unique_ptr<CredentialProvider> NamedSource(const ProviderContext& context, const std::string& name) {
  if (name == "Environment") return std::make_unique<EnvironmentProvider>(context.environment);
  if (name == "EcsContainer") return std::make_unique<ContainerProvider>(context);
  if (name == "Ec2InstanceMetadata") return std::make_unique<InstanceMetadataProvider>(context);
  return nullptr;
}

}  // namespace

Result<std::optional<Credentials>> AssumeRoleProvider::Load() {
  std::set<std::string> visited;
  if (!TakesRole(context_.config, context_.config.profile)) return std::optional<Credentials>();
  return LoadProfile(context_.config.profile, visited);
}

Result<std::optional<Credentials>> AssumeRoleProvider::LoadProfile(const std::string& profile,
                                                                   std::set<std::string>& visited) {
  visited.insert(profile);
  TFSEAL_ASSIGN(const Credentials source, LoadSource(profile, visited));
  TFSEAL_ASSIGN(Credentials credentials, AssumeRole(context_, profile, source));
  return std::optional<Credentials>(std::move(credentials));
}

Result<Credentials> AssumeRoleProvider::LoadSource(const std::string& profile, std::set<std::string>& visited) {
  const SharedConfig& config = context_.config;
  const std::string source = config.Get(profile, "source_profile");
  const std::string place = config.Get(profile, "credential_source");
  if (source.empty() == place.empty()) {
    return ProviderError(
        fmt::format("profile {}: with role_arn, exactly one of source_profile and credential_source "
                    "says whose credentials take the role on",
                    profile));
  }
  std::optional<Credentials> found;
  if (!place.empty()) {
    const std::unique_ptr<CredentialProvider> provider = NamedSource(context_, place);
    if (provider == nullptr) {
      return ProviderError(
          fmt::format("profile {}: credential_source is not one of Environment, EcsContainer and "
                      "Ec2InstanceMetadata",
                      profile));
    }
    TFSEAL_ASSIGN(found, provider->Load());
    if (!found) return ProviderError(fmt::format("profile {}: {} has no credentials", profile, place));
    return *std::move(found);
  }
  if (!config.Has(source)) return ProviderError(fmt::format("profile {}: there is no profile {}", profile, source));
  const bool takes_role = TakesRole(config, source);
  if (visited.contains(source) || !takes_role) {
    // A profile that is its own source, or one that closes the circle, means its keys.
    TFSEAL_ASSIGN(found, AnyKeys(config, source));
    if (!found && takes_role) {
      return ProviderError(fmt::format("profile {}: source_profile goes round in a circle", profile));
    }
  } else {
    TFSEAL_ASSIGN(found, LoadProfile(source, visited));
  }
  if (!found) {
    TFSEAL_ASSIGN(found, WebIdentityProvider(context_, source, false).Load());
  }
  if (!found) {
    TFSEAL_ASSIGN(found, ProfileProvider(context_, source).Load());
  }
  if (!found) return ProviderError(fmt::format("profile {}: profile {} has no credentials", profile, source));
  return *std::move(found);
}

Result<std::optional<Credentials>> ProfileProvider::Load() {
  TFSEAL_ASSIGN(std::optional<Credentials> found, SsoCredentials(context_, profile_));
  if (!found) {
    TFSEAL_ASSIGN(found, StaticKeys(context_.config.credentials, profile_));
  }
  if (!found) {
    TFSEAL_ASSIGN(found, ProcessCredentials(context_, profile_));
  }
  if (!found) {
    TFSEAL_ASSIGN(found, StaticKeys(context_.config.profiles, profile_));
  }
  return found;
}

std::vector<std::unique_ptr<CredentialProvider>> StandardProviders(const ProviderContext& context) {
  std::vector<std::unique_ptr<CredentialProvider>> providers;
  providers.push_back(std::make_unique<EnvironmentProvider>(context.environment));
  providers.push_back(std::make_unique<AssumeRoleProvider>(context));
  providers.push_back(std::make_unique<WebIdentityProvider>(context, context.config.profile, true));
  providers.push_back(std::make_unique<ProfileProvider>(context, context.config.profile));
  providers.push_back(std::make_unique<ContainerProvider>(context));
  providers.push_back(std::make_unique<InstanceMetadataProvider>(context));
  return providers;
}

}  // namespace tfseal::aws

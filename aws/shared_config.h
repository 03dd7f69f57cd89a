#pragma once

#include <map>
#include <string>
#include <string_view>

#include "aws/environment.h"
#include "core/result.h"

namespace tfseal::aws {

// The settings of one section; nested ones ("s3 =" with indented lines) under "s3.endpoint_url".
using ConfigSection = std::map<std::string, std::string, std::less<>>;

// ~/.aws/config and ~/.aws/credentials, or what AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name.
// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
struct SharedConfig {
  std::map<std::string, ConfigSection, std::less<>> profiles;     // of the config file
  std::map<std::string, ConfigSection, std::less<>> credentials;  // of the credentials file
  std::map<std::string, ConfigSection, std::less<>> sso_sessions;
  std::map<std::string, ConfigSection, std::less<>> services;
  std::string profile = "default";  // the one in use
  bool profile_was_asked_for = false;
  std::string home;

  [[nodiscard]] bool Has(std::string_view profile_name) const;
  // From the credentials file, or else from the config file; empty if neither has it.
  [[nodiscard]] std::string Get(std::string_view profile_name, std::string_view key) const;
};

// Files that are not there are empty. A profile that AWS_PROFILE names and that is in neither is an error.
Result<SharedConfig> ReadSharedConfig(const Environment& environment);

// {section as it is written, settings}; `path` is for the error only, which shows the line's number and nothing of it.
Result<std::map<std::string, ConfigSection>> ParseConfigFile(std::string_view text, const std::string& path);

}  // namespace tfseal::aws

#include "aws/shared_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/file.h"
#include "crypto/secret_bytes.h"

namespace tfseal::aws {
namespace {

constexpr std::size_t kFileBytesMax = 4U << 20U;

std::string_view Trim(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string Lower(std::string_view text) {
  std::string lower;
  for (const char c : text) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

std::string Unquote(std::string_view text) {
  text = Trim(text);
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front()) {
    text = text.substr(1, text.size() - 2);
  }
  return std::string(text);
}

// "profile prod" is {"profile", "prod"}; "default" is {"", "default"}.
std::pair<std::string, std::string> SplitSection(std::string_view section) {
  const std::size_t blank = section.find_first_of(" \t");
  if (blank == std::string_view::npos) return {"", Unquote(section)};
  return {std::string(section.substr(0, blank)), Unquote(section.substr(blank))};
}

Result<std::string> ReadIfThere(const std::string& path) {
  Result<std::string> text = ReadFileBounded(path, kFileBytesMax);
  if (!text.ok() && text.error().code == ErrorCode::kNotFound) return std::string();
  return text;
}

Result<std::map<std::string, ConfigSection>> ReadConfigFile(const std::string& path) {
  TFSEAL_ASSIGN(std::string text, ReadIfThere(path));
  Result<std::map<std::string, ConfigSection>> sections = ParseConfigFile(text, path);
  Wipe(text);
  return sections;
}

std::string PathOf(const Environment& environment, std::string_view variable, std::string_view file) {
  std::string path = FirstSet(environment, {variable});
  const std::string home = FirstSet(environment, {"HOME", "USERPROFILE"});
  if (path.starts_with("~/")) return home + path.substr(1);
  if (!path.empty()) return path;
  return home.empty() ? std::string() : fmt::format("{}/.aws/{}", home, file);
}

}  // namespace

Result<std::map<std::string, ConfigSection>> ParseConfigFile(std::string_view text, const std::string& path) {
  std::map<std::string, ConfigSection> sections;
  ConfigSection* section = nullptr;
  std::string nested;  // the key that indented lines belong to
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    const std::string_view content = Trim(line);
    if (content.empty() || content.front() == '#' || content.front() == ';') continue;
    const auto damaged = [&](std::string_view what) {
      return Error{.code = ErrorCode::kUsage, .message = fmt::format("{}:{}: {}", path, number, what), .hint = ""};
    };
    const bool is_indented = line.front() == ' ' || line.front() == '\t';
    if (content.front() == '[' && !is_indented) {
      const std::size_t close = content.find(']');
      if (close == std::string_view::npos) return damaged("a section's name has no closing bracket");
      section = &sections[std::string(Trim(content.substr(1, close - 1)))];
      nested.clear();
      continue;
    }
    const std::size_t equals = content.find_first_of("=:");
    if (section == nullptr) return damaged("a setting stands before the first section");
    if (equals == std::string_view::npos || equals == 0) return damaged("this is not of the form key = value");
    const std::string key = Lower(Trim(content.substr(0, equals)));
    const std::string value(Trim(content.substr(equals + 1)));
    if (is_indented && !nested.empty()) {
      (*section)[nested + "." + key] = value;
    } else {
      (*section)[key] = value;
      nested = value.empty() ? key : std::string();
    }
  }
  return sections;
}

bool SharedConfig::Has(std::string_view profile_name) const {
  return profiles.find(profile_name) != profiles.end() || credentials.find(profile_name) != credentials.end();
}

std::string SharedConfig::Get(std::string_view profile_name, std::string_view key) const {
  for (const auto* file : {&credentials, &profiles}) {
    const auto section = file->find(profile_name);
    if (section == file->end()) continue;
    const auto value = section->second.find(key);
    if (value != section->second.end() && !value->second.empty()) return value->second;
  }
  return "";
}

Result<SharedConfig> ReadSharedConfig(const Environment& environment) {
  SharedConfig config;
  config.home = FirstSet(environment, {"HOME", "USERPROFILE"});
  const std::string path = PathOf(environment, "AWS_CONFIG_FILE", "config");
  if (!path.empty()) {
    TFSEAL_ASSIGN(auto sections, ReadConfigFile(path));
    for (auto& [name, settings] : sections) {
      const auto [kind, label] = SplitSection(name);
      if (kind == "profile" || (kind.empty() && label == "default")) config.profiles[label] = std::move(settings);
      if (kind == "sso-session") config.sso_sessions[label] = std::move(settings);
      if (kind == "services") config.services[label] = std::move(settings);
    }
  }
  const std::string credentials_path = PathOf(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
  if (!credentials_path.empty()) {
    TFSEAL_ASSIGN(auto sections, ReadConfigFile(credentials_path));
    for (auto& [name, settings] : sections) config.credentials[Unquote(name)] = std::move(settings);
  }
  const std::string asked = FirstSet(environment, {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"});
  if (asked.empty()) return config;
  config.profile = asked;
  config.profile_was_asked_for = true;
  if (!config.Has(asked)) {
    return Error{.code = ErrorCode::kUsage,
                 .message = fmt::format("AWS_PROFILE names profile {}, which is in neither {} nor {}", asked, path,
                                        credentials_path),
                 .hint = "list the profiles there are: aws configure list-profiles"};
  }
  return config;
}

}  // namespace tfseal::aws

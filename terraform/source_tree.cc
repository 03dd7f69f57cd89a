#include "terraform/source_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <system_error>
#include <vector>

#include "core/file.h"
#include "core/json.h"
#include "terraform/json_source_locator.h"
#include "terraform/source_locator.h"

namespace tfseal::terraform {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileBytesMax = std::size_t{4} << 20;
constexpr std::size_t kAllBytesMax = std::size_t{64} << 20;
constexpr std::size_t kModulesMax = 2'000;

// "db.replica" -> "module.db.module.replica."
std::string AddressPrefix(std::string_view key) {
  std::string prefix;
  while (!key.empty()) {
    const std::size_t dot = key.find('.');
    prefix += fmt::format("module.{}.", key.substr(0, dot));
    key.remove_prefix(dot == std::string_view::npos ? key.size() : dot + 1);
  }
  return prefix;
}

// The name shown for a file: relative, without "./" and without detours.
std::string ShownPath(std::string_view directory, std::string_view file) {
  return (fs::path(directory) / fs::path(file)).lexically_normal().generic_string();
}

// Module path -> directory, as `terraform init` recorded it; empty where it has not run.
std::map<std::string, std::string> InstalledModules(const std::string& root) {
  std::map<std::string, std::string> directories;
  const auto text = ReadFileBounded(root + "/.terraform/modules/modules.json", kFileBytesMax);
  if (!text.ok()) return directories;
  const auto json = ParseJson(*text);
  if (!json.ok() || !json->isObject() || !(*json)["Modules"].isArray()) return directories;
  for (const JsonValue& module : (*json)["Modules"]) {
    if (!module.isObject() || !module["Key"].isString() || !module["Dir"].isString()) continue;
    directories[module["Key"].asString()] = module["Dir"].asString();
  }
  return directories;
}

bool IsJson(std::string_view file) {
  return file.ends_with(".tf.json") || file.ends_with(".tofu.json");
}

ConfigurationBlocks BlocksOf(std::string_view file, std::string_view text) {
  return IsJson(file) ? FindJsonBlocks(text) : FindBlocks(text);
}

std::vector<std::string> ConfigurationFiles(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.ends_with(".tf") || name.ends_with(".tofu") || IsJson(name)) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

struct Module {
  std::string key;
  std::string directory;  // relative to the root module
};

class SourceTree {
 public:
  explicit SourceTree(std::string root) : root_(std::move(root)), installed_(InstalledModules(root_)) {}

  // Files that were read.
  std::size_t Locate(SourceLocations& locations) {
    std::deque<Module> next = {{"", "."}};
    for (std::size_t modules = 0; !next.empty() && modules < kModulesMax; ++modules) {
      const Module module = std::move(next.front());
      next.pop_front();
      const std::string directory = fmt::format("{}/{}", root_, module.directory);
      for (const std::string& file : ConfigurationFiles(directory)) {
        const auto text = ReadFileBounded(fmt::format("{}/{}", directory, file), kFileBytesMax);
        if (!text.ok() || bytes_ + text->size() > kAllBytesMax) continue;
        bytes_ += text->size();
        ++files_;
        AddBlocks(module.key, module.directory, file, *text, locations);
        for (const ModuleHeader& call : BlocksOf(file, *text).modules) Follow(module, call, next);
      }
    }
    return files_;
  }

 private:
  void Follow(const Module& caller, const ModuleHeader& call, std::deque<Module>& next) const {
    const std::string key = caller.key.empty() ? call.name : caller.key + "." + call.name;
    const auto installed = installed_.find(key);
    if (installed != installed_.end()) {
      next.push_back({key, installed->second});
    } else if (call.source.starts_with("./") || call.source.starts_with("../")) {
      next.push_back({key, ShownPath(caller.directory, call.source)});
    }
  }

  std::string root_;
  std::map<std::string, std::string> installed_;
  std::size_t bytes_ = 0;
  std::size_t files_ = 0;
};

}  // namespace

void AddBlocks(std::string_view module_key, std::string_view directory, std::string_view file, std::string_view text,
               SourceLocations& locations) {
  const std::string path = ShownPath(directory, file);
  const std::string prefix = AddressPrefix(module_key);
  const ConfigurationBlocks blocks = BlocksOf(file, text);
  const auto located = [&](int line, const std::vector<CommentLine>& comments) {
    SourceLocation location{path, line, {}, {}};
    for (const CommentLine& comment : comments) location.comments.push_back({comment.text, path, comment.line});
    return location;
  };
  for (const BlockHeader& header : blocks.resources) {
    SourceLocation& location = locations
                                   .try_emplace(fmt::format("{}{}.{}", prefix, header.type, header.name),
                                                located(header.line, header.comments))
                                   .first->second;
    // Those of an override file as well.
    auto& dynamic = location.dynamic_blocks;
    dynamic.insert(dynamic.end(), header.dynamic_blocks.begin(), header.dynamic_blocks.end());
  }
  for (const ModuleHeader& header : blocks.modules) {
    locations.try_emplace(fmt::format("{}module.{}", prefix, header.name), located(header.line, header.comments));
  }
  if (blocks.strays.empty()) return;
  auto& strays = locations[""].comments;
  for (SourceComment& stray : located(0, blocks.strays).comments) strays.push_back(std::move(stray));
}

Status AttachSources(const std::string& directory, Document& document) {
  if (document.sources.empty() && SourceTree(directory).Locate(document.sources) == 0) {
    return Error{ErrorCode::kUsage, fmt::format("--source: {} has no .tf or .tf.json file that can be read", directory),
                 "name the directory of the root module"};
  }
  for (auto& [address, location] : document.sources) {
    if (!location.file.empty()) location.file = ShownPath(directory, location.file);
    for (SourceComment& comment : location.comments) comment.file = ShownPath(directory, comment.file);
  }
  return {};
}

}  // namespace tfseal::terraform

#include "terraform/plan_file_zip.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include <memory>
#include <optional>
#include <vector>

#include "core/json.h"
#include "terraform/source_tree.h"

namespace tfseal::terraform {
namespace {

constexpr std::uint64_t kFileBytesMax = std::uint64_t{4} << 20;
constexpr std::uint64_t kAllBytesMax = std::uint64_t{64} << 20;
constexpr zip_int64_t kEntriesMax = 20'000;
constexpr std::string_view kPrefix = "tfconfig/m-";

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseEntry {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, CloseArchive>;

// The content of an entry, or nothing if it is damaged or larger than what is left. Reads what comes out instead of
// trusting the size that the entry claims.
std::optional<std::string> ReadEntry(zip_t* archive, zip_uint64_t index, std::uint64_t bytes_max) {
  const std::unique_ptr<zip_file_t, CloseEntry> file(zip_fopen_index(archive, index, 0));
  if (file == nullptr) return std::nullopt;
  std::string content;
  char buffer[1 << 14];
  for (;;) {
    const zip_int64_t got = zip_fread(file.get(), buffer, sizeof buffer);
    if (got < 0) return std::nullopt;
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > bytes_max) return std::nullopt;
  }
}

std::optional<std::string> ReadNamed(zip_t* archive, const char* name) {
  const zip_int64_t index = zip_name_locate(archive, name, 0);
  if (index < 0) return std::nullopt;
  return ReadEntry(archive, static_cast<zip_uint64_t>(index), kFileBytesMax);
}

// Module path ("db", "db.replica") -> directory, as Terraform recorded it.
std::map<std::string, std::string, std::less<>> ModuleDirectories(zip_t* archive) {
  std::map<std::string, std::string, std::less<>> directories;
  const auto text = ReadNamed(archive, "tfconfig/modules.json");
  if (!text) return directories;
  const auto json = ParseJson(*text);
  if (!json.ok() || !json->isArray()) return directories;
  for (const JsonValue& module : *json) {
    if (!module.isObject() || !module["Key"].isString() || !module["Dir"].isString()) continue;
    directories[module["Key"].asString()] = module["Dir"].asString();
  }
  return directories;
}

void AddSources(zip_t* archive, SavedPlanSources& sources) {
  const auto directories = ModuleDirectories(archive);
  const zip_int64_t entries = std::min(zip_get_num_entries(archive, 0), kEntriesMax);
  std::uint64_t left = kAllBytesMax;
  for (zip_int64_t i = 0; i < entries; ++i) {
    const auto index = static_cast<zip_uint64_t>(i);
    const char* entry = zip_get_name(archive, index, 0);
    const std::string_view name = entry == nullptr ? std::string_view() : std::string_view(entry);
    const bool configuration =
        name.ends_with(".tf") || name.ends_with(".tofu") || name.ends_with(".tf.json") || name.ends_with(".tofu.json");
    if (!name.starts_with(kPrefix) || !configuration) continue;
    const std::string_view rest = name.substr(kPrefix.size());
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos) continue;
    const std::string_view key = rest.substr(0, slash);
    const auto content = ReadEntry(archive, index, std::min(left, kFileBytesMax));
    if (!content) continue;
    left -= content->size();
    const auto directory = directories.find(key);
    AddBlocks(key, directory == directories.end() ? key : std::string_view(directory->second), rest.substr(slash + 1),
              *content, sources.locations);
  }
}

}  // namespace

bool IsSavedPlan(const std::string& path) {
  if (path == "-") return false;
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return false;
  struct stat status = {};
  char head[4] = {};
  // Only a regular file can be looked at without taking bytes away from the reader that comes next.
  const bool is_zip = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode) && ::read(file, head, 4) == 4 &&
                      std::string_view(head, 4) == "PK\x03\x04";
  ::close(file);
  return is_zip;
}

Result<SavedPlanSources> ReadSavedPlanSources(const std::string& path) {
  int error = 0;
  const Archive archive(zip_open(path.c_str(), ZIP_RDONLY, &error));
  if (archive == nullptr) {
    return Error{ErrorCode::kInvalidInput,
                 fmt::format("{}: looks like a saved plan, but is damaged or cut short", path),
                 "run `terraform plan -out=FILE` again"};
  }
  if (zip_name_locate(archive.get(), "tfplan", 0) < 0) {
    return Error{ErrorCode::kInvalidInput, fmt::format("{}: is a zip file, but not a saved plan", path),
                 "name the file that `terraform plan -out=FILE` wrote, or its JSON"};
  }
  SavedPlanSources sources;
  AddSources(archive.get(), sources);
  const auto lock = ReadNamed(archive.get(), ".terraform.lock.hcl");
  sources.opentofu = lock && lock->find("registry.opentofu.org/") != std::string::npos;
  return sources;
}

}  // namespace tfseal::terraform

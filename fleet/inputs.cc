#include "fleet/inputs.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>

namespace tfseal::fleet {
namespace {

namespace fs = std::filesystem;

bool IsFolder(const std::string& path) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool IsThere(const std::string& path) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0;
}

std::string Plain(const std::string& path) {
  const bool absolute = path.starts_with("/");
  std::string plain = fs::path(path).lexically_normal().generic_string();
  while (plain.size() > 1 && plain.ends_with('/')) plain.pop_back();
  return plain.empty() ? (absolute ? "/" : ".") : plain;
}

// "[a-c]" at the start of `pattern`: whether it takes `c`; its length in `length`, 0 if it is no such thing.
bool ClassTakes(std::string_view pattern, char c, std::size_t& length) {
  std::size_t at = 1;
  const bool other = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
  if (other) ++at;
  bool takes = false;
  const std::size_t first = at;
  for (; at < pattern.size() && (pattern[at] != ']' || at == first); ++at) {
    if (at + 2 < pattern.size() && pattern[at + 1] == '-' && pattern[at + 2] != ']') {
      takes = takes || (pattern[at] <= c && c <= pattern[at + 2]);
      at += 2;
    } else {
      takes = takes || pattern[at] == c;
    }
  }
  length = at < pattern.size() ? at + 1 : 0;
  return takes != other;
}

// One step of a path against one step of a pattern. A name that starts with a dot is taken only by one that does.
bool StepFits(std::string_view pattern, std::string_view name) {
  if (name.starts_with('.') && !pattern.starts_with('.')) return false;
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_name = 0;
  while (n < name.size() || p < pattern.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_name = n;
      continue;
    }
    if (n < name.size() && p < pattern.size()) {
      std::size_t length = 0;
      const bool is_class = pattern[p] == '[';
      const bool takes = is_class && ClassTakes(pattern.substr(p), name[n], length);
      if (is_class && length > 0 ? takes : pattern[p] == '?' || pattern[p] == name[n]) {
        p += is_class && length > 0 ? length : 1;
        ++n;
        continue;
      }
    }
    if (star == std::string_view::npos || star_name >= name.size()) return false;
    p = star;
    n = ++star_name;
  }
  return true;
}

std::vector<std::string> StepsOf(const std::string& pattern) {
  std::vector<std::string> steps;
  for (const fs::path& step : fs::path(pattern).lexically_normal()) {
    if (!step.empty() && step != "/") steps.push_back(step.string());
  }
  return steps;
}

bool HasWildcard(std::string_view text) {
  return text.find_first_of("*?[") != std::string_view::npos;
}

class Walk {
 public:
  explicit Walk(std::vector<std::string>& found) : found_(found) {}

  Status Folder(const std::string& folder, Kind kind) {
    return Entries(folder, [&](const std::string& name, const std::string& path, bool is_folder) -> Status {
      if (name.starts_with('.')) return {};
      if (is_folder) return Folder(path, kind);
      const bool wanted = name.ends_with(".json") || name.ends_with(".tfplan") || name.ends_with(".plan") ||
                          (kind == Kind::kPlansAndStates && name.ends_with(".tfstate"));
      if (wanted) found_.push_back(path);
      return {};
    });
  }

  Status Pattern(const std::string& folder, const std::vector<std::string>& steps, std::size_t at) {
    const std::string& step = steps[at];
    const bool last = at + 1 == steps.size();
    if (step == "**") {
      if (last) return Files(folder);
      TFSEAL_TRY(Pattern(folder, steps, at + 1));
      return Entries(folder, [&](const std::string& name, const std::string& path, bool is_folder) -> Status {
        return is_folder && !name.starts_with('.') ? Pattern(path, steps, at) : Status();
      });
    }
    if (!HasWildcard(step)) {
      const std::string path = Join(folder, step);
      if (!last) return IsFolder(path) ? Pattern(path, steps, at + 1) : Status();
      if (IsThere(path) && !IsFolder(path)) found_.push_back(path);
      return {};
    }
    return Entries(folder, [&](const std::string& name, const std::string& path, bool is_folder) -> Status {
      if (!StepFits(step, name)) return {};
      if (!last) return is_folder ? Pattern(path, steps, at + 1) : Status();
      if (!is_folder) found_.push_back(path);
      return {};
    });
  }

 private:
  static std::string Join(const std::string& folder, const std::string& name) {
    if (folder.empty()) return name;
    return folder == "/" ? "/" + name : folder + "/" + name;
  }

  Status Files(const std::string& folder) {
    return Entries(folder, [&](const std::string& name, const std::string& path, bool is_folder) -> Status {
      if (name.starts_with('.')) return {};
      if (is_folder) return Files(path);
      found_.push_back(path);
      return {};
    });
  }

  // Links to folders are not followed: they could lead round in circles.
  template <class Visit>
  Status Entries(const std::string& folder, const Visit& visit) {
    std::error_code error;
    for (fs::directory_iterator entry(folder.empty() ? "." : folder, error), end; !error && entry != end;
         entry.increment(error)) {
      std::error_code unreadable;
      const std::string name = entry->path().filename().string();
      const bool is_folder = entry->is_directory(unreadable) && !entry->is_symlink(unreadable);
      if (entry->is_symlink(unreadable) && entry->is_directory(unreadable)) continue;
      TFSEAL_TRY(visit(name, Join(folder, name), is_folder));
    }
    if (!error) return {};
    return Error{ErrorCode::kUnavailable, fmt::format("{}: cannot be listed: {}", folder, error.message()), ""};
  }

  std::vector<std::string>& found_;
};

Status ExpandOne(const std::string& operand, Kind kind, std::vector<std::string>& found) {
  const std::size_t before = found.size();
  Walk walk(found);
  if (operand == "-" || (!StandsForMany(operand))) {
    found.push_back(operand == "-" ? operand : Plain(operand));
    return {};
  }
  if (IsFolder(operand)) {
    const std::string folder = Plain(operand);
    TFSEAL_TRY(walk.Folder(folder == "." ? "" : folder, kind));
    if (found.size() > before) return {};
    return Error{ErrorCode::kNotFound,
                 fmt::format("{}: the folder holds no file whose name ends in .json, .tfplan{}", operand,
                             kind == Kind::kPlans ? " or .plan" : ", .plan or .tfstate"),
                 "name the files, or a pattern such as 'states/**/*.tfstate' in quotes"};
  }
  TFSEAL_TRY(walk.Pattern(operand.starts_with("/") ? "/" : "", StepsOf(operand), 0));
  if (found.size() > before) return {};
  return Error{ErrorCode::kNotFound, fmt::format("{}: no file fits the pattern", operand), ""};
}

}  // namespace

std::optional<Shard> ParseShard(std::string_view text) {
  constexpr int kShardsMax = 100'000;
  Shard shard;
  const char* const end = text.data() + text.size();
  const auto index = std::from_chars(text.data(), end, shard.index);
  if (index.ec != std::errc() || index.ptr == end || *index.ptr != '/') return std::nullopt;
  const auto count = std::from_chars(index.ptr + 1, end, shard.count);
  if (count.ec != std::errc() || count.ptr != end) return std::nullopt;
  if (shard.index < 1 || shard.count < 1 || shard.index > shard.count || shard.count > kShardsMax) return std::nullopt;
  return shard;
}

bool IsIn(const Shard& shard, std::string_view path) {
  if (shard.count == 0) return true;
  // FNV-1a, stirred once more because its low bits alone spread similar names badly.
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : path) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  hash = (hash ^ (hash >> 33U)) * 0xff51afd7ed558ccdULL;
  hash ^= hash >> 33U;
  return hash % static_cast<std::uint64_t>(shard.count) == static_cast<std::uint64_t>(shard.index - 1);
}

bool StandsForMany(const std::string& operand) {
  return IsFolder(operand) || (HasWildcard(operand) && !IsThere(operand));
}

Result<std::vector<std::string>> Expand(const std::vector<std::string>& operands, Kind kind) {
  std::vector<std::string> found;
  for (const std::string& operand : operands) TFSEAL_TRY(ExpandOne(operand, kind, found));
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace tfseal::fleet

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

// Many plans and states as one run: what belongs to it.
namespace tfseal::fleet {

// One part of a fleet that is judged elsewhere: `index` of `count`, from 1.
struct Shard {
  int index = 0;
  int count = 0;  // 0: everything
};

// "2/8". nullopt if it is anything else, or more than 100,000 parts.
std::optional<Shard> ParseShard(std::string_view text);

// Whether a path belongs to a shard. Decided by the path alone, so that adding a file moves no other.
bool IsIn(const Shard& shard, std::string_view path);

// Whether an operand stands for many files: a folder, or a pattern that is not the name of a file.
bool StandsForMany(const std::string& operand);

enum class Kind : std::uint8_t { kPlans, kPlansAndStates };

// The files that the operands stand for, sorted, each once, without "./" before them. Of a folder, and the folders in
// it: what ends in .json, .tfplan or .plan, and with kPlansAndStates also .tfstate; not what starts with a dot. Of a
// pattern, with "*", "?" and "[...]" within a step and "**" across steps: every file that fits. A name stays as it is,
// also if no such file is there. An error if a folder cannot be listed or an operand stands for nothing.
Result<std::vector<std::string>> Expand(const std::vector<std::string>& operands, Kind kind);

}  // namespace tfseal::fleet

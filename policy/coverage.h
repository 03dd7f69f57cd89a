#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace tfseal {

// A security-relevant attribute of a resource type; steps of the path are parted by dots, without indexes.
struct RelevantAttribute {
  std::string type;
  std::string path;
  auto operator<=>(const RelevantAttribute&) const = default;
};

// The ones of AWS provider 5.100.0, compiled in.
std::vector<RelevantAttribute> BuiltInAttributes();

// The ones of the AWS provider in the output of `terraform providers schema -json`, by the same words.
Result<std::vector<RelevantAttribute>> ReadProviderSchema(std::string_view text);

struct TypeCoverage {
  std::string type;
  bool has_controls = false;
  std::vector<std::string> judged;      // paths that a control of this type looks at
  std::vector<std::string> not_judged;  // paths that none does
};

// One entry a type, sorted.
std::vector<TypeCoverage> CoverageOf(const std::vector<RelevantAttribute>& attributes);

}  // namespace tfseal

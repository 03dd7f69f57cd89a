#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/api.h"
#include "core/json.h"

// The least that an IAM policy must allow, derived from the reads that are sent and the calls that are made.
namespace tfseal::observe {

// What `verify --live` sends for `types` (all, if empty): reads only, of any resource, in `regions` (any, if empty).
JsonValue PolicyForVerify(std::span<const std::string_view> types, std::span<const std::string> regions);

// A change, and on what where that is known.
struct NeededCall {
  std::string service;
  std::string operation;
  JsonValue parameters{Json::objectValue};
  std::string account;  // empty: not known
  std::string region;   // empty: not known
  bool read_only = false;
};

// What carrying out `calls` needs, narrowed to ARNs where the parameters tell them, with what AWS asks for on behalf of
// these calls: use of keys through the service only, grants for AWS resources only, roles passed to ECS only.
JsonValue PolicyForCalls(std::span<const NeededCall> calls, std::string_view partition);

}  // namespace tfseal::observe

#pragma once

#include <set>
#include <string>

#include "core/json.h"
#include "planner/action.h"
#include "terraform/document.h"

namespace tfseal {

// What a Terraform plan says about an address that was changed outside of Terraform.
struct Agreement {
  enum class Kind : std::uint8_t {
    kAgrees,     // nothing left to write, import or apply
    kDiffers,    // something has to be written or applied first
    kDangerous,  // applying this plan would destroy a database or create an empty one
    kUnusable,   // not a complete plan
  };
  Kind kind = Kind::kUnusable;
  std::string text;  // why
  std::string hint;
  JsonValue evidence{Json::objectValue};  // for kAgrees: digest, version, time, drift by attribute names
};

// `action` is a reconcile_terraform or edit_configuration; `others` are addresses that later actions of the same plan
// still have to bring in line, whose differences do not count against this one.
Agreement JudgeAgreement(const terraform::Document& plan, const Action& action, const std::set<std::string>& others);

}  // namespace tfseal

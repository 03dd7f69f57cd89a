#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "planner/action.h"

namespace tfseal {

// A field of an action's payload. kValue is a text, or {"output_of", "field"} of an earlier action; kAny is free JSON.
struct PayloadField {
  enum class Type : std::uint8_t { kText, kValue, kNumber, kBool, kTexts, kObject, kList, kAny };
  std::string_view name;
  Type type = Type::kText;
  bool required = true;
  std::string_view meaning;
};

// One kind of step. Each is defined in the file of planner/actions/ that is named after it and listed in list.inc,
// whose order is the order of the phases: equal otherwise, an earlier kind goes first.
struct ActionKind {
  std::string_view name;   // "restore_cluster"; stable
  std::string_view phase;  // prepare, protect, fence, copy, build, validate, cut_over, reconcile, hold, retire, record
  std::string_view does;   // "restores a cluster snapshot under a key"
  std::span<const PayloadField> fields;
  // Fills everything that follows from target and payload: summary, calls, poll, conditions, rollback, risk, downtime,
  // effects. Pure.
  void (*derive)(Action& action);
};

// In the order of list.inc.
std::span<const ActionKind* const> AllActionKinds();
// nullptr if there is none.
const ActionKind* FindActionKind(std::string_view name);
// The position in list.inc.
int Rank(const ActionKind& kind);

// Empty, or what is wrong with the payload.
std::string PayloadProblem(const ActionKind& kind, const JsonValue& payload);

#define TFSEAL_ACTION(name) extern const ActionKind name;
#include "planner/actions/list.inc"
#undef TFSEAL_ACTION

}  // namespace tfseal

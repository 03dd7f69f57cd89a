#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "planner/action.h"

namespace tfseal {

// A document that the plan was made from. Carrying the plan out needs the same one.
struct PlanInput {
  std::string sha256;
  std::string kind;  // plan, state
  std::string terraform_version;
  std::uint64_t resources = 0;
};

// One way to move a database, and whether it is taken.
struct ConsideredStrategy {
  std::string name;  // snapshot, blue-green, logical-replication, dms
  bool chosen = false;
  bool possible = false;
  std::vector<std::string> reasons;
};

struct PlannedDatabase {
  std::string address;
  std::string identifier;
  std::string type;
  std::string engine;
  std::string environment;
  std::string key;  // ARN, or "created by <action id>"
  std::string key_reason;
  std::vector<ConsideredStrategy> considered;
  std::string downtime;
};

// A failing finding that the plan does not resolve.
struct Unresolved {
  std::string control;
  std::string topic;
  std::string address;
  std::string message;
  std::string recipe;  // how such a thing is done, e.g. R-EFS; empty if there is none
  std::string reason;  // why it is not planned
  auto operator<=>(const Unresolved&) const = default;
};

struct TimelineEntry {
  int first_day = 1;
  int last_day = 1;
  int wave = 0;
  std::string environment;
  std::string text;
};

struct ActionPlan {
  std::vector<PlanInput> inputs;  // sorted by digest
  std::string policy_sha256;      // empty: built-in defaults
  std::string policy_profile;
  std::vector<std::string> accounts;
  std::vector<std::string> regions;
  std::vector<PlannedDatabase> databases;
  std::vector<TimelineEntry> timeline;
  std::vector<Action> actions;  // in the order they are carried out
  std::vector<Unresolved> unresolved;
  std::vector<std::string> notes;

  // Everything that is required passes once the plan is carried out.
  [[nodiscard]] bool complete() const { return unresolved.empty(); }
  // Actions that change something.
  [[nodiscard]] std::size_t changes() const;
};

inline constexpr std::string_view kActionPlanSchema = "tfseal/actions/v1";

// Puts the actions in the order in which they are carried out: every action after those it requires, ties by (wave,
// day, kind, target, id). An action that an earlier wave requires moves to that wave. A cycle (which the error prints),
// a requirement that does not exist, or an id that occurs twice is an error.
Result<std::vector<Action>> Order(std::vector<Action> actions);

// The promises of the product, checked on the finished plan: nothing is deleted without a final snapshot, no automated
// backup, secret or key is destroyed, no protection or retention is lowered before a verified copy exists, no snapshot
// of an unencrypted cluster is copied with a key, every key is named by its key ARN. One line per violation.
std::vector<std::string> ForbiddenCalls(const ActionPlan& plan);

// Canonical: keys sorted, equal plans have equal bytes.
JsonValue ToJson(const ActionPlan& plan);
// Reads what ToJson wrote. Refuses other versions, changed actions, wrong orders and forbidden calls.
Result<ActionPlan> ActionPlanFromJson(const JsonValue& json);

}  // namespace tfseal

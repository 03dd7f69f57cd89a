#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apply/branch.h"
#include "apply/run_state.h"
#include "planner/action_plan.h"

namespace tfseal {

inline constexpr std::string_view kStatusSchema = "tfseal/status/v1";

// Where a run stands, as a person on call needs it. Made from the plan and its journal alone.
struct RunOverview {
  struct Database {
    std::string address;
    std::string identifier;
    std::string state;  // not_started, preparing, interrupted, open, moved, retired
    std::string text;   // for people
    std::optional<TimePoint> since;
    std::size_t done = 0;
    std::size_t total = 0;
  };
  struct Item {
    std::string action;
    std::string kind;
    std::string target;
    std::string summary;
    std::string text;
    std::string hint;
    TimePoint since;
    std::optional<TimePoint> until;      // waiting
    std::optional<int> at_most_seconds;  // running
    int attempts = 0;
    std::string hcl;  // what a person writes into the Terraform configuration
    std::vector<std::string> commands;
  };
  std::string plan_sha256;
  std::string journal;
  std::string state;  // not_started, running, waiting, stopped, done
  std::size_t done = 0;
  std::size_t total = 0;
  std::vector<Database> databases;
  std::vector<Item> running;
  std::vector<Item> waiting;
  std::vector<Item> failed;
  std::vector<Item> passed_no_return;
  std::optional<TimePoint> due;
  std::string locked_by;  // words; empty: no run is alive
  std::vector<RunRecord> runs;
  std::string next;  // the command to run
};

RunOverview StatusOf(const ActionPlan& plan, const std::string& plan_path, const RunState& state, std::string journal,
                     std::string locked_by);

// docs/schema/status.json
JsonValue ToJson(const RunOverview& status);

}  // namespace tfseal

#include "cli/plan_guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "cli/ui.h"
#include "core/file.h"
#include "core/suggest.h"
#include "crypto/digest.h"

namespace tfseal::cli {
namespace {

constexpr std::size_t kPolicyBytesMax = std::size_t{1} << 20;

// What belongs to no environment of tfseal.yaml is judged, and shown, as this.
constexpr std::string_view kDefaults = "defaults";

// What the cleanup after every environment does belongs to where its resource does, and the cleanup itself to none.
class Environments {
 public:
  explicit Environments(const ActionPlan& plan) {
    for (const Action& action : plan.actions) {
      if (!action.environment.empty()) by_address_.emplace(action.target.address, action.environment);
    }
  }

  void AddTo(std::set<std::string>& names, const Action& action) const {
    const auto found = by_address_.find(action.target.address);
    if (!action.environment.empty()) {
      names.insert(action.environment);
    } else if (action.payload["environment"] == "cleanup" && action.target.address.empty()) {
      return;
    } else {
      names.insert(found == by_address_.end() ? std::string(kDefaults) : found->second);
    }
  }

 private:
  std::map<std::string, std::string> by_address_;
};

Status CheckPolicy(const Arguments& arguments, const ActionPlan& plan) {
  if (arguments.config.empty()) return {};
  TFSEAL_ASSIGN(const std::string text, ReadFileBounded(arguments.config, kPolicyBytesMax));
  if (Sha256Hex(text) == plan.policy_sha256) return {};
  const std::string& file = arguments.operands.front();
  return Error{ErrorCode::kUsage,
               plan.policy_sha256.empty()
                   ? fmt::format("--config {}: {} was made without a tfseal.yaml", arguments.config, file)
                   : fmt::format("--config {}: {} was made by another tfseal.yaml, or this one was changed since",
                                 arguments.config, file),
               "plan again with it; a run that has begun goes on without --config"};
}

Status CheckEnvironment(const Arguments& arguments, const std::set<std::string>& here, std::string_view what) {
  if (arguments.environment.empty() || (here.size() == 1 && here.contains(arguments.environment)) || here.empty()) {
    return {};
  }
  const std::vector<std::string_view> names(here.begin(), here.end());
  const std::string_view nearest = here.contains(arguments.environment) ? "" : Nearest(arguments.environment, names);
  std::vector<std::string> shown;
  for (const std::string& name : here) shown.push_back(Printable(name));
  return Error{ErrorCode::kUsage,
               fmt::format("--environment {}: {} to {}", arguments.environment, what, fmt::join(shown, ", ")),
               nearest.empty() ? "plan the documents of one environment alone, or leave --environment out"
                               : fmt::format("did you mean {}?", Printable(nearest))};
}

}  // namespace

Status CheckPlanIsOf(const Arguments& arguments, const ActionPlan& plan) {
  TFSEAL_TRY(CheckPolicy(arguments, plan));
  const Environments environments(plan);
  std::set<std::string> here;
  for (const Action& action : plan.actions) environments.AddTo(here, action);
  return CheckEnvironment(arguments, here, "the plan belongs");
}

Status CheckActionsAreOf(const Arguments& arguments, const ActionPlan& plan, const JsonValue& only) {
  if (only.empty()) return CheckPlanIsOf(arguments, plan);
  TFSEAL_TRY(CheckPolicy(arguments, plan));
  const Environments environments(plan);
  std::set<std::string> here;
  for (const Action& action : plan.actions) {
    const bool listed =
        std::any_of(only.begin(), only.end(), [&](const JsonValue& id) { return id.asString() == action.id; });
    if (listed) environments.AddTo(here, action);
  }
  return CheckEnvironment(arguments, here, "what would be approved belongs");
}

}  // namespace tfseal::cli

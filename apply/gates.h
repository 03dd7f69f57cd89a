#pragma once

#include <optional>
#include <string>

#include "apply/branch.h"
#include "apply/run.h"

// What an action waits for that is not in the world: people, windows, accounts.
namespace tfseal {

// Who approved it: "alice, bob"; empty if nobody.
std::string ApprovedBy(const RunState& state, const std::string& action);

// The approvals that are missing, or that the action belongs to another account.
std::optional<Due> HeldBack(const ActionPlan& plan, const Action& action, const RunState& state,
                            const std::string& account);

// An action that users notice waits for its window; not once its database is cut off from its users, when waiting for
// the next window would be a week of downtime.
std::optional<Due> OutsideWindow(const Action& action, bool interrupted, TimePoint now);

}  // namespace tfseal

#include "apply/gates.h"

#include <fmt/format.h>

#include "policy/schedule_text.h"

namespace tfseal {
namespace {

constexpr int kMinutesPerWeek = 7 * 24 * 60;

// Minutes since Sunday 00:00 UTC, as AWS counts maintenance windows.
int MinuteOfWeek(TimePoint now) {
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const int weekday = static_cast<int>(std::chrono::weekday{day}.c_encoding());
  const int minute = static_cast<int>(std::chrono::floor<std::chrono::minutes>(now - day).count());
  return weekday * 24 * 60 + minute;
}

}  // namespace

std::string ApprovedBy(const RunState& state, const std::string& action) {
  std::string names;
  const auto found = state.approvals.find(action);
  if (found == state.approvals.end()) return names;
  for (const Approval& approval : found->second) names += (names.empty() ? "" : ", ") + approval.by;
  return names;
}

std::optional<Due> HeldBack(const ActionPlan& plan, const Action& action, const RunState& state,
                            const std::string& account) {
  if (plan.accounts.size() > 1 && !action.target.account.empty() && action.target.account != account) {
    return Due{action.id,
               action.summary,
               fmt::format("belongs to account {}, these credentials are of {}", action.target.account, account),
               fmt::format("tfseal resume with credentials of {}", action.target.account),
               {}};
  }
  const auto found = state.approvals.find(action.id);
  const std::size_t given = found == state.approvals.end() ? 0 : found->second.size();
  const auto wanted = static_cast<std::size_t>(std::max(action.approvals, 0));
  if (given >= wanted) return std::nullopt;
  return Due{action.id,
             action.summary,
             fmt::format("waits for {} of {} approvals{}", wanted - given, wanted,
                         given > 0 ? ", has that of " + ApprovedBy(state, action.id) : ""),
             fmt::format("tfseal approve ACTIONS --action {} --by NAME --reason TEXT", action.id),
             {}};
}

std::optional<Due> OutsideWindow(const Action& action, bool interrupted, TimePoint now) {
  if (action.maintenance_window.empty() || interrupted || action.downtime.impact == Downtime::Impact::kNone) {
    return std::nullopt;
  }
  const auto window = ParseWeekWindow(action.maintenance_window);
  if (!window) {
    return Due{action.id,
               action.summary,
               fmt::format("its maintenance window {} is not one", action.maintenance_window),
               "correct tfseal.yaml and write the plan again",
               {}};
  }
  const int minute = MinuteOfWeek(now);
  const bool wraps = window->last_minute <= window->first_minute;
  const bool inside = wraps ? minute >= window->first_minute || minute < window->last_minute
                            : minute >= window->first_minute && minute < window->last_minute;
  if (inside) return std::nullopt;
  const int wait = (window->first_minute - minute + kMinutesPerWeek) % kMinutesPerWeek;
  const TimePoint opens = std::chrono::floor<std::chrono::minutes>(now) + std::chrono::minutes(wait);
  return Due{action.id, action.summary,
             fmt::format("waits for its maintenance window {} UTC", action.maintenance_window),
             "tfseal resume in the window", opens};
}

}  // namespace tfseal

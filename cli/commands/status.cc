#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/live_run.h"
#include "cli/output.h"
#include "cli/plan_guard.h"
#include "cli/run_session.h"

namespace tfseal::cli {

// Reads the plan and its journal; AWS is not asked.
ExitCode RunStatus(const Arguments& arguments, const Ui& ui) {
  const auto fail = [&ui](const Error& error) {
    ui.Fail(error);
    return ExitCodeOf(error);
  };
  if (const Status refused = RefuseOutputOverInput(arguments); !refused.ok()) return fail(refused.error());
  const auto loaded = LoadActionPlan(arguments.operands.front());
  if (!loaded.ok()) return fail(loaded.error());
  if (const Status other = CheckPlanIsOf(arguments, loaded->plan); !other.ok()) return fail(other.error());
  auto place = OpenJournal(arguments);
  if (!place.ok()) return fail(place.error());
  const TimePoint now = SystemClock().Now();
  const auto state = Journal::Look(*place->store, loaded->sha256);
  if (!state.ok()) return fail(state.error());
  const auto holder = place->store->Holder(now);
  if (!holder.ok()) return fail(holder.error());
  // Without --journal a plan that nobody has applied has no journal either.
  if (state->empty() && !arguments.run.journal.empty()) {
    ui.Note(fmt::format("note: {}: nothing is written there yet", place->store->name()));
  }
  const RunOverview status = StatusOf(loaded->plan, PlanAndJournal(arguments), *state, place->store->name(), *holder);
  const Status delivered = DeliverStatus(arguments, ui, status, now);
  return delivered.ok() ? ExitCode::kDone : fail(delivered.error());
}

}  // namespace tfseal::cli

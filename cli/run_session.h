#pragma once

#include <memory>
#include <string>

#include "apply/executor.h"
#include "apply/journal.h"
#include "apply/status.h"
#include "cli/args.h"
#include "cli/ui.h"
#include "core/system_clock.h"

namespace tfseal::cli {

// An action plan as it was read and checked.
struct LoadedPlan {
  ActionPlan plan;
  std::string sha256;  // of its canonical text
};
Result<LoadedPlan> LoadActionPlan(const std::string& path);

// Where the journal of this command line is. `api` is for the stores that need AWS; it may be nullptr for the others.
std::string JournalName(const Arguments& arguments);
bool JournalNeedsAws(const std::string& name);
// The plan and, where it is not the usual one, the journal: what the command that comes next has to be given, too.
std::string PlanAndJournal(const Arguments& arguments);
// An error (kUsage) if it is no place for a journal; asks nobody.
Status CheckJournalName(const std::string& name);
Result<std::unique_ptr<JournalStore>> OpenJournalStore(const std::string& name, aws::Api* api,
                                                       const std::string& region);

// This process, for locks and journals.
RunIdentity ThisRun();

// Whether the environment sends every call to something that only looks like AWS: there time may be moved and waits
// cut, because nothing real can be harmed.
bool OnEmulator();

// The clock of a run; an error (kUsage) if --now is given where real time passes.
Result<SystemClock> RunClock(const Arguments& arguments);

// The status of a run as text or JSON, by the command line's outputs.
Status DeliverStatus(const Arguments& arguments, const Ui& ui, const RunOverview& status, TimePoint now);

// How the error that kept a run from starting, or ended it, is told to scripts.
ExitCode ExitCodeOf(const Error& error);

}  // namespace tfseal::cli

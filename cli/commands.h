#pragma once

#include "cli/args.h"
#include "cli/exit_code.h"
#include "cli/ui.h"

// One function a command, each in cli/commands/<command>.cc.
namespace tfseal::cli {

ExitCode RunFacts(const Arguments& arguments, const Ui& ui);
ExitCode RunGate(const Arguments& arguments, const Ui& ui);
ExitCode RunPlan(const Arguments& arguments, const Ui& ui);
ExitCode RunExport(const Arguments& arguments, const Ui& ui);
ExitCode RunVerify(const Arguments& arguments, const Ui& ui);
// verify --live, in cli/commands/verify_live.cc.
ExitCode RunVerifyLive(const Arguments& arguments, const Ui& ui);
// report merge
ExitCode RunReport(const Arguments& arguments, const Ui& ui);
ExitCode RunExplain(const Arguments& arguments, const Ui& ui);
ExitCode RunControls(const Arguments& arguments, const Ui& ui);
ExitCode RunSchema(const Arguments& arguments, const Ui& ui);
ExitCode RunInit(const Arguments& arguments, const Ui& ui);
ExitCode RunCompletion(const Arguments& arguments, const Ui& ui);
ExitCode RunDoctor(const Arguments& arguments, const Ui& ui);
// verify --journal
ExitCode RunVerifyJournal(const Arguments& arguments, const Ui& ui);
ExitCode RunApply(const Arguments& arguments, const Ui& ui);
ExitCode RunResume(const Arguments& arguments, const Ui& ui);
ExitCode RunStatus(const Arguments& arguments, const Ui& ui);
ExitCode RunApprove(const Arguments& arguments, const Ui& ui);
ExitCode RunRollback(const Arguments& arguments, const Ui& ui);
ExitCode RunRekey(const Arguments& arguments, const Ui& ui);
ExitCode RunEvidence(const Arguments& arguments, const Ui& ui);
ExitCode RunDemo(const Arguments& arguments, const Ui& ui);

}  // namespace tfseal::cli

#pragma once

#include <optional>
#include <string>

#include "cli/args.h"
#include "cli/ui.h"
#include "policy/policy_file.h"

namespace tfseal::cli {

// The policy that the command line asks for: --config, else ./tfseal.yaml, else the built-in defaults; with
// --environment that environment for every resource. nullopt after the mistakes were shown.
std::optional<PolicyFile> LoadPolicy(const Arguments& arguments, const Ui& ui);
// The same for a command that reports on waivers: one that has expired or lasts too long excuses nothing and is shown,
// and the run goes on. It ends with ExitCode::kUsage then, whatever the verdict: AnyWaiverRefused().
std::optional<PolicyFile> LoadPolicyForReport(const Arguments& arguments, const Ui& ui);
// " --config FILE --environment NAME" as they were given: what the next command needs to judge by the same policy.
std::string PolicyFlags(const Arguments& arguments);
bool AnyWaiverRefused(const PolicyFile& policy, const Arguments& arguments);

}  // namespace tfseal::cli

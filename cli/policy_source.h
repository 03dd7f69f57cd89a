#pragma once

#include <optional>

#include "cli/args.h"
#include "cli/ui.h"
#include "policy/policy_file.h"

namespace tfseal::cli {

// The policy that the command line asks for: --config, else ./tfseal.yaml, else the built-in defaults; with
// --environment that environment for every resource. nullopt after the mistakes were shown.
std::optional<PolicyFile> LoadPolicy(const Arguments& arguments, const Ui& ui);

}  // namespace tfseal::cli

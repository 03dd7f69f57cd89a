#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/args.h"
#include "cli/ui.h"
#include "core/result.h"
#include "fleet/inputs.h"
#include "policy/gate.h"

namespace tfseal::cli {

// Whether the operands are run as a fleet: several of them, a folder, a pattern, or a part of a whole. One file alone
// is reported on its own.
bool IsFleet(const Arguments& arguments);

// The files of this run, and of this shard.
Result<std::vector<std::string>> FleetInputs(const Arguments& arguments, fleet::Kind kind);

// What keeps a document from being verified although it can be read.
std::optional<Error> NotToBeVerified(const terraform::Document& document);

// How many documents are read at a time: --jobs, or the processors that this process may use.
int JobsOf(const Arguments& arguments);

// `gate` and `verify` of many documents (docs/fleets.md).
ExitCode RunGateFleet(const Arguments& arguments, const Ui& ui);
ExitCode RunVerifyFleet(const Arguments& arguments, const Ui& ui, std::span<const OpenObligation> obligations);

}  // namespace tfseal::cli

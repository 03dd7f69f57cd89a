#pragma once

#include <string>

#include "cli/args.h"
#include "cli/ui.h"
#include "fleet/fleet_report.h"

namespace tfseal::cli {

// Writes the report of a fleet in every format that was asked for, and says how the run ends: a document that could not
// be judged is an error (1) whatever the others come to.
ExitCode DeliverFleet(const fleet::FleetReport& report, const Arguments& arguments, const Ui& ui);

// For people: the verdict, what was not judged, and the first documents that do not pass.
Result<std::string> FleetText(const fleet::FleetReport& report, bool color, bool verbose);

}  // namespace tfseal::cli

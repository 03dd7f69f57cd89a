#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "cli/args.h"
#include "cli/ui.h"
#include "core/result.h"

namespace tfseal::cli {

// Renders a result in one format.
using Renderer = std::function<std::string(std::string_view format)>;
// The same for a result that can be large: hands out the text piece by piece. If it fails, no file is written.
using Piecewise = std::function<Status(std::string_view format, const std::function<void(std::string_view)>& write)>;

// Carries out every --output of the command line; files are written whole or not at all, and all of them before
// anything goes to standard output. Without a request the command's first format is printed.
Status Deliver(const Arguments& arguments, const Ui& ui, const Renderer& render);
Status DeliverPieces(const Arguments& arguments, const Ui& ui, const Piecewise& render);

// An error if a file that would be written is one that is read.
Status RefuseOutputOverInput(const Arguments& arguments);

// Whether the format on standard output is for machines, so that a summary belongs on standard error.
bool PrintsForMachines(const Arguments& arguments);

}  // namespace tfseal::cli

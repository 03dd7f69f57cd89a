#pragma once

#include <string>

#include "policy/control.h"

// One control, as `tfseal explain ID` shows it: why, fix, cost, basis, what frameworks say about its topic, which rules
// of other tools ask the same.
namespace tfseal::cli {

// For terminals.
std::string ControlText(const Control& control, bool color);
// The page docs/controls/ID.md.
std::string ControlPage(const Control& control);

}  // namespace tfseal::cli

#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "apply/step.h"

namespace tfseal {

struct UndoResult {
  std::vector<std::size_t> undone;
  std::optional<std::size_t> stopped_at;  // what could not be undone, and why
  StepResult result;
};

// Undoes the actions at these positions of the plan, in this order, and stops at the first that cannot be undone.
UndoResult Undo(const RunSurroundings& run, const std::vector<std::size_t>& actions);

}  // namespace tfseal

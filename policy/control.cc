#include "policy/control.h"

#include <algorithm>
#include <vector>

#include "policy/controls/declarations.h"

namespace tfseal {

std::span<const Control* const> AllControls() {
  static const std::vector<const Control*> controls = [] {
    std::vector<const Control*> all = {
#define TFSEAL_CONTROL(name) &name,
#include "policy/controls/list.inc"
#undef TFSEAL_CONTROL
    };
    std::sort(all.begin(), all.end(), [](const Control* a, const Control* b) { return a->id < b->id; });
    return all;
  }();
  return controls;
}

const Control* FindControl(std::string_view id) {
  for (const Control* control : AllControls()) {
    if (control->id == id) return control;
  }
  return nullptr;
}

}  // namespace tfseal

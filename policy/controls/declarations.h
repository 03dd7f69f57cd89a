#pragma once

#include "policy/control.h"
#include "policy/judge.h"
#include "policy/world.h"

namespace tfseal {

#define TFSEAL_CONTROL(name) extern const Control name;
#include "policy/controls/list.inc"
#undef TFSEAL_CONTROL

}  // namespace tfseal

#pragma once

#include "apply/handler.h"

// Every handler, as list.inc names them. A handler is defined in the file of this folder that is named after its kind.
namespace tfseal {

#define TFSEAL_HANDLER(name) extern const Handler name;
#include "apply/handlers/list.inc"
#undef TFSEAL_HANDLER

}  // namespace tfseal

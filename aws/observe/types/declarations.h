#pragma once

#include "aws/observe/observed_type.h"

namespace tfseal::observe {

#define TFSEAL_OBSERVED(constant) extern const ObservedType constant;
#define TFSEAL_NOT_OBSERVED(type, reason)
#include "aws/observe/list.inc"
#undef TFSEAL_OBSERVED
#undef TFSEAL_NOT_OBSERVED

}  // namespace tfseal::observe

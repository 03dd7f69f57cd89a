#pragma once

#include "core/result.h"

namespace tfseal::cli {

// Before the first key or plaintext is in this process: it leaves no core dump from here on. kInternal: the system
// refuses, and nothing may be opened.
Status PrepareForSecrets();

}  // namespace tfseal::cli

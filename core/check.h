#pragma once

namespace tfseal {

[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace tfseal

// For our own bugs only, never for input: ends the process, in release builds too, because going on with a broken
// invariant could turn into a wrong "all good".
#define TFSEAL_CHECK(condition) \
  (static_cast<bool>(condition) ? static_cast<void>(0) : ::tfseal::CheckFailed(__FILE__, __LINE__, #condition))

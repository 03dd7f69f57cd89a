#include "core/check.h"

#include <cstdio>
#include <cstdlib>

namespace tfseal {

void CheckFailed(const char* file, int line, const char* condition) {
  std::fprintf(stderr, "tfseal: internal error at %s:%d: %s\n", file, line, condition);
  std::abort();
}

}  // namespace tfseal

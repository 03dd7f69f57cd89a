#include "cli/secret_process.h"

#include "crypto/secret_memory.h"

namespace tfseal::cli {

// The leak check of a sanitized build has to look into the process; such a build is for tests only.
Status PrepareForSecrets() {
  if (IsSanitized() || ForbidCoreDumps()) return {};
  return Error{ErrorCode::kInternal, "the system does not let this process forbid core dumps, which could hold keys",
               ""};
}

}  // namespace tfseal::cli

#pragma once

#include <cstddef>

namespace tfseal {

// Memory for secrets: not in core dumps (MADV_DONTDUMP) and wiped when it is given back. Pieces of up to 64 KiB, which
// all keys are, share pages that are kept for the next ones and, up to 4 MiB and as far as the system allows, not in
// swap (mlock). For any thread.
void* AllocateSecret(std::size_t size);  // zeros; size > 0
void FreeSecret(void* bytes, std::size_t size);

// How much there is in pages, used or kept.
struct SecretMemory {
  std::size_t locked_bytes = 0;
  std::size_t unlocked_bytes = 0;  // beyond the bounds, or the system (RLIMIT_MEMLOCK) refused
};
SecretMemory SecretMemoryNow();

// From here on this process leaves no core dump and cannot be looked into by others of the same user
// (PR_SET_DUMPABLE, RLIMIT_CORE): what libraries keep of keys in memory of their own, as OpenSSL does with key
// schedules while a cipher lives, is not to be found in one either. For commands that handle keys, before they do.
// False: the system refused.
bool ForbidCoreDumps();

// Whether the program was built with AddressSanitizer, whose leak check cannot look into a process that forbids it.
bool IsSanitized();

}  // namespace tfseal

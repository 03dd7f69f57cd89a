#include "crypto/secret_memory.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <mutex>

#include "core/check.h"
#include "crypto/secret_bytes.h"

#if defined(__SANITIZE_ADDRESS__)
#define TFSEAL_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TFSEAL_ASAN 1
#endif
#endif
#ifdef TFSEAL_ASAN
#include <sanitizer/asan_interface.h>
#endif

// How to read this: pieces of up to 64 KiB are blocks of a power of two out of chunks that are mapped once; a free
// block's first bytes point to the next free one of its size. Larger pieces are mappings of their own and not locked: a
// few of them would use up what the system allows.

namespace tfseal {
namespace {

constexpr std::size_t kBlockMin = 32;
constexpr std::size_t kBlockMax = std::size_t{64} << 10U;
constexpr std::size_t kSizes = 12;  // 32 B, 64 B, ... 64 KiB
constexpr std::size_t kChunk = std::size_t{256} << 10U;
// A batch of rows fits; systems allow from 64 KiB to 8 MiB.
constexpr std::size_t kLockedMax = std::size_t{4} << 20U;
static_assert(kBlockMin << (kSizes - 1) == kBlockMax);

// The sanitizer sees the use of what was given back, and beyond what was asked for.
void Close([[maybe_unused]] const void* bytes, [[maybe_unused]] std::size_t size) {
#ifdef TFSEAL_ASAN
  __asan_poison_memory_region(bytes, size);
#endif
}
void Reopen([[maybe_unused]] const void* bytes, [[maybe_unused]] std::size_t size) {
#ifdef TFSEAL_ASAN
  __asan_unpoison_memory_region(bytes, size);
#endif
}

std::size_t SizeIndex(std::size_t size) {
  return static_cast<std::size_t>(std::bit_width((std::max(size, kBlockMin) - 1) / kBlockMin));
}

std::size_t Pages(std::size_t size) {
  static const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return (size + page - 1) / page * page;
}

class Pool {
 public:
  void* Allocate(std::size_t size) {
    const std::scoped_lock lock(mutex_);
    if (size > kBlockMax) return Map(Pages(size), false);
    const std::size_t index = SizeIndex(size);
    if (free_[index] == nullptr) Refill(index);
    void* const block = free_[index];
    Reopen(block, std::max(size, sizeof(void*)));
    std::memcpy(&free_[index], block, sizeof(void*));
    std::memset(block, 0, sizeof(void*));
    if (size < sizeof(void*)) Close(static_cast<char*>(block) + size, sizeof(void*) - size);
    return block;
  }

  void Free(void* bytes, std::size_t size) {
    Wipe(bytes, size);
    const std::scoped_lock lock(mutex_);
    if (size > kBlockMax) return Unmap(bytes, Pages(size));
    const std::size_t index = SizeIndex(size);
    Reopen(bytes, sizeof(void*));
    std::memcpy(bytes, &free_[index], sizeof(void*));
    free_[index] = bytes;
    Close(bytes, kBlockMin << index);
  }

  SecretMemory Now() {
    const std::scoped_lock lock(mutex_);
    return memory_;
  }

 private:
  void* Map(std::size_t size, bool lockable) {
    void* const bytes = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TFSEAL_CHECK(bytes != MAP_FAILED);
    TFSEAL_CHECK(madvise(bytes, size, MADV_DONTDUMP) == 0);
    const bool locked = lockable && memory_.locked_bytes + size <= kLockedMax && mlock(bytes, size) == 0;
    (locked ? memory_.locked_bytes : memory_.unlocked_bytes) += size;
    return bytes;
  }

  void Unmap(void* bytes, std::size_t size) {
    memory_.unlocked_bytes -= size;
    TFSEAL_CHECK(munmap(bytes, size) == 0);
  }

  void Refill(std::size_t index) {
    const std::size_t block = kBlockMin << index;
    char* const chunk = static_cast<char*>(Map(kChunk, true));
    for (std::size_t at = kChunk; at > 0; at -= block) {
      char* const place = chunk + at - block;
      std::memcpy(place, &free_[index], sizeof(void*));
      free_[index] = place;
      Close(place, block);
    }
  }

  std::mutex mutex_;
  std::array<void*, kSizes> free_{};
  SecretMemory memory_;
};

Pool& TheOne() {
  // Never destroyed: secrets may be dropped while the process ends.
  static Pool& pool = *new Pool;
  return pool;
}

}  // namespace

void* AllocateSecret(std::size_t size) {
  TFSEAL_CHECK(size > 0);
  return TheOne().Allocate(size);
}

void FreeSecret(void* bytes, std::size_t size) {
  if (bytes != nullptr) TheOne().Free(bytes, size);
}

SecretMemory SecretMemoryNow() {
  return TheOne().Now();
}

bool IsSanitized() {
#ifdef TFSEAL_ASAN
  return true;
#else
  return false;
#endif
}

bool ForbidCoreDumps() {
  const rlimit none{0, 0};
  const bool limited = setrlimit(RLIMIT_CORE, &none) == 0;
  return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && limited;
}

}  // namespace tfseal

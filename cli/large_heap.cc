#include "cli/large_heap.h"

#include <malloc.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>

namespace tfseal::cli {
namespace {

constexpr std::size_t kMegabyte = std::size_t{1} << 20U;
// Below this, filling one large page with zeros costs as much as it saves.
constexpr std::size_t kLargeFile = 8 * kMegabyte;
constexpr std::size_t kLargePage = 2 * kMegabyte;
constexpr std::size_t kRoomMax = 64 * kMegabyte;
constexpr std::size_t kNeverTrim = 1024 * kMegabyte;  // mallopt(3) counts in int

}  // namespace

void ExpectLargeHeap(const std::string& path) {
#if defined(__GLIBC__) && defined(MADV_HUGEPAGE)
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0 || !S_ISREG(file.st_mode)) return;
  const auto bytes = static_cast<std::size_t>(file.st_size);
  if (bytes < kLargeFile) return;
  // What is kept of a plan, and its findings, is about a quarter of its size. Of the largest plans only the first part
  // is in large pages: findings and indexes come in so many small pieces that those would stay half empty.
  const std::size_t room = std::min((bytes / 4 + kLargePage - 1) / kLargePage * kLargePage, kRoomMax);
  // Blocks of the arena come out of the heap as well, instead of being mapped one by one; and the heap grows to all of
  // its room at once.
  ::mallopt(M_MMAP_THRESHOLD, static_cast<int>(32 * kMegabyte));
  ::mallopt(M_TRIM_THRESHOLD, static_cast<int>(kNeverTrim));
  ::mallopt(M_TOP_PAD, static_cast<int>(room));
  void* const first = std::malloc(kLargePage);
  ::mallopt(M_TOP_PAD, static_cast<int>(kLargePage));
  if (first == nullptr) return;  // the system grants no room that is not used yet
  // The room begins with what was just given out.
  void* page = first;
  std::size_t rest = room;
  if (std::align(kLargePage, kLargePage, page, rest) != nullptr) ::madvise(page, rest, MADV_HUGEPAGE);
  std::free(first);
#else
  static_cast<void>(path);
#endif
}

}  // namespace tfseal::cli

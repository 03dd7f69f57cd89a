#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tfseal::terraform {

// Memory for everything that is kept of one document, given back at once when the document goes. A plan of any size
// leaves only small pieces behind, so one growing list of blocks is both the fastest and the smallest way to hold them.
// Not thread-safe. Pointers stay valid for the life of the arena, also when the arena is moved.
class Arena {
 public:
  Arena() = default;
  Arena(Arena&&) noexcept = default;
  Arena& operator=(Arena&&) noexcept = default;

  void* Allocate(std::size_t bytes, std::size_t alignment) {
    std::size_t start = (used_ + alignment - 1) & ~(alignment - 1);
    if (blocks_.empty() || start + bytes > capacity_) {
      // Small documents take little; for large ones many small blocks would cost more.
      const std::size_t block = total_ < kManyBytes ? kBlockBytes : kLargeBlockBytes;
      capacity_ = bytes > block ? bytes : block;
      // Default-initialised on purpose: zeroing fresh blocks would touch memory that may never be used.
      blocks_.push_back(std::unique_ptr<std::byte[]>(new std::byte[capacity_]));
      total_ += capacity_;
      start = 0;
    }
    used_ = start + bytes;
    return blocks_.back().get() + start;
  }

  template <class T>
  T* AllocateArray(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>, "the arena runs no destructors");
    T* first = static_cast<T*>(Allocate(count * sizeof(T), alignof(T)));  // NOLINT(bugprone-sizeof-expression)
    for (std::size_t i = 0; i < count; ++i) new (first + i) T();
    return first;
  }

  std::string_view Copy(std::string_view text) {
    if (text.empty()) return {};
    char* copy = static_cast<char*>(Allocate(text.size(), 1));
    std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
  }

  // Gives back all that was allocated from `from` on, as far as it stands in the same block.
  void GiveBackFrom(const char* from) {
    const char* const block = static_cast<const char*>(static_cast<const void*>(blocks_.back().get()));
    if (!std::less<>()(from, block) && std::less<>()(from, block + used_)) {
      used_ = static_cast<std::size_t>(from - block);
    }
  }

  [[nodiscard]] std::size_t bytes() const { return total_; }

 private:
  static constexpr std::size_t kBlockBytes = std::size_t{1} << 16;
  static constexpr std::size_t kLargeBlockBytes = std::size_t{1} << 20;
  static constexpr std::size_t kManyBytes = std::size_t{1} << 23;
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::size_t used_ = 0;
  std::size_t capacity_ = 0;
  std::size_t total_ = 0;
};

}  // namespace tfseal::terraform

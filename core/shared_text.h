#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <functional>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "core/check.h"

namespace tfseal {

// A text that never changes, in one word of memory: one that lasts as long as the program and is only pointed to (an
// entry of a static table), or one that all its copies share and that goes with the last of them. Most of the texts of
// a finding are the same for thousands of findings.
class SharedText {
 public:
  SharedText() = default;
  SharedText(std::string_view text) {
    if (text.empty()) return;
    TFSEAL_CHECK(text.size() <= UINT32_MAX);
    void* const place = ::operator new(sizeof(Block) + text.size());
    auto* const block = new (place) Block{{1}, static_cast<std::uint32_t>(text.size())};
    std::memcpy(static_cast<void*>(block + 1), text.data(), text.size());
    word_ = reinterpret_cast<std::uintptr_t>(block);
  }
  SharedText(const std::string& text) : SharedText(std::string_view(text)) {}
  SharedText(const char* text) : SharedText(std::string_view(text)) {}
  // Not only the characters, the view itself must last as long as the program: the id in a static table.
  static SharedText Lasting(const std::string_view& text) {
    SharedText lasting;
    lasting.word_ = reinterpret_cast<std::uintptr_t>(&text) | kLasts;
    return lasting;
  }
  static SharedText Lasting(std::string_view&& text) = delete;

  ~SharedText() { Release(); }
  SharedText(const SharedText& other) noexcept : word_(other.word_) {
    if (Block* const block = OwnedBlock(); block != nullptr) block->owners.fetch_add(1, std::memory_order_relaxed);
  }
  SharedText(SharedText&& other) noexcept : word_(std::exchange(other.word_, 0)) {}
  SharedText& operator=(SharedText other) noexcept {
    std::swap(word_, other.word_);
    return *this;
  }

  [[nodiscard]] std::string_view view() const {
    if ((word_ & kLasts) != 0) return *reinterpret_cast<const std::string_view*>(word_ & ~kLasts);
    const Block* const block = OwnedBlock();
    if (block == nullptr) return {};
    return {static_cast<const char*>(static_cast<const void*>(block + 1)), block->size};
  }
  [[nodiscard]] bool empty() const { return view().empty(); }
  operator std::string_view() const { return view(); }
  operator std::string() const { return std::string(view()); }

  friend bool operator==(const SharedText& a, const SharedText& b) { return a.view() == b.view(); }
  friend bool operator==(const SharedText& a, std::string_view b) { return a.view() == b; }
  friend bool operator==(const SharedText& a, const char* b) { return a.view() == b; }
  friend bool operator==(const SharedText& a, const std::string& b) { return a.view() == b; }
  friend std::string operator+(std::string a, const SharedText& b) { return std::move(a.append(b.view())); }
  friend std::string operator+(const char* a, const SharedText& b) { return std::string(a) + b; }
  friend std::string operator+(const SharedText& a, const char* b) { return std::string(a.view()) + b; }

 private:
  // The characters follow.
  struct Block {
    std::atomic<std::uint32_t> owners;
    std::uint32_t size;
  };
  static constexpr std::uintptr_t kLasts = 1;  // in word_: it points to a std::string_view, else to a Block

  [[nodiscard]] Block* OwnedBlock() const { return (word_ & kLasts) != 0 ? nullptr : reinterpret_cast<Block*>(word_); }
  void Release() {
    Block* const block = OwnedBlock();
    if (block != nullptr && block->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) ::operator delete(block);
  }

  std::uintptr_t word_ = 0;
};

// Gives the same text again where it is asked for the same one soon enough: one place for each hash.
class RecentTexts {
 public:
  const SharedText& Get(std::string_view text) {
    SharedText& place = places_[std::hash<std::string_view>()(text) % places_.size()];
    if (place != text) place = SharedText(text);
    return place;
  }

 private:
  std::array<SharedText, 509> places_;
};

}  // namespace tfseal

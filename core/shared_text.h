#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "core/check.h"

namespace tfseal {

// A text that never changes: one that lasts as long as the program and is only pointed to (a literal, an entry of a
// static table), or a copy of its own. Half the size of a std::string, and most of the texts of a finding are the same
// for thousands of findings.
class SharedText {
 public:
  SharedText() = default;
  SharedText(std::string_view text) {  // a copy
    if (text.empty()) return;
    TFSEAL_CHECK(text.size() <= UINT32_MAX);
    auto copy = std::make_unique<char[]>(text.size());
    std::memcpy(copy.get(), text.data(), text.size());
    data_ = copy.release();
    size_ = static_cast<std::uint32_t>(text.size());
    owned_ = true;
  }
  SharedText(const std::string& text) : SharedText(std::string_view(text)) {}
  SharedText(const char* text) : SharedText(std::string_view(text)) {}
  // `text` must last as long as the program.
  static SharedText Lasting(std::string_view text) {
    TFSEAL_CHECK(text.size() <= UINT32_MAX);
    SharedText lasting;
    lasting.data_ = text.data();
    lasting.size_ = static_cast<std::uint32_t>(text.size());
    return lasting;
  }

  ~SharedText() {
    if (owned_) delete[] data_;
  }
  SharedText(const SharedText& other) : SharedText(other.owned_ ? SharedText(other.view()) : Lasting(other.view())) {}
  SharedText(SharedText&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        owned_(std::exchange(other.owned_, false)) {}
  SharedText& operator=(SharedText other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(owned_, other.owned_);
    return *this;
  }

  [[nodiscard]] std::string_view view() const { return {data_, size_}; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
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
  const char* data_ = nullptr;
  std::uint32_t size_ = 0;
  bool owned_ = false;
};

}  // namespace tfseal

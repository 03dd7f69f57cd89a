#include "crypto/secret_bytes.h"

#include <openssl/crypto.h>

#include <cstdint>
#include <cstring>
#include <utility>

#include "crypto/secret_memory.h"

namespace tfseal {

void Wipe(void* bytes, std::size_t count) {
  if (count > 0) OPENSSL_cleanse(bytes, count);
}

void Wipe(std::string& text) {
  // Without growing: the capacity is there already, and a new buffer would leave the old one unwiped.
  text.resize(text.capacity());
  Wipe(text.data(), text.size());
  text.clear();
}

void WipeShown(std::string_view text) {
  // What is shown as constant lies in a buffer of the caller's that is not.
  const auto address = reinterpret_cast<std::uintptr_t>(text.data());
  Wipe(reinterpret_cast<void*>(address), text.size());  // NOLINT(performance-no-int-to-ptr)
}

SecretBytes::SecretBytes(std::string_view bytes) {
  if (bytes.empty()) return;
  bytes_ = static_cast<char*>(AllocateSecret(bytes.size()));
  size_ = bytes.size();
  std::memcpy(bytes_, bytes.data(), size_);
}

SecretBytes SecretBytes::Blank(std::size_t size) {
  SecretBytes blank;
  if (size == 0) return blank;
  blank.bytes_ = static_cast<char*>(AllocateSecret(size));
  blank.size_ = size;
  return blank;
}

SecretBytes::~SecretBytes() {
  Drop();
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : bytes_(std::exchange(other.bytes_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    Drop();
    bytes_ = std::exchange(other.bytes_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

void SecretBytes::Drop() {
  FreeSecret(bytes_, size_);
  bytes_ = nullptr;
  size_ = 0;
}

bool EqualInConstantTime(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace tfseal

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tfseal {

// Overwrites memory in a way that compilers do not remove.
void Wipe(void* bytes, std::size_t count);
// Wipes the text, with what its buffer still holds beyond its end, and empties it.
void Wipe(std::string& text);
// Wipes what a library shows as constant though it is its own memory, as the text of a JSON value is.
void WipeShown(std::string_view text);

// A secret in memory that is not dumped (crypto/secret_memory.h): move-only, wiped when it is dropped, moved from or
// replaced. It has no way into a stream or a
// message; Expose() is the only way in. What is copied from there is the copier's to wipe.
class SecretBytes {
 public:
  SecretBytes() = default;
  // Copies; the caller's own copy is the caller's to wipe.
  explicit SecretBytes(std::string_view bytes);
  // Zeros, to be written through Writable().
  static SecretBytes Blank(std::size_t size);
  ~SecretBytes();
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;

  [[nodiscard]] SecretBytes Clone() const { return SecretBytes(Expose()); }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  // Valid until the object is moved from, assigned to or dropped.
  [[nodiscard]] std::string_view Expose() const { return {bytes_, size_}; }
  // As long; for the one who makes the secret.
  [[nodiscard]] char* Writable() { return bytes_; }

 private:
  void Drop();
  // Not std::string: its small buffer would stay behind in moved-from objects.
  char* bytes_ = nullptr;
  std::size_t size_ = 0;
};

// Takes the same time wherever the two differ; lengths are not secret.
bool EqualInConstantTime(std::string_view a, std::string_view b);

}  // namespace tfseal

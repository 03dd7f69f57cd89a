#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace tfseal {

constexpr std::size_t kAesKeySize = 32;
constexpr std::size_t kGcmIvSize = 12;
constexpr std::size_t kGcmTagSize = 16;
// SP 800-38D allows 2^36 - 32 bytes; a database value has less than 1 GiB.
constexpr std::size_t kGcmTextMax = std::size_t{1} << 30U;

// AES-256-GCM (SP 800-38D) with a 96-bit iv and a 128-bit tag, and with contexts that are kept from call to call: a new
// context for each call would take twice the time at the size of a row. For one thread at a time. The caller sees to
// it that sizes are right (TFSEAL_CHECK) and that no iv is used twice under a key.
class AesGcm {
 public:
  AesGcm();
  ~AesGcm();
  AesGcm(AesGcm&&) noexcept;
  AesGcm& operator=(AesGcm&&) noexcept;

  struct Input {
    std::string_view key;   // 32 bytes; empty: that of UseKey, which saves a third of the time
    std::string_view iv;    // 12 bytes
    std::string_view aad;   // any
    std::string_view text;  // the plaintext to seal, the ciphertext (without the tag) to open
  };
  // The key of calls that bring none, until one does.
  void UseKey(std::string_view key);
  // Writes text.size() bytes and the 16 of the tag.
  void Seal(const Input& input, char* ciphertext, char* tag);
  // False: the tag does not fit; what was written is wiped then.
  [[nodiscard]] bool Open(const Input& input, std::string_view tag, char* plaintext);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tfseal

#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "crypto/secret_bytes.h"

namespace tfseal {

// AES-256 key wrap with padding (RFC 5649, KWP of SP 800-38F): needs no nonce, so that wrapping often under one key has
// no limit to watch. Over AES-256 in ECB mode, a block of each key at a time: one block after the other is what takes
// the time, and OpenSSL's own key wrap does not use the processor's AES instructions. For one thread at a time.
class AesKwp {
 public:
  AesKwp();
  ~AesKwp();
  AesKwp(AesKwp&&) noexcept;
  AesKwp& operator=(AesKwp&&) noexcept;

  // `wrapping_key` has 32 bytes (TFSEAL_CHECK), `key` 1 to 4096. A key of 32 bytes gives 40.
  std::string Wrap(std::string_view wrapping_key, std::string_view key);
  // kInvalidInput: not wrapped under this key, or damaged.
  Result<SecretBytes> Unwrap(std::string_view wrapping_key, std::string_view wrapped);
  // The same for many keys under one wrapping key, in their order and far quicker.
  std::vector<std::string> WrapAll(std::string_view wrapping_key, std::span<const std::string_view> keys);
  std::vector<Result<SecretBytes>> UnwrapAll(std::string_view wrapping_key, std::span<const std::string_view> wrapped);

 private:
  struct State;
  void WrapSame(std::span<const std::string_view> keys, std::span<std::string> wrapped);
  void UnwrapSame(std::span<const std::string_view> wrapped, std::span<Result<SecretBytes>> keys);
  std::unique_ptr<State> state_;
};

}  // namespace tfseal

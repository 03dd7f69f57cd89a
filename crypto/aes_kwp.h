#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "crypto/secret_bytes.h"

namespace tfseal {

// AES-256 key wrap with padding (RFC 5649, KWP of SP 800-38F): needs no nonce, so that wrapping often under one key has
// no limit to watch. For one thread at a time.
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

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tfseal

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace tfseal {

// SHA-256 (FIPS 180-4) over data that arrives in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void Update(std::string_view bytes);
  // 64 lower-case hexadecimal digits. The object must not be updated afterwards.
  std::string FinishHex();
  // The 32 bytes themselves; the same rule.
  std::string FinishRaw();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string Sha256Hex(std::string_view bytes);
// The 32 bytes themselves.
std::string Sha256Raw(std::string_view bytes);
// SHA-1 in hexadecimal, for names that others have given to files; proves nothing.
std::string Sha1Hex(std::string_view bytes);
// HMAC-SHA-256 (FIPS 198-1): 32 bytes.
std::string HmacSha256(std::string_view key, std::string_view bytes);
// Lower-case hexadecimal digits.
std::string Hex(std::string_view bytes);

}  // namespace tfseal

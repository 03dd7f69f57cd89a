#include "crypto/digest.h"

// The functions of SHA-256 itself: those of <openssl/evp.h> first set up the whole library, which takes longer than
// reading and judging a plan of 100 KB. They are marked deprecated, because they cannot be replaced by a provider.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <array>

#include "core/check.h"

namespace tfseal {

struct Sha256::State {
  SHA256_CTX context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  TFSEAL_CHECK(SHA256_Init(&state_->context) == 1);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::Update(std::string_view bytes) {
  TFSEAL_CHECK(SHA256_Update(&state_->context, bytes.data(), bytes.size()) == 1);
}

std::string Sha256::FinishHex() {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  TFSEAL_CHECK(SHA256_Final(digest.data(), &state_->context) == 1);
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * digest.size());
  for (const unsigned char byte : digest) {
    hex += kDigits[byte >> 4U];
    hex += kDigits[byte & 15U];
  }
  return hex;
}

std::string Sha256Hex(std::string_view bytes) {
  Sha256 hash;
  hash.Update(bytes);
  return hash.FinishHex();
}

}  // namespace tfseal

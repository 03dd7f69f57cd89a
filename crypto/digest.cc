#include "crypto/digest.h"

// The functions of SHA-256 itself: those of <openssl/evp.h> first set up the whole library, which takes longer than
// reading and judging a plan of 100 KB. They are marked deprecated, because they cannot be replaced by a provider.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
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

std::string Sha256::FinishRaw() {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  TFSEAL_CHECK(SHA256_Final(reinterpret_cast<unsigned char*>(digest.data()), &state_->context) == 1);
  return digest;
}

std::string Sha256::FinishHex() {
  return Hex(FinishRaw());
}

std::string Hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
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

std::string Sha256Raw(std::string_view bytes) {
  Sha256 hash;
  hash.Update(bytes);
  return hash.FinishRaw();
}

std::string Sha1Hex(std::string_view bytes) {
  std::string digest(SHA_DIGEST_LENGTH, '\0');
  SHA1(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
       reinterpret_cast<unsigned char*>(digest.data()));
  return Hex(digest);
}

// Of the two hashes themselves, for the same reason: HMAC() looks its digest up for each call, which takes five times
// as long as hashing a short text.
std::string HmacSha256(std::string_view key, std::string_view bytes) {
  std::array<unsigned char, SHA256_CBLOCK> block{};
  if (key.size() > block.size()) {
    SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), block.data());
  } else {
    std::copy(key.begin(), key.end(), block.begin());
  }
  const auto hash = [&block](unsigned char pad, std::string_view text, char* digest) {
    for (unsigned char& byte : block) byte ^= pad;
    SHA256_CTX context;
    TFSEAL_CHECK(SHA256_Init(&context) == 1);
    TFSEAL_CHECK(SHA256_Update(&context, block.data(), block.size()) == 1);
    TFSEAL_CHECK(SHA256_Update(&context, text.data(), text.size()) == 1);
    TFSEAL_CHECK(SHA256_Final(reinterpret_cast<unsigned char*>(digest), &context) == 1);
    OPENSSL_cleanse(&context, sizeof context);
  };
  constexpr unsigned char kInner = 0x36;
  constexpr unsigned char kOuter = 0x5c;
  std::string mac(SHA256_DIGEST_LENGTH, '\0');
  hash(kInner, bytes, mac.data());
  hash(kInner ^ kOuter, mac, mac.data());
  OPENSSL_cleanse(block.data(), block.size());
  return mac;
}

}  // namespace tfseal

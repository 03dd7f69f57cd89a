#include "crypto/aes_kwp.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "core/check.h"
#include "crypto/aes_gcm.h"
#include "crypto/openssl.h"

namespace tfseal {
namespace {

using Cipher = OpenSslOwner<EVP_CIPHER, EVP_CIPHER_free>;
using Context = OpenSslOwner<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

constexpr std::size_t kKeySizeMax = 4096;
constexpr std::size_t kHalf = 8;  // a semiblock
constexpr std::size_t kBlock = 2 * kHalf;
// The shortest: one semiblock of key, and the integrity value.
constexpr std::size_t kWrappedMin = 2 * kHalf;
constexpr std::size_t kWrappedMax = kKeySizeMax + kHalf;
constexpr std::size_t kRounds = 6;
// Keys that go side by side: what they take is locked memory.
constexpr std::size_t kSideBySide = 256;
// RFC 5649, 3: the alternative initial value, before the length.
constexpr std::uint8_t kInitial[] = {0xA6, 0x59, 0x59, 0xA6};

Error Refused() {
  return {ErrorCode::kInvalidInput, "the wrapped key is not under this key, or is damaged", ""};
}

// The cipher is set once: setting it again would set the whole context up again.
Context NewContext(const EVP_CIPHER* cipher, int encrypts) {
  Context context(EVP_CIPHER_CTX_new());
  TFSEAL_CHECK(cipher != nullptr && context != nullptr);
  TFSEAL_CHECK(EVP_CipherInit_ex2(context.get(), cipher, nullptr, nullptr, encrypts, nullptr) == 1);
  TFSEAL_CHECK(EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1);
  return context;
}

// Several keys of `halves` semiblocks, on which the rounds of RFC 3394 work side by side: `blocks` holds, for each,
// what goes through the cipher next (A, and one semiblock), `rest` all its semiblocks (R).
class Registers {
 public:
  Registers(std::size_t keys, std::size_t halves)
      : keys_(keys),
        halves_(halves),
        memory_(SecretBytes::Blank(keys * (kBlock + halves * kHalf))),
        blocks_(memory_.Writable()),
        rest_(memory_.Writable() + keys * kBlock) {}

  [[nodiscard]] std::size_t halves() const { return halves_; }
  char* A(std::size_t key) { return blocks_ + key * kBlock; }
  char* R(std::size_t key) { return rest_ + key * halves_ * kHalf; }

  // R[half] of every key goes through the cipher behind its A, and comes back.
  void Step(EVP_CIPHER_CTX* context, std::size_t half) {
    for (std::size_t k = 0; k < keys_; ++k) std::memcpy(A(k) + kHalf, R(k) + half * kHalf, kHalf);
    const auto size = static_cast<int>(keys_ * kBlock);
    int done = 0;
    TFSEAL_CHECK(EVP_CipherUpdate(context, Bytes(blocks_), &done, Bytes(blocks_), size) == 1 && done == size);
    for (std::size_t k = 0; k < keys_; ++k) std::memcpy(R(k) + half * kHalf, A(k) + kHalf, kHalf);
  }
  // A of every key with the number of the step.
  void Mix(std::size_t step) {
    for (std::size_t k = 0; k < keys_; ++k) {
      for (std::size_t i = 0; i < sizeof(std::uint32_t); ++i) {
        A(k)[kHalf - 1 - i] = static_cast<char>(A(k)[kHalf - 1 - i] ^ static_cast<char>((step >> (8 * i)) & 0xFFU));
      }
    }
  }

 private:
  std::size_t keys_;
  std::size_t halves_;
  SecretBytes memory_;
  char* blocks_;
  char* rest_;
};

// RFC 3394, 2.2.1, and the single block of RFC 5649, 4.1 for keys of one semiblock.
void Wrap(EVP_CIPHER_CTX* context, Registers& registers) {
  const std::size_t halves = registers.halves();
  if (halves == 1) return registers.Step(context, 0);
  for (std::size_t step = 1; step <= kRounds * halves; ++step) {
    registers.Step(context, (step - 1) % halves);
    registers.Mix(step);
  }
}

// RFC 3394, 2.2.2.
void Unwrap(EVP_CIPHER_CTX* context, Registers& registers) {
  const std::size_t halves = registers.halves();
  if (halves == 1) return registers.Step(context, 0);
  for (std::size_t step = kRounds * halves; step > 0; --step) {
    registers.Mix(step);
    registers.Step(context, (step - 1) % halves);
  }
}

// The length that A tells if it and the padding are as RFC 5649, 3 says; 0 if not. Looks at all bytes in any case.
std::size_t KeySize(const char* a, const char* r, std::size_t halves) {
  unsigned wrong = 0;
  for (std::size_t i = 0; i < sizeof kInitial; ++i) wrong |= static_cast<std::uint8_t>(a[i]) ^ kInitial[i];
  std::size_t size = 0;
  for (std::size_t i = sizeof kInitial; i < kHalf; ++i) size = (size << 8U) | static_cast<std::uint8_t>(a[i]);
  wrong |= size > (halves - 1) * kHalf && size <= halves * kHalf ? 0U : 1U;
  for (std::size_t i = (halves - 1) * kHalf; i < halves * kHalf; ++i) {
    wrong |= i < size ? 0U : static_cast<std::uint8_t>(r[i]);
  }
  return wrong == 0 ? size : 0;
}

std::size_t Halves(std::size_t size) {
  return (size + kHalf - 1) / kHalf;
}

// Runs of texts of the same number of semiblocks, not too long.
template <class F>
void ForEachRun(std::span<const std::string_view> texts, const F& run) {
  for (std::size_t begin = 0; begin < texts.size();) {
    const std::size_t halves = Halves(texts[begin].size());
    std::size_t end = begin + 1;
    while (end < texts.size() && end - begin < kSideBySide && Halves(texts[end].size()) == halves) ++end;
    run(begin, end - begin);
    begin = end;
  }
}

}  // namespace

struct AesKwp::State {
  Cipher cipher{EVP_CIPHER_fetch(nullptr, "AES-256-ECB", nullptr)};
  Context wrap = NewContext(cipher.get(), 1);
  Context unwrap = NewContext(cipher.get(), 0);
};

AesKwp::AesKwp() : state_(std::make_unique<State>()) {}
AesKwp::~AesKwp() = default;
AesKwp::AesKwp(AesKwp&&) noexcept = default;
AesKwp& AesKwp::operator=(AesKwp&&) noexcept = default;

void AesKwp::WrapSame(std::span<const std::string_view> keys, std::span<std::string> wrapped) {
  Registers registers(keys.size(), Halves(keys.front().size()));
  for (std::size_t k = 0; k < keys.size(); ++k) {
    std::memcpy(registers.A(k), kInitial, sizeof kInitial);
    for (std::size_t i = 0; i < sizeof(std::uint32_t); ++i) {
      registers.A(k)[kHalf - 1 - i] = static_cast<char>((keys[k].size() >> (8 * i)) & 0xFFU);
    }
    std::memcpy(registers.R(k), keys[k].data(), keys[k].size());
  }
  tfseal::Wrap(state_->wrap.get(), registers);
  for (std::size_t k = 0; k < keys.size(); ++k) {
    wrapped[k].assign(registers.A(k), kHalf);
    wrapped[k].append(registers.R(k), registers.halves() * kHalf);
  }
}

void AesKwp::UnwrapSame(std::span<const std::string_view> wrapped, std::span<Result<SecretBytes>> keys) {
  const std::size_t size = Halves(wrapped.front().size()) * kHalf;
  // What has no length that a wrapped key can have stays refused.
  if (size < kWrappedMin || size > kWrappedMax) return;
  Registers registers(wrapped.size(), size / kHalf - 1);
  for (std::size_t k = 0; k < wrapped.size(); ++k) {
    if (wrapped[k].size() % kHalf != 0) continue;
    std::memcpy(registers.A(k), wrapped[k].data(), kHalf);
    std::memcpy(registers.R(k), wrapped[k].data() + kHalf, registers.halves() * kHalf);
  }
  tfseal::Unwrap(state_->unwrap.get(), registers);
  for (std::size_t k = 0; k < wrapped.size(); ++k) {
    const std::size_t key_size = KeySize(registers.A(k), registers.R(k), registers.halves());
    if (wrapped[k].size() % kHalf != 0 || key_size == 0) continue;
    keys[k] = SecretBytes(std::string_view(registers.R(k), key_size));
  }
}

std::vector<std::string> AesKwp::WrapAll(std::string_view wrapping_key, std::span<const std::string_view> keys) {
  TFSEAL_CHECK(wrapping_key.size() == kAesKeySize);
  for (const std::string_view key : keys) TFSEAL_CHECK(!key.empty() && key.size() <= kKeySizeMax);
  TFSEAL_CHECK(EVP_EncryptInit_ex2(state_->wrap.get(), nullptr, Bytes(wrapping_key.data()), nullptr, nullptr) == 1);
  std::vector<std::string> wrapped(keys.size());
  ForEachRun(keys, [&](std::size_t begin, std::size_t count) {
    WrapSame(keys.subspan(begin, count), std::span(wrapped).subspan(begin, count));
  });
  return wrapped;
}

std::vector<Result<SecretBytes>> AesKwp::UnwrapAll(std::string_view wrapping_key,
                                                   std::span<const std::string_view> wrapped) {
  TFSEAL_CHECK(wrapping_key.size() == kAesKeySize);
  TFSEAL_CHECK(EVP_DecryptInit_ex2(state_->unwrap.get(), nullptr, Bytes(wrapping_key.data()), nullptr, nullptr) == 1);
  std::vector<Result<SecretBytes>> keys;
  keys.reserve(wrapped.size());
  for (std::size_t i = 0; i < wrapped.size(); ++i) keys.emplace_back(Refused());
  ForEachRun(wrapped, [&](std::size_t begin, std::size_t count) {
    UnwrapSame(wrapped.subspan(begin, count), std::span(keys).subspan(begin, count));
  });
  return keys;
}

std::string AesKwp::Wrap(std::string_view wrapping_key, std::string_view key) {
  return std::move(WrapAll(wrapping_key, {&key, 1}).front());
}

Result<SecretBytes> AesKwp::Unwrap(std::string_view wrapping_key, std::string_view wrapped) {
  return std::move(UnwrapAll(wrapping_key, {&wrapped, 1}).front());
}

}  // namespace tfseal

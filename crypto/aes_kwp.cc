#include "crypto/aes_kwp.h"

#include <openssl/evp.h>

#include <array>

#include "core/check.h"
#include "crypto/aes_gcm.h"
#include "crypto/openssl.h"

namespace tfseal {
namespace {

using Cipher = OpenSslOwner<EVP_CIPHER, EVP_CIPHER_free>;
using Context = OpenSslOwner<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

constexpr std::size_t kKeySizeMax = 4096;
constexpr std::size_t kBlock = 8;
// The shortest: one half block of key, and the integrity value.
constexpr std::size_t kWrappedMin = 2 * kBlock;
constexpr std::size_t kWrappedMax = kKeySizeMax + kBlock;

// The cipher is set once: setting it again would set the whole context up again.
Context NewContext(const EVP_CIPHER* cipher, int encrypts) {
  Context context(EVP_CIPHER_CTX_new());
  TFSEAL_CHECK(cipher != nullptr && context != nullptr);
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  TFSEAL_CHECK(EVP_CipherInit_ex2(context.get(), cipher, nullptr, nullptr, encrypts, nullptr) == 1);
  return context;
}

}  // namespace

struct AesKwp::State {
  Cipher cipher{EVP_CIPHER_fetch(nullptr, "AES-256-WRAP-PAD", nullptr)};
  Context wrap = NewContext(cipher.get(), 1);
  Context unwrap = NewContext(cipher.get(), 0);
};

AesKwp::AesKwp() : state_(std::make_unique<State>()) {}
AesKwp::~AesKwp() = default;
AesKwp::AesKwp(AesKwp&&) noexcept = default;
AesKwp& AesKwp::operator=(AesKwp&&) noexcept = default;

std::string AesKwp::Wrap(std::string_view wrapping_key, std::string_view key) {
  TFSEAL_CHECK(wrapping_key.size() == kAesKeySize);
  TFSEAL_CHECK(!key.empty() && key.size() <= kKeySizeMax);
  EVP_CIPHER_CTX* const context = state_->wrap.get();
  TFSEAL_CHECK(EVP_EncryptInit_ex2(context, nullptr, Bytes(wrapping_key.data()), nullptr, nullptr) == 1);
  std::string wrapped((key.size() + kBlock - 1) / kBlock * kBlock + kBlock, '\0');
  int size = 0;
  TFSEAL_CHECK(
      EVP_EncryptUpdate(context, Bytes(wrapped.data()), &size, Bytes(key.data()), static_cast<int>(key.size())) == 1);
  TFSEAL_CHECK(static_cast<std::size_t>(size) == wrapped.size());
  return wrapped;
}

Result<SecretBytes> AesKwp::Unwrap(std::string_view wrapping_key, std::string_view wrapped) {
  TFSEAL_CHECK(wrapping_key.size() == kAesKeySize);
  const Error refused{ErrorCode::kInvalidInput, "the wrapped key is not under this key, or is damaged", ""};
  if (wrapped.size() < kWrappedMin || wrapped.size() > kWrappedMax || wrapped.size() % kBlock != 0) return refused;
  EVP_CIPHER_CTX* const context = state_->unwrap.get();
  TFSEAL_CHECK(EVP_DecryptInit_ex2(context, nullptr, Bytes(wrapping_key.data()), nullptr, nullptr) == 1);
  std::array<char, kWrappedMax> key;
  int size = 0;
  const int done =
      EVP_DecryptUpdate(context, Bytes(key.data()), &size, Bytes(wrapped.data()), static_cast<int>(wrapped.size()));
  if (done != 1 || size <= 0) {
    DropOpenSslErrors();
    Wipe(key.data(), wrapped.size());
    return refused;
  }
  SecretBytes result(std::string_view(key.data(), static_cast<std::size_t>(size)));
  Wipe(key.data(), wrapped.size());
  return result;
}

}  // namespace tfseal

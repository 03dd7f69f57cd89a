#include "crypto/aes_gcm.h"

#include <openssl/evp.h>

#include "core/check.h"
#include "crypto/openssl.h"
#include "crypto/secret_bytes.h"

namespace tfseal {
namespace {

using Cipher = OpenSslOwner<EVP_CIPHER, EVP_CIPHER_free>;
using Context = OpenSslOwner<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

void CheckSizes(const AesGcm::Input& input, bool keyed) {
  TFSEAL_CHECK(input.key.size() == kAesKeySize || (input.key.empty() && keyed));
  TFSEAL_CHECK(input.iv.size() == kGcmIvSize);
  TFSEAL_CHECK(input.aad.size() <= kGcmTextMax);
  TFSEAL_CHECK(input.text.size() <= kGcmTextMax);
}

// For EVP_EncryptInit_ex2 and its like: nullptr keeps the key.
const unsigned char* KeyOf(const AesGcm::Input& input) {
  return input.key.empty() ? nullptr : Bytes(input.key.data());
}

}  // namespace

struct AesGcm::State {
  Cipher cipher{EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)};
  Context seal{EVP_CIPHER_CTX_new()};
  Context open{EVP_CIPHER_CTX_new()};
  // Whether the contexts have the key of UseKey.
  bool seal_keyed = false;
  bool open_keyed = false;
};

AesGcm::AesGcm() : state_(std::make_unique<State>()) {
  TFSEAL_CHECK(state_->cipher != nullptr && state_->seal != nullptr && state_->open != nullptr);
  TFSEAL_CHECK(EVP_EncryptInit_ex2(state_->seal.get(), state_->cipher.get(), nullptr, nullptr, nullptr) == 1);
  TFSEAL_CHECK(EVP_DecryptInit_ex2(state_->open.get(), state_->cipher.get(), nullptr, nullptr, nullptr) == 1);
}
AesGcm::~AesGcm() = default;
AesGcm::AesGcm(AesGcm&&) noexcept = default;
AesGcm& AesGcm::operator=(AesGcm&&) noexcept = default;

void AesGcm::UseKey(std::string_view key) {
  TFSEAL_CHECK(key.size() == kAesKeySize);
  TFSEAL_CHECK(EVP_EncryptInit_ex2(state_->seal.get(), nullptr, Bytes(key.data()), nullptr, nullptr) == 1);
  TFSEAL_CHECK(EVP_DecryptInit_ex2(state_->open.get(), nullptr, Bytes(key.data()), nullptr, nullptr) == 1);
  state_->seal_keyed = state_->open_keyed = true;
}

void AesGcm::Seal(const Input& input, char* ciphertext, char* tag) {
  CheckSizes(input, state_->seal_keyed);
  if (!input.key.empty()) state_->seal_keyed = false;
  EVP_CIPHER_CTX* const context = state_->seal.get();
  int size = 0;
  TFSEAL_CHECK(EVP_EncryptInit_ex2(context, nullptr, KeyOf(input), Bytes(input.iv.data()), nullptr) == 1);
  if (!input.aad.empty()) {
    TFSEAL_CHECK(
        EVP_EncryptUpdate(context, nullptr, &size, Bytes(input.aad.data()), static_cast<int>(input.aad.size())) == 1);
  }
  // Without the condition an empty text without a buffer would be taken for associated data.
  if (!input.text.empty()) {
    TFSEAL_CHECK(EVP_EncryptUpdate(context, Bytes(ciphertext), &size, Bytes(input.text.data()),
                                   static_cast<int>(input.text.size())) == 1);
    TFSEAL_CHECK(static_cast<std::size_t>(size) == input.text.size());
  }
  unsigned char rest[kGcmTagSize];
  TFSEAL_CHECK(EVP_EncryptFinal_ex(context, rest, &size) == 1 && size == 0);
  TFSEAL_CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kGcmTagSize), tag) == 1);
}

bool AesGcm::Open(const Input& input, std::string_view tag, char* plaintext) {
  CheckSizes(input, state_->open_keyed);
  if (!input.key.empty()) state_->open_keyed = false;
  TFSEAL_CHECK(tag.size() == kGcmTagSize);
  EVP_CIPHER_CTX* const context = state_->open.get();
  int size = 0;
  TFSEAL_CHECK(EVP_DecryptInit_ex2(context, nullptr, KeyOf(input), Bytes(input.iv.data()), nullptr) == 1);
  // The function takes what it only reads as void*.
  char expected[kGcmTagSize];
  tag.copy(expected, kGcmTagSize);
  TFSEAL_CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kGcmTagSize), expected) == 1);
  if (!input.aad.empty()) {
    TFSEAL_CHECK(
        EVP_DecryptUpdate(context, nullptr, &size, Bytes(input.aad.data()), static_cast<int>(input.aad.size())) == 1);
  }
  // Without the condition an empty text without a buffer would be taken for associated data.
  if (!input.text.empty()) {
    TFSEAL_CHECK(EVP_DecryptUpdate(context, Bytes(plaintext), &size, Bytes(input.text.data()),
                                   static_cast<int>(input.text.size())) == 1);
    TFSEAL_CHECK(static_cast<std::size_t>(size) == input.text.size());
  }
  unsigned char rest[kGcmTagSize];
  if (EVP_DecryptFinal_ex(context, rest, &size) == 1) return true;
  DropOpenSslErrors();
  Wipe(plaintext, input.text.size());
  return false;
}

}  // namespace tfseal

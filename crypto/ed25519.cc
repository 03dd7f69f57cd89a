#include "crypto/ed25519.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>

#include "core/base64.h"
#include "crypto/digest.h"
#include "crypto/openssl.h"

namespace tfseal {
namespace {

using Key = OpenSslOwner<EVP_PKEY, EVP_PKEY_free>;
using Context = OpenSslOwner<EVP_MD_CTX, EVP_MD_CTX_free>;
using Bio = OpenSslOwner<BIO, BIO_free_all>;

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSignatureBytes = 64;

Error NotAKey(const char* kind) {
  DropOpenSslErrors();
  return {ErrorCode::kInvalidInput, std::string("this is not an Ed25519 ") + kind + " key in PEM",
          "openssl genpkey -algorithm ed25519 -out signing-key.pem"};
}

Bio ReadOnly(std::string_view bytes) {
  return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

// Never asks a terminal for a passphrase.
int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) {
  return -1;
}

Result<std::string> RawPublicKey(const EVP_PKEY* key) {
  if (EVP_PKEY_get_id(key) != EVP_PKEY_ED25519) return NotAKey("public");
  std::string bytes(kKeyBytes, '\0');
  std::size_t size = bytes.size();
  if (EVP_PKEY_get_raw_public_key(key, Bytes(bytes.data()), &size) != 1 || size != kKeyBytes) return NotAKey("public");
  return bytes;
}

}  // namespace

Result<Ed25519PublicKey> Ed25519PublicKey::FromPem(std::string_view pem) {
  const Bio bio = ReadOnly(pem);
  const Key key(PEM_read_bio_PUBKEY(bio.get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr) return NotAKey("public");
  TFSEAL_ASSIGN(std::string bytes, RawPublicKey(key.get()));
  return Ed25519PublicKey(std::move(bytes));
}

Result<Ed25519PublicKey> Ed25519PublicKey::FromBytes(std::string_view bytes) {
  if (bytes.size() != kKeyBytes) return Error{ErrorCode::kInvalidInput, "an Ed25519 public key has 32 bytes", ""};
  return Ed25519PublicKey(std::string(bytes));
}

std::string Ed25519PublicKey::Thumbprint() const {
  return ToBase64Url(Sha256Raw(R"({"crv":"Ed25519","kty":"OKP","x":")" + ToBase64Url(bytes_) + "\"}"));
}

bool Ed25519PublicKey::Verifies(std::string_view message, std::string_view signature) const {
  if (signature.size() != kSignatureBytes) return false;
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(bytes_.data()), bytes_.size()));
  const Context context(EVP_MD_CTX_new());
  const bool good = key != nullptr && context != nullptr &&
                    EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
                    EVP_DigestVerify(context.get(), Bytes(signature.data()), signature.size(), Bytes(message.data()),
                                     message.size()) == 1;
  DropOpenSslErrors();
  return good;
}

struct Ed25519SigningKey::State {
  Key key;
};

Ed25519SigningKey::Ed25519SigningKey(std::unique_ptr<State> state, Ed25519PublicKey public_key)
    : state_(std::move(state)), public_key_(std::move(public_key)) {}
Ed25519SigningKey::~Ed25519SigningKey() = default;
Ed25519SigningKey::Ed25519SigningKey(Ed25519SigningKey&&) noexcept = default;
Ed25519SigningKey& Ed25519SigningKey::operator=(Ed25519SigningKey&&) noexcept = default;

Result<Ed25519SigningKey> Ed25519SigningKey::FromPem(std::string_view pem) {
  const Bio bio = ReadOnly(pem);
  auto state = std::make_unique<State>();
  state->key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  if (state->key == nullptr || EVP_PKEY_get_id(state->key.get()) != EVP_PKEY_ED25519) return NotAKey("private");
  TFSEAL_ASSIGN(const std::string bytes, RawPublicKey(state->key.get()));
  TFSEAL_ASSIGN(Ed25519PublicKey public_key, Ed25519PublicKey::FromBytes(bytes));
  return Ed25519SigningKey(std::move(state), std::move(public_key));
}

Result<std::string> Ed25519SigningKey::Sign(std::string_view message) const {
  std::string signature(kSignatureBytes, '\0');
  std::size_t size = signature.size();
  const Context context(EVP_MD_CTX_new());
  const bool done =
      context != nullptr && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, state_->key.get()) == 1 &&
      EVP_DigestSign(context.get(), Bytes(signature.data()), &size, Bytes(message.data()), message.size()) == 1;
  DropOpenSslErrors();
  if (!done || size != kSignatureBytes) return Error{ErrorCode::kInternal, "signing failed", ""};
  return signature;
}

std::string ToBase64Url(std::string_view bytes) {
  std::string text = ToBase64(bytes);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  while (text.ends_with('=')) text.pop_back();
  return text;
}

Result<std::string> FromBase64Url(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) {
    return Error{ErrorCode::kInvalidInput, "this is not base64url without padding", ""};
  }
  std::string standard(text);
  std::replace(standard.begin(), standard.end(), '-', '+');
  std::replace(standard.begin(), standard.end(), '_', '/');
  standard.append((4 - standard.size() % 4) % 4, '=');
  return FromBase64(standard);
}

}  // namespace tfseal

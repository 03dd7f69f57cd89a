#include "crypto/hkdf.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>
#include <string>

#include "core/check.h"
#include "crypto/openssl.h"

namespace tfseal {
namespace {

using Kdf = OpenSslOwner<EVP_KDF, EVP_KDF_free>;
using Context = OpenSslOwner<EVP_KDF_CTX, EVP_KDF_CTX_free>;

constexpr std::size_t kInfoMax = 32'768;

// OpenSSL takes what it only reads as void*, so it gets copies, which are wiped.
class Octets {
 public:
  Octets(const char* name, std::string_view bytes) : name_(name), bytes_(bytes) {}
  ~Octets() { Wipe(bytes_); }
  Octets(const Octets&) = delete;
  Octets& operator=(const Octets&) = delete;
  OSSL_PARAM Param() { return OSSL_PARAM_construct_octet_string(name_, bytes_.data(), bytes_.size()); }

 private:
  const char* name_;
  std::string bytes_;
};

std::size_t DigestSize(HkdfHash hash) {
  return hash == HkdfHash::kSha256 ? 32 : hash == HkdfHash::kSha384 ? 48 : 64;
}

std::string DigestName(HkdfHash hash) {
  return hash == HkdfHash::kSha256 ? "SHA256" : hash == HkdfHash::kSha384 ? "SHA384" : "SHA512";
}

}  // namespace

Result<SecretBytes> Hkdf(const HkdfInput& input, std::size_t size) {
  if (size == 0 || size > 255 * DigestSize(input.hash) || input.key.empty() || input.info.size() > kInfoMax) {
    return Error{ErrorCode::kInvalidInput, "no key of this length can be derived", ""};
  }
  const Kdf kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  TFSEAL_CHECK(kdf != nullptr);
  const Context context(EVP_KDF_CTX_new(kdf.get()));
  TFSEAL_CHECK(context != nullptr);
  std::string digest = DigestName(input.hash);
  Octets key(OSSL_KDF_PARAM_KEY, input.key);
  Octets salt(OSSL_KDF_PARAM_SALT, input.salt);
  Octets info(OSSL_KDF_PARAM_INFO, input.info);
  std::array<OSSL_PARAM, 5> params;
  std::size_t count = 0;
  params[count++] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0);
  params[count++] = key.Param();
  if (!input.salt.empty()) params[count++] = salt.Param();
  if (!input.info.empty()) params[count++] = info.Param();
  params[count] = OSSL_PARAM_construct_end();
  SecretBytes derived = SecretBytes::Blank(size);
  TFSEAL_CHECK(EVP_KDF_derive(context.get(), Bytes(derived.Writable()), size, params.data()) == 1);
  return derived;
}

}  // namespace tfseal

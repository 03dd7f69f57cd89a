#include "crypto/cms_seal.h"

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

#include "crypto/digest.h"

namespace tfseal {
namespace {

constexpr int kRsaBitsMin = 2048;

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Message = std::unique_ptr<CMS_ContentInfo, Freer<CMS_ContentInfo_free>>;

// What OpenSSL says may quote the input: the reason alone names none of it.
Error Failed(const std::string& what) {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  return {ErrorCode::kInvalidInput, what + (reason != nullptr ? ": " + std::string(reason) : std::string()), ""};
}

Bio ReadOnly(std::string_view bytes) {
  return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

std::string TakeAll(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

Result<Certificate> ReadCertificate(std::string_view pem) {
  const Bio bio = ReadOnly(pem);
  Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    Error error = Failed("the recipient's certificate cannot be read");
    error.hint = "give a PEM file with -----BEGIN CERTIFICATE-----";
    return error;
  }
  return certificate;
}

std::string SubjectOf(const X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  return TakeAll(bio.get());
}

std::string DigestOf(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  if (size <= 0) return {};
  const std::unique_ptr<unsigned char, Freer<[](unsigned char* bytes) { OPENSSL_free(bytes); }>> owned(der);
  return Sha256Hex({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
}

// The recipient, with OAEP where the key is an RSA one.
bool AddRecipient(CMS_ContentInfo* message, X509* certificate) {
  CMS_RecipientInfo* info = CMS_add1_recipient_cert(message, certificate, CMS_KEY_PARAM);
  if (info == nullptr) return false;
  if (EVP_PKEY_get_base_id(X509_get0_pubkey(certificate)) != EVP_PKEY_RSA) return true;
  EVP_PKEY_CTX* context = CMS_RecipientInfo_get0_pkey_ctx(info);
  return context != nullptr && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1;
}

}  // namespace

Result<Recipient> ReadRecipient(std::string_view certificate_pem, TimePoint now) {
  TFSEAL_ASSIGN(const Certificate certificate, ReadCertificate(certificate_pem));
  Recipient recipient;
  recipient.subject = SubjectOf(certificate.get());
  recipient.certificate_sha256 = DigestOf(certificate.get());
  const auto refuse = [&recipient](const std::string& why) {
    return Error{ErrorCode::kInvalidInput, "the certificate of " + recipient.subject + " " + why,
                 "give a certificate that is valid and made for encryption"};
  };
  std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  if (X509_cmp_time(X509_get0_notBefore(certificate.get()), &seconds) >= 0) return refuse("is not valid yet");
  if (X509_cmp_time(X509_get0_notAfter(certificate.get()), &seconds) <= 0) return refuse("has expired");
  const EVP_PKEY* key = X509_get0_pubkey(certificate.get());
  if (key == nullptr) return refuse("has a key of an unknown kind");
  const int bits = EVP_PKEY_get_bits(key);
  const int kind = EVP_PKEY_get_base_id(key);
  if (kind != EVP_PKEY_RSA && kind != EVP_PKEY_EC) return refuse("has a key that is neither RSA nor EC");
  if (kind == EVP_PKEY_RSA && bits < kRsaBitsMin) return refuse("has an RSA key of less than 2048 bits");
  // Without the extension every use is allowed: all bits are set.
  const std::uint32_t usage = X509_get_key_usage(certificate.get());
  const std::uint32_t needed = kind == EVP_PKEY_RSA ? KU_KEY_ENCIPHERMENT : KU_KEY_AGREEMENT;
  if ((usage & needed) == 0) return refuse("does not allow to encrypt for its key");
  recipient.key = (kind == EVP_PKEY_RSA ? "RSA " : "EC ") + std::to_string(bits) + " bits";
  return recipient;
}

Result<std::string> SealForRecipient(std::string_view certificate_pem, std::string_view bytes) {
  TFSEAL_ASSIGN(const Certificate certificate, ReadCertificate(certificate_pem));
  constexpr unsigned kFlags = CMS_BINARY | CMS_PARTIAL;
  const Bio input = ReadOnly(bytes);
  const Message message(CMS_encrypt(nullptr, nullptr, EVP_aes_256_gcm(), kFlags));
  if (message == nullptr || !AddRecipient(message.get(), certificate.get()) ||
      CMS_final(message.get(), input.get(), nullptr, CMS_BINARY) != 1) {
    return Failed("the copy cannot be sealed for the recipient");
  }
  const Bio output(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_CMS_stream(output.get(), message.get(), nullptr, 0) != 1)
    return Failed("the sealed copy cannot be written");
  return TakeAll(output.get());
}

}  // namespace tfseal

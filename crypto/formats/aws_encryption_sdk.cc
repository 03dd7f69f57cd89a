#include "crypto/formats/aws_encryption_sdk.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "crypto/aes_gcm.h"
#include "crypto/formats/codecs.h"
#include "crypto/formats/value_text.h"
#include "crypto/hkdf.h"

namespace tfseal::formats {
namespace {

constexpr std::string_view kKmsProvider = "aws-kms";

std::string SuiteBytes(const EsdkMessage& message) {
  std::string bytes;
  AppendNumber(bytes, message.suite, 2);
  return bytes;
}

// What header and frames are sealed with.
Result<SecretBytes> MessageKey(const EsdkMessage& message, const SecretBytes& data_key) {
  if (data_key.size() != kAesKeySize) {
    return Refused("the data key", fmt::format("has {} bytes, not 32", data_key.size()));
  }
  if (message.suite == 0x0078) return data_key.Clone();
  if (message.version == 1) {
    const HkdfHash hash = message.suite == 0x0178 ? HkdfHash::kSha256 : HkdfHash::kSha384;
    const std::string info = SuiteBytes(message) + std::string(message.id);
    return Hkdf({.hash = hash, .key = data_key.Expose(), .salt = {}, .info = info}, kAesKeySize);
  }
  TFSEAL_ASSIGN(const SecretBytes commitment,
                Hkdf({.hash = HkdfHash::kSha512, .key = data_key.Expose(), .salt = message.id, .info = "COMMITKEY"},
                     kAesKeySize));
  if (!EqualInConstantTime(commitment.Expose(), message.commitment)) {
    return Refused("the message", "was sealed under another data key: its key commitment does not fit");
  }
  const std::string info = SuiteBytes(message) + "DERIVEKEY";
  return Hkdf({.hash = HkdfHash::kSha512, .key = data_key.Expose(), .salt = message.id, .info = info}, kAesKeySize);
}

std::string HeaderIv(const EsdkMessage& message) {
  return message.version == 1 ? std::string(message.header_iv) : std::string(kGcmIvSize, '\0');
}

Status CheckHeader(const EsdkMessage& message, const SecretBytes& key, AesGcm& gcm) {
  const std::string iv = HeaderIv(message);
  char nothing = 0;
  if (gcm.Open({key.Expose(), iv, message.header, {}}, message.header_tag, &nothing)) return {};
  return Refused("the message", "has a header that is not authentic");
}

std::string FrameAad(const EsdkMessage& message, const EsdkFrame& frame) {
  std::string aad(message.id);
  aad += frame.sequence == 0 ? "AWSKMSEncryptionClient Single Block"
         : frame.last        ? "AWSKMSEncryptionClient Final Frame"
                             : "AWSKMSEncryptionClient Frame";
  AppendNumber(aad, std::max(frame.sequence, 1U), 4);
  AppendNumber(aad, frame.ciphertext.size(), 8);
  return aad;
}

// The only data key that KMS wrapped; with several, replacing one would leave the value readable under the others.
Result<EncryptedDataKey> OnlyKey(const EsdkMessage& message) {
  if (message.keys.size() == 1 && message.keys[0].provider == kKmsProvider) return message.keys[0];
  return Refused("the message",
                 fmt::format("has {} data keys; one that is wrapped by KMS is expected", message.keys.size()));
}

class AwsEncryptionSdk : public SingleColumn {
 public:
  explicit AwsEncryptionSdk(ByteEncoding encoding)
      : SingleColumn("aws-encryption-sdk", encoding), encoding_(encoding) {}
  [[nodiscard]] bool takes_new_data_keys() const override { return false; }
  [[nodiscard]] bool replaces_keys_unseen() const override { return false; }

  Result<ColumnValues> ReplaceKey(std::span<const std::optional<std::string>> before, const Envelope& envelope,
                                  const SecretBytes& data_key, Entropy& entropy) const override {
    TFSEAL_ASSIGN(const std::string bytes, OnlyValue(before, encoding_));
    const EncryptedDataKey key{std::string(kKmsProvider), envelope.key_reference, envelope.wrapped_key};
    TFSEAL_ASSIGN(const std::string replaced, ReplaceEsdkKey(bytes, key, data_key, entropy));
    return ColumnValues{Encoded(encoding_, replaced)};
  }

 protected:
  // The sealed value of the envelope is the header: an empty text with the header as what the format binds. The body is
  // the rest, and stays as it is.
  Result<Envelope> ParseBytes(std::string_view bytes) const override {
    TFSEAL_ASSIGN(const EsdkMessage message, ParseEsdk(bytes));
    TFSEAL_ASSIGN(const EncryptedDataKey key, OnlyKey(message));
    Envelope envelope;
    envelope.iv = HeaderIv(message);
    envelope.ciphertext = message.body;
    envelope.tag = message.header_tag;
    envelope.wrapped_key = key.blob;
    envelope.commitment = message.commitment;
    envelope.key_reference = key.info;
    envelope.associated = message.header;
    TFSEAL_TRY(CheckLengths(envelope));
    return envelope;
  }

  Result<std::string> BuildBytes(const Envelope& envelope) const override {
    TFSEAL_TRY(CheckLengths(envelope));
    TFSEAL_TRY(CheckNone(name(), "nonce of the wrapped key", envelope.wrapped_key_nonce));
    const bool first_version = envelope.associated.starts_with('\x01');
    std::string bytes = envelope.associated + (first_version ? envelope.iv : "") + envelope.tag + envelope.ciphertext;
    TFSEAL_ASSIGN(const Envelope parsed, ParseBytes(bytes));
    if (parsed.wrapped_key != envelope.wrapped_key || parsed.key_reference != envelope.key_reference ||
        parsed.commitment != envelope.commitment || parsed.iv != envelope.iv) {
      return Refused("the header", "holds other parts than the envelope; ReplaceKey changes them");
    }
    return bytes;
  }

 private:
  ByteEncoding encoding_;
};

}  // namespace

Result<SecretBytes> OpenEsdk(const EsdkMessage& message, const SecretBytes& data_key) {
  TFSEAL_ASSIGN(const SecretBytes key, MessageKey(message, data_key));
  AesGcm gcm;
  TFSEAL_TRY(CheckHeader(message, key, gcm));
  std::size_t size = 0;
  for (const EsdkFrame& frame : message.frames) size += frame.ciphertext.size();
  SecretBytes plaintext = SecretBytes::Blank(size);
  std::size_t at = 0;
  char nothing = 0;
  for (const EsdkFrame& frame : message.frames) {
    const std::string aad = FrameAad(message, frame);
    char* const out = frame.ciphertext.empty() ? &nothing : plaintext.Writable() + at;
    if (!gcm.Open({key.Expose(), frame.iv, aad, frame.ciphertext}, frame.tag, out)) {
      return Refused("the message", "has content that is not authentic");
    }
    at += frame.ciphertext.size();
  }
  return plaintext;
}

Result<std::string> ReplaceEsdkKey(std::string_view bytes, const EncryptedDataKey& key, const SecretBytes& data_key,
                                   Entropy& entropy) {
  TFSEAL_ASSIGN(const EsdkMessage message, ParseEsdk(bytes));
  TFSEAL_TRY(OnlyKey(message));
  if (message.is_signed() || message.version != 1) {
    return Error{ErrorCode::kInvalidInput,
                 message.is_signed()
                     ? "the message is signed, and its signing key is gone: its data key cannot be wrapped anew"
                     : "the message is of version 2, whose header has a fixed iv: its data key cannot be wrapped anew",
                 "decrypt and encrypt it with the AWS Encryption SDK"};
  }
  if (key.blob.empty() || key.blob.size() > kWrappedKeyMax || key.info.empty() || key.info.size() > kKeyReferenceMax) {
    return Refused("wrapped key", "or the name of its key has an impossible length");
  }
  TFSEAL_ASSIGN(const SecretBytes message_key, MessageKey(message, data_key));
  AesGcm gcm;
  TFSEAL_TRY(CheckHeader(message, message_key, gcm));
  std::string replaced(message.before_keys);
  AppendNumber(replaced, 1, 2);
  for (const std::string* field : {&key.provider, &key.info, &key.blob}) {
    AppendNumber(replaced, field->size(), 2);
    replaced += *field;
  }
  replaced += message.after_keys;
  std::string iv(kGcmIvSize, '\0');
  entropy.Fill(std::as_writable_bytes(std::span(iv)));
  std::string tag(kGcmTagSize, '\0');
  char nothing = 0;
  gcm.Seal({message_key.Expose(), iv, replaced, {}}, &nothing, tag.data());
  return replaced + iv + tag + std::string(message.body);
}

Result<std::unique_ptr<RowFormat>> MakeAwsEncryptionSdk(const FormatOptions& options) {
  if (options.encoding == ByteEncoding::kText) {
    return Refused("aws-encryption-sdk", "is bytes, base64 or hexadecimal");
  }
  return std::unique_ptr<RowFormat>(std::make_unique<AwsEncryptionSdk>(options.encoding));
}

}  // namespace tfseal::formats

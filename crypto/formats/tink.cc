#include <utility>

#include "crypto/aes_gcm.h"
#include "crypto/formats/codecs.h"
#include "crypto/formats/value_text.h"

// KmsEnvelopeAead of Tink with AES256_GCM data keys: the length of the wrapped key in four bytes, the wrapped key, iv,
// ciphertext, tag. Tink wraps a serialized AesGcmKey message, not the 32 bytes of the key.

namespace tfseal::formats {
namespace {

// What Tink itself accepts.
constexpr std::size_t kTinkWrappedKeyMax = 4096;
// AesGcmKey with version 0, which protocol buffers leave out: field 3, of length 32.
constexpr std::string_view kKeyHead{"\x1a\x20", 2};

class Tink : public SingleColumn {
 public:
  explicit Tink(ByteEncoding encoding) : SingleColumn("tink", encoding) {}

  Result<SecretBytes> DataKeyOf(SecretBytes unwrapped) const override {
    const std::string_view bytes = unwrapped.Expose();
    if (bytes.size() != kKeyHead.size() + kAesKeySize || !bytes.starts_with(kKeyHead)) {
      return Refused("the unwrapped key", "is not an AesGcmKey of 32 bytes as Tink writes it");
    }
    return SecretBytes(bytes.substr(kKeyHead.size()));
  }
  [[nodiscard]] bool takes_new_data_keys() const override { return false; }

 protected:
  Result<Envelope> ParseBytes(std::string_view bytes) const override {
    Reader reader(bytes);
    const auto wrapped = reader.Field(4);
    if (!wrapped || wrapped->empty() || wrapped->size() > kTinkWrappedKeyMax) {
      return Refused("wrapped key", "has a length that Tink does not write");
    }
    const auto iv = reader.Take(kGcmIvSize);
    if (!iv || reader.left().size() < kGcmTagSize) return Refused("the value", "is too short for iv and tag");
    Envelope envelope;
    envelope.wrapped_key = *wrapped;
    envelope.iv = *iv;
    envelope.ciphertext = reader.left().substr(0, reader.left().size() - kGcmTagSize);
    envelope.tag = reader.left().substr(envelope.ciphertext.size());
    TFSEAL_TRY(CheckLengths(envelope));
    return envelope;
  }

  Result<std::string> BuildBytes(const Envelope& envelope) const override {
    TFSEAL_TRY(CheckLengths(envelope));
    TFSEAL_TRY(CheckNone(name(), "nonce of the wrapped key", envelope.wrapped_key_nonce));
    TFSEAL_TRY(CheckNone(name(), "key commitment", envelope.commitment));
    TFSEAL_TRY(CheckNone(name(), "key reference", envelope.key_reference));
    TFSEAL_TRY(CheckNone(name(), "associated bytes", envelope.associated));
    if (envelope.wrapped_key.empty() || envelope.wrapped_key.size() > kTinkWrappedKeyMax) {
      return Refused("wrapped key", "has a length that Tink does not read");
    }
    std::string bytes;
    AppendNumber(bytes, envelope.wrapped_key.size(), 4);
    return bytes + envelope.wrapped_key + envelope.iv + envelope.ciphertext + envelope.tag;
  }
};

}  // namespace

Result<std::unique_ptr<RowFormat>> MakeTink(const FormatOptions& options) {
  if (options.encoding == ByteEncoding::kText) return Refused("tink", "is bytes, base64 or hexadecimal");
  return std::unique_ptr<RowFormat>(std::make_unique<Tink>(options.encoding));
}

}  // namespace tfseal::formats

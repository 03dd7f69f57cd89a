#include "crypto/aes_gcm.h"
#include "crypto/formats/codecs.h"
#include "crypto/formats/value_text.h"

// The format of tfseal itself: big-endian, every part with its length, nothing after the last.

namespace tfseal::formats {
namespace {

// Version 1, AES-256-GCM with the key commitment of crypto/row_cipher.h.
constexpr std::string_view kHead{"tfs\x01\x01", 5};

class TfsealV1 : public SingleColumn {
 public:
  explicit TfsealV1(ByteEncoding encoding) : SingleColumn("tfseal", encoding) {}

 protected:
  Result<Envelope> ParseBytes(std::string_view bytes) const override {
    Reader reader(bytes);
    const auto head = reader.Take(kHead.size());
    if (head != kHead) return Refused("the value", "is not of the format tfseal, version 1");
    const auto reference = reader.Field(2);
    const auto wrapped = reader.Field(2);
    const auto nonce = reader.Field(1);
    const auto commitment = reader.Take(kCommitmentSize);
    const auto iv = reader.Take(kGcmIvSize);
    const auto ciphertext = reader.Field(4);
    const auto tag = reader.Take(kGcmTagSize);
    if (!reference || !wrapped || !nonce || !commitment || !iv || !ciphertext || !tag) {
      return Refused("the value", "ends too early");
    }
    if (!reader.left().empty()) return Refused("the value", "has more bytes than it should");
    Envelope envelope;
    envelope.iv = *iv;
    envelope.ciphertext = *ciphertext;
    envelope.tag = *tag;
    envelope.wrapped_key = *wrapped;
    envelope.wrapped_key_nonce = *nonce;
    envelope.commitment = *commitment;
    envelope.key_reference = *reference;
    TFSEAL_TRY(CheckLengths(envelope));
    return envelope;
  }

  Result<std::string> BuildBytes(const Envelope& envelope) const override {
    TFSEAL_TRY(CheckLengths(envelope));
    TFSEAL_TRY(CheckNone(name(), "associated bytes", envelope.associated));
    if (envelope.commitment.empty()) return Refused("key commitment", "is missing");
    std::string bytes(kHead);
    AppendNumber(bytes, envelope.key_reference.size(), 2);
    bytes += envelope.key_reference;
    AppendNumber(bytes, envelope.wrapped_key.size(), 2);
    bytes += envelope.wrapped_key;
    AppendNumber(bytes, envelope.wrapped_key_nonce.size(), 1);
    bytes += envelope.wrapped_key_nonce;
    bytes += envelope.commitment;
    bytes += envelope.iv;
    AppendNumber(bytes, envelope.ciphertext.size(), 4);
    bytes += envelope.ciphertext;
    bytes += envelope.tag;
    return bytes;
  }
};

}  // namespace

Result<std::unique_ptr<RowFormat>> MakeTfsealV1(const FormatOptions& options) {
  if (options.encoding == ByteEncoding::kText) return Refused("tfseal", "is bytes, base64 or hexadecimal");
  return std::unique_ptr<RowFormat>(std::make_unique<TfsealV1>(options.encoding));
}

}  // namespace tfseal::formats

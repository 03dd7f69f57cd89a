#include <array>

#include "crypto/aes_gcm.h"
#include "crypto/formats/codecs.h"
#include "crypto/formats/value_text.h"

// Lockbox with the data keys of kms_encrypted: base64 of iv, ciphertext and tag in the one column; in the other the
// version of the key, a colon and base64 of what KMS gave. Lockbox alone, with keys that are derived from a master key,
// has no second column: it is the format "columns" with the iv as a prefix and base64.

namespace tfseal::formats {
namespace {

class Lockbox : public RowFormat {
 public:
  [[nodiscard]] std::string_view name() const override { return "lockbox"; }
  [[nodiscard]] std::span<const ColumnKind> columns() const override { return kinds_; }

  Result<Envelope> Parse(std::span<const std::optional<std::string>> values) const override {
    if (values.size() != kinds_.size()) return Refused("the value", "does not have 2 columns");
    if (!values[0]) return Refused("ciphertext", "is null");
    if (!values[1]) return Refused("wrapped key", "is null");
    TFSEAL_ASSIGN(const std::string bytes, Decoded(ByteEncoding::kBase64, *values[0], "ciphertext"));
    Envelope envelope;
    Reader reader(bytes);
    const auto iv = reader.Take(kGcmIvSize);
    if (!iv || reader.left().size() < kGcmTagSize) return Refused("ciphertext", "is too short for iv and tag");
    envelope.iv = *iv;
    envelope.ciphertext = reader.left().substr(0, reader.left().size() - kGcmTagSize);
    envelope.tag = reader.left().substr(envelope.ciphertext.size());
    std::string_view key = *values[1];
    envelope.key_reference = TakeVersion(key);
    if (envelope.key_reference.empty()) return Refused("wrapped key", "does not begin with a version such as v1:");
    TFSEAL_ASSIGN(envelope.wrapped_key, Decoded(ByteEncoding::kBase64, key, "wrapped key"));
    if (envelope.wrapped_key.empty()) return Refused("wrapped key", "is empty");
    TFSEAL_TRY(CheckLengths(envelope));
    return envelope;
  }

  Result<ColumnValues> Build(const Envelope& envelope) const override {
    TFSEAL_TRY(CheckLengths(envelope));
    if (!IsVersion(envelope.key_reference)) return Refused("key reference", "is not a version such as v1");
    if (envelope.wrapped_key.empty()) return Refused("wrapped key", "is empty");
    TFSEAL_TRY(CheckNone(name(), "nonce of the wrapped key", envelope.wrapped_key_nonce));
    TFSEAL_TRY(CheckNone(name(), "key commitment", envelope.commitment));
    TFSEAL_TRY(CheckNone(name(), "associated bytes", envelope.associated));
    return ColumnValues{Encoded(ByteEncoding::kBase64, envelope.iv + envelope.ciphertext + envelope.tag),
                        envelope.key_reference + ":" + Encoded(ByteEncoding::kBase64, envelope.wrapped_key)};
  }

 private:
  std::array<ColumnKind, 2> kinds_ = {ColumnKind::kText, ColumnKind::kText};
};

}  // namespace

Result<std::unique_ptr<RowFormat>> MakeLockbox(const FormatOptions& options) {
  (void)options;
  return std::unique_ptr<RowFormat>(std::make_unique<Lockbox>());
}

}  // namespace tfseal::formats

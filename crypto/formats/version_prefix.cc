#include "crypto/aes_gcm.h"
#include "crypto/formats/codecs.h"
#include "crypto/formats/value_text.h"

// "v1:", iv, ciphertext, tag. In text columns what follows the colon is encoded, the prefix is not.

namespace tfseal::formats {
namespace {

class VersionPrefix : public RowFormat {
 public:
  explicit VersionPrefix(ByteEncoding encoding) : encoding_(encoding), kind_(KindOf(encoding)) {}
  [[nodiscard]] std::string_view name() const override { return "version-prefix"; }
  [[nodiscard]] std::span<const ColumnKind> columns() const override { return {&kind_, 1}; }

  Result<Envelope> Parse(std::span<const std::optional<std::string>> values) const override {
    TFSEAL_ASSIGN(const std::string value, OnlyValue(values, ByteEncoding::kRaw));
    std::string_view text = value;
    Envelope envelope;
    envelope.key_reference = TakeVersion(text);
    if (envelope.key_reference.empty()) return Refused("the value", "does not begin with a version such as v1:");
    TFSEAL_ASSIGN(const std::string bytes, Decoded(encoding_, text, "the value after its version"));
    Reader reader(bytes);
    const auto iv = reader.Take(kGcmIvSize);
    if (!iv || reader.left().size() < kGcmTagSize) return Refused("the value", "is too short for iv and tag");
    envelope.iv = *iv;
    envelope.ciphertext = reader.left().substr(0, reader.left().size() - kGcmTagSize);
    envelope.tag = reader.left().substr(envelope.ciphertext.size());
    TFSEAL_TRY(CheckLengths(envelope));
    return envelope;
  }

  Result<ColumnValues> Build(const Envelope& envelope) const override {
    TFSEAL_TRY(CheckLengths(envelope));
    if (!IsVersion(envelope.key_reference)) return Refused("key reference", "is not a version such as v1");
    TFSEAL_TRY(CheckNone(name(), "wrapped key", envelope.wrapped_key));
    TFSEAL_TRY(CheckNone(name(), "nonce of the wrapped key", envelope.wrapped_key_nonce));
    TFSEAL_TRY(CheckNone(name(), "key commitment", envelope.commitment));
    TFSEAL_TRY(CheckNone(name(), "associated bytes", envelope.associated));
    return ColumnValues{envelope.key_reference + ":" +
                        Encoded(encoding_, envelope.iv + envelope.ciphertext + envelope.tag)};
  }

 private:
  ByteEncoding encoding_;
  ColumnKind kind_;
};

}  // namespace

Result<std::unique_ptr<RowFormat>> MakeVersionPrefix(const FormatOptions& options) {
  if (options.encoding == ByteEncoding::kText) return Refused("version-prefix", "is bytes, base64 or hexadecimal");
  return std::unique_ptr<RowFormat>(std::make_unique<VersionPrefix>(options.encoding));
}

}  // namespace tfseal::formats

#include "core/base64.h"
#include "crypto/formats/codecs.h"
#include "crypto/formats/value_text.h"

// "vault:v1:" and base64: what Vault's transit engine gives for a value that it seals itself. There is no data key: the
// token takes the place of the wrapped key, and moving it to another version is all that can be done.

namespace tfseal::formats {
namespace {

constexpr std::string_view kHead = "vault:";
// Vault takes requests of at most 32 MiB.
constexpr std::size_t kTokenMax = std::size_t{32} << 20U;
// iv and tag.
constexpr std::size_t kSealedMin = 28;

Result<std::string> VersionOf(std::string_view token) {
  if (token.size() > kTokenMax) return Refused("the token", "is longer than 32 MiB");
  if (!token.starts_with(kHead)) return Refused("the token", "does not begin with vault:");
  token.remove_prefix(kHead.size());
  const std::string_view version = TakeVersion(token);
  if (version.empty()) return Refused("the token", "has no version such as vault:v1:");
  const Result<std::string> sealed = FromBase64(token);
  if (!sealed.ok()) return Refused("the token", "is not canonical base64 after its version");
  if (sealed->size() < kSealedMin) return Refused("the token", "is too short");
  return std::string(version);
}

class VaultToken : public RowFormat {
 public:
  [[nodiscard]] std::string_view name() const override { return "vault"; }
  [[nodiscard]] std::span<const ColumnKind> columns() const override { return {&kind_, 1}; }
  [[nodiscard]] bool takes_new_data_keys() const override { return false; }

  Result<Envelope> Parse(std::span<const std::optional<std::string>> values) const override {
    Envelope envelope;
    TFSEAL_ASSIGN(envelope.wrapped_key, OnlyValue(values, ByteEncoding::kText));
    TFSEAL_ASSIGN(envelope.key_reference, VersionOf(envelope.wrapped_key));
    return envelope;
  }

  Result<ColumnValues> Build(const Envelope& envelope) const override {
    for (const std::string* part : {&envelope.iv, &envelope.ciphertext, &envelope.tag, &envelope.wrapped_key_nonce,
                                    &envelope.commitment, &envelope.associated}) {
      TFSEAL_TRY(CheckNone(name(), "parts of a value that has a data key", *part));
    }
    TFSEAL_ASSIGN(const std::string version, VersionOf(envelope.wrapped_key));
    if (envelope.key_reference != version) return Refused("key reference", "is not the version of the token");
    return ColumnValues{envelope.wrapped_key};
  }

 private:
  ColumnKind kind_ = ColumnKind::kText;
};

}  // namespace

Result<std::unique_ptr<RowFormat>> MakeVaultToken(const FormatOptions& options) {
  (void)options;
  return std::unique_ptr<RowFormat>(std::make_unique<VaultToken>());
}

}  // namespace tfseal::formats

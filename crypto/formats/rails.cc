#include <utility>

#include "core/base64.h"
#include "crypto/aes_gcm.h"
#include "crypto/formats/codecs.h"
#include "crypto/formats/json_places.h"
#include "crypto/formats/value_text.h"

// Active Record Encryption: {"p": ciphertext, "h": {"iv": iv, "at": tag, ...}}, all texts in base64. With the envelope
// provider "k" holds the data key as a message of the same shape; "i" names the key that sealed it.

namespace tfseal::formats {
namespace {

const JsonPath& CiphertextPath() {
  static const JsonPath& path = *new JsonPath{"p"};
  return path;
}

class Rails : public RowFormat {
 public:
  [[nodiscard]] std::string_view name() const override { return "rails"; }
  [[nodiscard]] std::span<const ColumnKind> columns() const override { return {&kind_, 1}; }

  Result<Envelope> Parse(std::span<const std::optional<std::string>> values) const override {
    TFSEAL_ASSIGN(std::string text, OnlyValue(values, ByteEncoding::kRaw));
    TFSEAL_ASSIGN(const JsonPlaces document, JsonPlaces::Parse(std::move(text)));
    TFSEAL_TRY(CheckShape(document.root()));
    Envelope envelope;
    TFSEAL_ASSIGN(envelope.ciphertext, Bytes(document, CiphertextPath()));
    TFSEAL_ASSIGN(envelope.iv, Bytes(document, {"h", "iv"}));
    TFSEAL_ASSIGN(envelope.tag, Bytes(document, {"h", "at"}));
    if (document.root()["h"].isMember("k")) {
      TFSEAL_ASSIGN(envelope.wrapped_key, Bytes(document, {"h", "k", "p"}));
      TFSEAL_ASSIGN(envelope.wrapped_key_nonce, Bytes(document, {"h", "k", "h", "iv"}));
      TFSEAL_ASSIGN(const std::string tag, Bytes(document, {"h", "k", "h", "at"}));
      if (tag.size() != kGcmTagSize || envelope.wrapped_key_nonce.size() != kGcmIvSize) {
        return Refused("wrapped key", "has an iv or a tag of another length than AES-GCM's");
      }
      envelope.wrapped_key += tag;
    }
    if (document.root()["h"].isMember("i")) {
      TFSEAL_ASSIGN(envelope.key_reference, Bytes(document, {"h", "i"}));
    }
    TFSEAL_TRY(CheckLengths(envelope));
    return envelope;
  }

  Result<ColumnValues> Build(const Envelope& envelope) const override {
    TFSEAL_TRY(Check(envelope));
    // Rails' own order; JSON has none, but a value that was not changed should not look as if it were.
    std::string text = "{\"p\":" + Quoted(envelope.ciphertext) + ",\"h\":{\"iv\":" + Quoted(envelope.iv) +
                       ",\"at\":" + Quoted(envelope.tag);
    if (!envelope.wrapped_key.empty()) {
      const std::size_t size = envelope.wrapped_key.size() - kGcmTagSize;
      text += ",\"k\":{\"p\":" + Quoted(envelope.wrapped_key.substr(0, size)) +
              ",\"h\":{\"iv\":" + Quoted(envelope.wrapped_key_nonce) +
              ",\"at\":" + Quoted(envelope.wrapped_key.substr(size)) + "}}";
    }
    if (!envelope.key_reference.empty()) text += ",\"i\":" + Quoted(envelope.key_reference);
    return ColumnValues{text + "}}"};
  }

  // Keeps the headers that say how the plaintext is to be read: compression, encoding.
  Result<ColumnValues> Replace(std::span<const std::optional<std::string>> before,
                               const Envelope& envelope) const override {
    TFSEAL_TRY(Check(envelope));
    TFSEAL_ASSIGN(const Envelope old, Parse(before));
    if (old.wrapped_key.empty() != envelope.wrapped_key.empty() ||
        old.key_reference.empty() != envelope.key_reference.empty()) {
      return Refused("wrapped key", "is on only one side: the message that is there has another shape");
    }
    TFSEAL_ASSIGN(const JsonPlaces document, JsonPlaces::Parse(*before[0]));
    std::vector<std::pair<JsonPath, std::string>> texts = {{CiphertextPath(), ToBase64(envelope.ciphertext)},
                                                           {{"h", "iv"}, ToBase64(envelope.iv)},
                                                           {{"h", "at"}, ToBase64(envelope.tag)}};
    if (!envelope.wrapped_key.empty()) {
      const std::size_t size = envelope.wrapped_key.size() - kGcmTagSize;
      texts.push_back({{"h", "k", "p"}, ToBase64(envelope.wrapped_key.substr(0, size))});
      texts.push_back({{"h", "k", "h", "iv"}, ToBase64(envelope.wrapped_key_nonce)});
      texts.push_back({{"h", "k", "h", "at"}, ToBase64(envelope.wrapped_key.substr(size))});
    }
    if (!envelope.key_reference.empty()) texts.push_back({{"h", "i"}, ToBase64(envelope.key_reference)});
    TFSEAL_ASSIGN(std::string replaced, document.With(texts));
    return ColumnValues{std::move(replaced)};
  }

 private:
  static std::string Quoted(std::string_view bytes) { return '"' + ToBase64(bytes) + '"'; }

  // A header that is not known could change what the rest means.
  static Status CheckShape(const JsonValue& root) {
    if (root.size() != 2 || !root["h"].isObject()) return Refused("the message", "is not {\"p\", \"h\"}");
    for (const std::string& header : root["h"].getMemberNames()) {
      if (header != "iv" && header != "at" && header != "k" && header != "i" && header != "c" && header != "e") {
        return Refused("the message", "has a header that Rails does not write");
      }
    }
    const JsonValue& key = root["h"]["k"];
    if (key.isNull()) return {};
    if (!key.isObject() || key.size() != 2 || !key["h"].isObject() || key["h"].size() != 2) {
      return Refused("wrapped key", "is not a message with iv and tag");
    }
    return {};
  }

  static Result<std::string> Bytes(const JsonPlaces& document, const JsonPath& path) {
    TFSEAL_ASSIGN(const std::optional<std::string> text, document.TextAt(path));
    if (!text) return Refused(path.back(), "is missing");
    return Decoded(ByteEncoding::kBase64, *text, path.back());
  }

  Status Check(const Envelope& envelope) const {
    TFSEAL_TRY(CheckLengths(envelope));
    TFSEAL_TRY(CheckNone(name(), "key commitment", envelope.commitment));
    TFSEAL_TRY(CheckNone(name(), "associated bytes", envelope.associated));
    const bool has_key = !envelope.wrapped_key.empty();
    if (has_key && (envelope.wrapped_key.size() < kGcmTagSize || envelope.wrapped_key_nonce.size() != kGcmIvSize)) {
      return Refused("wrapped key", "has no iv or no tag of AES-GCM");
    }
    if (!has_key) TFSEAL_TRY(CheckNone(name(), "nonce without a wrapped key", envelope.wrapped_key_nonce));
    return {};
  }

  ColumnKind kind_ = ColumnKind::kText;
};

}  // namespace

Result<std::unique_ptr<RowFormat>> MakeRails(const FormatOptions& options) {
  (void)options;
  return std::unique_ptr<RowFormat>(std::make_unique<Rails>());
}

}  // namespace tfseal::formats

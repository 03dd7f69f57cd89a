#include "crypto/formats/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "crypto/aes_gcm.h"
#include "crypto/formats/value_text.h"

namespace tfseal::formats {
namespace {

// The part of an envelope that a column holds; for the ciphertext column it is only a part of what is there.
template <class Any>
auto& PartOf(Any& envelope, ColumnRole role) {
  switch (role) {
    case ColumnRole::kIv:
      return envelope.iv;
    case ColumnRole::kTag:
      return envelope.tag;
    case ColumnRole::kWrappedKey:
      return envelope.wrapped_key;
    case ColumnRole::kWrappedKeyNonce:
      return envelope.wrapped_key_nonce;
    case ColumnRole::kCommitment:
      return envelope.commitment;
    case ColumnRole::kKeyReference:
      return envelope.key_reference;
    case ColumnRole::kCiphertext:
    case ColumnRole::kDocument:
      break;
  }
  return envelope.ciphertext;
}

class Columns : public RowFormat {
 public:
  explicit Columns(const FormatOptions& options)
      : columns_(options.columns),
        commitment_may_be_missing_(options.commitment_may_be_missing),
        iv_(options.iv),
        tag_(options.tag) {
    for (const FormatColumn& column : columns_) kinds_.push_back(KindOf(column.encoding));
  }

  [[nodiscard]] std::string_view name() const override { return "columns"; }
  [[nodiscard]] std::span<const ColumnKind> columns() const override { return kinds_; }

  Result<Envelope> Parse(std::span<const std::optional<std::string>> values) const override {
    Envelope envelope;
    TFSEAL_TRY(ParseInto(values, envelope));
    return envelope;
  }

  Status ParseInto(std::span<const std::optional<std::string>> values, Envelope& envelope) const override {
    if (values.size() != columns_.size()) {
      return Refused("the value", fmt::format("has {} columns, not {}", values.size(), columns_.size()));
    }
    Clear(envelope);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const FormatColumn& column = columns_[i];
      if (!values[i]) {
        if (!MayBeNull(column.role)) return Refused(NameOf(column.role), "is null");
      } else if (column.encoding == ByteEncoding::kRaw) {
        PartOf(envelope, column.role).assign(*values[i]);
      } else {
        TFSEAL_ASSIGN(PartOf(envelope, column.role), Decoded(column.encoding, *values[i], NameOf(column.role)));
      }
    }
    TFSEAL_TRY(SplitCiphertext(envelope));
    TFSEAL_TRY(CheckLengths(envelope));
    TFSEAL_TRY(CheckCommitment(envelope));
    if (envelope.wrapped_key.empty() && !envelope.wrapped_key_nonce.empty()) {
      return Refused("wrapped key nonce", "is there without a wrapped key");
    }
    return {};
  }

  Result<ColumnValues> Build(const Envelope& envelope) const override {
    ColumnValues values;
    TFSEAL_TRY(BuildInto(envelope, values));
    return values;
  }

  Status ReplaceInto(std::span<const std::optional<std::string>> before, const Envelope& envelope,
                     ColumnValues& values) const override {
    (void)before;
    return BuildInto(envelope, values);
  }

  [[nodiscard]] bool keeps_key_apart() const override { return Has(ColumnRole::kWrappedKey); }

  // What can be told by lengths is.
  Status ParseKeyInto(std::span<const std::optional<std::string>> values, Envelope& envelope) const override {
    if (values.size() != columns_.size()) {
      return Refused("the value", fmt::format("has {} columns, not {}", values.size(), columns_.size()));
    }
    Clear(envelope);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const FormatColumn& column = columns_[i];
      if (!values[i]) {
        if (!MayBeNull(column.role)) return Refused(NameOf(column.role), "is null");
      } else if (!IsOfKey(column.role)) {
        TFSEAL_TRY(CheckStoredLength(column, *values[i]));
      } else if (column.encoding == ByteEncoding::kRaw) {
        PartOf(envelope, column.role).assign(*values[i]);
      } else {
        TFSEAL_ASSIGN(PartOf(envelope, column.role), Decoded(column.encoding, *values[i], NameOf(column.role)));
      }
    }
    TFSEAL_TRY(CheckKeyLengths(envelope));
    if (envelope.wrapped_key.empty() && !envelope.wrapped_key_nonce.empty()) {
      return Refused("wrapped key nonce", "is there without a wrapped key");
    }
    return {};
  }

  Status BuildKeyInto(const Envelope& envelope, ColumnValues& values) const override {
    values.resize(columns_.size());
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const FormatColumn& column = columns_[i];
      const std::string& part = PartOf(envelope, column.role);
      if (!IsOfKey(column.role) || part.empty()) {
        values[i].reset();
      } else if (column.encoding == ByteEncoding::kRaw) {
        values[i] = part;
      } else {
        values[i] = Encoded(column.encoding, part);
      }
    }
    return {};
  }

 private:
  static bool IsOfKey(ColumnRole role) {
    return role == ColumnRole::kWrappedKey || role == ColumnRole::kWrappedKeyNonce;
  }

  static void Clear(Envelope& envelope) {
    for (std::string* part :
         {&envelope.iv, &envelope.ciphertext, &envelope.tag, &envelope.wrapped_key, &envelope.wrapped_key_nonce,
          &envelope.commitment, &envelope.key_reference, &envelope.associated}) {
      part->clear();
    }
  }

  // Of bytes; what the lengths of texts allow is told when they are read.
  Status CheckStoredLength(const FormatColumn& column, std::string_view four_bytes) const {
    if (column.encoding != ByteEncoding::kRaw || four_bytes.size() != 4) return {};
    std::size_t length = 0;
    for (const char c : four_bytes) length = (length << 8U) | static_cast<unsigned char>(c);
    const std::size_t around =
        (iv_ == IvPlace::kPrefix ? kGcmIvSize : 0) + (tag_ == TagPlace::kColumn ? 0 : kGcmTagSize);
    if (column.role == ColumnRole::kCiphertext && length < around) {
      return Refused("ciphertext", fmt::format("has {} bytes, less than {}", length, around));
    }
    const std::size_t exact = column.role == ColumnRole::kIv    ? kGcmIvSize
                              : column.role == ColumnRole::kTag ? kGcmTagSize
                                                                : length;
    if (length == exact) return {};
    return Refused(NameOf(column.role), fmt::format("has {} bytes, not {}", length, exact));
  }

  Status BuildInto(const Envelope& envelope, ColumnValues& values) const {
    TFSEAL_TRY(CheckLengths(envelope));
    TFSEAL_TRY(CheckPlaces(envelope));
    values.resize(columns_.size());
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const FormatColumn& column = columns_[i];
      std::optional<std::string>& value = values[i];
      const bool joined = column.role == ColumnRole::kCiphertext;
      const std::string& part = PartOf(envelope, column.role);
      if (!joined && part.empty() && MayBeNull(column.role)) {
        value.reset();
        continue;
      }
      if (!value.has_value()) value.emplace();
      if (joined) {
        Join(envelope, *value);
        if (column.encoding != ByteEncoding::kRaw) value = Encoded(column.encoding, *value);
      } else if (column.encoding == ByteEncoding::kRaw) {
        value->assign(part);
      } else {
        value = Encoded(column.encoding, part);
      }
    }
    return {};
  }

  // Rows from before envelope encryption have no wrapped key.
  [[nodiscard]] bool MayBeNull(ColumnRole role) const {
    if (role == ColumnRole::kCommitment) return commitment_may_be_missing_;
    return role == ColumnRole::kWrappedKey || role == ColumnRole::kWrappedKeyNonce;
  }

  // What the ciphertext's column holds.
  void Join(const Envelope& envelope, std::string& text) const {
    text.clear();
    text.reserve(envelope.iv.size() + envelope.tag.size() + envelope.ciphertext.size());
    if (iv_ == IvPlace::kPrefix) text += envelope.iv;
    if (tag_ == TagPlace::kPrefix) text += envelope.tag;
    text += envelope.ciphertext;
    if (tag_ == TagPlace::kSuffix) text += envelope.tag;
  }

  Status SplitCiphertext(Envelope& envelope) const {
    const std::size_t before =
        (iv_ == IvPlace::kPrefix ? kGcmIvSize : 0) + (tag_ == TagPlace::kPrefix ? kGcmTagSize : 0);
    const std::size_t after = tag_ == TagPlace::kSuffix ? kGcmTagSize : 0;
    std::string& text = envelope.ciphertext;
    if (text.size() < before + after) {
      return Refused("ciphertext", fmt::format("has {} bytes, less than {}", text.size(), before + after));
    }
    if (iv_ == IvPlace::kPrefix) envelope.iv.assign(text, 0, kGcmIvSize);
    if (tag_ == TagPlace::kPrefix) envelope.tag.assign(text, before - kGcmTagSize, kGcmTagSize);
    if (tag_ == TagPlace::kSuffix) envelope.tag.assign(text, text.size() - kGcmTagSize, kGcmTagSize);
    text.resize(text.size() - after);
    if (before > 0) text.erase(0, before);
    return {};
  }

  [[nodiscard]] bool Has(ColumnRole role) const {
    return std::any_of(columns_.begin(), columns_.end(), [role](const FormatColumn& c) { return c.role == role; });
  }

  [[nodiscard]] Status CheckCommitment(const Envelope& envelope) const {
    if (!envelope.commitment.empty() || commitment_may_be_missing_ || !Has(ColumnRole::kCommitment)) return {};
    return Refused("key commitment", "is missing");
  }

  Status CheckPlaces(const Envelope& envelope) const {
    TFSEAL_TRY(CheckCommitment(envelope));
    if (!Has(ColumnRole::kWrappedKey)) TFSEAL_TRY(CheckNone("columns", "wrapped key", envelope.wrapped_key));
    if (!Has(ColumnRole::kWrappedKeyNonce)) {
      TFSEAL_TRY(CheckNone("columns", "nonce of the wrapped key", envelope.wrapped_key_nonce));
    }
    if (!Has(ColumnRole::kCommitment)) TFSEAL_TRY(CheckNone("columns", "key commitment", envelope.commitment));
    if (!Has(ColumnRole::kKeyReference)) TFSEAL_TRY(CheckNone("columns", "key reference", envelope.key_reference));
    TFSEAL_TRY(CheckNone("columns", "associated bytes", envelope.associated));
    if (envelope.wrapped_key.empty() && !envelope.wrapped_key_nonce.empty()) {
      return Refused("wrapped key nonce", "is there without a wrapped key");
    }
    return {};
  }

  std::vector<FormatColumn> columns_;
  bool commitment_may_be_missing_;
  IvPlace iv_;
  TagPlace tag_;
  std::vector<ColumnKind> kinds_;
};

Status Fits(bool wanted, std::ptrdiff_t count, std::string_view part) {
  if (count > 1) return Refused(part, "is mapped twice");
  if (wanted == (count == 1)) return {};
  return Refused(part, wanted ? "has no column" : "has a column and a place in the ciphertext");
}

}  // namespace

Result<std::unique_ptr<RowFormat>> MakeColumns(const FormatOptions& options) {
  const auto count = [&options](ColumnRole role) {
    return std::count_if(options.columns.begin(), options.columns.end(),
                         [role](const FormatColumn& column) { return column.role == role; });
  };
  TFSEAL_TRY(Fits(true, count(ColumnRole::kCiphertext), "ciphertext"));
  TFSEAL_TRY(Fits(options.iv == IvPlace::kColumn, count(ColumnRole::kIv), "iv"));
  TFSEAL_TRY(Fits(options.tag == TagPlace::kColumn, count(ColumnRole::kTag), "tag"));
  for (const ColumnRole role :
       {ColumnRole::kWrappedKey, ColumnRole::kWrappedKeyNonce, ColumnRole::kCommitment, ColumnRole::kKeyReference}) {
    if (count(role) > 1) return Refused(NameOf(role), "is mapped twice");
  }
  if (count(ColumnRole::kWrappedKeyNonce) == 1 && count(ColumnRole::kWrappedKey) == 0) {
    return Refused("wrapped key nonce", "has a column, and the wrapped key has none");
  }
  if (count(ColumnRole::kDocument) != 0) return Refused("document", "is a column of the format jsonb");
  return std::unique_ptr<RowFormat>(std::make_unique<Columns>(options));
}

}  // namespace tfseal::formats

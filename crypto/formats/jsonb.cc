#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "crypto/formats/codecs.h"
#include "crypto/formats/columns.h"
#include "crypto/formats/json_places.h"
#include "crypto/formats/value_text.h"

// The format "columns", with texts in a JSON document in the place of columns.

namespace tfseal::formats {
namespace {

class Jsonb : public RowFormat {
 public:
  Jsonb(std::vector<FormatColumn> places, std::unique_ptr<RowFormat> parts)
      : places_(std::move(places)), parts_(std::move(parts)) {}
  [[nodiscard]] std::string_view name() const override { return "jsonb"; }
  [[nodiscard]] std::span<const ColumnKind> columns() const override { return {&kind_, 1}; }

  Result<Envelope> Parse(std::span<const std::optional<std::string>> values) const override {
    TFSEAL_ASSIGN(std::string text, OnlyValue(values, ByteEncoding::kRaw));
    // Some write null into the column where others leave it NULL.
    if (text == "null") return NotThere();
    TFSEAL_ASSIGN(const JsonPlaces document, JsonPlaces::Parse(std::move(text)));
    ColumnValues parts;
    bool any = false;
    for (const FormatColumn& place : places_) {
      TFSEAL_ASSIGN(std::optional<std::string> part, document.TextAt(place.path));
      any = any || part.has_value();
      parts.push_back(std::move(part));
    }
    if (!any) return NotThere();
    return parts_->Parse(parts);
  }

  Result<ColumnValues> Build(const Envelope& envelope) const override {
    TFSEAL_ASSIGN(const ColumnValues parts, parts_->Build(envelope));
    JsonValue root(Json::objectValue);
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (!parts[i]) continue;
      JsonValue* at = &root;
      for (const std::string& step : places_[i].path) at = &(*at)[step];
      *at = *parts[i];
    }
    return ColumnValues{WriteJsonLine(root)};
  }

  Result<ColumnValues> Replace(std::span<const std::optional<std::string>> before,
                               const Envelope& envelope) const override {
    TFSEAL_ASSIGN(std::string text, OnlyValue(before, ByteEncoding::kRaw));
    TFSEAL_ASSIGN(const JsonPlaces document, JsonPlaces::Parse(std::move(text)));
    TFSEAL_ASSIGN(const ColumnValues parts, parts_->Build(envelope));
    std::vector<std::pair<JsonPath, std::string>> texts;
    std::vector<std::size_t>
        others;  // on one side only: a wrapped key where there was none, a nonce that it has no more
    for (std::size_t i = 0; i < places_.size(); ++i) {
      TFSEAL_ASSIGN(const std::optional<std::string> old, document.TextAt(places_[i].path));
      if (old && parts[i]) {
        texts.emplace_back(places_[i].path, *parts[i]);
      } else if (old || parts[i]) {
        others.push_back(i);
      }
    }
    TFSEAL_ASSIGN(std::string replaced, document.With(texts));
    for (const std::size_t i : others) {
      TFSEAL_ASSIGN(const JsonPlaces now, JsonPlaces::Parse(std::move(replaced)));
      TFSEAL_ASSIGN(replaced, now.Put(places_[i].path, parts[i]));
    }
    return ColumnValues{std::move(replaced)};
  }

 private:
  static Error NotThere() { return {ErrorCode::kNotFound, "the document holds no such value", ""}; }

  std::vector<FormatColumn> places_;
  std::unique_ptr<RowFormat> parts_;
  ColumnKind kind_ = ColumnKind::kJson;
};

bool IsBelow(const JsonPath& path, const JsonPath& other) {
  return path.size() >= other.size() && std::equal(other.begin(), other.end(), path.begin());
}

}  // namespace

Result<std::unique_ptr<RowFormat>> MakeJsonb(const FormatOptions& options) {
  for (std::size_t i = 0; i < options.columns.size(); ++i) {
    const FormatColumn& column = options.columns[i];
    if (column.path.empty()) return Refused(NameOf(column.role), "has no path in the document");
    if (column.encoding == ByteEncoding::kRaw) return Refused(NameOf(column.role), "is text in JSON: base64 or hex");
    for (std::size_t j = 0; j < options.columns.size(); ++j) {
      if (i != j && IsBelow(column.path, options.columns[j].path)) {
        return Refused(NameOf(column.role), "has the path of another part");
      }
    }
  }
  TFSEAL_ASSIGN(std::unique_ptr<RowFormat> parts, MakeColumns(options));
  return std::unique_ptr<RowFormat>(std::make_unique<Jsonb>(options.columns, std::move(parts)));
}

}  // namespace tfseal::formats

#include "crypto/formats/codecs.h"

#include <algorithm>

#include "crypto/formats/value_text.h"

namespace tfseal::formats {

SingleColumn::SingleColumn(std::string_view name, ByteEncoding encoding)
    : name_(name), encoding_(encoding), kind_(KindOf(encoding)) {}

Result<Envelope> SingleColumn::Parse(std::span<const std::optional<std::string>> values) const {
  TFSEAL_ASSIGN(const std::string bytes, OnlyValue(values, encoding_));
  return ParseBytes(bytes);
}

Result<ColumnValues> SingleColumn::Build(const Envelope& envelope) const {
  TFSEAL_ASSIGN(const std::string bytes, BuildBytes(envelope));
  return ColumnValues{Encoded(encoding_, bytes)};
}

bool IsVersion(std::string_view text) {
  constexpr std::size_t kSizeMax = 10;
  return text.size() >= 2 && text.size() <= kSizeMax && text[0] == 'v' && text[1] != '0' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view TakeVersion(std::string_view& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || !IsVersion(text.substr(0, colon))) return {};
  const std::string_view version = text.substr(0, colon);
  text.remove_prefix(colon + 1);
  return version;
}

}  // namespace tfseal::formats

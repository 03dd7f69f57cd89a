#include "crypto/rekey/key_in_value.h"

#include <fmt/format.h>

#include "core/base64.h"
#include "crypto/digest.h"
#include "postgres/connection.h"

namespace tfseal::rekey {
namespace {

using postgres::QuoteText;

std::string Bytes(std::string_view bytes) {
  return fmt::format("'\\x{}'::bytea", Hex(bytes));
}

// A length of two bytes, and the text.
std::string WithLength(std::string_view text) {
  const std::string size = {static_cast<char>((text.size() >> 8U) & 0xFFU), static_cast<char>(text.size() & 0xFFU)};
  return size + std::string(text);
}

// Values are read by whoever is asked for a row, damaged ones too: nothing here may be an error for one of them.
std::string StartsWith(const KeyNaming& naming, const std::string& column, std::string_view head) {
  if (naming.type_name != "bytea") return fmt::format("starts_with({}, {})", column, QuoteText(head));
  return fmt::format("substring({} FROM 1 FOR {}) = {}", column, head.size(), Bytes(head));
}

// The first `size` bytes of a value that is text. Base64 is decoded for as many letters as they take.
std::string HeadIs(const KeyNaming& naming, const std::string& column, const std::string& head) {
  if (naming.encoding == ColumnEncoding::kRaw) return StartsWith(naming, column, head);
  if (naming.encoding == ColumnEncoding::kHex) return fmt::format("starts_with({}, '{}')", column, Hex(head));
  const std::size_t letters = (head.size() + 2) / 3 * 4;
  const std::string first = fmt::format("substring({} FROM 1 FOR {})", column, letters);
  return fmt::format(
      "CASE WHEN {0} ~ '^[A-Za-z0-9+/]{{{1}}}$' THEN substring(decode({0}, 'base64') FROM 1 FOR {2}) = {3} ELSE {4} "
      "END",
      first, letters, head.size(), Bytes(head), column + " IS NULL AND NULL");
}

}  // namespace

const ColumnRef& KeyColumnOf(const FieldMapping& field) {
  return field.format == "lockbox" ? field.wrapped_key : field.ciphertext;
}

std::string NamesKeySql(const KeyNaming& naming, const std::string& row, const std::string& reference) {
  const std::string column = row + postgres::QuoteName(naming.column);
  if (naming.format == "tfseal") {
    return HeadIs(naming, column, std::string("tfs\x01\x01", 5) + WithLength(reference));
  }
  // As Rails writes it, without blanks; base64 needs no escapes in JSON.
  if (naming.format == "rails") {
    return fmt::format("strpos({}, {}) > 0", column, QuoteText("\"i\":\"" + ToBase64(reference) + "\""));
  }
  return StartsWith(naming, column, reference + ":");
}

}  // namespace tfseal::rekey

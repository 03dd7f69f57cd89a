#include "crypto/rekey/key_in_value.h"

#include <fmt/format.h>

#include "crypto/digest.h"
#include "postgres/connection.h"

namespace tfseal::rekey {
namespace {

using postgres::QuoteText;

std::string StartsWith(const KeyNaming& place, const std::string& column, const std::string& head) {
  if (place.type_name != "bytea") return fmt::format("starts_with({}, {})", column, QuoteText(head));
  return fmt::format("substring({} FROM 1 FOR {}) = '\\x{}'::bytea", column, head.size(), Hex(head));
}

}  // namespace

const ColumnRef& KeyColumnOf(const FieldMapping& field) {
  return field.ciphertext;
}

std::string NamesKeySql(const KeyNaming& place, const std::string& row, const std::string& reference) {
  const std::string column = row + postgres::QuoteName(place.column);
  return StartsWith(place, column, reference + ":");
}

}  // namespace tfseal::rekey

#include "crypto/rekey/sealed_row.h"

#include <algorithm>

#include <cstdint>

namespace tfseal::rekey {

std::string PrimaryKeyBytes(const TableLayout& layout, const SourceRow& row) {
  std::string bytes;
  for (std::size_t i = 0; i < layout.primary_key.size(); ++i) {
    const std::string text = ValueText(layout.primary_key[i], row.primary_key[i]).value_or(row.primary_key[i]);
    const auto size = static_cast<std::uint32_t>(text.size());
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>((size >> shift) & 0xFFU);
    bytes += text;
  }
  return bytes;
}

std::span<const std::optional<std::string>> ValuesOf(const SealedField& field, const ColumnValues& row,
                                                     ColumnValues& scratch) {
  const std::size_t first = field.columns.front();
  bool in_line = true;
  for (std::size_t i = 0; i < field.columns.size(); ++i) in_line = in_line && field.columns[i] == first + i;
  if (in_line) return std::span(row).subspan(first, field.columns.size());
  scratch.clear();
  for (const std::size_t column : field.columns) scratch.push_back(row[column]);
  return scratch;
}

std::string AssociatedOf(const TableLayout& layout, const SourceRow& row, const SealedField& field, AadScheme scheme,
                         const Envelope& envelope) {
  if (!envelope.associated.empty()) return envelope.associated;
  if (scheme == AadScheme::kNone) return {};
  return AssociatedData(scheme, {layout.label, field.name, PrimaryKeyBytes(layout, row), row.tenant});
}

bool HoldsNothing(const TableLayout& layout, const SealedField& field, const ColumnValues& row) {
  const auto is_there = [&](std::size_t column) { return row[column].has_value(); };
  if (std::none_of(field.columns.begin(), field.columns.end(), is_there)) return true;
  const auto has_own = [&](const SealedField& some) {
    return std::any_of(some.columns.begin(), some.columns.end(),
                       [&](std::size_t column) { return !layout.columns[column].shared && is_there(column); });
  };
  if (field.shares_document || has_own(field)) return false;
  return std::any_of(layout.fields.begin(), layout.fields.end(),
                     [&](const SealedField& other) { return other.data_key == field.data_key && has_own(other); });
}

}  // namespace tfseal::rekey

#include "crypto/rekey/sealed_row.h"

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

std::string AssociatedOf(const TableLayout& layout, const SourceRow& row, const SealedField& field, AadScheme scheme,
                         const Envelope& envelope) {
  if (!envelope.associated.empty()) return envelope.associated;
  if (scheme == AadScheme::kNone) return {};
  return AssociatedData(scheme, {layout.label, field.name, PrimaryKeyBytes(layout, row), row.tenant});
}

}  // namespace tfseal::rekey

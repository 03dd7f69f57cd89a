#include "crypto/canonical_bytes.h"

#include "core/check.h"

namespace tfseal {

void AppendWithLength(std::string& out, std::string_view field) {
  TFSEAL_CHECK(field.size() <= UINT32_MAX);
  const auto size = static_cast<std::uint32_t>(field.size());
  for (unsigned shift = 32; shift > 0; shift -= 8) out += static_cast<char>(size >> (shift - 8) & 0xFFU);
  out += field;
}

std::string ContextBytes(const EncryptionContext& context) {
  std::string bytes;
  for (const auto& [name, value] : context) {
    AppendWithLength(bytes, name);
    AppendWithLength(bytes, value);
  }
  return bytes;
}

}  // namespace tfseal

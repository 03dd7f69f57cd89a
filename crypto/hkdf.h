#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/result.h"
#include "crypto/secret_bytes.h"

namespace tfseal {

enum class HkdfHash : std::uint8_t { kSha256, kSha384, kSha512 };

struct HkdfInput {
  HkdfHash hash = HkdfHash::kSha256;
  std::string_view key;   // not empty
  std::string_view salt;  // may be empty
  std::string_view info;  // may be empty, at most 32 KiB
};

// HKDF (RFC 5869), both steps. kInvalidInput: more bytes are asked for than 255 digests, or none, or the input is too
// long.
Result<SecretBytes> Hkdf(const HkdfInput& input, std::size_t size);

}  // namespace tfseal

#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/result.h"
#include "crypto/key_wrapper.h"
#include "crypto/secret_bytes.h"

namespace tfseal {

// How the bytes of a key are written where they are kept.
enum class KeyEncoding : std::uint8_t { kRaw, kBase64, kHex };

struct DirectKeyOptions {
  KeyEncoding encoding = KeyEncoding::kRaw;
  std::string place;  // in errors and reports: "the environment variable MASTER_KEY", never the bytes
};

// A key with which an application seals values itself, without data keys. `text` is what is kept of it: after decoding
// 32 bytes, or kInvalidInput. One newline after base64 or hexadecimal digits is taken off.
//
// NewDataKeys gives the key itself and nothing wrapped, Unwrap gives it for an empty blob and nothing else, Rewrap is
// refused. Random ivs under one key are bounded (kGcmSealsMax of crypto/local_key_wrapper.h), and nobody but the
// application counts them all.
Result<std::unique_ptr<KeyWrapper>> OpenDirectKey(SecretBytes text, const DirectKeyOptions& options);

}  // namespace tfseal

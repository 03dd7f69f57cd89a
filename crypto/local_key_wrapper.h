#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/entropy.h"
#include "core/result.h"
#include "crypto/key_wrapper.h"

namespace tfseal {

// How a key of the file wraps data keys (docs/row-formats.md has the bytes).
enum class LocalWrap : std::uint8_t {
  kAesKwp,             // RFC 5649: 40 bytes
  kAesGcm,             // iv, ciphertext, tag: 60 bytes
  kAesGcmNonceColumn,  // ciphertext and tag: 48 bytes; the iv goes to a column of its own
};

struct LocalKeyOptions {
  std::string path;  // 32 bytes, readable by its owner alone
  LocalWrap wrap = LocalWrap::kAesKwp;
};

// Random ivs under one key: SP 800-38D, section 8.3.
constexpr std::uint64_t kGcmSealsWarn = std::uint64_t{1} << 30U;
constexpr std::uint64_t kGcmSealsMax = std::uint64_t{1} << 32U;

// A key in a file, for development. Every data key is wrapped here, so that whoever reads the file and the database
// reads everything.
//
// With AES-GCM each wrap counts: the file PATH.seals holds how many there can have been, in blocks that are reserved
// (and synced) before they are used, by all processes together. At 2^32 no more is wrapped (kConflict); from 2^30 on
// Describe() asks for another key. A lost counter file is begun anew: whoever removes it answers for that.
Result<std::unique_ptr<KeyWrapper>> OpenLocalKey(const LocalKeyOptions& options, Entropy& entropy);

}  // namespace tfseal

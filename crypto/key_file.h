#pragma once

#include <cstddef>
#include <string>

#include "core/result.h"
#include "crypto/secret_bytes.h"

namespace tfseal {

// What a file holds whose owner alone may use it, read into memory that is not dumped. kNotFound, kPermissionDenied
// (others may use it, or it belongs to somebody else), kInvalidInput (no regular file, or not of such a length),
// kUnavailable. Errors say how to make one of `bytes_max` random bytes.
Result<SecretBytes> ReadKeyFile(const std::string& path, std::size_t bytes_min, std::size_t bytes_max);

}  // namespace tfseal

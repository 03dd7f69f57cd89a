#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace tfseal {

// Base64 with the standard alphabet and padding (RFC 4648, section 4).
std::string ToBase64(std::string_view bytes);
// Canonical only: full padding, no blanks, no bits set that are not used. The error never shows the text.
Result<std::string> FromBase64(std::string_view text);

}  // namespace tfseal

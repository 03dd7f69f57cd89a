#pragma once

#include <cstdint>
#include <string>

#include "crypto/key_wrapper.h"

namespace tfseal {

// Appends the four bytes of a length, most significant first, and the field.
void AppendWithLength(std::string& out, std::string_view field);

// An encryption context as bytes, in the order of the names, with lengths: no two contexts give the same. Empty for an
// empty one.
std::string ContextBytes(const EncryptionContext& context);

}  // namespace tfseal

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/rekey/mapping.h"

namespace tfseal::rekey {

struct MappingMistake {
  int line = 0;  // 0: of the section
  std::string message;
  std::string hint;
};

// What only shows when the parts of a mapping are seen together; nothing of it needs the database.
std::vector<MappingMistake> CheckMapping(Mapping& mapping);

// Whether a text is 32 bytes in base64 or hexadecimal digits: no name of a place, but most likely what was to be kept
// there.
bool LooksLikeAKey(std::string_view text);

// What is wrong with the ARN of a KMS key or alias; nullopt: nothing.
std::optional<MappingMistake> KmsArnMistake(std::string_view arn);

}  // namespace tfseal::rekey

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "apply/handler.h"
#include "apply/handlers/task_definition.h"
#include "crypto/secret_bytes.h"

// Values that stand in clear in task definitions. They stay inside the process; what is written down of them is their
// length and a digest under a key that is made anew for every process and kept nowhere.
namespace tfseal {

struct ValueInUse {
  SecretBytes value;
  Revision revision;  // that shows it
};

// The value of the newest revision that has the variable in clear, ACTIVE ones before INACTIVE ones. Nothing if no
// revision shows it any more.
Result<std::optional<ValueInUse>> FindValueInUse(const std::string& family, const std::string& container,
                                                 const std::string& variable, const Action& action,
                                                 RunContext& context);

// HMAC-SHA-256 under the key of this process, 32 hexadecimal digits: equal values have equal digests within a run.
std::string RunDigest(std::string_view value);

// {"length", "digest"}
JsonValue Traces(std::string_view value);

// What a text is as a key: "base64" and 32 bytes. Known are base64 and base64url with or without padding, 64
// hexadecimal digits, and both behind "base64:" or "hex:".
struct KeyShape {
  std::string_view encoding;  // empty: none of the known ones
  std::size_t bytes = 0;
  [[nodiscard]] bool valid() const { return !encoding.empty() && bytes == 32; }
};
KeyShape KeyShapeOf(std::string_view value);

// Nothing if the value is a key of 32 bytes, or if a person has confirmed the action; else why it is refused.
std::optional<Error> KeyShapeProblem(std::string_view value, const std::string& variable, const Action& action,
                                     const RunContext& context);

}  // namespace tfseal

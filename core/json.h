#pragma once

#include <json/value.h>

#include <string>
#include <string_view>

#include "core/result.h"

namespace tfseal {

// A JSON document of ours or a small one of somebody else's. Object keys are always sorted, so equal documents have
// equal bytes. Terraform's documents, which may be large, are read by terraform/ instead.
using JsonValue = Json::Value;

// Strict: one value, no comments, no duplicate keys, no trailing text, at most 256 levels. The error names the line.
Result<JsonValue> ParseJson(std::string_view text);

// One line, keys sorted, UTF-8 kept.
std::string WriteJsonLine(const JsonValue& value);

// Indented by two blanks, keys sorted, ends in a newline.
std::string WriteJsonDocument(const JsonValue& value);

}  // namespace tfseal

#include "core/json.h"

#include <json/reader.h>
#include <json/writer.h>

#include <exception>
#include <memory>

namespace tfseal {
namespace {

std::string Write(const JsonValue& value, const char* indentation) {
  Json::StreamWriterBuilder builder;
  builder["indentation"] = indentation;
  builder["emitUTF8"] = true;
  builder["precision"] = 15;
  return Json::writeString(builder, value);
}

}  // namespace

Result<JsonValue> ParseJson(std::string_view text) {
  Json::CharReaderBuilder builder;
  Json::CharReaderBuilder::strictMode(&builder.settings_);
  builder["allowSpecialFloats"] = false;
  builder["failIfExtra"] = true;
  builder["rejectDupKeys"] = true;
  builder["stackLimit"] = 256;
  const std::unique_ptr<Json::CharReader> reader(builder.newCharReader());
  JsonValue value;
  std::string errors;
  try {
    if (reader->parse(text.data(), text.data() + text.size(), &value, &errors)) return value;
  } catch (const std::exception& exception) {  // jsoncpp throws when the stack limit is reached
    errors = exception.what();
  }
  if (const auto end = errors.find('\n', 2); end != std::string::npos) errors.resize(end);
  return Error{ErrorCode::kInvalidInput, "not valid JSON: " + errors, ""};
}

std::string WriteJsonLine(const JsonValue& value) { return Write(value, ""); }

std::string WriteJsonDocument(const JsonValue& value) { return Write(value, "  ") + "\n"; }

}  // namespace tfseal

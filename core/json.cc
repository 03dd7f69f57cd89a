#include "core/json.h"

#include <json/reader.h>
#include <json/writer.h>

#include <exception>
#include <memory>

namespace tfseal {
namespace {

Json::StreamWriterBuilder Writer(const char* indentation) {
  Json::StreamWriterBuilder builder;
  builder["indentation"] = indentation;
  builder["emitUTF8"] = true;
  builder["precision"] = 15;
  return builder;
}

// One reader for all calls: setting one up costs more than reading an IAM policy.
Json::CharReader& StrictReader() {
  static thread_local const std::unique_ptr<Json::CharReader> reader = [] {
    Json::CharReaderBuilder builder;
    Json::CharReaderBuilder::strictMode(&builder.settings_);
    builder["allowSpecialFloats"] = false;
    builder["failIfExtra"] = true;
    builder["rejectDupKeys"] = true;
    builder["stackLimit"] = 256;
    return std::unique_ptr<Json::CharReader>(builder.newCharReader());
  }();
  return *reader;
}

}  // namespace

Result<JsonValue> ParseJson(std::string_view text) {
  JsonValue value;
  std::string errors;
  try {
    if (StrictReader().parse(text.data(), text.data() + text.size(), &value, &errors)) return value;
  } catch (const std::exception& exception) {  // jsoncpp throws when the stack limit is reached
    errors = exception.what();
  }
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return Error{ErrorCode::kInvalidInput, "not valid JSON: it is empty", ""};
  }
  // The line after the place quotes the text, which may be secret.
  if (const auto end = errors.find('\n', 2); end != std::string::npos) errors.resize(end);
  constexpr std::string_view kPlace = "* Line ";
  if (errors.starts_with(kPlace)) errors.replace(0, kPlace.size(), "line ");
  if (const auto column = errors.find(", Column "); column != std::string::npos) errors[column + 2] = 'c';
  return Error{ErrorCode::kInvalidInput, "not valid JSON: " + errors, ""};
}

std::string WriteJsonLine(const JsonValue& value) {
  static const auto& writer = *new Json::StreamWriterBuilder(Writer(""));
  return Json::writeString(writer, value);
}

std::string WriteJsonDocument(const JsonValue& value) {
  static const auto& writer = *new Json::StreamWriterBuilder(Writer("  "));
  return Json::writeString(writer, value) + "\n";
}

}  // namespace tfseal

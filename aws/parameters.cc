#include <fmt/format.h>

#include "aws/protocol.h"
#include "aws/timestamp.h"
#include "core/base64.h"

// Parameters are checked here, so that what makes requests of them can rely on their types, and a wrong name is an
// error here rather than a setting that a service never saw.

namespace tfseal::aws {
namespace {

Error Invalid(std::string message) {
  return Error{.code = ErrorCode::kInvalidInput, .message = std::move(message), .hint = ""};
}

std::string Dot(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

Status Check(const Shape& shape, const JsonValue& value, const std::string& path);

Status CheckStructure(const Shape& shape, const JsonValue& value, const std::string& path) {
  if (!value.isObject()) return Invalid(fmt::format("{} is not an object", path.empty() ? "input" : path));
  for (const std::string& name : value.getMemberNames()) {
    const Member* const member = shape.Find(name);
    if (member == nullptr) return Invalid(fmt::format("{} is not a parameter", Dot(path, name)));
    if (!value[name].isNull()) TFSEAL_TRY(Check(*member->shape, value[name], Dot(path, name)));
  }
  for (const std::string& name : shape.required) {
    const Member* const member = shape.Find(name);
    if (member != nullptr && member->token) continue;  // filled in by the client
    if (!value.isMember(name) || value[name].isNull()) {
      return Invalid(fmt::format("{} is missing", Dot(path, name)));
    }
  }
  return {};
}

Status Check(const Shape& shape, const JsonValue& value, const std::string& path) {
  const auto expect = [&](bool is_right, std::string_view what) -> Status {
    if (is_right) return {};
    return Invalid(fmt::format("{} is not {}", path, what));
  };
  switch (shape.type) {
    case ShapeType::kStructure:
      return CheckStructure(shape, value, path);
    case ShapeType::kList:
      TFSEAL_TRY(expect(value.isArray(), "a list"));
      for (Json::ArrayIndex i = 0; i < value.size(); ++i) {
        TFSEAL_TRY(Check(*shape.element.shape, value[i], fmt::format("{}[{}]", path, i)));
      }
      return {};
    case ShapeType::kMap:
      TFSEAL_TRY(expect(value.isObject(), "an object"));
      for (const std::string& key : value.getMemberNames()) {
        TFSEAL_TRY(Check(*shape.value.shape, value[key], Dot(path, key)));
      }
      return {};
    case ShapeType::kBoolean:
      return expect(value.isBool(), "true or false");
    case ShapeType::kInteger:
      return expect(value.isInt64() && value.type() != Json::realValue, "a whole number");
    case ShapeType::kFloat:
      return expect(value.isNumeric(), "a number");
    case ShapeType::kTimestamp:
      return expect(value.isString() && ParseRfc3339(value.asString()).has_value(), "a time as RFC 3339");
    case ShapeType::kBlob:
      return expect(value.isString() && FromBase64(value.asString()).ok(), "base64");
    case ShapeType::kString:
      return expect(value.isString(), "a text");
  }
  return {};
}

void CollectTexts(const JsonValue& value, std::vector<std::string_view>& texts) {
  if (value.isString()) {
    const char* begin = nullptr;
    const char* end = nullptr;
    if (value.getString(&begin, &end)) texts.emplace_back(begin, static_cast<std::size_t>(end - begin));
  } else if (value.isObject() || value.isArray()) {
    for (const JsonValue& inner : value) CollectTexts(inner, texts);
  }
}

void CollectSensitive(const Shape& shape, const JsonValue& value, std::vector<std::string_view>& texts) {
  if (shape.sensitive) {
    CollectTexts(value, texts);
  } else if (shape.type == ShapeType::kStructure && value.isObject()) {
    for (const Member& member : shape.members) {
      if (value.isMember(member.name)) CollectSensitive(*member.shape, value[member.name], texts);
    }
  } else if (shape.type == ShapeType::kList && value.isArray()) {
    for (const JsonValue& element : value) CollectSensitive(*shape.element.shape, element, texts);
  } else if (shape.type == ShapeType::kMap && value.isObject()) {
    for (const JsonValue& element : value) CollectSensitive(*shape.value.shape, element, texts);
  }
}

}  // namespace

Status CheckParameters(const Member& input, const JsonValue& parameters) {
  return Check(*input.shape, parameters, "");
}

std::vector<std::string_view> SensitiveTexts(const Operation& operation, const JsonValue& parameters) {
  std::vector<std::string_view> texts;
  if (operation.input) CollectSensitive(*operation.input->shape, parameters, texts);
  return texts;
}

}  // namespace tfseal::aws

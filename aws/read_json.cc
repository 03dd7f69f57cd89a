#include <fmt/format.h>

#include "aws/protocol.h"

namespace tfseal::aws {
namespace {

Error Wrong(std::string_view name, std::string_view expected) {
  return Error{.code = ErrorCode::kInvalidInput, .message = fmt::format("{} is not {}", name, expected), .hint = ""};
}

// Numbers and booleans may come as texts and the other way round; what matters is that the value is one.
Result<JsonValue> FromScalar(const Member& member, const JsonValue& value) {
  if (value.isArray() || value.isObject())
    return Wrong(member.name.empty() ? member.shape->name : member.name, "a single value");
  switch (member.shape->type) {
    case ShapeType::kInteger:
      if (value.isInt64() && value.type() != Json::realValue) return value;
      break;
    case ShapeType::kFloat:
      if (value.isNumeric()) return value;
      break;
    case ShapeType::kBoolean:
      if (value.isBool()) return value;
      break;
    default:
      break;
  }
  return FromText(member, value.type() == Json::realValue ? fmt::format("{}", value.asDouble()) : value.asString());
}

Result<JsonValue> FromMember(const Member& member, const JsonValue& value) {
  switch (member.shape->type) {
    case ShapeType::kStructure:
    case ShapeType::kList:
    case ShapeType::kMap:
      return FromJsonBody(*member.shape, value);
    default:
      return FromScalar(member, value);
  }
}

}  // namespace

Result<JsonValue> FromJsonBody(const Shape& shape, const JsonValue& value) {
  switch (shape.type) {
    case ShapeType::kStructure: {
      if (!value.isObject()) return Wrong(shape.name, "an object");
      JsonValue answer(Json::objectValue);
      for (const Member& member : shape.members) {
        if (member.location != Location::kBody) continue;
        const JsonValue& inner = value[member.Wire()];
        if (inner.isNull()) continue;
        TFSEAL_ASSIGN(answer[member.name], FromMember(member, inner));
      }
      return answer;
    }
    case ShapeType::kList: {
      if (!value.isArray()) return Wrong(shape.name, "a list");
      JsonValue answer(Json::arrayValue);
      for (const JsonValue& element : value) {
        if (element.isNull()) continue;
        TFSEAL_ASSIGN(JsonValue inner, FromMember(shape.element, element));
        answer.append(std::move(inner));
      }
      return answer;
    }
    case ShapeType::kMap: {
      if (!value.isObject()) return Wrong(shape.name, "an object");
      JsonValue answer(Json::objectValue);
      for (const std::string& key : value.getMemberNames()) {
        if (value[key].isNull()) continue;
        TFSEAL_ASSIGN(answer[key], FromMember(shape.value, value[key]));
      }
      return answer;
    }
    default:
      return Wrong(shape.name, "a structure");
  }
}

}  // namespace tfseal::aws

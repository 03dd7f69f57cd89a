#include "aws/protocol.h"

// Bodies of the JSON protocols: names as they are on the wire, times as seconds.

namespace tfseal::aws {

Result<JsonValue> ToJsonBody(const Shape& shape, const JsonValue& value, bool whole_input) {
  switch (shape.type) {
    case ShapeType::kStructure: {
      JsonValue body(Json::objectValue);
      for (const Member& member : shape.members) {
        const JsonValue& inner = value[member.name];
        // Of the whole input, some members travel elsewhere.
        if (inner.isNull() || (whole_input && member.location != Location::kBody)) continue;
        if (member.shape->type == ShapeType::kTimestamp) {
          TFSEAL_ASSIGN(const std::string text, ToText(member, inner, TimestampFormat::kEpochSeconds));
          const Result<JsonValue> number = ParseJson(text);
          body[member.Wire()] = number.ok() ? *number : JsonValue(text);
          continue;
        }
        TFSEAL_ASSIGN(body[member.Wire()], ToJsonBody(*member.shape, inner, false));
      }
      return body;
    }
    case ShapeType::kList: {
      JsonValue body(Json::arrayValue);
      for (const JsonValue& element : value) {
        TFSEAL_ASSIGN(const JsonValue inner, ToJsonBody(*shape.element.shape, element, false));
        body.append(inner);
      }
      return body;
    }
    case ShapeType::kMap: {
      JsonValue body(Json::objectValue);
      for (const std::string& key : value.getMemberNames()) {
        TFSEAL_ASSIGN(body[key], ToJsonBody(*shape.value.shape, value[key], false));
      }
      return body;
    }
    default:
      return value;
  }
}

}  // namespace tfseal::aws

#include <fmt/format.h>

#include "aws/protocol.h"

namespace tfseal::aws {
namespace {

Error Wrong(std::string_view name, std::string_view expected) {
  return Error{.code = ErrorCode::kInvalidInput, .message = fmt::format("{} is not {}", name, expected), .hint = ""};
}

Result<JsonValue> FromElement(const Member& member, const XmlElement& element) {
  switch (member.shape->type) {
    case ShapeType::kStructure:
    case ShapeType::kList:
    case ShapeType::kMap:
      return FromXml(*member.shape, element);
    default:
      if (!element.children.empty()) return Wrong(element.name, "a single value");
      return FromText(member, element.text);
  }
}

std::string_view OrElse(const std::string& name, std::string_view otherwise) {
  return name.empty() ? otherwise : std::string_view(name);
}

// The elements of a flattened list or map stand beside the other members.
std::string_view FlattenedName(const Member& member) {
  if (member.shape->type == ShapeType::kList && !member.shape->element.wire_name.empty()) {
    return member.shape->element.wire_name;
  }
  return member.Wire();
}

Status AddEntry(const Shape& shape, const XmlElement& entry, JsonValue& answer) {
  const XmlElement* const key = entry.Find(OrElse(shape.key.wire_name, "key"));
  const XmlElement* const value = entry.Find(OrElse(shape.value.wire_name, "value"));
  if (key == nullptr || value == nullptr) return Wrong(entry.name, "a pair of key and value");
  TFSEAL_ASSIGN(answer[key->text], FromElement(shape.value, *value));
  return {};
}

Status ReadFlattened(const Member& member, const XmlElement& element, JsonValue& answer) {
  const std::string_view name = FlattenedName(member);
  const bool is_list = member.shape->type == ShapeType::kList;
  JsonValue found(is_list ? Json::arrayValue : Json::objectValue);
  for (const XmlElement& child : element.children) {
    if (child.name != name && child.name != member.Wire()) continue;
    if (is_list) {
      TFSEAL_ASSIGN(JsonValue inner, FromElement(member.shape->element, child));
      found.append(std::move(inner));
    } else {
      TFSEAL_TRY(AddEntry(*member.shape, child, found));
    }
  }
  if (!found.empty()) answer[member.name] = std::move(found);
  return {};
}

Status ReadMember(const Member& member, const XmlElement& element, JsonValue& answer) {
  if (member.location != Location::kBody) return {};
  if (member.xml_attribute) {
    for (const auto& [name, value] : element.attributes) {
      if (name == member.Wire()) answer[member.name] = value;
    }
    return {};
  }
  const bool is_flattened = member.flattened || member.shape->flattened;
  if (is_flattened && (member.shape->type == ShapeType::kList || member.shape->type == ShapeType::kMap)) {
    return ReadFlattened(member, element, answer);
  }
  const XmlElement* const child = element.Find(member.Wire());
  if (child == nullptr) return {};
  // An empty element of a number or a time says that there is none.
  const bool is_empty = child->text.empty() && child->children.empty();
  const ShapeType type = member.shape->type;
  if (is_empty && type != ShapeType::kString && type != ShapeType::kStructure && type != ShapeType::kList &&
      type != ShapeType::kMap) {
    return {};
  }
  TFSEAL_ASSIGN(answer[member.name], FromElement(member, *child));
  return {};
}

}  // namespace

Result<JsonValue> FromXml(const Shape& shape, const XmlElement& element) {
  switch (shape.type) {
    case ShapeType::kStructure: {
      JsonValue answer(Json::objectValue);
      for (const Member& member : shape.members) TFSEAL_TRY(ReadMember(member, element, answer));
      return answer;
    }
    case ShapeType::kList: {
      JsonValue answer(Json::arrayValue);
      for (const XmlElement& child : element.children) {
        TFSEAL_ASSIGN(JsonValue inner, FromElement(shape.element, child));
        answer.append(std::move(inner));
      }
      return answer;
    }
    case ShapeType::kMap: {
      JsonValue answer(Json::objectValue);
      for (const XmlElement& entry : element.children) TFSEAL_TRY(AddEntry(shape, entry, answer));
      return answer;
    }
    default:
      return Wrong(element.name, "a structure");
  }
}

}  // namespace tfseal::aws

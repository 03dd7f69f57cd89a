#include <fmt/format.h>

#include "aws/protocol.h"

// Bodies of the REST-XML protocol: https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html

namespace tfseal::aws {
namespace {

Status Write(const Member& member, const JsonValue& value, const std::string& name, std::string& xml);

std::string Namespace(const Member& member) {
  if (member.xml_namespace.empty()) return "";
  const std::string prefix = member.xml_namespace_prefix.empty() ? "" : ":" + member.xml_namespace_prefix;
  return fmt::format(" xmlns{}=\"{}\"", prefix, EscapeXml(member.xml_namespace));
}

Status WriteStructure(const Member& structure, const JsonValue& value, const std::string& name, std::string& xml) {
  std::string attributes = Namespace(structure);
  for (const Member& member : structure.shape->members) {
    const JsonValue& inner = value[member.name];
    if (inner.isNull() || !member.xml_attribute) continue;
    attributes += fmt::format(" {}=\"{}\"", member.Wire(), EscapeXml(inner.asString()));
  }
  xml += fmt::format("<{}{}>", name, attributes);
  for (const Member& member : structure.shape->members) {
    const JsonValue& inner = value[member.name];
    if (inner.isNull() || member.xml_attribute || member.location != Location::kBody) continue;
    TFSEAL_TRY(Write(member, inner, member.Wire(), xml));
  }
  xml += fmt::format("</{}>", name);
  return {};
}

Status WriteList(const Member& list, const JsonValue& value, const std::string& name, std::string& xml) {
  const Shape& shape = *list.shape;
  const bool flattened = shape.flattened || list.flattened;
  const std::string& given = shape.element.wire_name;
  const std::string inner_name = flattened ? name : (given.empty() ? "member" : given);
  if (!flattened) xml += fmt::format("<{}{}>", name, Namespace(list));
  for (const JsonValue& element : value) TFSEAL_TRY(Write(shape.element, element, inner_name, xml));
  if (!flattened) xml += fmt::format("</{}>", name);
  return {};
}

Status WriteMap(const Member& map, const JsonValue& value, const std::string& name, std::string& xml) {
  const Shape& shape = *map.shape;
  const bool flattened = shape.flattened || map.flattened;
  const std::string entry = flattened ? name : "entry";
  if (!flattened) xml += fmt::format("<{}>", name);
  for (const std::string& key : value.getMemberNames()) {
    xml += fmt::format("<{}>", entry);
    TFSEAL_TRY(Write(shape.key, JsonValue(key), shape.key.wire_name.empty() ? "key" : shape.key.wire_name, xml));
    TFSEAL_TRY(Write(shape.value, value[key], shape.value.wire_name.empty() ? "value" : shape.value.wire_name, xml));
    xml += fmt::format("</{}>", entry);
  }
  if (!flattened) xml += fmt::format("</{}>", name);
  return {};
}

Status Write(const Member& member, const JsonValue& value, const std::string& name, std::string& xml) {
  switch (member.shape->type) {
    case ShapeType::kStructure:
      return WriteStructure(member, value, name, xml);
    case ShapeType::kList:
      return WriteList(member, value, name, xml);
    case ShapeType::kMap:
      return WriteMap(member, value, name, xml);
    default: {
      TFSEAL_ASSIGN(const std::string text, ToText(member, value, TimestampFormat::kIso8601));
      xml += fmt::format("<{}{}>{}</{}>", name, Namespace(member), EscapeXml(text), name);
      return {};
    }
  }
}

}  // namespace

Result<std::string> ToXmlBody(const Member& member, const JsonValue& value, const std::string& root) {
  std::string xml;
  TFSEAL_TRY(Write(member, value, root, xml));
  return xml;
}

}  // namespace tfseal::aws

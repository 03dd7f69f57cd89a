#include <fmt/format.h>

#include "aws/protocol.h"
#include "aws/uri.h"

// The query protocol and the one of EC2, which differ in how they name things.
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html,
// https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html

namespace tfseal::aws {
namespace {

class QueryWriter {
 public:
  explicit QueryWriter(bool ec2) : ec2_(ec2) {}

  void Add(std::string_view name, std::string_view value) {
    if (!body_.empty()) body_ += '&';
    body_ += EncodeUri(name) + "=" + EncodeUri(value);
  }

  Status AddStructure(const Shape& shape, const JsonValue& value, const std::string& prefix) {
    for (const Member& member : shape.members) {
      const JsonValue& inner = value[member.name];
      if (inner.isNull()) continue;
      const std::string name = NameOf(member);
      TFSEAL_TRY(AddMember(member, inner, prefix.empty() ? name : prefix + "." + name));
    }
    return {};
  }

  std::string Take() { return std::move(body_); }

 private:
  std::string NameOf(const Member& member) const {
    if (!ec2_) return member.Wire();
    if (!member.query_name.empty()) return member.query_name;
    std::string name = member.Wire();
    if (name.front() >= 'a' && name.front() <= 'z') name.front() = static_cast<char>(name.front() - 'a' + 'A');
    return name;
  }

  Status AddMember(const Member& member, const JsonValue& value, const std::string& prefix) {
    switch (member.shape->type) {
      case ShapeType::kStructure:
        return AddStructure(*member.shape, value, prefix);
      case ShapeType::kList:
        return AddList(member, value, prefix);
      case ShapeType::kMap:
        return AddMap(member, value, prefix);
      default: {
        TFSEAL_ASSIGN(const std::string text, ToText(member, value, TimestampFormat::kIso8601));
        Add(prefix, text);
        return {};
      }
    }
  }

  Status AddList(const Member& member, const JsonValue& value, const std::string& prefix) {
    const Shape& shape = *member.shape;
    // An empty list is said as an empty text; leaving it out would mean "do not change".
    if (value.empty()) {
      if (!ec2_) Add(prefix, "");
      return {};
    }
    std::string base = prefix;
    if (!ec2_) {
      if (!shape.flattened && !member.flattened) {
        base += "." + (shape.element.wire_name.empty() ? std::string("member") : shape.element.wire_name);
      } else if (!shape.element.wire_name.empty()) {
        const std::size_t dot = base.rfind('.');
        base = (dot == std::string::npos ? "" : base.substr(0, dot + 1)) + shape.element.wire_name;
      }
    }
    for (Json::ArrayIndex i = 0; i < value.size(); ++i) {
      TFSEAL_TRY(AddMember(shape.element, value[i], fmt::format("{}.{}", base, i + 1)));
    }
    return {};
  }

  Status AddMap(const Member& member, const JsonValue& value, const std::string& prefix) {
    const Shape& shape = *member.shape;
    const std::string base = shape.flattened || member.flattened ? prefix : prefix + ".entry";
    const std::string key_name = shape.key.wire_name.empty() ? "key" : shape.key.wire_name;
    const std::string value_name = shape.value.wire_name.empty() ? "value" : shape.value.wire_name;
    int number = 0;
    for (const std::string& key : value.getMemberNames()) {
      const std::string entry = fmt::format("{}.{}", base, ++number);
      Add(entry + "." + key_name, key);
      TFSEAL_TRY(AddMember(shape.value, value[key], entry + "." + value_name));
    }
    return {};
  }

  bool ec2_;
  std::string body_;
};

}  // namespace

Result<std::string> ToQueryBody(const ServiceModel& service, const Operation& operation, const JsonValue& parameters) {
  QueryWriter writer(service.protocol == Protocol::kEc2);
  writer.Add("Action", operation.name);
  writer.Add("Version", service.version);
  if (operation.input) TFSEAL_TRY(writer.AddStructure(*operation.input->shape, parameters, ""));
  return writer.Take();
}

}  // namespace tfseal::aws

#include "planner/action_kind.h"

#include <unordered_map>

namespace tfseal {
namespace {

bool HasType(const JsonValue& value, PayloadField::Type type) {
  switch (type) {
    case PayloadField::Type::kText:
      return value.isString();
    case PayloadField::Type::kValue:
      return value.isString() ||
             (value.isObject() && value.size() == 2 && value["output_of"].isString() && value["field"].isString());
    case PayloadField::Type::kNumber:
      return value.isNumeric();
    case PayloadField::Type::kBool:
      return value.isBool();
    case PayloadField::Type::kTexts:
      if (!value.isArray()) return false;
      for (const JsonValue& item : value) {
        if (!item.isString()) return false;
      }
      return true;
    case PayloadField::Type::kObject:
      return value.isObject();
    case PayloadField::Type::kList:
      return value.isArray();
    case PayloadField::Type::kAny:
      return true;
  }
  return false;
}

}  // namespace

std::span<const ActionKind* const> AllActionKinds() {
  static constexpr const ActionKind* kKinds[] = {
#define TFSEAL_ACTION(name) &name,
#include "planner/actions/list.inc"
#undef TFSEAL_ACTION
  };
  return kKinds;
}

const ActionKind* FindActionKind(std::string_view name) {
  for (const ActionKind* kind : AllActionKinds()) {
    if (kind->name == name) return kind;
  }
  return nullptr;
}

int Rank(const ActionKind& kind) {
  int rank = 0;
  for (const ActionKind* candidate : AllActionKinds()) {
    if (candidate == &kind) return rank;
    ++rank;
  }
  return rank;
}

std::string PayloadProblem(const ActionKind& kind, const JsonValue& payload) {
  if (!payload.isObject()) return "the payload is not an object";
  for (const PayloadField& field : kind.fields) {
    const std::string name(field.name);
    if (!payload.isMember(name)) {
      if (field.required) return "the payload has no \"" + name + "\"";
      continue;
    }
    if (!HasType(payload[name], field.type)) return "the payload's \"" + name + "\" has the wrong type";
  }
  for (const std::string& name : payload.getMemberNames()) {
    bool known = false;
    for (const PayloadField& field : kind.fields) known = known || field.name == name;
    if (!known) return "the payload has an unknown field \"" + name + "\"";
  }
  return {};
}

}  // namespace tfseal

#include "planner/existing_world.h"

#include <algorithm>

namespace tfseal {
namespace {

using terraform::Arena;
using terraform::Member;
using terraform::ResourceInstance;
using terraform::Value;
using terraform::ValueKind;

Value ToValue(const JsonValue& json, Arena& arena) {
  switch (json.type()) {
    case Json::booleanValue:
      return Value::Bool(json.asBool());
    case Json::intValue:
    case Json::uintValue:
    case Json::realValue:
      return Value::Number(arena.Copy(WriteJsonLine(json)));
    case Json::stringValue:
      return Value::String(arena.Copy(json.asString()));
    case Json::arrayValue: {
      Value* items = arena.AllocateArray<Value>(json.size());
      for (Json::ArrayIndex i = 0; i < json.size(); ++i) items[i] = ToValue(json[i], arena);
      return Value::List({items, json.size()});
    }
    case Json::objectValue: {
      Member* members = arena.AllocateArray<Member>(json.size());
      std::size_t count = 0;
      for (const std::string& key : json.getMemberNames()) {
        members[count++] = {arena.Copy(key), ToValue(json[key], arena)};
      }
      return Value::Map({members, count});
    }
    case Json::nullValue:
      break;
  }
  return Value::Null();
}

ResourceInstance AsItIs(const ResourceInstance& instance, bool before) {
  ResourceInstance existing = instance;
  existing.after = before ? instance.before : instance.after;
  existing.before = Value();
  existing.actions = {};
  existing.rare.Own().action_reason = {};
  existing.rare.Own().replace_paths.clear();
  existing.importing = false;
  existing.planned_values_only = false;
  return existing;
}

}  // namespace

terraform::Document ExistingWorld(const terraform::Document& document) {
  terraform::Document existing;
  existing.path = document.path;
  existing.sha256 = document.sha256;
  existing.kind = terraform::DocumentKind::kState;
  existing.format_version = document.format_version;
  existing.state_version = document.state_version;
  existing.terraform_version = document.terraform_version;
  existing.configuration = document.configuration;
  existing.sources = document.sources;
  existing.key_lookups = document.key_lookups;
  const bool plan = document.kind == terraform::DocumentKind::kPlan;
  const bool changes = plan && document.resource_changes_present;
  // A refresh-only plan says what is there in prior_state.
  const auto& source = plan && !changes ? document.prior : document.resources;
  for (const ResourceInstance& instance : source) {
    const bool before = plan && instance.has_before();
    if (before ? instance.has_before() : instance.has_after()) existing.resources.push_back(AsItIs(instance, before));
  }
  existing.resources_seen = existing.resources.size();
  return existing;
}

WorldEdit::WorldEdit(const terraform::Document& world) : edited_(ExistingWorld(world)) {
  edited_.kind = terraform::DocumentKind::kState;
  for (std::size_t i = 0; i < edited_.resources.size(); ++i) {
    if (edited_.resources[i].rare->deposed.empty()) by_address_.emplace(edited_.resources[i].address, i);
  }
}

ResourceInstance* WorldEdit::Find(std::string_view address) {
  const auto found = by_address_.find(address);
  return found == by_address_.end() ? nullptr : &edited_.resources[found->second];
}

bool WorldEdit::Set(std::string_view address, const JsonValue& attributes) {
  ResourceInstance* instance = Find(address);
  if (instance == nullptr) return false;
  const std::vector<std::string> names = attributes.getMemberNames();
  const auto old = instance->after.members();
  Member* members = edited_.arena.AllocateArray<Member>(old.size() + names.size());
  std::size_t count = 0;
  for (const Member& member : old) {
    if (!attributes.isMember(std::string(member.key))) members[count++] = member;
  }
  for (const std::string& name : names) {
    members[count++] = {edited_.arena.Copy(name), ToValue(attributes[name], edited_.arena)};
  }
  instance->after = Value::Map({members, count});
  return true;
}

void WorldEdit::Add(std::string_view address, std::string_view type, const JsonValue& attributes) {
  if (Set(address, attributes)) return;
  ResourceInstance instance;
  instance.SetAddress(edited_.arena.Copy(address));
  instance.type = edited_.arena.Copy(type);
  instance.provider_name = "registry.terraform.io/hashicorp/aws";
  instance.after = ToValue(attributes, edited_.arena);
  edited_.resources.push_back(instance);
  by_address_.emplace(edited_.resources.back().address, edited_.resources.size() - 1);
}

std::string WorldEdit::TextOf(std::string_view address, std::string_view attribute) const {
  const auto found = by_address_.find(address);
  if (found == by_address_.end()) return {};
  return std::string(edited_.resources[found->second].after.Get(attribute).text());
}

terraform::Document WorldEdit::Build() && {
  return std::move(edited_);
}

JsonValue ToJson(const Value& value) {
  if (value.sensitive()) return {};
  switch (value.kind()) {
    case ValueKind::kBool:
      return *value.AsBool();
    case ValueKind::kNumber: {
      // The parser takes whole documents only.
      const auto parsed = ParseJson("[" + std::string(value.text()) + "]");
      return parsed ? (*parsed)[0] : JsonValue();
    }
    case ValueKind::kString:
      return std::string(value.text());
    case ValueKind::kList: {
      JsonValue list(Json::arrayValue);
      for (const Value& item : value.items()) {
        if (JsonValue json = ToJson(item); !json.isNull()) list.append(json);
      }
      return list;
    }
    case ValueKind::kMap: {
      JsonValue object(Json::objectValue);
      for (const Member& member : value.members()) {
        if (JsonValue json = ToJson(member.value); !json.isNull()) object[std::string(member.key)] = json;
      }
      return object;
    }
    case ValueKind::kAbsent:
    case ValueKind::kUnknown:
    case ValueKind::kNull:
      break;
  }
  return {};
}

}  // namespace tfseal

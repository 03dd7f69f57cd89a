#include "tests/policy/subject_builder.h"

#include <algorithm>
#include <utility>

#include "core/check.h"
#include "core/json.h"
#include "policy/world.h"

namespace tfseal {
namespace {

using terraform::Arena;
using terraform::DocumentKind;
using terraform::Expression;
using terraform::Member;
using terraform::ModuleConfiguration;
using terraform::ResourceConfiguration;
using terraform::ResourceInstance;
using terraform::Value;

JsonValue Parse(std::string_view text) {
  auto parsed = ParseJson(text);
  TFSEAL_CHECK(parsed.ok());
  return std::move(parsed).value();
}

Value ToValue(const JsonValue& json, Arena* arena) {
  if (json.isNull()) return Value::Null();
  if (json.isBool()) return Value::Bool(json.asBool());
  if (json.isNumeric()) return Value::Number(arena->Copy(json.asString()));
  if (json.isString()) {
    return json.asString() == "<unknown>" ? Value::Unknown() : Value::String(arena->Copy(json.asString()));
  }
  if (json.isArray()) {
    Value* items = arena->AllocateArray<Value>(json.size());
    for (Json::ArrayIndex i = 0; i < json.size(); ++i) items[i] = ToValue(json[i], arena);
    return Value::List({items, json.size()});
  }
  Member* members = arena->AllocateArray<Member>(json.size());
  std::size_t count = 0;
  for (const std::string& key : json.getMemberNames()) {
    members[count].key = arena->Copy(key);
    members[count].value = ToValue(json[key], arena);
    ++count;
  }
  return Value::Map({members, count});
}

// The start of "type.name[key]" in an absolute address: after the last module step.
std::size_t LocalPart(std::string_view address) {
  std::size_t start = 0;
  while (address.substr(start).starts_with("module.")) {
    std::size_t end = start + 7;
    bool quoted = false;
    while (end < address.size() && (quoted || address[end] != '.')) {
      if (address[end] == '"') quoted = !quoted;
      ++end;
    }
    start = end + 1;
  }
  return start;
}

ResourceInstance ParseAddress(std::string_view address) {
  ResourceInstance instance;
  instance.SetAddress(address);
  const std::string_view rest = address.substr(LocalPart(address));
  instance.type = rest.substr(0, rest.find('.'));
  instance.provider_name = "registry.terraform.io/hashicorp/aws";
  return instance;
}

// The configuration of the module that the resource is in; modules are made as needed.
ModuleConfiguration& ModuleOf(terraform::Document* document, std::string_view module_address) {
  ModuleConfiguration* module = &document->configuration.root;
  const std::string plain = WithoutInstanceKeys(module_address);
  for (std::size_t at = 0; plain.compare(at, 7, "module.") == 0;) {
    const std::size_t end = std::min(plain.find('.', at + 7), plain.size());
    auto& call = module->calls[plain.substr(at + 7, end - at - 7)];
    module = &call.module.Own();
    at = std::min(end + 1, plain.size());
  }
  return *module;
}

void AddConfiguration(terraform::Document* document, const ResourceInstance& instance, std::string_view references) {
  if (references.empty()) return;
  document->configuration.present = true;
  std::string_view name = instance.address.substr(LocalPart(instance.address)).substr(instance.type.size() + 1);
  name = name.substr(0, name.find('['));
  const std::string local = std::string(instance.type) + "." + std::string(name);
  ResourceConfiguration resource;
  resource.address = document->arena.Copy(local);
  resource.type = instance.type;
  resource.name = document->arena.Copy(name);
  const JsonValue json = Parse(references);
  for (const std::string& path : json.getMemberNames()) {
    Expression expression;
    for (const JsonValue& reference : json[path]) {
      expression.references.push_back(document->arena.Copy(reference.asString()));
    }
    resource.expressions[path] = std::move(expression);
  }
  ModuleOf(document, instance.module_address()).resources[local] = std::move(resource);
}

}  // namespace

Estate::Estate(DocumentKind kind) {
  document_.kind = kind;
  document_.resource_changes_present = kind == DocumentKind::kPlan;
}

Estate& Estate::Add(const TestResource& resource, std::string_view before) {
  ResourceInstance instance = ParseAddress(document_.arena.Copy(resource.address));
  instance.after = ToValue(Parse(resource.attributes), &document_.arena);
  if (!before.empty()) instance.before = ToValue(Parse(before), &document_.arena);
  if (document_.kind == DocumentKind::kPlan)
    (before.empty() ? instance.actions.create : instance.actions.update) = true;
  AddConfiguration(&document_, instance, resource.references);
  document_.resources.push_back(std::move(instance));
  return *this;
}

const ResourceInstance& Estate::At(std::string_view address) const {
  const auto found = std::find_if(document_.resources.begin(), document_.resources.end(),
                                  [&](const ResourceInstance& instance) { return instance.address == address; });
  TFSEAL_CHECK(found != document_.resources.end());
  return *found;
}

Judgement Estate::Judge(std::string_view control_id, std::string_view address, const Requirements& requirements,
                        std::optional<std::int64_t> now) const {
  const Control* control = FindControl(control_id);
  TFSEAL_CHECK(control != nullptr);
  const ResourceInstance& instance = At(address);
  TFSEAL_CHECK(std::find(control->types.begin(), control->types.end(), instance.type) != control->types.end());
  const World world(document_, Side::kAfter);
  return control->evaluate({instance, instance.after, world, requirements, now});
}

void KeepOnly(terraform::Document* document, std::span<const std::string_view> reads,
              std::initializer_list<std::string_view> joins) {
  for (ResourceInstance& instance : document->resources) {
    std::vector<Member> kept;
    for (const Member& member : instance.after.members()) {
      const bool wanted = std::find(reads.begin(), reads.end(), member.key) != reads.end() ||
                          std::find(joins.begin(), joins.end(), member.key) != joins.end();
      if (wanted) kept.push_back(member);
    }
    Member* members = document->arena.AllocateArray<Member>(kept.size());
    std::copy(kept.begin(), kept.end(), members);
    instance.after = Value::Map({members, kept.size()});
  }
}

std::string Describe(const ControlCase& row) {
  std::string text = std::string(row.control) + " " + std::string(row.type) + " " + std::string(row.attributes);
  for (const TestResource& other : row.others) {
    text += " with " + std::string(other.address) + " " + std::string(other.attributes);
  }
  return text;
}

Judgement Judge(const ControlCase& row) {
  const std::string address = std::string(row.type) + ".it";
  Estate estate;
  estate.Add({address, row.attributes, row.references});
  for (const TestResource& other : row.others) estate.Add(other);
  return estate.Judge(row.control, address, row.requirements, row.now);
}

}  // namespace tfseal

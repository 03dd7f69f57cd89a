#include <algorithm>
#include <array>

#include "aws/observe/snapshot_builder.h"
#include "policy/control.h"

namespace tfseal::observe {
namespace {

using terraform::Arena;
using terraform::Document;
using terraform::Member;
using terraform::ResourceInstance;
using terraform::Value;

// Attributes that say which object it is, not how it is set.
constexpr std::string_view kIdentifying[] = {"id",   "arn",    "name",   "name_prefix", "identifier", "bucket",
                                             "tags", "region", "key_id", "tags_all",    "account_id", "url"};

std::set<std::string_view> IdentityOf(const ObservedType& type) {
  std::set<std::string_view> names(std::begin(kIdentifying), std::end(kIdentifying));
  for (const Read& read : type.reads) {
    for (const std::string_view name : NamesIn(read.parameters)) names.insert(name);
    for (const std::string_view name : NamesIn(read.object)) names.insert(name);
  }
  return names;
}

bool Contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Terraform's attribute beside what AWS said: kept where it identifies or exists in Terraform only, and where no
// control looks at it; unknown where a control does and nothing was read.
Value Carried(const Target& target, const std::set<std::string_view>& identity, const Member& member) {
  if (!AttributesJudged(target.type_name).contains(member.key)) return member.value;
  if (target.type != nullptr && (identity.contains(member.key) || Contains(target.type->terraform_only, member.key))) {
    return member.value;
  }
  return Value::Unknown();
}

Value AttributesOf(const Target& target, Arena* arena) {
  const std::set<std::string_view> identity =
      target.type == nullptr ? std::set<std::string_view>() : IdentityOf(*target.type);
  std::vector<Member> members;
  const auto add = [&](std::string_view name, Value value) {
    if (target.type != nullptr && Contains(target.type->secret, name)) value.set_sensitive(true);
    members.push_back({name, value});
  };
  if (target.instance != nullptr) {
    const Value& side = target.instance->has_after() ? target.instance->after : target.instance->before;
    for (const Member& member : side.members()) {
      if (target.attributes.isMember(std::string(member.key))) continue;
      add(member.key, Carried(target, identity, member));
    }
  }
  for (auto member = target.identity.begin(); member != target.identity.end(); ++member) {
    if (!target.attributes.isMember(member.name())) add(arena->Copy(member.name()), ToValue(*member, arena));
  }
  for (auto member = target.attributes.begin(); member != target.attributes.end(); ++member) {
    if (member.name().starts_with('@')) continue;
    add(arena->Copy(member.name()), ToValue(*member, arena));
  }
  // What cannot be observed at all has no answer; its controls must not take silence for a default.
  if (!target.why_not.empty()) {
    for (const std::string_view name : AttributesJudged(target.type_name)) {
      const bool there = std::any_of(members.begin(), members.end(), [&](const Member& m) { return m.key == name; });
      if (!there && !Contains(kIdentifying, name)) members.push_back({name, Value::Unknown()});
    }
  }
  auto* kept = arena->AllocateArray<Member>(members.size());
  std::copy(members.begin(), members.end(), kept);
  return Value::Map({kept, members.size()});
}

}  // namespace

const std::set<std::string_view>& AttributesJudged(std::string_view type) {
  static const auto& by_type = *new std::map<std::string_view, std::set<std::string_view>>([] {
    std::map<std::string_view, std::set<std::string_view>> reads;
    for (const Control* control : AllControls()) {
      if (control->asked != nullptr) continue;  // what environments ask for is not observed (policy/gate.h)
      for (const std::string_view each : control->types) {
        reads[each].insert(control->reads.begin(), control->reads.end());
      }
    }
    return reads;
  }());
  static const auto& none = *new std::set<std::string_view>();
  const auto found = by_type.find(type);
  return found == by_type.end() ? none : found->second;
}

void BuildDocuments(const std::vector<Target>& targets, Observation* observation) {
  for (const Target& target : targets) {
    ++observation->objects;
    observation->answered += target.answered ? 1 : 0;
    if (target.gone) continue;
    const bool asked = target.type != nullptr && !target.type->reads.empty();
    if (asked && !target.answered) observation->unseen.push_back(target.address);
    Document& document = observation->documents[target.document];
    ResourceInstance instance;
    if (target.instance != nullptr) {
      instance = *target.instance;
      instance.actions = {};
      instance.before = target.instance->has_after() ? target.instance->after : target.instance->before;
    } else {
      instance.SetAddress(document.arena.Copy(target.address));
      instance.type = target.type->type;
    }
    instance.after = AttributesOf(target, &document.arena);
    document.resources.push_back(std::move(instance));
    ++document.resources_seen;
  }
}

std::string RegionNamedBy(std::string_view text) {
  if (text.starts_with("arn:")) {
    for (int i = 0; i < 3; ++i) {
      const std::size_t colon = text.find(':');
      if (colon == std::string_view::npos) return {};
      text.remove_prefix(colon + 1);
    }
    return std::string(text.substr(0, text.find(':')));
  }
  if (text.starts_with("https://sqs.")) {
    text.remove_prefix(12);
    return std::string(text.substr(0, text.find('.')));
  }
  return {};
}

std::string AccountNamedBy(std::string_view text) {
  if (!text.starts_with("arn:")) return {};
  for (int i = 0; i < 4; ++i) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return {};
    text.remove_prefix(colon + 1);
  }
  const std::string_view account = text.substr(0, text.find(':'));
  return account.size() == 12 ? std::string(account) : std::string();
}

}  // namespace tfseal::observe

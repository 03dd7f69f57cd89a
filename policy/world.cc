#include "policy/world.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <utility>

#include "policy/each_key.h"
#include "terraform/address.h"

namespace tfseal {
namespace {

using terraform::Configuration;
using terraform::DocumentKind;
using terraform::Expression;
using terraform::ForEachStep;
using terraform::IsPrefixOfAnother;
using terraform::ModuleCall;
using terraform::ModuleConfiguration;
using terraform::NameOfStep;
using terraform::ResourceConfiguration;
using terraform::ResourceInstance;
using terraform::StepsOf;
using terraform::Value;

// Finds entries of a map again without hashing their names: the same name stands at the same place most often.
template <class T>
class RecentEntries {
 public:
  explicit RecentEntries(std::unordered_map<std::string_view, T>& map) : map_(map) {}
  T& operator[](std::string_view name) {
    Place& place = places_[std::hash<const void*>()(name.data()) % places_.size()];
    if (place.entry == nullptr || place.name != name.data() || place.size != name.size()) {
      place = {name.data(), name.size(), &map_[name]};
    }
    return *place.entry;
  }

 private:
  struct Place {
    const char* name = nullptr;
    std::size_t size = 0;
    T* entry = nullptr;
  };
  std::unordered_map<std::string_view, T>& map_;
  std::array<Place, 61> places_;
};

// "rule[0].default[1].key" -> "rule.default.key"
std::string WithoutIndexes(std::string_view path) {
  if (terraform::FirstStepEnd(path) == path.size()) return std::string(path);
  std::string plain;
  for (const std::string_view step : StepsOf(path)) {
    if (!step.empty() && step.find_first_not_of("0123456789") == std::string_view::npos) continue;
    if (!plain.empty()) plain += '.';
    plain += NameOfStep(step);
  }
  return plain;
}

// Follows the references of expressions to resources and data sources.
class Tracer {
 public:
  explicit Tracer(Origin* origin) : origin_(origin) {}

  void Follow(const Expression& expression, const ModuleScope& scope, const ResourceConfiguration* resource) {
    // timestamp(), uuid(): a function that answers only during apply refers to nothing.
    if (expression.references.empty() && expression.constant.absent()) origin_->opaque.emplace_back("()");
    for (const std::string_view reference : expression.references) {
      if (!IsPrefixOfAnother(reference, expression.references)) FollowReference(reference, scope, resource);
    }
  }

 private:
  void FollowReference(std::string_view reference, const ModuleScope& scope, const ResourceConfiguration* resource) {
    if (!seen_.insert({scope.keyed.empty() ? scope.path : scope.keyed, std::string(reference)}).second) return;
    const auto steps = StepsOf(reference);
    const std::string_view head = NameOfStep(steps[0]);
    if (head == "var" && steps.size() > 1) {
      FollowVariable(NameOfStep(steps[1]), scope);
    } else if (head == "module" && steps.size() > 1) {
      FollowOutput(steps, scope);
    } else if (head == "each") {
      if (resource != nullptr) FollowEach(steps, resource->for_each, scope, kOwnKey);
    } else if (head == "local") {
      origin_->opaque.emplace_back(reference);
    } else if (head != "path" && head != "terraform" && head != "count" && head != "self") {
      AddTarget(steps, scope);
    }
  }

  void FollowVariable(std::string_view name, const ModuleScope& scope) {
    if (scope.call == nullptr) return;  // root variables are known when planning
    const auto argument = scope.call->arguments.find(name);
    if (argument == scope.call->arguments.end()) return;  // its default, a constant
    const Expression& expression = argument->second;
    for (const std::string_view reference : expression.references) {
      if (!reference.starts_with("each.") || IsPrefixOfAnother(reference, expression.references)) continue;
      FollowEach(StepsOf(reference), scope.call->for_each, *scope.parent, KeyOfModule(StepsOf(scope.path).size()));
    }
    Follow(expression, *scope.parent, nullptr);
  }

  // Over the instances of a module, each.value.arn is the output `arn` of the one with the same key, which `key` stands
  // for. Over anything else it may be whatever for_each refers to.
  void FollowEach(const std::vector<std::string_view>& each, const Expression& for_each, const ModuleScope& scope,
                  std::string_view key) {
    const bool attribute = each.size() > 2 && NameOfStep(each[1]) == "value";
    for (const std::string_view reference : for_each.references) {
      if (IsPrefixOfAnother(reference, for_each.references)) continue;
      const auto over = StepsOf(reference);
      const bool module = over.size() == 2 && over[0] == "module" && KeyOf(over[1]).empty();
      if (attribute && module && HasOutput(scope, over[1], NameOfStep(each[2]))) {
        std::string output(reference);
        output.append(key).append(".").append(NameOfStep(each[2]));
        FollowReference(output, scope, nullptr);
      } else {
        FollowReference(reference, scope, nullptr);
      }
    }
  }

  static bool HasOutput(const ModuleScope& scope, std::string_view name, std::string_view output) {
    const auto call = scope.module->calls.find(name);
    return call != scope.module->calls.end() && !call->second.module.empty() &&
           call->second.module.front().outputs.contains(output);
  }

  void FollowOutput(const std::vector<std::string_view>& steps, const ModuleScope& scope) {
    const auto call = scope.module->calls.find(NameOfStep(steps[1]));
    if (call == scope.module->calls.end() || call->second.module.empty()) {
      origin_->opaque.push_back("module." + std::string(NameOfStep(steps[1])));
      return;
    }
    ModuleScope inner;
    inner.module = &call->second.module.front();
    inner.call = &call->second;
    inner.parent = &scope;
    inner.path = scope.path.empty() ? "" : scope.path + ".";
    inner.path += "module." + std::string(NameOfStep(steps[1]));
    inner.keyed = scope.keyed.empty() ? scope.path : scope.keyed;
    inner.keyed += (inner.keyed.empty() ? "module." : ".module.") + std::string(steps[1]);
    for (const auto& [name, expression] : inner.module->outputs) {
      if (steps.size() == 2 || name == NameOfStep(steps[2])) Follow(expression, inner, nullptr);
    }
  }

  void AddTarget(const std::vector<std::string_view>& steps, const ModuleScope& scope) {
    const bool data = NameOfStep(steps[0]) == "data";
    const std::size_t first = data ? 1 : 0;
    if (steps.size() < first + 2) return;
    Origin::Target target;
    target.data_source = data;
    target.type = NameOfStep(steps[first]);
    target.key = KeyOf(steps[first + 1]);
    if (steps.size() > first + 2) target.attribute = NameOfStep(steps[first + 2]);
    target.module = scope.keyed.empty() ? scope.path : scope.keyed;
    target.address = scope.path.empty() ? "" : scope.path + ".";
    if (data) target.address += "data.";
    target.address += target.type + "." + std::string(NameOfStep(steps[first + 1]));
    origin_->targets.push_back(std::move(target));
  }

  Origin* origin_;
  std::set<std::pair<std::string, std::string>> seen_;
};

// The part of an absolute module address that is as deep as `module_block` ("module.a.module.b"), with its keys.
std::string_view ModulePrefix(std::string_view module_address, std::size_t steps_wanted) {
  const auto steps = StepsOf(module_address);
  if (module_address.empty() || steps_wanted == 0) return {};
  if (steps.size() <= steps_wanted) return module_address;
  const std::string_view last = steps[steps_wanted - 1];
  return module_address.substr(0, static_cast<std::size_t>(last.data() + last.size() - module_address.data()));
}

// The instance key of an absolute address, with brackets.
std::string_view InstanceKey(std::string_view address) {
  if (!address.ends_with(']')) return {};
  // A number is what most keys are, and holds no brackets.
  const std::size_t bracket = address.rfind('[');
  if (bracket != std::string_view::npos && !address.ends_with("\"]")) return address.substr(bracket);
  std::string_view last;
  ForEachStep(address, [&](std::string_view step) { last = step; });
  return KeyOf(last);
}

// "module.keys.aws_kms_key.this" -> "module.keys" and "aws_kms_key"; of addresses without instance keys.
struct BlockParts {
  std::string_view module;
  std::string_view type;
};
BlockParts PartsOf(std::string_view block_address) {
  const std::size_t name = block_address.rfind('.');
  if (name == std::string_view::npos || name == 0) return {};
  const std::size_t type = block_address.rfind('.', name - 1);
  if (type == std::string_view::npos) return {{}, block_address.substr(0, name)};
  return {block_address.substr(0, type), block_address.substr(type + 1, name - type - 1)};
}

// Appends `address` without instance keys. Whatever stands behind a bracket up to the next dot outside of brackets and
// quotes belongs to the key.
void AppendWithoutKeys(std::string_view address, std::string& plain) {
  // ["a.b"] and [0], one after the other, is all that Terraform writes; anything else the long way below.
  std::size_t at = 0;
  const std::size_t start = plain.size();
  while (true) {
    const std::size_t bracket = address.find('[', at);
    plain.append(address.substr(at, bracket - at));
    if (bracket == std::string_view::npos) break;
    const bool text = bracket + 1 < address.size() && address[bracket + 1] == '"';
    const std::size_t end = text ? address.find('"', bracket + 2) : address.find(']', bracket);
    const std::size_t close = end + (text ? 1 : 0);
    const bool simple = end != std::string_view::npos && close < address.size() && address[close] == ']' &&
                        (close + 1 == address.size() || address[close + 1] == '.') &&
                        address.substr(bracket, end - bracket).find('\\') == std::string_view::npos;
    if (!simple) {
      at = std::string_view::npos;
      break;
    }
    at = close + 1;
  }
  if (at != std::string_view::npos && plain.find('"', start) == std::string::npos) return;
  plain.resize(start);
  bool quoted = false;
  bool in_key = false;
  int depth = 0;
  for (std::size_t i = 0; i < address.size(); ++i) {
    const char c = address[i];
    if (!quoted && c == '.' && depth == 0) {
      in_key = false;
      plain += '.';
      continue;
    }
    if (quoted) {
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[') {
      ++depth;
    } else if (c == ']') {
      --depth;
    }
    in_key = in_key || c == '[';
    if (!in_key) plain += c;
    if (quoted && c == '\\' && i + 1 < address.size()) {
      ++i;
      in_key = in_key || address[i] == '[';
      if (!in_key) plain += address[i];
    }
  }
}

}  // namespace

std::string WithoutInstanceKeys(std::string_view address) {
  std::string plain;
  plain.reserve(address.size());
  AppendWithoutKeys(address, plain);
  return plain;
}

std::string_view World::BlockOf(std::string_view address) const {
  if (address.find('[') == std::string_view::npos) return address;
  // Many questions in a row are about the same resource.
  if (address.data() == block_of_.data() && address.size() == block_of_.size()) return block_;
  block_of_ = address;
  block_.clear();
  AppendWithoutKeys(address, block_);
  return block_;
}

const ModuleScope* World::ScopeOf(std::string_view module_path) const {
  if (last_scope_ != nullptr && last_scope_->path == module_path) return last_scope_;
  if (const auto found = scopes_.find(module_path); found != scopes_.end()) return last_scope_ = found->second;
  ModuleScope scope;
  scope.path = module_path;
  if (module_path.empty()) {
    scope.module = &document_.configuration.root;
  } else {
    const std::size_t name = module_path.rfind('.') + 1;
    const std::size_t word = module_path.rfind('.', name - 2);
    scope.parent = ScopeOf(word == std::string_view::npos ? std::string_view() : module_path.substr(0, word));
    if (scope.parent->module != nullptr) {
      const auto call = scope.parent->module->calls.find(module_path.substr(name));
      if (call != scope.parent->module->calls.end() && !call->second.module.empty()) {
        scope.module = &call->second.module.front();
        scope.call = &call->second;
      }
    }
  }
  const ModuleScope& kept = scope_store_.emplace_back(std::move(scope));
  scopes_.emplace(kept.path, &kept);
  return last_scope_ = &kept;
}

World::ConfiguredBlock World::ConfigurationOf(std::string_view block_address) const {
  if (!document_.configuration.present) return {};
  constexpr std::string_view kModule = "module.";
  std::size_t local = 0;
  while (block_address.substr(local).starts_with(kModule)) {
    const std::size_t end = block_address.find('.', local + kModule.size());
    if (end == std::string_view::npos) return {};
    local = end + 1;
  }
  const ModuleScope* scope = ScopeOf(block_address.substr(0, local == 0 ? 0 : local - 1));
  if (scope->module == nullptr) return {};
  const auto resource = scope->module->resources.find(block_address.substr(local));
  if (resource == scope->module->resources.end()) return {};
  return {scope, &resource->second};
}

World::World(const terraform::Document& document, Side side) : document_(document), side_(side) {
  const bool refresh_only = document.kind == DocumentKind::kPlan && !document.resource_changes_present;
  AddToIndex(refresh_only ? document.prior : document.resources);
}

const std::string& World::Key(std::string_view first, std::string_view second, std::string_view third) const {
  key_.assign(first);
  key_ += '\n';
  key_ += second;
  if (!third.empty()) {
    key_ += '\n';
    key_ += third;
  }
  return key_;
}

void World::AddToIndex(const std::vector<ResourceInstance>& instances) {
  const auto is_here = [&](const ResourceInstance& instance) {
    return instance.rare->deposed.empty() && AttributesOf(instance).is_map();
  };
  // Counted first: lists that grow bit by bit take twice the room.
  std::unordered_map<std::string_view, std::size_t> counts;
  RecentEntries count_of(counts);
  for (const ResourceInstance& instance : instances) {
    if (is_here(instance)) ++count_of[instance.type];
  }
  for (const auto& [type, number] : counts) by_type_[type].reserve(number);
  RecentEntries of_type(by_type_);
  for (const ResourceInstance& instance : instances) {
    if (is_here(instance)) of_type[instance.type].push_back(&instance);
  }
}

const Value& World::AttributesOf(const ResourceInstance& instance) const {
  consulted_ = true;
  // A state, and the world that a refresh-only plan leaves alone, have one side only.
  const bool one_sided = document_.kind == DocumentKind::kState || !document_.resource_changes_present;
  return side_ == Side::kBefore && !one_sided ? instance.before : instance.after;
}

const std::vector<const ResourceInstance*>& World::InstancesOf(std::string_view block_address) const {
  static const std::vector<const ResourceInstance*> kNone;
  consulted_ = true;
  const auto of_type = by_type_.find(PartsOf(block_address).type);
  if (of_type == by_type_.end()) return kNone;
  const auto [blocks, is_new] = by_block_.try_emplace(of_type->first);
  if (is_new) {
    for (const ResourceInstance* instance : of_type->second) {
      std::string_view block = instance->address;
      if (block.find('[') != std::string_view::npos) block = block_names_.emplace_back(WithoutInstanceKeys(block));
      blocks->second[block].push_back(instance);
    }
  }
  const auto found = blocks->second.find(block_address);
  return found == blocks->second.end() ? kNone : found->second;
}

std::vector<const ResourceInstance*> World::OfType(std::string_view type) const {
  consulted_ = true;
  const auto found = by_type_.find(type);
  return found == by_type_.end() ? std::vector<const ResourceInstance*>() : found->second;
}

const ResourceInstance* World::At(std::string_view address) const {
  consulted_ = true;
  if (by_address_.empty()) {
    std::size_t count = 0;
    for (const auto& [type, instances] : by_type_) count += instances.size();
    by_address_.reserve(count);
    for (const auto& [type, instances] : by_type_) {
      for (const ResourceInstance* instance : instances) by_address_.emplace(instance->address, instance);
    }
  }
  const auto found = by_address_.find(address);
  return found == by_address_.end() ? nullptr : found->second;
}

const ResourceInstance* World::AtOfType(std::string_view type, std::string_view address) const {
  const auto of_type = by_type_.find(type);
  if (of_type == by_type_.end()) return nullptr;
  const auto [index, is_new] = by_type_and_address_.try_emplace(of_type->first);
  if (is_new) {
    index->second.reserve(of_type->second.size());
    for (const ResourceInstance* instance : of_type->second) index->second.emplace(instance->address, instance);
  }
  const auto found = index->second.find(address);
  return found == index->second.end() ? nullptr : found->second;
}

std::vector<const ResourceInstance*> World::Where(std::string_view type, std::string_view attribute,
                                                  std::string_view value) const {
  consulted_ = true;
  const auto [index, is_new] = by_attribute_.try_emplace(Key(type, attribute));
  if (is_new) {
    for (const ResourceInstance* instance : OfType(type)) {
      const Value text = AttributesOf(*instance).At(attribute);
      if (!text.text().empty()) index->second.emplace(text.text(), instance);
    }
  }
  std::vector<const ResourceInstance*> found;
  const auto [first, last] = index->second.equal_range(value);
  for (auto it = first; it != last; ++it) found.push_back(it->second);
  std::sort(found.begin(), found.end(), [](const auto* a, const auto* b) { return a->address < b->address; });
  return found;
}

World::BlockFacts& World::FactsOf(const ResourceInstance& instance) const {
  const std::string_view address = instance.address;
  if (last_facts_ != nullptr && address.data() == facts_of_.data() && address.size() == facts_of_.size()) {
    return *last_facts_;
  }
  key_.assign(BlockOf(address));
  const auto [facts, is_new] = facts_.try_emplace(key_);
  if (is_new) facts->second.configured = ConfigurationOf(facts->first);
  facts_of_ = address;
  last_facts_ = &facts->second;
  return *last_facts_;
}

void World::ForgetBlocks() const {
  constexpr std::size_t kBlocksKept = 4096;
  if (facts_.size() < kBlocksKept) return;
  facts_.clear();
  origins_.clear();
  facts_of_ = {};
  last_facts_ = nullptr;
}

const Origin& World::OriginOf(const ResourceInstance& instance, std::string_view attribute) const {
  const bool has_indexes = terraform::FirstStepEnd(attribute) != attribute.size();
  const std::string plain_path = has_indexes ? WithoutIndexes(attribute) : std::string();
  const std::string_view path = has_indexes ? std::string_view(plain_path) : attribute;
  BlockFacts& facts = FactsOf(instance);
  for (const BlockFacts::Traced& traced : facts.origins) {
    if (traced.path == path) return *traced.origin;
  }
  const Origin* const origin = Trace(facts.configured, path);
  facts.origins.push_back({std::string(path), origin});
  return *origin;
}

// Most attributes have no origin of their own: nobody sets them, or the document does not have the block.
const Origin* World::Trace(const ConfiguredBlock& configured, std::string_view path) const {
  static const Origin kUnknown;
  static const Origin kUnset = [] {
    Origin origin;
    origin.known = true;
    return origin;
  }();
  if (configured.resource == nullptr) return &kUnknown;
  Origin origin;
  origin.known = true;
  Tracer tracer(&origin);
  const std::string_view in_block = path.substr(0, path.rfind('.') + 1);
  for (const auto& [name, expression] : configured.resource->expressions) {
    if (name.empty() || path.empty() || name.front() != path.front()) continue;
    const bool has_indexes = terraform::FirstStepEnd(name) != name.size();
    if (!has_indexes && name != path) continue;  // it stands in no block either
    const std::string plain = WithoutIndexes(name);
    if (!in_block.empty() && plain.starts_with(in_block)) origin.block_configured = true;
    if (plain != path) continue;
    origin.configured = true;
    if (expression.constant.known()) origin.constant = expression.constant;
    tracer.Follow(expression, *configured.scope, configured.resource);
  }
  if (!origin.configured && !origin.block_configured) return &kUnset;
  std::sort(origin.targets.begin(), origin.targets.end());
  origin.targets.erase(std::unique(origin.targets.begin(), origin.targets.end()), origin.targets.end());
  return &origins_.emplace_back(std::move(origin));
}

bool World::Mentions(const ResourceInstance& instance, std::string_view attribute) const {
  consulted_ = true;
  const Value& attributes = AttributesOf(instance);
  if (!attributes.Get(attribute).absent()) return true;
  const auto left_out = &attributes == &instance.before ? instance.left_out_before : instance.left_out_after;
  return std::find(left_out.begin(), left_out.end(), attribute) != left_out.end();
}

std::string_view World::ConfiguredButAbsent(const ResourceInstance& instance) const {
  const ConfiguredBlock& configured = FactsOf(instance).configured;
  if (configured.resource == nullptr) return {};
  const Value& attributes = AttributesOf(instance);
  const auto members = attributes.members();
  const auto left_out = &attributes == &instance.before ? instance.left_out_before : instance.left_out_after;
  const NamesSeen seen{configured.resource, attributes.NamesIdentity(), left_out.begin()};
  NamesSeen& complete = complete_[std::hash<const void*>()(seen.resource) % complete_.size()];
  if (seen.names != nullptr && complete == seen) return {};
  // All are in alphabetical order almost always, so most names are found where the one before was.
  std::size_t place = 0;
  auto left = left_out.begin();
  std::string_view last;
  for (const auto& [path, expression] : configured.resource->expressions) {
    const std::string_view name = NameOfStep(std::string_view(path).substr(0, path.find('.')));
    if (name == last) continue;
    last = name;
    int order = -1;
    while (left != left_out.end() && (order = left->compare(name)) < 0) ++left;
    if (order == 0) continue;
    order = -1;
    while (place < members.size() && (order = members[place].key.compare(name)) < 0) ++place;
    if (order == 0 && !members[place].value.absent()) continue;
    if (!Mentions(instance, name)) return name;
  }
  complete = seen;
  return {};
}

Value World::ConfiguredConstant(std::string_view block_address, std::string_view attribute) const {
  const ConfiguredBlock configured = ConfigurationOf(block_address);
  if (configured.resource == nullptr) return {};
  const auto expression = configured.resource->expressions.find(attribute);
  return expression == configured.resource->expressions.end() ? Value() : expression->second.constant;
}

void World::AddInstancesOf(const Origin::Target& target, const ResourceInstance& from,
                           std::vector<const ResourceInstance*>* found) const {
  const auto add_at = [&](const std::string& block) {
    for (const std::string_view key : {std::string_view(target.key), InstanceKey(from.address), std::string_view()}) {
      key_.assign(block).append(key);
      if (const ResourceInstance* instance = AtOfType(target.type, key_); instance != nullptr) {
        found->push_back(instance);
        return true;
      }
    }
    return false;
  };
  // Most often both are in the same module.
  const std::string_view module = PartsOf(target.address).module;
  if (BlockOf(from.module_address()) == module) {
    std::string& block = same_module_;
    block.assign(from.module_address());
    block.append(std::string_view(target.address).substr(module.size()));
    if (add_at(block)) return;
  }
  const auto steps = StepsOf(target.address);
  const std::size_t module_steps = steps.size() - 2;  // type and name come last; data sources do not get here
  const std::string_view prefix = ModulePrefix(from.module_address(), module_steps);
  if (WithoutInstanceKeys(prefix) ==
      std::string_view(target.address).substr(0, prefix.empty() ? 0 : WithoutInstanceKeys(prefix).size())) {
    std::string address = std::string(prefix) + (prefix.empty() ? "" : ".") + std::string(steps[steps.size() - 2]) +
                          "." + std::string(steps.back());
    if (add_at(address)) return;
  }
  for (const ResourceInstance* instance : InstancesOf(target.address)) {
    if (target.key.empty() || InstanceKey(instance->address) == target.key) found->push_back(instance);
  }
}

std::vector<const ResourceInstance*> World::Follow(const ResourceInstance& instance, std::string_view attribute,
                                                   std::string_view type,
                                                   const std::vector<std::string_view>& keys) const {
  consulted_ = true;
  std::vector<const ResourceInstance*> found;
  const Value value = AttributesOf(instance).At(attribute);
  if (value.unknown()) {
    for (const Origin::Target& target : OriginOf(instance, attribute).targets) {
      if (!target.data_source && target.type == type) AddInstancesOf(target, instance, &found);
    }
  } else if (!value.text().empty()) {
    for (const std::string_view key : keys) {
      const auto matches = Where(type, key, value.text());
      found.insert(found.end(), matches.begin(), matches.end());
    }
    if (found.empty()) {
      // A name that is written out on both sides of a create: the id to match it with is not known yet.
      for (const Origin::Target& target : OriginOf(instance, attribute).targets) {
        if (!target.data_source && target.type == type) AddInstancesOf(target, instance, &found);
      }
    }
  }
  std::sort(found.begin(), found.end(), [](const auto* a, const auto* b) { return a->address < b->address; });
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::vector<const ResourceInstance*> World::PointingAt(const ResourceInstance& target, std::string_view type,
                                                       std::string_view attribute,
                                                       const std::vector<std::string_view>& keys) const {
  consulted_ = true;
  const auto [index, is_new] = pointing_.try_emplace(Key(type, attribute, target.type));
  if (is_new) {
    for (const ResourceInstance* instance : OfType(type)) {
      for (const ResourceInstance* end : Follow(*instance, attribute, target.type, keys)) {
        index->second.emplace(end->address, instance);
      }
    }
  }
  std::vector<const ResourceInstance*> found;
  const auto [first, last] = index->second.equal_range(target.address);
  for (auto it = first; it != last; ++it) found.push_back(it->second);
  std::sort(found.begin(), found.end(), [](const auto* a, const auto* b) { return a->address < b->address; });
  return found;
}

}  // namespace tfseal

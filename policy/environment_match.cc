#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "policy/glob.h"
#include "policy/location.h"
#include "policy/policy_file.h"
#include "policy/waiver.h"
#include "policy/world.h"

namespace tfseal {
namespace {

using terraform::Document;
using terraform::ResourceInstance;
using terraform::Value;

// Attributes that hold the name of the object itself, or of the one object whose part or setting it is (the bucket of a
// versioning configuration, the cluster of a cluster instance).
constexpr std::string_view kNameAttributes[] = {
    "identifier",
    "name",
    "bucket",
    "cluster_identifier",
    "replication_group_id",
    "cluster_id",
    "cluster_name",
    "function_name",
    "family",
    "domain_name",
    "domain",
    "db_cluster_identifier",
    "db_instance_identifier",
    "db_snapshot_identifier",
    "db_cluster_snapshot_identifier",
    "target_db_snapshot_identifier",
    "global_cluster_identifier",
    "cluster_endpoint_identifier",
    "db_proxy_name",
    "db_proxy_endpoint_name",
    "namespace_name",
    "workgroup_name",
    "backup_vault_name",
    "table_name",
    "alarm_name",
    "replication_instance_id",
    "replication_config_identifier",
    "endpoint_id",
    "broker_name",
    "log_group_name",
    "resource_identifier",
    "identifier_prefix",
    "name_prefix",
    "bucket_prefix",
    "cluster_identifier_prefix",
};

constexpr std::string_view kOtherAttributes[] = {"tags", "tags_all"};

// The object as it will be, then as it was: a value that is known only after apply is often known before.
std::array<const Value*, 2> SidesOf(const ResourceInstance& instance) {
  return {&instance.after, &instance.before};
}

// What the provider's default_tags say of a tag, which a new resource has in tags_all: that is unknown as a whole where
// any tag is. Unknown if the configuration does not tell, Absent if it says that there is none.
Value DefaultTag(const Document& document, const ResourceInstance& instance, std::string_view name) {
  const terraform::ProviderConfiguration* provider = ProviderOf(document, instance);
  if (provider == nullptr) return Value::Unknown();
  const auto tags = provider->expressions.find("default_tags[0].tags");
  if (tags == provider->expressions.end()) return {};
  return tags->second.constant.is_map() ? tags->second.constant.Get(name) : Value::Unknown();
}

// The value of a tag as it will be, else as it was. Unknown if only the apply tells.
Value Tag(const Document& document, const ResourceInstance& instance, std::string_view name) {
  bool unknown = false;
  for (const Value* side : SidesOf(instance)) {
    const Value all = side->Get("tags_all").Get(name);
    const Value own = side->Get("tags").Get(name);
    for (const Value& tag : {all, own}) {
      if (!tag.text().empty()) return tag;
    }
    if (own.unknown()) {
      unknown = true;
    } else if (all.unknown()) {
      const Value by_default = DefaultTag(document, instance, name);
      if (!by_default.text().empty()) return by_default;
      unknown = unknown || by_default.unknown();
    }
  }
  return unknown ? Value::Unknown() : Value();
}

std::string_view TagOf(const Document& document, const ResourceInstance& instance, std::string_view name) {
  return Tag(document, instance, name).text();
}

// A name as a whole, and each step of one that is a path: "/aws/rds/cluster/orders-dev/postgresql", "alias/orders-dev".
bool NameMatches(const std::vector<std::string>& globs, std::string_view name) {
  if (name.empty()) return false;
  const auto any = [&](std::string_view text) {
    return !text.empty() &&
           std::any_of(globs.begin(), globs.end(), [&](const std::string& g) { return NameGlobMatches(g, text); });
  };
  if (any(name)) return true;
  if (name.find('/') == std::string_view::npos) return false;
  while (!name.empty()) {
    const std::size_t slash = name.find('/');
    if (any(name.substr(0, slash))) return true;
    name.remove_prefix(slash == std::string_view::npos ? name.size() : slash + 1);
  }
  return false;
}

bool NamesMatch(const std::vector<std::string>& globs, const Document& document, const ResourceInstance& instance) {
  for (const Value* side : SidesOf(instance)) {
    for (const std::string_view attribute : kNameAttributes) {
      if (NameMatches(globs, side->Get(attribute).text())) return true;
    }
  }
  return NameMatches(globs, TagOf(document, instance, "Name"));
}

bool Contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool AddressMatches(const std::vector<std::string>& globs, std::string_view address) {
  return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) { return GlobMatches(glob, address); });
}

enum class Membership : unsigned char { kNo, kUnknown, kYes };

Membership MembershipIn(const EnvironmentMatch& match, const Document& document, const ResourceInstance& instance) {
  // Without a single criterion an environment is only for --environment; it does not swallow everything.
  if (match.accounts.empty() && match.regions.empty() && match.addresses.empty() && match.tags.empty() &&
      match.names.empty()) {
    return Membership::kNo;
  }
  if (!match.addresses.empty() && !AddressMatches(match.addresses, instance.address)) return Membership::kNo;
  Membership membership = Membership::kYes;
  for (const auto& [name, glob] : match.tags) {
    const Value tag = Tag(document, instance, name);
    if (tag.unknown()) {
      membership = Membership::kUnknown;
    } else if (tag.text().empty() || !NameGlobMatches(glob, tag.text())) {
      return Membership::kNo;
    }
  }
  if (!match.names.empty() && !NamesMatch(match.names, document, instance)) return Membership::kNo;
  if (!match.accounts.empty() && !Contains(match.accounts, AccountOf(document, instance))) return Membership::kNo;
  if (!match.regions.empty() && !Contains(match.regions, RegionOf(document, instance))) return Membership::kNo;
  return membership;
}

bool Belongs(const EnvironmentMatch& match, const Document& document, const ResourceInstance& instance) {
  return MembershipIn(match, document, instance) == Membership::kYes;
}

// The same object with one of its sides only.
ResourceInstance Only(const ResourceInstance& instance, const Value& side) {
  ResourceInstance only = instance;
  only.after = side;
  only.before = Value();
  return only;
}

// Whether an update or a replacement changes what environments are told apart by.
bool MayMove(const ResourceInstance& instance) {
  if (!instance.has_before() || !instance.has_after() || instance.actions.no_op) return false;
  const auto changes = [&](std::string_view attribute) {
    return !instance.before.Get(attribute).SameAs(instance.after.Get(attribute));
  };
  return std::any_of(std::begin(kNameAttributes), std::end(kNameAttributes), changes) ||
         std::any_of(std::begin(kOtherAttributes), std::end(kOtherAttributes), changes);
}

std::string Called(const Environment& environment) {
  return environment.name.empty() ? "none of the environments" : environment.name;
}

}  // namespace

const std::vector<std::string_view>& EnvironmentAttributes() {
  static const auto* const attributes = [] {
    auto* all = new std::vector<std::string_view>(std::begin(kNameAttributes), std::end(kNameAttributes));
    all->insert(all->end(), LocationAttributes().begin(), LocationAttributes().end());
    all->insert(all->end(), std::begin(kOtherAttributes), std::end(kOtherAttributes));
    return all;
  }();
  return *attributes;
}

const Environment& EnvironmentOf(const PolicyFile& policy, const Document& document, const ResourceInstance& instance) {
  const Environment* found = &policy.defaults;
  for (const Environment& environment : policy.environments) {
    if (!Belongs(environment.match, document, instance)) continue;
    found = &environment;
    break;
  }
  for (const ApplicationEnvironment& each : policy.application_environments) {
    if (each.base == found->name && NamesMatch(each.names, document, instance)) return each.environment;
  }
  return *found;
}

std::string DoubtAboutEnvironment(const PolicyFile& policy, const Document& document, const ResourceInstance& instance,
                                  const Environment& chosen) {
  const auto is_other = [&](const Environment& environment) {
    return &environment != &chosen && !(environment.requirements == chosen.requirements);
  };
  for (const Environment& environment : policy.environments) {
    if (&environment == &chosen) break;
    if (!is_other(environment)) continue;
    if (MembershipIn(environment.match, document, instance) == Membership::kUnknown) {
      return fmt::format("its tags are known only after apply, so whether it belongs to {} is not known: judged by {}",
                         environment.name, chosen.name.empty() ? "the defaults" : chosen.name);
    }
  }
  if (policy.environments.empty() || !MayMove(instance)) return {};
  const Environment& was = EnvironmentOf(policy, document, Only(instance, instance.before));
  const Environment& will = EnvironmentOf(policy, document, Only(instance, instance.after));
  // What is not known yet matches nothing: that is no move to the defaults.
  const bool moves = is_other(was) || (is_other(will) && !will.name.empty());
  if (!moves) return {};
  return fmt::format("it belongs to {} and will belong to {}, which do not require the same: judged by {}", Called(was),
                     Called(is_other(was) ? chosen : will), chosen.name.empty() ? "the defaults" : chosen.name);
}

std::string UnmatchedEnvironments(const PolicyFile& policy, const Document& document) {
  if (policy.environments.empty()) return "";
  const auto& instances = document.kind == terraform::DocumentKind::kPlan && !document.resource_changes_present
                              ? document.prior
                              : document.resources;
  const auto matches = [&](const ResourceInstance& instance) {
    return std::any_of(policy.environments.begin(), policy.environments.end(),
                       [&](const Environment& each) { return Belongs(each.match, document, instance); });
  };
  if (instances.empty() || std::any_of(instances.begin(), instances.end(), matches)) return "";
  std::vector<std::string_view> names;
  std::set<std::string> tags;
  for (const Environment& environment : policy.environments) {
    names.push_back(environment.name);
    for (const auto& [name, glob] : environment.match.tags) {
      for (const ResourceInstance& instance : instances) {
        if (const std::string_view tag = TagOf(document, instance, name); !tag.empty())
          tags.insert(fmt::format("{}={}", name, tag));
      }
    }
  }
  return fmt::format(
      "nothing here belongs to an environment of the policy ({}), so all is judged by its defaults: widen `match`{}, "
      "or "
      "name one with --environment",
      fmt::join(names, ", "), tags.empty() ? "" : fmt::format(" (the tags here: {})", fmt::join(tags, ", ")));
}

const Waiver* WaiverFor(const PolicyFile& policy, std::string_view control, Topic topic, std::string_view address,
                        UnixSeconds now) {
  for (const Waiver& waiver : policy.waivers) {
    if (WaiverCovers(waiver, control, topic, address) && WaiverMistake(policy, waiver, now).empty()) return &waiver;
  }
  return nullptr;
}

}  // namespace tfseal

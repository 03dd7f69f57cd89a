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

std::string_view TagOf(const ResourceInstance& instance, std::string_view name) {
  for (const Value* side : SidesOf(instance)) {
    for (const char* attribute : {"tags_all", "tags"}) {
      if (const std::string_view text = side->Get(attribute).Get(name).text(); !text.empty()) return text;
    }
  }
  return {};
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

bool NamesMatch(const std::vector<std::string>& globs, const ResourceInstance& instance) {
  for (const Value* side : SidesOf(instance)) {
    for (const std::string_view attribute : kNameAttributes) {
      if (NameMatches(globs, side->Get(attribute).text())) return true;
    }
  }
  return NameMatches(globs, TagOf(instance, "Name"));
}

bool Contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool AddressMatches(const std::vector<std::string>& globs, std::string_view address) {
  return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) { return GlobMatches(glob, address); });
}

bool Belongs(const EnvironmentMatch& match, const Document& document, const ResourceInstance& instance) {
  // Without a single criterion an environment is only for --environment; it does not swallow everything.
  if (match.accounts.empty() && match.regions.empty() && match.addresses.empty() && match.tags.empty() &&
      match.names.empty()) {
    return false;
  }
  if (!match.addresses.empty() && !AddressMatches(match.addresses, instance.address)) return false;
  for (const auto& [name, glob] : match.tags) {
    const std::string_view tag = TagOf(instance, name);
    if (tag.empty() || !NameGlobMatches(glob, tag)) return false;
  }
  if (!match.names.empty() && !NamesMatch(match.names, instance)) return false;
  if (!match.accounts.empty() && !Contains(match.accounts, AccountOf(document, instance))) return false;
  return match.regions.empty() || Contains(match.regions, RegionOf(document, instance));
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
    if (each.base == found->name && NamesMatch(each.names, instance)) return each.environment;
  }
  return *found;
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
        if (const std::string_view tag = TagOf(instance, name); !tag.empty())
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

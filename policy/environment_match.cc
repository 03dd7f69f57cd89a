#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "policy/glob.h"
#include "policy/policy_file.h"
#include "policy/world.h"

namespace tfseal {
namespace {

using terraform::Document;
using terraform::ModuleConfiguration;
using terraform::ProviderConfiguration;
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

// Attributes with an ARN of the object itself, then of something that is in the same account and region as it.
constexpr std::string_view kArnAttributes[] = {"arn",          "id",         "secret_id",         "secret_arn",
                                               "resource_arn", "role_arn",   "target_key_arn",    "task_definition",
                                               "cluster_arn",  "source_arn", "execution_role_arn"};

constexpr std::string_view kOtherAttributes[] = {"owner_id",          "account_id", "region",
                                                 "availability_zone", "tags",       "tags_all"};

// An ARN is arn:partition:service:region:account:resource; global services leave region or account empty.
struct Arn {
  std::string_view region;
  std::string_view account;
};

std::optional<Arn> ParseArn(std::string_view text) {
  if (!text.starts_with("arn:")) return std::nullopt;
  std::array<std::string_view, 5> parts;
  for (std::string_view& part : parts) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    part = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  return Arn{parts[3], parts[4]};
}

// The object as it will be, then as it was: a value that is known only after apply is often known before.
std::array<const Value*, 2> SidesOf(const ResourceInstance& instance) {
  return {&instance.after, &instance.before};
}

const ProviderConfiguration* ProviderOf(const Document& document, const ResourceInstance& instance) {
  const ModuleConfiguration* module = &document.configuration.root;
  const std::string block = WithoutInstanceKeys(instance.address);
  std::string_view rest = block;
  while (rest.starts_with("module.")) {
    rest.remove_prefix(7);
    const std::size_t dot = rest.find('.');
    const auto call = module->calls.find(rest.substr(0, dot));
    if (dot == std::string_view::npos || call == module->calls.end() || call->second.module.empty()) return nullptr;
    module = &call->second.module.front();
    rest.remove_prefix(dot + 1);
  }
  const auto resource = module->resources.find(rest);
  if (resource == module->resources.end()) return nullptr;
  std::string_view key = resource->second.provider_config_key;
  const auto& providers = document.configuration.providers;
  auto provider = providers.find(key);
  if (provider == providers.end() && key.find(':') != std::string_view::npos) {
    provider = providers.find(key.substr(key.rfind(':') + 1));  // inherited from the root
  }
  return provider == providers.end() ? nullptr : &provider->second;
}

std::string_view ConstantOf(const ProviderConfiguration* provider, std::string_view attribute) {
  if (provider == nullptr) return {};
  const auto expression = provider->expressions.find(attribute);
  if (expression == provider->expressions.end()) return {};
  const Value& constant = expression->second.constant;
  return constant.items().size() == 1 ? constant.items().front().text() : constant.text();
}

// What `part` of the first ARN among the attributes says.
std::string_view FromArns(const Value& attributes, std::string_view Arn::*part) {
  for (const std::string_view attribute : kArnAttributes) {
    const auto arn = ParseArn(attributes.Get(attribute).text());
    if (arn && !((*arn).*part).empty()) return (*arn).*part;
  }
  return {};
}

}  // namespace

std::string_view AccountOf(const Document& document, const ResourceInstance& instance) {
  for (const Value* side : SidesOf(instance)) {
    for (const char* attribute : {"owner_id", "account_id"}) {
      const std::string_view text = side->Get(attribute).text();
      if (text.size() == 12) return text;
    }
    if (const std::string_view account = FromArns(*side, &Arn::account); account.size() == 12) return account;
  }
  const ProviderConfiguration* provider = ProviderOf(document, instance);
  if (const std::string_view allowed = ConstantOf(provider, "allowed_account_ids"); !allowed.empty()) return allowed;
  const auto role = ParseArn(ConstantOf(provider, "assume_role[0].role_arn"));
  return role ? role->account : std::string_view();
}

std::string_view RegionOf(const Document& document, const ResourceInstance& instance) {
  for (const Value* side : SidesOf(instance)) {
    if (const std::string_view region = side->Get("region").text(); !region.empty()) return region;
    const auto own = ParseArn(side->Get("arn").text());
    if (own && !own->region.empty()) return own->region;
    if (const std::string_view zone = side->Get("availability_zone").text(); zone.size() > 2) {
      return zone.substr(0, zone.size() - 1);
    }
  }
  if (const std::string_view region = ConstantOf(ProviderOf(document, instance), "region"); !region.empty()) {
    return region;
  }
  for (const Value* side : SidesOf(instance)) {
    if (const std::string_view region = FromArns(*side, &Arn::region); !region.empty()) return region;
  }
  return {};
}

namespace {

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
    all->insert(all->end(), std::begin(kArnAttributes), std::end(kArnAttributes));
    all->insert(all->end(), std::begin(kOtherAttributes), std::end(kOtherAttributes));
    return all;
  }();
  return *attributes;
}

const Environment& EnvironmentOf(const PolicyFile& policy, const Document& document, const ResourceInstance& instance) {
  for (const Environment& environment : policy.environments) {
    if (Belongs(environment.match, document, instance)) return environment;
  }
  return policy.defaults;
}

const Waiver* WaiverFor(const PolicyFile& policy, std::string_view control, Topic topic, std::string_view address,
                        UnixSeconds now) {
  for (const Waiver& waiver : policy.waivers) {
    if (now >= waiver.expires) continue;
    if (waiver.control != control && waiver.control != Name(topic)) continue;
    if (waiver.address == address || GlobMatches(waiver.address, address)) return &waiver;
  }
  return nullptr;
}

}  // namespace tfseal

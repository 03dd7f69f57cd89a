#include "policy/location.h"

#include <array>
#include <optional>
#include <string>

#include "policy/world.h"

namespace tfseal {
namespace {

using terraform::Document;
using terraform::ModuleConfiguration;
using terraform::ProviderConfiguration;
using terraform::ResourceInstance;
using terraform::Value;

// Attributes with an ARN of the object itself, then of something that is in the same account and region as it.
constexpr std::string_view kArnAttributes[] = {"arn",          "id",         "secret_id",         "secret_arn",
                                               "resource_arn", "role_arn",   "target_key_arn",    "task_definition",
                                               "cluster_arn",  "source_arn", "execution_role_arn"};

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

}  // namespace

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

namespace {

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

std::string_view RegionInArn(std::string_view arn) {
  const auto parsed = ParseArn(arn);
  return parsed ? parsed->region : std::string_view();
}

std::span<const std::string_view> LocationAttributes() {
  static constexpr std::string_view kAll[] = {"arn",          "id",         "secret_id",          "secret_arn",
                                              "resource_arn", "role_arn",   "target_key_arn",     "task_definition",
                                              "cluster_arn",  "source_arn", "execution_role_arn", "owner_id",
                                              "account_id",   "region",     "availability_zone"};
  return kAll;
}

}  // namespace tfseal

#include "planner/key_choice.h"

#include <algorithm>

#include "planner/identifiers.h"
#include "planner/parameters.h"
#include "planner/terraform_repair.h"

namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

constexpr std::string_view kKeyAttributes[] = {"kms_key_id", "kms_key_arn", "kms_master_key_id"};

bool Mentions(std::string_view text, std::initializer_list<std::string_view> words) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(words.begin(), words.end(),
                     [&lower](std::string_view word) { return lower.find(word) != std::string::npos; });
}

bool IsDatabase(std::string_view type) {
  return type == "aws_rds_cluster" || type == "aws_db_instance" || type == "aws_docdb_cluster" ||
         type == "aws_neptune_cluster";
}

}  // namespace

bool KeyRing::Fits(const ResourceInstance& key, const Target& target) const {
  const Value& attributes = site_.world->AttributesOf(key);
  const ArnParts arn = ParseArn(attributes.Get("arn").text());
  if (arn.region != target.region || arn.account != target.account) return false;
  const auto is = [&attributes](std::string_view name, std::string_view wanted) {
    const Value value = attributes.Get(name);
    return value.unset() || value.text() == wanted;
  };
  if (!is("key_usage", "ENCRYPT_DECRYPT") || !is("customer_master_key_spec", "SYMMETRIC_DEFAULT")) return false;
  if (attributes.Get("is_enabled").AsBool() == false) return false;
  // A key that fails by itself would carry its failure into everything it protects.
  return std::none_of(site_.failing.begin(), site_.failing.end(), [&key](const Finding& finding) {
    return finding.address == key.address && (finding.topic == Topic::kKeyAccess || finding.topic == Topic::kKeyState ||
                                              finding.topic == Topic::kKeyRotation);
  });
}

int KeyRing::ScoreOf(const ResourceInstance& key, const ResourceInstance& instance) const {
  const Value& attributes = site_.world->AttributesOf(key);
  const std::string_view arn = attributes.Get("arn").text();
  int score = 0;
  const std::string block = WithoutInstanceKeys(key.address);
  for (const std::string_view dependency : instance.rare->depends_on) {
    if (dependency == block) score += 1000;
  }
  std::string names = std::string(attributes.Get("description").text()) + " " + std::string(key.address);
  for (const ResourceInstance* alias : site_.world->OfType("aws_kms_alias")) {
    const Value& of_alias = site_.world->AttributesOf(*alias);
    if (of_alias.Get("target_key_arn").text() == arn) names += " " + std::string(of_alias.Get("name").text());
  }
  if (IsDatabase(instance.type) && Mentions(names, {"database", "db", "rds", "aurora"})) score += 200;
  if (Mentions(names, {"backup", "secret", "log"})) score -= 100;
  if (!key.module_address().empty() && key.module_address() == instance.module_address()) score += 100;
  int used = 0;
  for (const ResourceInstance& user : site_.existing->resources) {
    for (const std::string_view attribute : kKeyAttributes) {
      if (user.after.Get(attribute).text() == arn) used += user.type == instance.type ? 10 : 1;
    }
  }
  return score + std::min(used, 90);
}

KeyChoice KeyRing::Create(const Target& target, const Place& place, const std::vector<Motive>& motives) {
  const std::string scope = place.environment.empty() ? "default" : place.environment;
  const std::string purpose = "data of " + (place.environment.empty() ? std::string("this configuration") : scope);
  Target key{"aws_kms_key.tfseal_" + scope, "aws_kms_key", "tfseal-" + scope, target.account, target.region};
  std::replace(key.address.begin(), key.address.end(), '-', '_');
  if (target.region != "us-east-1" && !target.region.empty()) {
    std::string suffix = "_" + target.region;
    std::replace(suffix.begin(), suffix.end(), '-', '_');
    key.address += suffix;
  }
  const std::string create = draft_.Add(
      kCreateKey, key, Object({{"purpose", Text(purpose)}, {"token", Text("tfseal-" + scope)}}), place, {}, motives);
  const JsonValue arn = OutputOf(create, "KeyMetadata.Arn");
  const std::string rotate = draft_.Add(kEnableKeyRotation, key, Object({{"key", arn}}), place, {create}, motives);
  const std::string alias = draft_.Add(
      kCreateKeyAlias, key, Object({{"alias", Text("alias/tfseal-" + scope)}, {"key", arn}}), place, {create}, motives);
  return {arn,
          {rotate, alias},
          "created by the plan as " + key.address,
          "the documents have no enabled, symmetric, rotating customer-managed key in this region"};
}

KeyChoice KeyRing::For(const ResourceInstance& instance, const Target& target, const Place& place,
                       std::string_view wanted, const std::vector<Motive>& motives) {
  if (wanted.find(":key/") != std::string_view::npos) {
    return {Text(wanted), {}, std::string(wanted), "the Terraform plan names it"};
  }
  std::vector<Candidate> candidates;
  for (const ResourceInstance* key : site_.world->OfType("aws_kms_key")) {
    const Value& attributes = site_.world->AttributesOf(*key);
    if (!wanted.empty() && (key->address == wanted || WithoutInstanceKeys(key->address) == wanted) &&
        attributes.Get("arn").known()) {
      const std::string arn(attributes.Get("arn").text());
      return {Text(arn), {}, arn, "the Terraform plan names " + std::string(key->address)};
    }
    if (Fits(*key, target)) candidates.push_back({key, ScoreOf(*key, instance)});
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : a.key->address < b.key->address;
  });
  const bool clear = candidates.size() == 1 || (candidates.size() > 1 && candidates[0].score > candidates[1].score);
  if (!clear || candidates.empty()) {
    KeyChoice choice = Create(target, place, motives);
    if (!candidates.empty())
      choice.reason = "several keys of the documents fit equally well, so none of them is guessed";
    return choice;
  }
  const Value& chosen = site_.world->AttributesOf(*candidates[0].key);
  const std::string arn(chosen.Get("arn").text());
  const std::string address(candidates[0].key->address);
  std::string reason = address + " is the only customer-managed key that fits";
  if (candidates.size() > 1)
    reason = address + " fits best: by what refers to it, its name, and what it protects already";
  return {Text(arn), {}, arn, reason};
}

}  // namespace tfseal

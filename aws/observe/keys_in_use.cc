#include <algorithm>

#include "aws/observe/snapshot_builder.h"

namespace tfseal::observe {
namespace {

using terraform::Document;
using terraform::Member;
using terraform::ResourceInstance;
using terraform::Value;

constexpr std::string_view kKeyTypes[] = {"aws_kms_key", "aws_kms_replica_key", "aws_kms_external_key",
                                          "aws_kms_replica_external_key"};

bool IsKeyType(std::string_view type) {
  return std::find(std::begin(kKeyTypes), std::end(kKeyTypes), type) != std::end(kKeyTypes);
}

// A key's ARN, or its id: a UUID, or "mrk-" and 32 digits. Names of aliases need no look-up.
bool NamesKey(std::string_view text) {
  if (text.starts_with("arn:"))
    return text.find(":kms:") != std::string_view::npos && text.find(":key/") != std::string_view::npos;
  if (text.starts_with("mrk-")) return true;
  return text.size() == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-';
}

bool IsKeyAttribute(std::string_view name) {
  return name.find("kms") != std::string_view::npos || name.find("key") != std::string_view::npos;
}

void CollectKeys(const Value& value, bool key_attribute, std::set<std::string>* keys) {
  for (const Value& item : value.items()) CollectKeys(item, key_attribute, keys);
  for (const Member& member : value.members()) CollectKeys(member.value, IsKeyAttribute(member.key), keys);
  if (key_attribute && NamesKey(value.text())) keys->insert(std::string(value.text()));
}

struct Use {
  std::string region;
  std::set<std::string> addresses;
};

// What this document's own keys are called.
std::set<std::string> OwnKeys(const Document& document) {
  std::set<std::string> own;
  for (const ResourceInstance& instance : document.resources) {
    if (!IsKeyType(instance.type)) continue;
    for (const std::string_view name : {"arn", "key_id", "id"})
      own.insert(std::string(instance.after.Get(name).text()));
  }
  return own;
}

// By key and region: an id without an ARN means the key of the region it is used in.
using Uses = std::map<std::pair<std::string, std::string>, std::set<std::string>>;

Uses UsesIn(const Document& document, const std::map<std::string_view, std::string_view>& region_of) {
  Uses uses;
  const std::set<std::string> own = OwnKeys(document);
  for (const ResourceInstance& instance : document.resources) {
    if (IsKeyType(instance.type) || instance.type == "aws_kms_alias") continue;
    const auto region = region_of.find(instance.address);
    if (region == region_of.end()) continue;
    std::set<std::string> keys;
    for (const std::string_view name : AttributesJudged(instance.type)) {
      const Value value = instance.after.Get(name);
      if (!value.sensitive()) CollectKeys(value, IsKeyAttribute(name), &keys);
    }
    for (const std::string& key : keys) {
      if (own.contains(key)) continue;
      std::string named = RegionNamedBy(key);
      uses[{key, named.empty() ? std::string(region->second) : named}].insert(std::string(instance.address));
    }
  }
  return uses;
}

void AddLookup(const KeyInUse& key, const JsonValue& metadata, Document* document) {
  terraform::Arena& arena = document->arena;
  JsonValue attributes(Json::objectValue);
  attributes["arn"] = metadata["Arn"];
  attributes["key_id"] = metadata["KeyId"];
  attributes["target_key_id"] = key.key;
  attributes["key_manager"] = metadata["KeyManager"];
  ResourceInstance lookup;
  lookup.type = "aws_kms_key";
  lookup.SetAddress("AWS KMS");
  lookup.after = ToValue(attributes, &arena);
  document->key_lookups.push_back(std::move(lookup));
}

Unread Refused(const std::string& address, const KeyInUse& key, const Error& error) {
  Unread unread;
  unread.address = address;
  unread.action = "kms:DescribeKey";
  unread.region = key.region;
  unread.code = error.code;
  unread.reason = error.code == ErrorCode::kPermissionDenied ? "kms:DescribeKey is not allowed for its key"
                                                             : "kms:DescribeKey failed for its key";
  unread.hint = "allow kms:DescribeKey, in the role's policy and in the key's";
  return unread;
}

}  // namespace

void LookUpKeys(Requests& requests, const std::vector<Target>& targets, Observation* observation) {
  std::vector<std::map<std::string_view, std::string_view>> regions(observation->documents.size());
  for (const Target& target : targets) regions[target.document][target.address] = target.region;
  std::vector<Uses> uses;
  std::vector<aws::Call> calls;
  const auto call_for = [](const std::pair<std::string, std::string>& key) {
    JsonValue parameters(Json::objectValue);
    parameters["KeyId"] = key.first;
    return aws::Call{"kms", "DescribeKey", key.second, std::move(parameters)};
  };
  for (std::size_t i = 0; i < observation->documents.size(); ++i) {
    uses.push_back(UsesIn(observation->documents[i], regions[i]));
    for (const auto& [key, addresses] : uses.back()) calls.push_back(call_for(key));
  }
  requests.Send(calls);
  for (std::size_t i = 0; i < uses.size(); ++i) {
    for (const auto& [key, addresses] : uses[i]) {
      KeyInUse found;
      found.key = key.first;
      found.region = key.second;
      found.used_by.assign(addresses.begin(), addresses.end());
      const auto& answer = requests.AnswerTo(call_for(key));
      if (answer.ok() && (*answer)["KeyMetadata"].isObject()) {
        const JsonValue& metadata = (*answer)["KeyMetadata"];
        found.arn = metadata["Arn"].asString();
        found.manager = metadata["KeyManager"].asString();
        found.state = metadata["KeyState"].asString();
        AddLookup(found, metadata, &observation->documents[i]);
      } else if (!answer.ok() && answer.error().code == ErrorCode::kNotFound) {
        found.state = "gone";
      } else if (!answer.ok()) {
        for (const std::string& address : addresses) {
          observation->unread.push_back(Refused(address, found, answer.error()));
        }
      }
      observation->keys.push_back(std::move(found));
    }
  }
}

}  // namespace tfseal::observe

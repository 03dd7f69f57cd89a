#include "verifier/differences.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "aws/observe/observed_type.h"
#include "aws/observe/snapshot_builder.h"
#include "crypto/digest.h"

namespace tfseal {
namespace {

using terraform::Document;
using terraform::Member;
using terraform::ResourceInstance;
using terraform::Value;
using terraform::ValueKind;

constexpr std::size_t kShownMax = 120;

bool IsNothing(const Value& value) {
  if (value.unknown()) return false;
  if (value.empty() || value.AsBool() == false || value.AsNumber() == 0.0) return true;
  const auto items = value.items();
  if (value.is_list()) return std::all_of(items.begin(), items.end(), IsNothing);
  const auto members = value.members();
  return value.is_map() &&
         std::all_of(members.begin(), members.end(), [](const Member& m) { return IsNothing(m.value); });
}

std::string ScalarText(const Value& value) {
  if (value.kind() == ValueKind::kBool) return *value.AsBool() ? "true" : "false";
  if (const auto number = value.AsNumber(); number.has_value()) return fmt::format("{}", *number);
  return std::string(value.text());
}

// A JSON text without its white space and with sorted keys; anything else as it is.
std::string Canonical(const Value& value) {
  const std::string_view text = value.text();
  if (!text.starts_with('{') && !text.starts_with('[')) return ScalarText(value);
  const auto json = ParseJson(text);
  return json.ok() ? WriteJsonLine(*json) : std::string(text);
}

// A value as one comparable text; of maps only the members that `like` has too.
std::string Comparable(const Value& value, const Value& like) {
  if (IsNothing(value)) return {};
  if (value.is_list()) {
    std::vector<std::string> items;
    for (const Value& item : value.items()) {
      items.push_back(Comparable(item, like.is_list() && !like.items().empty() ? like.items().front() : item));
    }
    std::sort(items.begin(), items.end());
    return fmt::format("[{}]", fmt::join(items, ","));
  }
  if (value.is_map()) {
    std::map<std::string, std::string> members;
    for (const Member& member : value.members()) {
      if (like.is_map() && like.Get(member.key).absent()) continue;
      std::string text = Comparable(member.value, like.is_map() ? like.Get(member.key) : member.value);
      if (!text.empty()) members[std::string(member.key)] = std::move(text);
    }
    std::string all = "{";
    for (const auto& [key, text] : members) all += key + "=" + text + ";";
    return all + "}";
  }
  return Canonical(value);
}

std::string Shown(const Value& value, bool sensitive) {
  if (value.absent()) return "not set";
  if (value.unknown()) return "known only after apply";
  if (value.null() || (value.kind() == ValueKind::kString && value.text().empty())) return "not set";
  if (sensitive || value.sensitive()) return "(sensitive)";
  if (value.is_list() || value.is_map()) {
    const std::size_t size = value.is_list() ? value.items().size() : value.members().size();
    const auto items = value.items();
    const bool plain = std::all_of(items.begin(), items.end(), [](const Value& item) {
      return !item.is_list() && !item.is_map() && !item.sensitive();
    });
    if (!value.is_list() || !plain) return fmt::format("{} {}", size, size == 1 ? "entry" : "entries");
    std::vector<std::string> texts;
    for (const Value& item : items) texts.push_back(ScalarText(item));
    std::string all = fmt::format("[{}]", fmt::join(texts, ", "));
    return all.size() <= kShownMax ? all : fmt::format("{} entries", size);
  }
  const std::string text = Canonical(value);
  if (text.size() <= kShownMax) return text;
  return fmt::format("a text of {} characters, sha256 {}", text.size(), Sha256Hex(text).substr(0, 12));
}

// A lock's date becomes a word of Terraform's that says only that there is one.
bool OnlyPresence(std::string_view type, std::string_view attribute) {
  const observe::ObservedType* observed = observe::FindObservedType(type);
  if (observed == nullptr) return false;
  for (const observe::Read& read : observed->reads) {
    for (const observe::Attribute& each : read.attributes) {
      if (each.path == attribute && each.as == observe::As::kConstant) return true;
    }
  }
  return false;
}

// Revisions never change once they are made; AWS only writes its defaults into what it shows of them.
bool NeverChanges(std::string_view type) {
  return type == "aws_ecs_task_definition" || type == "aws_batch_job_definition";
}

// A bucket's own blocks are computed; where a setting has a resource of its own, that one is compared.
constexpr struct {
  std::string_view attribute;
  std::string_view type;
} kBucketSettings[] = {
    {"server_side_encryption_configuration", "aws_s3_bucket_server_side_encryption_configuration"},
    {"versioning", "aws_s3_bucket_versioning"},
    {"policy", "aws_s3_bucket_policy"},
    {"acl", "aws_s3_bucket_acl"},
    {"object_lock_enabled", "aws_s3_bucket_object_lock_configuration"},
};

bool ComparedElsewhere(const Document& document, const ResourceInstance& instance, std::string_view attribute) {
  // Read without decryption: what AWS answers is not the value.
  if (instance.type == "aws_ssm_parameter" && attribute == "value") {
    return instance.after.Get("type").text() == "SecureString";
  }
  if (instance.type != "aws_s3_bucket") return false;
  const std::string_view bucket = instance.before.Get("id").text();
  for (const auto& setting : kBucketSettings) {
    if (setting.attribute != attribute) continue;
    return std::any_of(document.resources.begin(), document.resources.end(), [&](const ResourceInstance& other) {
      return other.type == setting.type && other.before.Get("bucket").text() == bucket;
    });
  }
  return false;
}

// A key by its id and by its ARN is one key.
bool SameKey(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  return b.starts_with("arn:") && !a.empty() && b.ends_with(std::string("/") + std::string(a));
}

// Walks both sides down to where they differ.
class Walk {
 public:
  Walk(const ResourceInstance& instance, std::map<std::string, bool>* paths) : instance_(instance), paths_(paths) {}

  void Compare(const std::string& path, const Value& file, const Value& live, bool sensitive) {
    if (live.AnyUnknown() || file.AnyUnknown() || live.absent()) return;
    sensitive = sensitive || file.sensitive() || live.sensitive();
    if (Comparable(file, live) == Comparable(live, live)) return;
    if (IsNothing(file) && IsNothing(live)) return;
    if (SameKey(file.text(), live.text())) return;
    if (OnlyPresence(instance_.type, path) && !IsNothing(file) && !IsNothing(live)) return;
    if (!sensitive && live.is_list() && file.is_list() && live.items().size() == 1 && file.items().size() == 1 &&
        live.items().front().is_map() && file.items().front().is_map()) {
      for (const Member& member : live.items().front().members()) {
        Compare(fmt::format("{}[0].{}", path, member.key), file.items().front().Get(member.key), member.value,
                sensitive);
      }
      return;
    }
    (*paths_)[path] = sensitive;
  }

 private:
  const ResourceInstance& instance_;
  std::map<std::string, bool>* paths_;
};

}  // namespace

std::vector<Difference> DifferencesIn(const std::vector<Document>& live) {
  struct Found {
    std::string_view type;
    std::map<std::string, bool> paths;  // whether they are sensitive
  };
  std::map<std::string_view, Found> found;
  for (const Document& document : live) {
    for (const ResourceInstance& instance : document.resources) {
      if (!instance.has_before() || NeverChanges(instance.type) || observe::FindObservedType(instance.type) == nullptr)
        continue;
      Found each{instance.type, {}};
      Walk walk(instance, &each.paths);
      for (const std::string_view name : observe::AttributesJudged(instance.type)) {
        if (instance.before.Get(name).absent() || ComparedElsewhere(document, instance, name)) continue;
        walk.Compare(std::string(name), instance.before.Get(name), instance.after.Get(name), false);
      }
      if (each.paths.empty()) continue;
      Found& all = found[instance.address];
      all.type = instance.type;
      for (const auto& [path, sensitive] : each.paths) all.paths[path] = all.paths[path] || sensitive;
    }
  }
  std::vector<Difference> differences;
  for (const auto& [address, each] : found) {
    for (const auto& [path, sensitive] : each.paths) {
      Difference difference;
      difference.address = address;
      difference.type = each.type;
      difference.attribute = path;
      std::string now;
      for (const Document& document : live) {
        for (const ResourceInstance& instance : document.resources) {
          if (instance.address != address) continue;
          difference.said.push_back({document.path, Shown(instance.before.At(path), sensitive)});
          now = Shown(instance.after.At(path), sensitive);
        }
      }
      difference.said.push_back({"AWS", now});
      differences.push_back(std::move(difference));
    }
  }
  return differences;
}

JsonValue ToJson(const Difference& difference) {
  JsonValue json(Json::objectValue);
  json["address"] = difference.address;
  json["type"] = difference.type;
  json["attribute"] = difference.attribute;
  json["judged"] = difference.judged;
  json["said"] = JsonValue(Json::arrayValue);
  for (const Said& said : difference.said) {
    JsonValue entry(Json::objectValue);
    entry["by"] = said.document;
    entry["value"] = said.text;
    json["said"].append(entry);
  }
  return json;
}

}  // namespace tfseal

#include <charconv>
#include <string>
#include <string_view>

#include "planner/parameters.h"
#include "planner/store_recipes.h"

// Amazon OpenSearch Service Developer Guide, "Encryption of data at rest": existing domains from OpenSearch or
// Elasticsearch 6.7 on; it cannot be switched off, and the key cannot be changed, once it is on.
namespace tfseal {
namespace {

using terraform::Value;

constexpr int kFirstMajor = 6;
constexpr int kFirstMinor = 7;
// Instance types that have no encryption at rest (Developer Guide, "Supported instance types").
constexpr std::string_view kTypesWithout[] = {"m3.", "r3.", "t2."};

// "OpenSearch_2.11", "Elasticsearch_7.10", "6.2" of the older type.
bool NewEnoughToEncrypt(std::string_view version) {
  if (version.starts_with("OpenSearch_")) return true;
  if (const std::size_t at = version.find('_'); at != std::string_view::npos) version.remove_prefix(at + 1);
  int major = 0;
  int minor = 0;
  const char* end = version.data() + version.size();
  const auto read = std::from_chars(version.data(), end, major);
  if (read.ec != std::errc() || read.ptr == end || *read.ptr != '.') return false;
  if (std::from_chars(read.ptr + 1, end, minor).ec != std::errc()) return false;
  return major > kFirstMajor || (major == kFirstMajor && minor >= kFirstMinor);
}

std::string WhyNotInPlace(const InPlaceChanges& changes) {
  const Value& attributes = changes.attributes();
  const Value enabled = attributes.At("encrypt_at_rest[0].enabled");
  if (enabled.unknown()) return "whether it is encrypted is not known";
  if (enabled.AsBool() == true) {
    return "it is encrypted already, and the key of an encrypted domain can never be changed: another key needs a new "
           "domain";
  }
  const Value version = attributes.Get(changes.instance().type == "aws_elasticsearch_domain" ? "elasticsearch_version"
                                                                                             : "engine_version");
  if (version.text().empty()) return "its engine version is not known";
  if (!NewEnoughToEncrypt(version.text())) {
    return "AWS encrypts existing domains from Elasticsearch 6.7 on, it is " + std::string(version.text());
  }
  const Value type = attributes.At("cluster_config[0].instance_type");
  for (const std::string_view without : kTypesWithout) {
    if (type.text().starts_with(without)) {
      return "instances of type " + std::string(type.text()) + " have no encryption at rest: change the type first";
    }
  }
  return {};
}

std::string ManualSnapshot(InPlaceChanges& changes, const Finding& finding) {
  const std::string& domain = changes.target().identifier;
  const std::string address(changes.attributes().Get("endpoint").text());
  const std::string base = "https://" + (address.empty() ? "ENDPOINT" : address) + "/_snapshot/";
  return changes.draft().Add(
      kManual, changes.target(),
      Object({{"recipe", "R-OS snapshot"},
              {"reason", Text("a snapshot of " + domain +
                              " that can be restored elsewhere is taken by the domain itself; AWS's API has no call")},
              {"steps", Texts({"register a bucket as a repository, if there is none: PUT " + base + "tfseal, signed",
                               "take the snapshot and wait: PUT " + base + "tfseal/before-encryption",
                               "see that it succeeded: GET " + base + "tfseal/before-encryption says SUCCESS"})}}),
      changes.place(), {}, {MotiveOf(finding)});
}

}  // namespace

bool EncryptSearchDomain(InPlaceChanges& changes, const Finding& finding) {
  if (finding.topic != Topic::kEncryption && finding.topic != Topic::kCustomerKey) return false;
  if (std::string why = WhyNotInPlace(changes); !why.empty()) {
    changes.Refuse(std::move(why));
    return false;
  }
  const KeyChoice key = changes.Key(finding);
  const JsonValue options = Object({{"Enabled", true}, {"KmsKeyId", key.key}});
  const std::string snapshot = ManualSnapshot(changes, finding);
  std::vector<std::string> needs = key.needs;
  const std::string tried =
      changes.draft().Add(kTryDomainEncryption, changes.target(), Object({{"encryption", options}}), changes.place(),
                          needs, {MotiveOf(finding)});
  JsonValue block(Json::arrayValue);
  block.append(Object({{"enabled", true}, {"kms_key_id", key.key}}));
  changes.Change(kEncryptDomain, finding, "EncryptionAtRestOptions", options, "encrypt_at_rest", block);
  changes.Needs(kEncryptDomain, {snapshot, tried});
  changes.Needs(kEncryptDomain, key.needs);
  return true;
}

}  // namespace tfseal

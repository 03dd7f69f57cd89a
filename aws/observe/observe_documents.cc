#include <fmt/format.h>

#include <algorithm>

#include "aws/observe/snapshot_builder.h"

namespace tfseal::observe {
namespace {

using terraform::Document;
using terraform::DocumentKind;
using terraform::Member;
using terraform::ResourceInstance;
using terraform::Value;

const Value& SideOf(const ResourceInstance& instance) {
  return instance.has_after() ? instance.after : instance.before;
}

// What a document leaves in the world: its instances, without what it destroys.
std::vector<const ResourceInstance*> Left(const Document& document) {
  std::vector<const ResourceInstance*> left;
  const bool refresh_only = document.kind == DocumentKind::kPlan && !document.resource_changes_present;
  for (const ResourceInstance& instance : refresh_only ? document.prior : document.resources) {
    if (instance.has_after() && instance.rare->deposed.empty()) left.push_back(&instance);
  }
  return left;
}

std::string OwnRegion(const ResourceInstance& instance) {
  const Value& attributes = SideOf(instance);
  if (const std::string_view region = attributes.Get("region").text(); !region.empty()) return std::string(region);
  for (const std::string_view name :
       {"arn", "id", "secret_arn", "secret_id", "resource_arn", "queue_url", "url", "key_id", "target_key_arn",
        "cluster_arn", "endpoint_arn", "replication_instance_arn", "backup_vault_arn", "topic_arn",
        "load_balancer_arn"}) {
    std::string region = RegionNamedBy(attributes.Get(name).text());
    if (!region.empty()) return region;
  }
  const std::string_view zone = attributes.Get("availability_zone").text();
  if (zone.size() > 2 && zone.back() >= 'a' && zone.back() <= 'f') return std::string(zone.substr(0, zone.size() - 1));
  return {};
}

// Settings carry no region of their own; what they name does.
class RegionsOfDocument {
 public:
  explicit RegionsOfDocument(const std::vector<const ResourceInstance*>& instances) {
    std::map<std::string, std::size_t> counts;
    for (const ResourceInstance* instance : instances) {
      const std::string region = OwnRegion(*instance);
      if (region.empty()) continue;
      ++counts[region];
      for (const std::string_view name : {"id", "name", "bucket", "identifier", "cluster_identifier", "key_id"}) {
        const std::string_view text = SideOf(*instance).Get(name).text();
        if (!text.empty()) named_.emplace(text, region);
      }
    }
    std::size_t most = 0;
    for (const auto& [region, count] : counts) {
      if (count > most) {
        most = count;
        common_ = region;
      }
    }
  }

  [[nodiscard]] std::string Of(const ResourceInstance& instance, const std::string& otherwise) const {
    std::string own = OwnRegion(instance);
    if (!own.empty()) return own;
    for (const Member& member : SideOf(instance).members()) {
      const auto found = named_.find(member.value.text());
      if (!member.value.text().empty() && found != named_.end()) return found->second;
    }
    return common_.empty() ? otherwise : common_;
  }

 private:
  std::map<std::string, std::string, std::less<>> named_;
  std::string common_;
};

std::string WhyNot(const ResourceInstance& instance, const Session& session) {
  if (FindObservedType(instance.type) == nullptr) {
    const std::string_view reason = WhyNotObserved(instance.type);
    return reason.empty() ? "this version does not observe the type" : std::string(reason);
  }
  for (const std::string_view name : {"arn", "id", "secret_arn"}) {
    const std::string account = AccountNamedBy(SideOf(instance).Get(name).text());
    if (!account.empty() && !session.account.empty() && account != session.account) {
      return fmt::format("it is in account {}, and the credentials are of account {}", account, session.account);
    }
  }
  return {};
}

Document LiveDocumentFor(const Document& given) {
  Document document;
  document.path = given.path;
  document.sha256 = given.sha256;
  document.kind = DocumentKind::kState;
  document.state_version = 4;
  document.terraform_version = given.terraform_version;
  return document;
}

}  // namespace

Observation ObserveDocuments(Requests& requests, std::span<const Document> documents, const Session& session) {
  Observation observation;
  std::vector<Target> targets;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    observation.documents.push_back(LiveDocumentFor(documents[i]));
    const auto left = Left(documents[i]);
    const RegionsOfDocument regions(left);
    for (const ResourceInstance* instance : left) {
      const ObservedType* type = FindObservedType(instance->type);
      if (type == nullptr && AttributesJudged(instance->type).empty()) {
        // Nobody judges it; others may refer to it.
        observation.documents[i].resources.push_back(*instance);
        observation.documents[i].resources.back().actions = {};
        continue;
      }
      Target target;
      target.type = type;
      target.instance = instance;
      target.document = i;
      target.address = instance->address;
      target.type_name = instance->type;
      target.region = type != nullptr && type->global && RegionNamedBy(SideOf(*instance).Get("arn").text()).empty() &&
                              SideOf(*instance).Get("region").text().empty()
                          ? session.region
                          : regions.Of(*instance, session.region);
      target.why_not = WhyNot(*instance, session);
      if (!target.why_not.empty()) {
        Unread unread;
        unread.address = target.address;
        unread.type = target.type_name;
        unread.region = target.region;
        unread.reason = target.why_not;
        const auto& judged = AttributesJudged(target.type_name);
        unread.attributes.assign(judged.begin(), judged.end());
        observation.unread.push_back(std::move(unread));
      }
      targets.push_back(std::move(target));
    }
  }
  ReadTargets(requests, &targets, &observation);
  BuildDocuments(targets, &observation);
  LookUpKeys(requests, targets, &observation);
  return observation;
}

std::vector<std::string> RegionsOf(std::span<const Document> documents) {
  std::set<std::string> regions;
  for (const Document& document : documents) {
    for (const ResourceInstance* instance : Left(document)) {
      std::string region = OwnRegion(*instance);
      if (!region.empty()) regions.insert(std::move(region));
    }
  }
  return {regions.begin(), regions.end()};
}

}  // namespace tfseal::observe

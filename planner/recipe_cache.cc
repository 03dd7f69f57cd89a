#include <algorithm>
#include <string>
#include <string_view>

#include "planner/database.h"
#include "planner/existing_world.h"
#include "planner/identifiers.h"
#include "planner/import_anew.h"
#include "planner/parameters.h"
#include "planner/restore_settings.h"
#include "planner/store_recipes.h"

// R-CACHE: encryption at rest is an argument of CreateReplicationGroup alone (ElastiCache API).
namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

constexpr std::size_t kCacheNameMax = 40;
constexpr std::size_t kCacheSnapshotMax = 255;
// Said in the configuration of the cache itself: nobody else knows what its data is worth.
constexpr const char* kDisposableTag = "tfseal:disposable";

bool IsDisposable(const Value& attributes) {
  for (const char* tags : {"tags", "tags_all"}) {
    if (attributes.Get(tags).Get(kDisposableTag).text() == "true") return true;
  }
  return false;
}

std::string VpcOf(const InPlaceChanges& changes) {
  const Value& attributes = changes.attributes();
  const World& world = *changes.site().world;
  const std::string_view subnets = attributes.Get("subnet_group_name").text();
  for (const ResourceInstance* group : world.Where("aws_elasticache_subnet_group", "name", subnets)) {
    if (const auto vpc = group->after.Get("vpc_id").text(); !vpc.empty()) return std::string(vpc);
  }
  for (const std::string& id : TextsOf(attributes.Get("security_group_ids"))) {
    for (const ResourceInstance* group : world.Where("aws_security_group", "id", id)) {
      if (const auto vpc = group->after.Get("vpc_id").text(); !vpc.empty()) return std::string(vpc);
    }
  }
  return {};
}

// What the new cache must have and only the documents can tell; empty if they do.
std::string WhyNotMoved(const InPlaceChanges& changes) {
  const Value& attributes = changes.attributes();
  if (!attributes.Get("global_replication_group_id").empty()) {
    return "it is part of a global datastore, whose members are encrypted as the primary is: it has to be built anew "
           "as "
           "a whole";
  }
  if (const Value token = attributes.Get("auth_token"); !token.unset() && !(token.known() && token.empty())) {
    return "clients log in with an AUTH token, which is a secret that no plan holds: give the cache a user group "
           "instead, or create the new one yourself";
  }
  for (const char* needed : {"engine", "engine_version", "node_type"}) {
    if (attributes.Get(needed).text().empty()) return std::string("its ") + needed + " is not known";
  }
  const bool counted =
      attributes.Get(attributes.Get("cluster_enabled").AsBool() == true ? "num_node_groups" : "num_cache_clusters")
          .AsNumber()
          .has_value();
  if (!counted) return "how many nodes it has is not known";
  if (TextsOf(attributes.Get("security_group_ids")).empty()) return "its security groups are not known";
  if (!IsDisposable(attributes) && VpcOf(changes).empty()) {
    return "its VPC is not in the documents, so its network cannot be closed while it is copied";
  }
  return {};
}

// "6.x" is a version for Terraform alone.
JsonValue VersionOf(const Value& attributes) {
  std::string version(attributes.Get("engine_version").text());
  if (!version.ends_with(".x")) return Text(version);
  version = attributes.Get("engine_version_actual").text();
  const std::size_t second = version.find('.', version.find('.') + 1);
  return Text(version.substr(0, second));
}

JsonValue LogDeliveries(const Value& attributes) {
  JsonValue deliveries(Json::arrayValue);
  for (const Value& delivery : attributes.Get("log_delivery_configuration").items()) {
    const bool to_logs = delivery.Get("destination_type").text() == "cloudwatch-logs";
    const JsonValue to = Text(delivery.Get("destination").text());
    deliveries.append(Object(
        {{"LogType", Text(delivery.Get("log_type").text())},
         {"LogFormat", Text(delivery.Get("log_format").text())},
         {"DestinationType", Text(delivery.Get("destination_type").text())},
         {"DestinationDetails", to_logs ? Object({{"CloudWatchLogsDetails", Object({{"LogGroup", to}})}})
                                        : Object({{"KinesisFirehoseDetails", Object({{"DeliveryStream", to}})}})}}));
  }
  return deliveries;
}

// Parameters of CreateReplicationGroup, as the old cache has them. What is not set in the documents is not sent.
JsonValue SettingsOf(const StoreMove& move) {
  const Value& attributes = move.changes.attributes();
  JsonValue settings(Json::objectValue);
  constexpr std::pair<const char*, const char*> kTexts[] = {{"ReplicationGroupDescription", "description"},
                                                            {"CacheNodeType", "node_type"},
                                                            {"Engine", "engine"},
                                                            {"CacheParameterGroupName", "parameter_group_name"},
                                                            {"CacheSubnetGroupName", "subnet_group_name"},
                                                            {"PreferredMaintenanceWindow", "maintenance_window"},
                                                            {"SnapshotWindow", "snapshot_window"},
                                                            {"NotificationTopicArn", "notification_topic_arn"},
                                                            {"TransitEncryptionMode", "transit_encryption_mode"},
                                                            {"NetworkType", "network_type"},
                                                            {"IpDiscovery", "ip_discovery"},
                                                            {"ClusterMode", "cluster_mode"}};
  for (const auto& [parameter, attribute] : kTexts) {
    if (const auto text = attributes.Get(attribute).text(); !text.empty()) settings[parameter] = std::string(text);
  }
  constexpr std::pair<const char*, const char*> kSwitches[] = {
      {"AutomaticFailoverEnabled", "automatic_failover_enabled"},
      {"MultiAZEnabled", "multi_az_enabled"},
      {"TransitEncryptionEnabled", "transit_encryption_enabled"},
      {"AutoMinorVersionUpgrade", "auto_minor_version_upgrade"},
      {"DataTieringEnabled", "data_tiering_enabled"}};
  for (const auto& [parameter, attribute] : kSwitches) {
    const Value value = attributes.Get(attribute);
    const bool on = value.AsBool() == true || value.text() == "true";
    if (on || value.AsBool() == false || value.text() == "false") settings[parameter] = on;
  }
  // Only where it is on: AWS refuses the switch for node types that have no second tier.
  if (settings["DataTieringEnabled"] != JsonValue(true)) settings.removeMember("DataTieringEnabled");
  const bool sharded = attributes.Get("cluster_enabled").AsBool() == true;
  const auto number = [&](const char* parameter, const char* attribute) {
    if (const auto value = attributes.Get(attribute).AsNumber()) settings[parameter] = static_cast<int>(*value);
  };
  if (sharded) {
    number("NumNodeGroups", "num_node_groups");
    number("ReplicasPerNodeGroup", "replicas_per_node_group");
  } else {
    number("NumCacheClusters", "num_cache_clusters");
  }
  number("Port", "port");
  number("SnapshotRetentionLimit", "snapshot_retention_limit");
  if (move.attributes.isMember("snapshot_retention_limit")) {
    settings["SnapshotRetentionLimit"] = move.attributes["snapshot_retention_limit"];
  }
  settings["EngineVersion"] = VersionOf(attributes);
  settings["SecurityGroupIds"] = Texts(TextsOf(attributes.Get("security_group_ids")));
  if (const auto users = TextsOf(attributes.Get("user_group_ids")); !users.empty()) {
    settings["UserGroupIds"] = Texts(users);
  }
  if (const JsonValue logs = LogDeliveries(attributes); !logs.empty()) settings["LogDeliveryConfigurations"] = logs;
  if (JsonValue tags = TagsOf(attributes); !tags.isNull()) settings["Tags"] = tags;
  return settings;
}

class CacheMove {
 public:
  explicit CacheMove(const StoreMove& move)
      : move_(move),
        changes_(move.changes),
        target_(changes_.target()),
        new_name_(DerivedName(target_.identifier, "encrypted", kCacheNameMax)),
        disposable_(IsDisposable(changes_.attributes())),
        key_(changes_.Key(*move.findings.front())) {
    for (const Finding* finding : move.findings) motives_.push_back(MotiveOf(*finding));
  }

  std::vector<std::string> Plan() {
    std::vector<std::string> needs = move_.needs;
    needs.insert(needs.end(), key_.needs.begin(), key_.needs.end());
    JsonValue payload = Object({{"new_cache", Text(new_name_)}, {"key", key_.key}, {"settings", SettingsOf(move_)}});
    if (!disposable_) {
      const std::string snapshot = DerivedName(
          target_.identifier, "fenced-" + ShortDigest(changes_.attributes().Get("arn").text()), kCacheSnapshotMax);
      payload["snapshot"] = snapshot;
      needs.push_back(FencedSnapshot(snapshot, needs));
    }
    const std::string created = Add(kCreateCache, payload, needs);
    const std::string moved = MoveClients(created);
    Reconcile(moved);
    changes_.draft().AddNote(
        target_.address + ": " +
        (disposable_ ? "tagged " + std::string(kDisposableTag) + ", so the new cache starts empty"
                     : "tag it " + std::string(kDisposableTag) +
                           " = true if its data may be thrown away: then nothing has to be closed and copied") +
        "; the old one is kept, outside of Terraform, until somebody deletes it");
    return ids_;
  }

 private:
  std::string Add(const ActionKind& kind, JsonValue payload, const std::vector<std::string>& needs) {
    ids_.push_back(changes_.draft().Add(kind, target_, std::move(payload), changes_.place(), needs, motives_));
    return ids_.back();
  }

  std::string FencedSnapshot(const std::string& snapshot, const std::vector<std::string>& needs) {
    const std::string vpc = VpcOf(changes_);
    Target group;
    group.type = "aws_security_group";
    group.identifier = "tfseal-quarantine-" + vpc;
    group.account = target_.account;
    group.region = target_.region;
    const std::string quarantine = changes_.draft().Add(kCreateQuarantineGroup, group,
                                                        Object({{"name", Text(group.identifier)}, {"vpc", Text(vpc)}}),
                                                        changes_.place(), {}, motives_);
    ids_.push_back(quarantine);
    std::vector<std::string> before = needs;
    before.push_back(quarantine);
    const std::string fenced =
        Add(kFenceCache,
            Object({{"quarantine", OutputOf(quarantine, "GroupId")},
                    {"security_groups", Texts(TextsOf(changes_.attributes().Get("security_group_ids")))}}),
            before);
    const std::string quiet = Add(kProveCacheQuiet, Object({{"fenced_at", OutputOf(fenced, "fenced_at")}}), {fenced});
    return Add(kSnapshotCache, Object({{"snapshot", Text(snapshot)}, {"quiet_at", OutputOf(quiet, "quiet_at")}}),
               {quiet});
  }

  // Services whose task definitions name its address, for the person who changes it there.
  [[nodiscard]] std::string KnownClients() const {
    std::string known;
    const World& world = *changes_.site().world;
    for (const ResourceInstance* definition : world.OfType("aws_ecs_task_definition")) {
      const Value& attributes = world.AttributesOf(*definition);
      const std::string_view text = attributes.Get("container_definitions").text();
      for (const char* name :
           {"primary_endpoint_address", "reader_endpoint_address", "configuration_endpoint_address"}) {
        const std::string_view address = changes_.attributes().Get(name).text();
        if (address.size() < 8 || text.find(address) == std::string_view::npos) continue;
        known += (known.empty() ? "" : ", ") + std::string(definition->address);
        for (const DatabaseUser& user : ServicesRunning(changes_.site(), attributes)) {
          known += " (service " + user.service + " of " + user.cluster + ")";
        }
        break;
      }
    }
    return known;
  }

  std::string MoveClients(const std::string& created) {
    JsonValue attributes = move_.attributes;
    attributes["replication_group_id"] = new_name_;
    attributes["at_rest_encryption_enabled"] = true;
    attributes["kms_key_id"] = key_.key;
    attributes_ = attributes;
    const std::string known = KnownClients();
    const std::vector<std::string> steps = {
        "give every client the address of " + new_name_ + " (tfseal status shows it)" +
            (known.empty() ? "; the documents show no task definition that has the old one" : ": " + known),
        "where clients get it from the Terraform configuration, bring Terraform in line first, as the next action "
        "says, and apply both together",
        "restart clients that read it only once; see that they work, then approve this action"};
    const std::string moved = Add(kMoveCacheClients,
                                  Object({{"new_cache", Text(new_name_)},
                                          {"endpoint", OutputOf(created, "address")},
                                          {"steps", Texts(steps)},
                                          {"attributes", attributes},
                                          {"starts_empty", disposable_}}),
                                  {created});
    for (const Finding* finding : move_.findings) {
      changes_.draft().AddPostcondition(
          moved, {"control", finding->control, finding->address, finding->control + " passes on " + finding->address});
    }
    return moved;
  }

  // The id of the resource in the state is the id of the group.
  void Reconcile(const std::string& moved) {
    ImportAnew import{target_, "cache", new_name_, "", attributes_, {}, {"auth_token_update_strategy"}};
    for (const char* argument : {"snapshot_arns", "snapshot_name"}) {
      if (!changes_.attributes().Get(argument).empty()) import.remove.emplace_back(argument);
    }
    ids_.push_back(AddImportAnew(changes_.draft(), import, changes_.place(), motives_, moved));
  }

  const StoreMove& move_;
  InPlaceChanges& changes_;
  const Target& target_;
  std::string new_name_;
  bool disposable_;
  KeyChoice key_;
  std::vector<Motive> motives_;
  std::vector<std::string> ids_;
  JsonValue attributes_;
};

}  // namespace

bool MoveCache(InPlaceChanges& changes, const Finding& finding) {
  if (finding.topic != Topic::kEncryption && finding.topic != Topic::kCustomerKey) return false;
  if (std::string why = WhyNotMoved(changes); !why.empty()) {
    changes.Refuse(std::move(why));
    return false;
  }
  changes.Move([](const StoreMove& move) { return CacheMove(move).Plan(); }, finding);
  return true;
}

}  // namespace tfseal

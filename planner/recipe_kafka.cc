#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "planner/database.h"
#include "planner/existing_world.h"
#include "planner/identifiers.h"
#include "planner/import_anew.h"
#include "planner/parameters.h"
#include "planner/restore_settings.h"
#include "planner/store_recipes.h"

// R-MSK: DataVolumeKMSKeyId is an argument of the creation alone. What MSK Replicator takes: Amazon MSK Developer
// Guide, "Supported configurations" of MSK Replicator.
namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

constexpr std::size_t kClusterNameMax = 64;
constexpr std::size_t kReplicatorNameMax = 128;
constexpr double kBrokersMin = 3;

// Empty if the documents say everything that the new cluster needs.
std::string WhyNotCreated(const Value& attributes) {
  for (const char* needed : {"kafka_version", "broker_node_group_info[0].instance_type", "arn", "cluster_name"}) {
    if (attributes.At(needed).text().empty()) return std::string("its ") + needed + " is not known";
  }
  if (!attributes.Get("number_of_broker_nodes").AsNumber()) return "how many brokers it has is not known";
  const Value group = attributes.At("broker_node_group_info[0]");
  if (TextsOf(group.Get("client_subnets")).empty() || TextsOf(group.Get("security_groups")).empty()) {
    return "its subnets and security groups are not known";
  }
  const Value connectivity = attributes.At("broker_node_group_info[0].connectivity_info[0]");
  const std::string_view access = connectivity.At("public_access[0].type").text();
  if (!access.empty() && access != "DISABLED") {
    return "it is reachable from the internet, which no new cluster can be: switch that off first, or do it yourself";
  }
  for (const char* way : {"sasl[0].iam", "sasl[0].scram", "tls"}) {
    const std::string path = std::string("vpc_connectivity[0].client_authentication[0].") + way;
    if (connectivity.At(path).AsBool() == true) {
      return "it has private connectivity to other VPCs, which a new cluster gets only later and whose clients are not "
             "in the documents";
    }
  }
  return {};
}

bool IsFrom(std::string_view version, int major, int minor, int patch) {
  int parts[3] = {0, 0, 0};
  const char* at = version.data();
  const char* end = at + version.size();
  for (int& part : parts) {
    const auto read = std::from_chars(at, end, part);
    if (read.ec != std::errc()) break;
    at = read.ptr;
    if (at == end || *at != '.') break;
    ++at;
  }
  return std::tie(parts[0], parts[1], parts[2]) >= std::tie(major, minor, patch);
}

// The only role of the documents that MSK may take; empty if there is none or more than one.
std::string ReplicationRole(const World& world) {
  std::vector<std::string> roles;
  for (const ResourceInstance* role : world.OfType("aws_iam_role")) {
    const Value& attributes = world.AttributesOf(*role);
    if (attributes.Get("assume_role_policy").text().find("\"kafka.amazonaws.com\"") != std::string_view::npos) {
      roles.emplace_back(attributes.Get("arn").text());
    }
  }
  return roles.size() == 1 ? roles.front() : std::string();
}

// Why MSK Replicator does not do it; empty if it does.
std::string WhyNotReplicated(const Value& attributes, const World& world) {
  if (attributes.At("client_authentication[0].sasl[0].iam").AsBool() != true) {
    return "MSK Replicator needs IAM access control, which the cluster does not have";
  }
  if (!IsFrom(attributes.Get("kafka_version").text(), 2, 8, 1)) {
    return "MSK Replicator keeps the names of topics from Kafka 2.8.1 on";
  }
  if (attributes.At("broker_node_group_info[0].instance_type").text().find(".t3.") != std::string_view::npos) {
    return "MSK Replicator does not take brokers of type t3.small";
  }
  if (*attributes.Get("number_of_broker_nodes").AsNumber() < kBrokersMin) return "MSK Replicator needs three brokers";
  if (ReplicationRole(world).empty()) {
    return "the documents have not exactly one role that trusts kafka.amazonaws.com, so none is guessed";
  }
  return {};
}

// A block's members under the names of the API; what is not set is left out.
JsonValue Renamed(const Value& block, std::initializer_list<std::pair<const char*, const char*>> names) {
  JsonValue json(Json::objectValue);
  for (const auto& [attribute, parameter] : names) {
    const Value value = block.Get(attribute);
    if (value.empty() && value.AsBool() == std::nullopt && !value.AsNumber()) continue;
    json[parameter] = ToJson(value);
  }
  return json;
}

void AddBlock(JsonValue& into, const char* name, const JsonValue& block) {
  if (!block.empty()) into[name] = block;
}

JsonValue BrokersOf(const Value& attributes) {
  const Value group = attributes.At("broker_node_group_info[0]");
  JsonValue brokers = Object({{"InstanceType", Text(group.Get("instance_type").text())},
                              {"ClientSubnets", Texts(TextsOf(group.Get("client_subnets")))},
                              {"SecurityGroups", Texts(TextsOf(group.Get("security_groups")))}});
  const Value storage = group.At("storage_info[0].ebs_storage_info[0]");
  JsonValue volumes = Renamed(storage, {{"volume_size", "VolumeSize"}});
  AddBlock(volumes, "ProvisionedThroughput",
           Renamed(storage.At("provisioned_throughput[0]"),
                   {{"enabled", "Enabled"}, {"volume_throughput", "VolumeThroughput"}}));
  if (!volumes.empty()) brokers["StorageInfo"]["EbsStorageInfo"] = volumes;
  return brokers;
}

JsonValue AuthenticationOf(const Value& attributes) {
  const Value given = attributes.At("client_authentication[0]");
  JsonValue authentication(Json::objectValue);
  for (const auto& [attribute, parameter] : {std::pair("sasl[0].iam", "Iam"), std::pair("sasl[0].scram", "Scram")}) {
    if (given.At(attribute).AsBool() == true) authentication["Sasl"][parameter]["Enabled"] = true;
  }
  if (const auto authorities = TextsOf(given.At("tls[0].certificate_authority_arns")); !authorities.empty()) {
    authentication["Tls"] = Object({{"Enabled", true}, {"CertificateAuthorityArnList", Texts(authorities)}});
  }
  if (const auto open = given.Get("unauthenticated").AsBool()) authentication["Unauthenticated"]["Enabled"] = *open;
  return authentication;
}

JsonValue LoggingOf(const Value& attributes) {
  const Value logs = attributes.At("logging_info[0].broker_logs[0]");
  JsonValue logging(Json::objectValue);
  AddBlock(logging, "CloudWatchLogs",
           Renamed(logs.At("cloudwatch_logs[0]"), {{"enabled", "Enabled"}, {"log_group", "LogGroup"}}));
  AddBlock(logging, "Firehose",
           Renamed(logs.At("firehose[0]"), {{"enabled", "Enabled"}, {"delivery_stream", "DeliveryStream"}}));
  AddBlock(logging, "S3",
           Renamed(logs.At("s3[0]"), {{"enabled", "Enabled"}, {"bucket", "Bucket"}, {"prefix", "Prefix"}}));
  return logging;
}

JsonValue ProvisionedOf(const Value& attributes) {
  JsonValue provisioned = Object({{"BrokerNodeGroupInfo", BrokersOf(attributes)},
                                  {"KafkaVersion", Text(attributes.Get("kafka_version").text())},
                                  {"NumberOfBrokerNodes", ToJson(attributes.Get("number_of_broker_nodes"))}});
  for (const auto& [attribute, parameter] :
       {std::pair("enhanced_monitoring", "EnhancedMonitoring"), std::pair("storage_mode", "StorageMode")}) {
    if (const auto text = attributes.Get(attribute).text(); !text.empty()) provisioned[parameter] = std::string(text);
  }
  AddBlock(provisioned, "ClientAuthentication", AuthenticationOf(attributes));
  AddBlock(provisioned, "ConfigurationInfo",
           Renamed(attributes.At("configuration_info[0]"), {{"arn", "Arn"}, {"revision", "Revision"}}));
  JsonValue transit = Renamed(attributes.At("encryption_info[0].encryption_in_transit[0]"),
                              {{"client_broker", "ClientBroker"}, {"in_cluster", "InCluster"}});
  provisioned["EncryptionInfo"] = JsonValue(Json::objectValue);
  AddBlock(provisioned["EncryptionInfo"], "EncryptionInTransit", transit);
  if (const JsonValue logging = LoggingOf(attributes); !logging.empty()) {
    provisioned["LoggingInfo"]["BrokerLogs"] = logging;
  }
  const Value exporters = attributes.At("open_monitoring[0].prometheus[0]");
  for (const auto& [attribute, parameter] :
       {std::pair("jmx_exporter[0]", "JmxExporter"), std::pair("node_exporter[0]", "NodeExporter")}) {
    if (const auto on = exporters.At(attribute).Get("enabled_in_broker").AsBool()) {
      provisioned["OpenMonitoring"]["Prometheus"][parameter]["EnabledInBroker"] = *on;
    }
  }
  return provisioned;
}

JsonValue TagMap(const Value& attributes) {
  JsonValue tags(Json::objectValue);
  for (const JsonValue& tag : TagsOf(attributes)) tags[tag["Key"].asString()] = tag["Value"];
  return tags;
}

class KafkaMove {
 public:
  explicit KafkaMove(const StoreMove& move)
      : move_(move),
        changes_(move.changes),
        attributes_(changes_.attributes()),
        target_(changes_.target()),
        new_name_(DerivedName(target_.identifier, "encrypted", kClusterNameMax)),
        key_(changes_.Key(*move.findings.front())) {
    for (const Finding* finding : move.findings) motives_.push_back(MotiveOf(*finding));
  }

  std::vector<std::string> Plan() {
    std::vector<std::string> needs = move_.needs;
    needs.insert(needs.end(), key_.needs.begin(), key_.needs.end());
    JsonValue payload =
        Object({{"new_cluster", Text(new_name_)}, {"key", key_.key}, {"settings", ProvisionedOf(attributes_)}});
    if (const JsonValue tags = TagMap(attributes_); !tags.empty()) payload["tags"] = tags;
    const std::string created = Add(kCreateKafkaCluster, payload, needs);
    Reconcile(MoveClients(created, Replicate(created)));
    changes_.draft().AddNote(target_.address + ": the old cluster " + target_.identifier +
                             ", and what replicates from it, are kept, outside of Terraform, until somebody deletes "
                             "them");
    return ids_;
  }

 private:
  std::string Add(const ActionKind& kind, JsonValue payload, const std::vector<std::string>& needs) {
    ids_.push_back(changes_.draft().Add(kind, target_, std::move(payload), changes_.place(), needs, motives_));
    return ids_.back();
  }

  std::string Replicate(const std::string& created) {
    const Value group = attributes_.At("broker_node_group_info[0]");
    const World& world = *changes_.site().world;
    if (std::string why = WhyNotReplicated(attributes_, world); !why.empty()) {
      return Add(kManual,
                 Object({{"recipe", "R-MSK replication"},
                         {"reason", Text(std::move(why))},
                         {"steps", Texts({"replicate every topic, its configuration and the offsets of its consumers "
                                          "from " +
                                              target_.identifier + " to " + new_name_ +
                                              ", for instance with MirrorMaker 2 and IdentityReplicationPolicy",
                                          "wait until the lag of every partition is zero or small and steady",
                                          "keep it running until the clients have moved"})}}),
                 {created});
    }
    return Add(kReplicateTopics,
               Object({{"replicator", Text(DerivedName(target_.identifier, "to-encrypted", kReplicatorNameMax))},
                       {"from", Text(attributes_.Get("arn").text())},
                       {"to", OutputOf(created, "ClusterArn")},
                       {"role", Text(ReplicationRole(world))},
                       {"subnets", Texts(TextsOf(group.Get("client_subnets")))},
                       {"security_groups", Texts(TextsOf(group.Get("security_groups")))}}),
               {created});
  }

  std::string MoveClients(const std::string& created, const std::string& replicated) {
    JsonValue encryption = Object({{"encryption_at_rest_kms_key_arn", key_.key}});
    const JsonValue transit = ToJson(attributes_.At("encryption_info[0].encryption_in_transit"));
    if (transit.isArray() && !transit.empty()) encryption["encryption_in_transit"] = transit;
    JsonValue block(Json::arrayValue);
    block.append(encryption);
    set_ = move_.attributes;
    set_["cluster_name"] = new_name_;
    set_["encryption_info"] = block;
    std::vector<std::string> steps = {
        "see that the replication has caught up (ReplicationLatency, MessageLag)",
        "move the consumers first, then the producers, to the brokers of " + new_name_ +
            " (aws kafka get-bootstrap-brokers)",
        "policies that name the ARN of the old cluster, its topics or groups name the new one too"};
    if (attributes_.At("client_authentication[0].sasl[0].scram").AsBool() == true) {
      steps.emplace_back("associate the SCRAM secrets with the new cluster before (BatchAssociateScramSecret)");
    }
    steps.emplace_back("end the replication once nothing is produced to the old cluster, then approve this action");
    const std::string moved = Add(kMoveKafkaClients,
                                  Object({{"new_cluster", Text(new_name_)},
                                          {"new_arn", OutputOf(created, "ClusterArn")},
                                          {"brokers", ToJson(attributes_.Get("number_of_broker_nodes"))},
                                          {"steps", Texts(steps)},
                                          {"attributes", set_}}),
                                  {created, replicated});
    for (const Finding* finding : move_.findings) {
      changes_.draft().AddPostcondition(
          moved, {"control", finding->control, finding->address, finding->control + " passes on " + finding->address});
    }
    return moved;
  }

  // The id of the resource in the state is the ARN, which AWS chooses when the cluster is created.
  void Reconcile(const std::string& moved) {
    const ImportAnew import{
        target_,
        "cluster",
        "ARN of " + new_name_,
        "id: what `aws kafka list-clusters-v2 --cluster-name-filter " + new_name_ + "` shows as ClusterArn",
        set_,
        {},
        {}};
    ids_.push_back(AddImportAnew(changes_.draft(), import, changes_.place(), motives_, moved));
  }

  const StoreMove& move_;
  InPlaceChanges& changes_;
  const Value& attributes_;
  const Target& target_;
  std::string new_name_;
  KeyChoice key_;
  std::vector<Motive> motives_;
  std::vector<std::string> ids_;
  JsonValue set_;
};

}  // namespace

bool MoveKafkaCluster(InPlaceChanges& changes, const Finding& finding) {
  if (finding.topic != Topic::kEncryption && finding.topic != Topic::kCustomerKey) return false;
  if (std::string why = WhyNotCreated(changes.attributes()); !why.empty()) {
    changes.Refuse(std::move(why));
    return false;
  }
  changes.Move([](const StoreMove& move) { return KafkaMove(move).Plan(); }, finding);
  return true;
}

}  // namespace tfseal

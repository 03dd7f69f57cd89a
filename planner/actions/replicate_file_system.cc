#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kReplicateFileSystemFields[] = {
    {"file_system", FieldType::kText, true, "file system in clear, or under another key"},
    {"region", FieldType::kText, true, "its region, and the copy's"},
    {"zone", FieldType::kText, false, "availability zone, where it is in one only"},
    {"key", FieldType::kValue, true, "key as ARN"},
    {"mount_targets", FieldType::kTexts, true, "its mount targets as the documents have them"},
    {"access_points", FieldType::kTexts, true, "its access points as the documents have them"},
};

void DeriveReplicateFileSystem(Action& action) {
  const JsonValue source = Field(action, "file_system");
  JsonValue destinations(Json::arrayValue);
  destinations.append(Object({{"Region", Field(action, "region")},
                              {"AvailabilityZoneName", Field(action, "zone")},
                              {"KmsKeyId", Field(action, "key")}}));
  action.summary = "replicate " + source.asString() + " into an encrypted file system";
  action.calls.push_back(Read("kms", "DescribeKey", Object({{"KeyId", Field(action, "key")}})));
  action.calls.push_back(Read("efs", "DescribeMountTargets", Object({{"FileSystemId", source}})));
  action.calls.push_back(Read("efs", "DescribeAccessPoints", Object({{"FileSystemId", source}})));
  action.calls.push_back(Change("efs", "CreateReplicationConfiguration",
                                Object({{"SourceFileSystemId", source}, {"Destinations", destinations}})));
  action.poll = PollRule{.call = Read("efs", "DescribeReplicationConfigurations", Object({{"FileSystemId", source}})),
                         .field = "Replications[0].Destinations[0].Status",
                         .success = {"ENABLED"},
                         .failure = {"ERROR"},
                         .interval_seconds = 60,
                         .deadline_seconds = 7 * 24 * 60 * 60};
  action.preconditions.push_back(
      Check("not_replicated", "it has no replication: AWS allows one destination, and overwrites one that exists"));
  action.preconditions.push_back(Check(
      "unchanged_since_plan", "it has the mount targets and access points that the documents say, and no others"));
  action.postconditions.push_back(Check("encrypted_under_key", "the copy is encrypted under the key"));
  action.rollback.text = "end the replication; the copy is left aside";
  action.rollback.calls.push_back(
      Change("efs", "DeleteReplicationConfiguration", Object({{"SourceFileSystemId", source}})));
  action.risk = Risk::kLow;
  action.downtime.basis = "clients go on; the first copy takes time by size, no duration is published";
}

}  // namespace

const ActionKind kReplicateFileSystem = {
    .name = "replicate_file_system",
    .phase = "copy",
    .does = "copies a file system into a new, encrypted one that follows it",
    .fields = kReplicateFileSystemFields,
    .derive = DeriveReplicateFileSystem,
};

}  // namespace tfseal

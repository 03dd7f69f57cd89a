#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCopyInstanceSnapshotFields[] = {
    {"snapshot", FieldType::kText, true, "source"},
    {"encrypted_snapshot", FieldType::kText, true, "copy"},
    {"key", FieldType::kValue, true, "key as ARN"},
    {"option_group", FieldType::kText, false, "option group, where it is not a default one"},
};

void DeriveCopyInstanceSnapshot(Action& action) {
  const JsonValue copy = Field(action, "encrypted_snapshot");
  action.summary = "copy the snapshot of " + action.target.identifier + " under the key";
  action.calls.push_back(Change("rds", "CopyDBSnapshot",
                                Object({{"SourceDBSnapshotIdentifier", Field(action, "snapshot")},
                                        {"TargetDBSnapshotIdentifier", copy},
                                        {"KmsKeyId", Field(action, "key")},
                                        {"CopyTags", true},
                                        {"OptionGroupName", Field(action, "option_group")}})));
  action.poll = PollRule{.call = Read("rds", "DescribeDBSnapshots", Object({{"DBSnapshotIdentifier", copy}})),
                         .field = "DBSnapshots[0].Status",
                         .success = {"available"},
                         .failure = {"failed"},
                         .interval_seconds = 30,
                         .deadline_seconds = 24 * 60 * 60};
  action.postconditions.push_back(Check("encrypted_under_key", "Encrypted is true and KmsKeyId is the ARN of the key"));
  action.rollback.text = "the copy is kept";
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis = "depends on the size of the database; no duration is published";
}

}  // namespace

const ActionKind kCopyInstanceSnapshot = {
    .name = "copy_instance_snapshot",
    .phase = "copy",
    .does = "copies an instance snapshot under a key, which is what encrypts it",
    .fields = kCopyInstanceSnapshotFields,
    .derive = DeriveCopyInstanceSnapshot,
};

}  // namespace tfseal

#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kFinishFileSystemFields[] = {
    {"file_system", FieldType::kText, true, "source"},
    {"new_file_system", FieldType::kValue, true, "copy"},
    {"throughput", FieldType::kObject, true, "throughput mode, and what is provisioned"},
    {"lifecycle", FieldType::kList, true, "lifecycle policies"},
    {"backup", FieldType::kText, false, "ENABLED or DISABLED, where Terraform sets it"},
    {"tags", FieldType::kList, false, "tags"},
};

void DeriveFinishFileSystem(Action& action) {
  const JsonValue source = Field(action, "file_system");
  const JsonValue copy = Field(action, "new_file_system");
  JsonValue update = Field(action, "throughput");
  update["FileSystemId"] = copy;
  action.summary = "set on the copy of " + source.asString() + " what a replication does not copy";
  if (!Field(action, "tags").isNull()) {
    action.calls.push_back(
        Change("efs", "TagResource", Object({{"ResourceId", copy}, {"Tags", Field(action, "tags")}})));
  }
  action.calls.push_back(Change("efs", "UpdateFileSystem", update));
  action.calls.push_back(Change("efs", "PutLifecycleConfiguration",
                                Object({{"FileSystemId", copy}, {"LifecyclePolicies", Field(action, "lifecycle")}})));
  if (!Field(action, "backup").isNull()) {
    action.calls.push_back(
        Change("efs", "PutBackupPolicy",
               Object({{"FileSystemId", copy}, {"BackupPolicy", Object({{"Status", Field(action, "backup")}})}})));
  }
  action.calls.push_back(
      Change("efs", "PutFileSystemPolicy",
             Object({{"FileSystemId", copy}, {"Policy", Object({{"as_before_except", Object({{"of", source}})}})}})));
  action.postconditions.push_back(
      Check("same", "throughput, lifecycle, backup, tags and policy are those of the source"));
  action.rollback.text = "the source was not changed";
  action.risk = Risk::kLow;
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis = "settings only";
}

}  // namespace

const ActionKind kFinishFileSystem = {
    .name = "finish_file_system",
    .phase = "build",
    .does = "gives a copied file system the settings and the policy of the original",
    .fields = kFinishFileSystemFields,
    .derive = DeriveFinishFileSystem,
};

}  // namespace tfseal

#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kModifyWarehouseFields[] = {
    {"settings", FieldType::kObject, true, "parameters of the call"},
    {"attributes", FieldType::kObject, true, "the same as Terraform names them"},
    {"previous", FieldType::kObject, false, "the values before, where they are known and not secret"},
};

void DeriveModifyWarehouse(Action& action) {
  const JsonValue id = Text(action.target.identifier);
  DeriveInPlace(action, "redshift", "ModifyCluster", Object({{"ClusterIdentifier", id}}));
  action.poll = PollRule{.call = Read("redshift", "DescribeClusters", Object({{"ClusterIdentifier", id}})),
                         .field = "Clusters[0].ClusterStatus",
                         .success = {"available"},
                         .failure = {"incompatible-parameters", "incompatible-network", "hardware-failure"},
                         .interval_seconds = 60,
                         .deadline_seconds = 48 * 60 * 60};
  if (action.payload["settings"].isMember("KmsKeyId") || action.payload["settings"].isMember("Encrypted")) {
    action.downtime.impact = Downtime::Impact::kReadOnly;
    action.downtime.basis = "the data moves to encrypted storage; the time depends on its size and is not published";
    action.risk = Risk::kMedium;
    action.preconditions.push_back(Check("snapshot_taken", "a manual snapshot was taken before"));
    action.postconditions.push_back(
        Check("encrypted_under_key", "Encrypted is true and KmsKeyId is the key; the cluster is available"));
    action.postconditions.push_back(
        Check("only_under_old_key",
              "snapshots that were taken before, the one of this plan too: they stay as they are until they are "
              "deleted"));
  }
}

}  // namespace

const ActionKind kModifyWarehouse = {
    .name = "modify_warehouse",
    .phase = "protect",
    .does = "changes encryption or settings of a Redshift cluster in place",
    .fields = kModifyWarehouseFields,
    .derive = DeriveModifyWarehouse,
};

}  // namespace tfseal

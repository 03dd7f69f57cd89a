#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/in_place.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

// Redshift moves the data to encrypted storage in the background; the cluster can be read meanwhile.
Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string& name = action.target.identifier;
  TFSEAL_ASSIGN(const JsonValue answer, ReadWorld("redshift", "DescribeClusters",
                                                  Object({{"ClusterIdentifier", Text(name)}}), action, context));
  const JsonValue& cluster = answer["Clusters"][0];
  const std::string status = TextOf(cluster, "ClusterStatus");
  if (status.starts_with("incompatible-") || status == "hardware-failure") {
    return Conflict("warehouse " + name + " is " + status, "mend it, then run tfseal resume");
  }
  if (status != "available") return Underway("warehouse " + name + " is " + status);
  if (const JsonValue& pending = cluster["PendingModifiedValues"]; !pending.empty()) {
    return Underway("changes of warehouse " + name + " are pending");
  }
  return JudgeSettings(action, context,
                       {{"Encrypted", cluster["Encrypted"], "encrypted"},
                        {"KmsKeyId", cluster["KmsKeyId"], "kms_key_id", /*names_key=*/true},
                        {"AutomatedSnapshotRetentionPeriod", cluster["AutomatedSnapshotRetentionPeriod"],
                         "automated_snapshot_retention_period"},
                        {"PubliclyAccessible", cluster["PubliclyAccessible"], "publicly_accessible"}});
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_TRY(RequireUnchanged(action, context, Look));
  return SendChange(CallOf(action, "ModifyCluster"), action, context);
}

}  // namespace

const Handler kModifyWarehouseHandler = {.kind = "modify_warehouse", .probe = Look, .execute = Act};

}  // namespace tfseal

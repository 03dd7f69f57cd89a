#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCreateGlobalClusterFields[] = {
    {"global_cluster", FieldType::kText, true, "identifier of the new global database"},
    {"source_arn", FieldType::kText, true, "the encrypted cluster that becomes its primary"},
    {"attributes", FieldType::kObject, true, "what Terraform's resource shows once it is the new global database"},
};

void DeriveCreateGlobalCluster(Action& action) {
  const JsonValue id = Field(action, "global_cluster");
  action.summary = "create the global database " + id.asString() + " from the encrypted primary";
  action.calls.push_back(Change("rds", "CreateGlobalCluster",
                                Object({{"GlobalClusterIdentifier", id},
                                        {"SourceDBClusterIdentifier", Field(action, "source_arn")},
                                        {"DeletionProtection", true}})));
  action.poll = PollRule{.call = Read("rds", "DescribeGlobalClusters", Object({{"GlobalClusterIdentifier", id}})),
                         .field = "GlobalClusters[0].Status",
                         .success = {"available"},
                         .failure = {"failed"},
                         .interval_seconds = 30,
                         .deadline_seconds = 6 * 60 * 60};
  action.preconditions.push_back(Check("identifier_free", "no global database has the new identifier"));
  action.preconditions.push_back(
      Check("source_encrypted", "the cluster is encrypted and available, and in no other global database"));
  action.postconditions.push_back(
      Check("encrypted_like_source", "StorageEncrypted is true and the cluster is the only writer"));
  action.rollback.possible = false;
  action.rollback.text = "leave it: it holds no data of its own; the old, empty global database is kept too";
  action.risk = Risk::kLow;
  action.downtime.basis = "the primary serves meanwhile";
  SetsAttributes(action, action.payload["attributes"]);
}

}  // namespace

const ActionKind kCreateGlobalCluster = {
    .name = "create_global_cluster",
    .phase = "cut_over",
    .does = "creates a global database from an encrypted cluster",
    .fields = kCreateGlobalClusterFields,
    .derive = DeriveCreateGlobalCluster,
};

}  // namespace tfseal

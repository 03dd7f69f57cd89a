#include <algorithm>

#include "policy/controls/database.h"
#include "policy/controls/declarations.h"

// Databases with few settings: Timestream, QLDB, Aurora DSQL, Neptune Analytics, Lightsail, and DMS, which moves data
// between databases and keeps some of it while it does.
namespace tfseal {
namespace {

using terraform::Value;

// Endpoints that ssl_mode means something for.
bool DmsEngineHasSslMode(std::string_view engine) {
  constexpr std::string_view kEngines[] = {"mysql",
                                           "mariadb",
                                           "postgres",
                                           "aurora",
                                           "aurora-postgresql",
                                           "oracle",
                                           "sqlserver",
                                           "db2",
                                           "db2-zos",
                                           "azuredb",
                                           "sybase",
                                           "docdb",
                                           "mongodb",
                                           "azure-sql-managed-instance",
                                           "babelfish"};
  return std::find(std::begin(kEngines), std::end(kEngines), engine) != std::end(kEngines);
}

Judgement DmsEndpointTls(const Subject& subject) {
  const Value engine = subject.At("engine_name");
  if (engine.unknown()) return UnknownUntilApply("engine_name");
  if (!DmsEngineHasSslMode(engine.text())) return NotApplicable("ssl_mode does not apply to this engine");
  const Value mode = subject.At("ssl_mode");
  if (mode.unknown() && !LeftToAws(subject, "ssl_mode")) return UnknownUntilApply("ssl_mode");
  if (mode.unknown() || mode.empty()) return Fail("ssl_mode is not set, so it is none", "ssl_mode");
  if (mode.text() == "none") return Fail("ssl_mode is none: rows travel in the clear", "ssl_mode");
  return Pass("ssl_mode is not none", "ssl_mode");
}

Judgement LightsailRetention(const Subject& subject) {
  constexpr double kLightsailDays = 7;
  Judgement judgement = RequireBool(subject, "backup_retention_enabled", true, IfUnset::kPass, "there are no backups");
  if (judgement.verdict == Verdict::kFail) judgement.strength = 0;
  if (judgement.verdict != Verdict::kPass) return judgement;
  if (subject.requirements.retention_min_days > kLightsailDays) {
    judgement = Fail("Lightsail keeps 7 days of backups, fewer than are required", "backup_retention_enabled");
  }
  judgement.strength = kLightsailDays;
  return judgement;
}

// Types that AWS encrypts whatever is configured, with a key of its own if none is named.
Judgement AlwaysEncrypted(const Subject& subject) {
  return Pass(std::string(subject.instance.type) + " is always encrypted by AWS");
}

}  // namespace

const Control kAlwaysEncrypted{
    .id = "TFS-STORE-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kInfo,
    .title = "databases that AWS always encrypts are encrypted",
    .types =
        kNames<"aws_dynamodb_table", "aws_dynamodb_table_replica", "aws_memorydb_cluster", "aws_memorydb_snapshot",
               "aws_keyspaces_table", "aws_timestreamwrite_database", "aws_timestreaminfluxdb_db_instance",
               "aws_docdbelastic_cluster", "aws_dsql_cluster", "aws_qldb_ledger", "aws_redshiftserverless_namespace",
               "aws_elasticache_serverless_cache", "aws_opensearchserverless_collection", "aws_neptunegraph_graph",
               "aws_dms_replication_instance", "aws_dms_replication_config">,
    .reads = {},
    .evaluate = AlwaysEncrypted,
    .why = kWhyEncryption,
    .remedy = "nothing to do: whose key it is, is judged by the controls of the topic customer_key",
    .basis = "the services' documentation: encryption at rest cannot be switched off for these",
};

const Control kTimestreamCustomerKey{
    .id = "TFS-TIMESTREAM-001",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "Timestream databases are encrypted with a customer-managed key",
    .types = kNames<"aws_timestreamwrite_database">,
    .reads = kNames<"kms_key_id">,
    .evaluate =
        [](const Subject& subject) { return RequireCustomerKey(subject, "kms_key_id", DefaultKey::kAwsManaged); },
    .why = kWhyCustomerKey,
    .remedy = "set kms_key_id to the ARN of a customer-managed key; it changes in place",
    .basis =
        "Amazon Timestream API, CreateDatabase.KmsKeyId: without it the AWS-managed key. That a key be "
        "customer-managed is an organisation's requirement",
};

const Control kTimestreamInfluxPublicAccess{
    .id = "TFS-TIMESTREAM-002",
    .topic = Topic::kPublicAccess,
    .severity = Severity::kHigh,
    .title = "Timestream for InfluxDB instances have no public address",
    .types = kNames<"aws_timestreaminfluxdb_db_instance">,
    .reads = kNames<"publicly_accessible">,
    .evaluate =
        [](const Subject& subject) {
          return RequireBool(subject, "publicly_accessible", false, IfUnset::kPass, "it gets a public address");
        },
    .why = kWhyPublicAccess,
    .remedy = "publicly_accessible forces replacement and the data is lost by that: move it to a new instance first",
    .basis = "provider 5.100: false unless it is set",
};

const Control kQldbCustomerKey{
    .id = "TFS-QLDB-001",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "QLDB ledgers are encrypted with a customer-managed key",
    .types = kNames<"aws_qldb_ledger">,
    .reads = kNames<"kms_key">,
    .evaluate = [](const Subject& subject) { return RequireCustomerKey(subject, "kms_key", DefaultKey::kAwsOwned); },
    .why = kWhyCustomerKey,
    .remedy = "set kms_key to the ARN of a customer-managed key; it changes in place",
    .basis =
        "Amazon QLDB Developer Guide: always encrypted, with an AWS-owned key if none is named. That a key be "
        "customer-managed is an organisation's requirement",
};

const Control kQldbDeletionProtection{
    .id = "TFS-QLDB-002",
    .topic = Topic::kDeletionProtection,
    .severity = Severity::kHigh,
    .title = "QLDB ledgers are protected against deletion",
    .types = kNames<"aws_qldb_ledger">,
    .reads = kNames<"deletion_protection">,
    .evaluate =
        [](const Subject& subject) {
          return RequireBool(subject, "deletion_protection", true, IfUnset::kPass, "one call deletes the ledger");
        },
    .why = kWhyDeletionProtection,
    .remedy = "set deletion_protection = true; it changes in place",
    .basis = "provider 5.100: on unless it is set",
};

const Control kDsqlCustomerKey{
    .id = "TFS-DSQL-001",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "Aurora DSQL clusters are encrypted with a customer-managed key",
    .types = kNames<"aws_dsql_cluster">,
    .reads = kNames<"kms_encryption_key">,
    .evaluate =
        [](const Subject& subject) { return RequireCustomerKey(subject, "kms_encryption_key", DefaultKey::kAwsOwned); },
    .why = kWhyCustomerKey,
    .remedy = "set kms_encryption_key to the ARN of a customer-managed key; it changes in place",
    .basis =
        "Amazon Aurora DSQL User Guide: always encrypted, with an AWS-owned key if none is named. That a key be "
        "customer-managed is an organisation's requirement",
};

const Control kDsqlDeletionProtection{
    .id = "TFS-DSQL-002",
    .topic = Topic::kDeletionProtection,
    .severity = Severity::kHigh,
    .title = "Aurora DSQL clusters are protected against deletion",
    .types = kNames<"aws_dsql_cluster">,
    .reads = kNames<"deletion_protection_enabled">,
    .evaluate =
        [](const Subject& subject) { return RequireDeletionProtection(subject, "deletion_protection_enabled"); },
    .why = kWhyDeletionProtection,
    .remedy = "set deletion_protection_enabled = true; it changes in place",
    .basis = "provider 5.100: off unless it is set",
};

const Control kNeptuneGraphCustomerKey{
    .id = "TFS-NEPTUNE-030",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "Neptune Analytics graphs are encrypted with a customer-managed key",
    .types = kNames<"aws_neptunegraph_graph">,
    .reads = kNames<"kms_key_identifier">,
    .evaluate =
        [](const Subject& subject) { return RequireCustomerKey(subject, "kms_key_identifier", DefaultKey::kAwsOwned); },
    .why = kWhyCustomerKey,
    .remedy = kReplaceToChangeKey,
    .basis =
        "Amazon Neptune Analytics User Guide: always encrypted, with an AWS-owned key if none is named. That a key be "
        "customer-managed is an organisation's requirement",
};

const Control kNeptuneGraphPublicAccess{
    .id = "TFS-NEPTUNE-031",
    .topic = Topic::kPublicAccess,
    .severity = Severity::kHigh,
    .title = "Neptune Analytics graphs are not reachable from the internet",
    .types = kNames<"aws_neptunegraph_graph">,
    .reads = kNames<"public_connectivity">,
    .evaluate =
        [](const Subject& subject) {
          return RequireBool(subject, "public_connectivity", false, IfUnset::kPass,
                             "the endpoint answers the internet");
        },
    .why = kWhyPublicAccess,
    .remedy = "set public_connectivity = false; it changes in place",
    .basis = "Amazon Neptune Analytics API, CreateGraph.publicConnectivity; provider 5.100: false unless it is set",
};

const Control kDmsReplicationInstanceKey{
    .id = "TFS-DMS-001",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "DMS replication instances are encrypted with a customer-managed key",
    .types = kNames<"aws_dms_replication_instance">,
    .reads = kNames<"kms_key_arn">,
    .evaluate =
        [](const Subject& subject) { return RequireCustomerKey(subject, "kms_key_arn", DefaultKey::kAwsManaged); },
    .why = "the instance keeps changes on its disk while it moves them; the key decides who can read them",
    .remedy = "kms_key_arn forces replacement: create a new instance with the key and move the tasks to it",
    .basis =
        "AWS DMS API, CreateReplicationInstance.KmsKeyId: without it the AWS-managed key. That a key be "
        "customer-managed is an organisation's requirement",
};

const Control kDmsReplicationInstancePublicAccess{
    .id = "TFS-DMS-002",
    .topic = Topic::kPublicAccess,
    .severity = Severity::kHigh,
    .title = "DMS replication instances have no public address",
    .types = kNames<"aws_dms_replication_instance">,
    .reads = kNames<"publicly_accessible">,
    .evaluate =
        [](const Subject& subject) {
          return RequireBool(subject, "publicly_accessible", false, IfUnset::kPass, "it gets a public address");
        },
    .why = kWhyPublicAccess,
    .remedy = "publicly_accessible forces replacement: create a new private instance and move the tasks to it",
    .basis =
        "provider 5.100: false unless it is set (the API alone defaults to true). Vendor benchmark: AWS Security Hub "
        "DMS.1",
};

const Control kDmsEndpointTls{
    .id = "TFS-DMS-003",
    .topic = Topic::kTls,
    .severity = Severity::kHigh,
    .title = "DMS endpoints connect to databases encrypted",
    .types = kNames<"aws_dms_endpoint">,
    .reads = kNames<"ssl_mode", "engine_name">,
    .evaluate = DmsEndpointTls,
    .why = kWhyTls,
    .remedy =
        "set ssl_mode = \"verify-full\", or the strictest the engine knows, and certificate_arn; it changes in place",
    .basis =
        "AWS DMS API, CreateEndpoint.SslMode: none by default; 45 CFR 164.312(e)(2)(ii) (addressable). Vendor "
        "benchmark: AWS Security Hub DMS.9",
};

const Control kDmsEndpointKey{
    .id = "TFS-DMS-004",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kLow,
    .title = "connection details of DMS endpoints are encrypted with a customer-managed key",
    .types = kNames<"aws_dms_endpoint">,
    .reads = kNames<"kms_key_arn">,
    .evaluate =
        [](const Subject& subject) { return RequireCustomerKey(subject, "kms_key_arn", DefaultKey::kAwsManaged); },
    .why = "an endpoint keeps the address, the user and the password of a database; the key decides who can read them",
    .remedy = "kms_key_arn forces replacement: stop the tasks, replace the endpoint, start them again",
    .basis =
        "AWS DMS API, CreateEndpoint.KmsKeyId: without it the AWS-managed key. That a key be customer-managed is an "
        "organisation's requirement",
};

const Control kDmsServerlessKey{
    .id = "TFS-DMS-005",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "DMS serverless replications are encrypted with a customer-managed key",
    .types = kNames<"aws_dms_replication_config">,
    .reads = kNames<"compute_config">,
    .evaluate =
        [](const Subject& subject) {
          return RequireCustomerKey(
              subject, "compute_config[0].kms_key_id",
              DefaultKeyInBlock(subject, "compute_config[0].replication_subnet_group_id", DefaultKey::kAwsManaged));
        },
    .why = "a replication keeps changes on disk while it moves them; the key decides who can read them",
    .remedy = "set compute_config.kms_key_id to a customer-managed key while the replication is stopped",
    .basis =
        "AWS DMS API, ComputeConfig.KmsKeyId: without it the AWS-managed key. That a key be customer-managed is an "
        "organisation's requirement",
};

const Control kLightsailDatabaseBackups{
    .id = "TFS-LIGHTSAIL-001",
    .topic = Topic::kBackupRetention,
    .severity = Severity::kHigh,
    .title = "Lightsail databases keep automatic backups",
    .types = kNames<"aws_lightsail_database">,
    .reads = kNames<"backup_retention_enabled">,
    .evaluate = LightsailRetention,
    .why = kWhyBackups,
    .remedy = "set backup_retention_enabled = true; where more than 7 days are required, use an RDS database",
    .basis = "Amazon Lightsail: automatic backups are kept for 7 days; provider 5.100: on unless it is set",
};

const Control kLightsailDatabaseFinalSnapshot{
    .id = "TFS-LIGHTSAIL-002",
    .topic = Topic::kFinalSnapshot,
    .severity = Severity::kMedium,
    .title = "Lightsail databases leave a final snapshot",
    .types = kNames<"aws_lightsail_database">,
    .reads = kNames<"skip_final_snapshot", "final_snapshot_name">,
    .evaluate =
        [](const Subject& subject) {
          return RequireFinalSnapshot(subject, "skip_final_snapshot", "final_snapshot_name");
        },
    .why = kWhyFinalSnapshot,
    .remedy = "set skip_final_snapshot = false and a final_snapshot_name that is not taken",
    .basis =
        "provider 5.100: a destroy takes a snapshot only with skip_final_snapshot = false and a final_snapshot_name",
};

const Control kLightsailDatabasePublicAccess{
    .id = "TFS-LIGHTSAIL-003",
    .topic = Topic::kPublicAccess,
    .severity = Severity::kHigh,
    .title = "Lightsail databases have no public address",
    .types = kNames<"aws_lightsail_database">,
    .reads = kNames<"publicly_accessible">,
    .evaluate =
        [](const Subject& subject) {
          return RequireBool(subject, "publicly_accessible", false, IfUnset::kPass, "it gets a public address");
        },
    .why = kWhyPublicAccess,
    .remedy = "set publicly_accessible = false; it changes in place",
    .basis = "provider 5.100: false unless it is set",
};

}  // namespace tfseal

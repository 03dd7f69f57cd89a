#include "tests/policy/cases_environment.h"

namespace tfseal {
namespace {
using enum Verdict;

constexpr std::string_view kCluster = "aws_rds_cluster";
constexpr std::string_view kInstance = "aws_db_instance";
constexpr std::string_view kMember = "aws_rds_cluster_instance";
constexpr std::string_view kSilent = R"({"replicate_source_db": []})";  // configured, but nothing else
constexpr std::string_view kUnset = R"({"engine": ["var.engine"]})";    // configured, but not what is asked for

std::vector<ControlCase> EngineCases() {
  const Requirements engines = Asking([](auto& s) { s.engines = {"aurora-postgresql"}; });
  const Requirements version = Asking([](auto& s) { s.engine_version_min = "15.4"; });
  const Requirements mysql = Asking([](auto& s) { s.engine_version_min = "8.0.mysql_aurora.3.04.0"; });
  const Requirements automatic = Asking([](auto& s) { s.minor_upgrades = true; });
  const Requirements by_hand = Asking([](auto& s) { s.minor_upgrades = false; });
  constexpr std::string_view kMinor = "TFS-ENV-003";
  return {
      {"TFS-ENV-001", kCluster, R"({"engine": "aurora-postgresql"})", kPass, {}, {}, engines},
      {"TFS-ENV-001", kCluster, R"({"engine": "aurora-mysql"})", kFail, {}, {}, engines},
      {"TFS-ENV-001", kInstance, R"({"engine": "<unknown>"})", kUnknown, {}, {}, engines},
      // A replica has the engine and the version of its source.
      {"TFS-ENV-001",
       kInstance,
       R"({"engine": "<unknown>", "replicate_source_db": "s"})",
       kFail,
       kSilent,
       {{"aws_db_instance.s", R"({"identifier": "s", "engine": "mysql"})"}},
       engines},
      {"TFS-ENV-002",
       kInstance,
       R"({"engine_version": "<unknown>", "replicate_source_db": "s"})",
       kPass,
       kSilent,
       {{"aws_db_instance.s", R"({"identifier": "s", "engine_version": "15.6"})"}},
       version},
      {"TFS-ENV-002",
       kInstance,
       R"({"engine_version": "<unknown>", "replicate_source_db": "s"})",
       kUnknown,
       R"({"engine_version": ["data.aws_rds_engine_version.v.version"]})",
       {{"aws_db_instance.s", R"({"identifier": "s", "engine_version": "15.6"})"}},
       version},
      NotAskedFor("TFS-ENV-001", kCluster, R"({"engine": "mysql"})"),

      {"TFS-ENV-002", kCluster, R"({"engine_version": "15.4"})", kPass, {}, {}, version},
      {"TFS-ENV-002", kCluster, R"({"engine_version": "15.10"})", kPass, {}, {}, version},
      {"TFS-ENV-002", kCluster, R"({"engine_version": "16"})", kPass, {}, {}, version},
      {"TFS-ENV-002", kCluster, R"({"engine_version": "15.3"})", kFail, {}, {}, version},
      {"TFS-ENV-002", kCluster, R"({"engine_version": "15", "engine_version_actual": "15.3"})", kFail, {}, {}, version},
      {"TFS-ENV-002", kCluster, R"({"engine_version": "15", "engine_version_actual": "15.6"})", kPass, {}, {}, version},
      {"TFS-ENV-002",
       kCluster,
       R"({"engine_version": "15", "engine_version_actual": "<unknown>"})",
       kUnknown,
       {},
       {},
       version},
      {"TFS-ENV-002", kInstance, R"({"engine_version": "<unknown>"})", kUnknown, {}, {}, version},
      {"TFS-ENV-002", kCluster, R"({"engine_version": "8.0.mysql_aurora.3.03.1"})", kFail, {}, {}, mysql},
      {"TFS-ENV-002", kCluster, R"({"engine_version": "8.0.mysql_aurora.3.05.2"})", kPass, {}, {}, mysql},
      NotAskedFor("TFS-ENV-002", kCluster, R"({"engine_version": "9.6"})"),

      {kMinor, kMember, R"({"auto_minor_version_upgrade": true})", kPass, {}, {}, automatic},
      {kMinor, kMember, "{}", kPass, {}, {}, automatic},
      {kMinor, kInstance, R"({"auto_minor_version_upgrade": false})", kFail, {}, {}, automatic},
      {kMinor, kInstance, R"({"auto_minor_version_upgrade": "<unknown>"})", kUnknown, {}, {}, automatic},
      {kMinor, kInstance, R"({"auto_minor_version_upgrade": false})", kPass, {}, {}, by_hand},
      {kMinor, kInstance, "{}", kFail, {}, {}, by_hand},
      NotAskedFor(kMinor, kMember),
  };
}

std::vector<ControlCase> CapacityCases() {
  constexpr std::string_view kId = "TFS-ENV-004";
  const Requirements range = Asking([](auto& s) { s.capacity = {0.5, 4, {}, {}}; });
  const Requirements pauses = Asking([](auto& s) { s.capacity = {0, 4, AutoPause::kRequired, 300}; });
  const Requirements never = Asking([](auto& s) { s.capacity = {{}, {}, AutoPause::kNever, {}}; });
  const auto row = [&](std::string_view attributes, Verdict want, const Requirements& requirements) {
    return ControlCase{kId, kCluster, attributes, want, {}, {}, requirements};
  };
  return {
      row(R"({"serverlessv2_scaling_configuration": [{"min_capacity": 0.5, "max_capacity": 4}]})", kPass, range),
      row(R"({"serverlessv2_scaling_configuration": [{"min_capacity": 0.5, "max_capacity": 8}]})", kFail, range),
      row(R"({"serverlessv2_scaling_configuration": [{"min_capacity": 0, "max_capacity": 4}]})", kFail, range),
      row(R"({"serverlessv2_scaling_configuration": [{"min_capacity": "<unknown>", "max_capacity": 4}]})", kUnknown,
          range),
      row(R"({"serverlessv2_scaling_configuration": "<unknown>"})", kUnknown, range),
      row(R"({"serverlessv2_scaling_configuration": []})", kNotApplicable, range),
      // Only a minimum of 0 pauses, and only with a version that can.
      row(R"({"engine": "aurora-postgresql", "engine_version": "15.10",
              "serverlessv2_scaling_configuration": [{"min_capacity": 0, "max_capacity": 4}]})",
          kPass, pauses),
      row(R"({"engine": "aurora-postgresql", "engine_version": "15.10",
              "serverlessv2_scaling_configuration": [{"min_capacity": 0.5, "max_capacity": 4}]})",
          kFail, pauses),
      row(R"({"engine": "aurora-postgresql", "engine_version": "15.4",
              "serverlessv2_scaling_configuration": [{"min_capacity": 0, "max_capacity": 4}]})",
          kFail, pauses),
      row(R"({"engine": "aurora-mysql", "engine_version": "8.0.mysql_aurora.3.07.1",
              "serverlessv2_scaling_configuration": [{"min_capacity": 0, "max_capacity": 4}]})",
          kFail, pauses),
      row(R"({"engine": "aurora-postgresql", "engine_version": "17.4",
              "serverlessv2_scaling_configuration": [{"min_capacity": 0, "max_capacity": 4,
                                                      "seconds_until_auto_pause": 3600}]})",
          kFail, pauses),
      row(R"({"serverlessv2_scaling_configuration": [{"min_capacity": 0, "max_capacity": 4,
                                                      "seconds_until_auto_pause": "<unknown>"}]})",
          kUnknown, pauses),
      row(R"({"serverlessv2_scaling_configuration": [{"min_capacity": 0, "max_capacity": 4}]})", kFail, never),
      row(R"({"serverlessv2_scaling_configuration": [{"min_capacity": 1, "max_capacity": 4}]})", kPass, never),
      NotAskedFor(kId, kCluster, R"({"serverlessv2_scaling_configuration": [{"min_capacity": 0}]})"),
  };
}

constexpr TestResource kMemberA{"aws_rds_cluster_instance.a",
                                R"({"cluster_identifier": "c", "availability_zone": "us-east-1a"})"};
constexpr TestResource kMemberA2{"aws_rds_cluster_instance.a2",
                                 R"({"cluster_identifier": "c", "availability_zone": "us-east-1a"})"};
constexpr TestResource kMemberB{"aws_rds_cluster_instance.b",
                                R"({"cluster_identifier": "c", "availability_zone": "us-east-1b"})"};
constexpr TestResource kMemberSomewhere{"aws_rds_cluster_instance.s",
                                        R"({"cluster_identifier": "c", "availability_zone": "<unknown>"})"};

std::vector<ControlCase> AvailabilityCases() {
  const Requirements two = Asking([](auto& s) { s.instances_min = 2; });
  const Requirements one = Asking([](auto& s) {
    s.instances_min = 1;
    s.instances_max = 1;
  });
  const Requirements zones = Asking([](auto& s) { s.zones_min = 2; });
  constexpr std::string_view kC = R"({"cluster_identifier": "c", "id": "c"})";
  constexpr std::string_view kMultiAz = R"({"cluster_identifier": "c", "db_cluster_instance_class": "db.m6gd.large"})";
  return {
      {"TFS-ENV-010", kCluster, kC, kPass, {}, {kMemberA, kMemberB}, two},
      {"TFS-ENV-010", kCluster, kC, kFail, {}, {kMemberA}, two},
      {"TFS-ENV-010", kCluster, kC, kFail, {}, {}, two},
      {"TFS-ENV-010", kCluster, kC, kPass, {}, {kMemberA}, one},
      {"TFS-ENV-010", kCluster, kC, kFail, {}, {kMemberA, kMemberB}, one},
      {"TFS-ENV-010", kCluster, kMultiAz, kPass, {}, {}, two},
      {"TFS-ENV-010", kInstance, R"({"identifier": "i", "multi_az": true})", kPass, {}, {}, two},
      {"TFS-ENV-010", kInstance, R"({"identifier": "i", "multi_az": false})", kFail, {}, {}, two},
      {"TFS-ENV-010", kInstance, R"({"identifier": "i", "multi_az": "<unknown>"})", kUnknown, {}, {}, two},
      {"TFS-ENV-010", kInstance, R"({"identifier": "i", "replicate_source_db": "x"})", kNotApplicable, {}, {}, two},
      NotAskedFor("TFS-ENV-010", kCluster, kC),

      {"TFS-ENV-011", kCluster, kC, kPass, {}, {kMemberA, kMemberB}, zones},
      {"TFS-ENV-011", kCluster, kC, kFail, {}, {kMemberA, kMemberA2}, zones},
      {"TFS-ENV-011", kCluster, kC, kUnknown, {}, {kMemberA, kMemberSomewhere}, zones},
      {"TFS-ENV-011", kCluster, kC, kFail, {}, {kMemberSomewhere}, zones},
      {"TFS-ENV-011", kCluster, kMultiAz, kPass, {}, {}, zones},
      {"TFS-ENV-011", kInstance, R"({"multi_az": true})", kPass, {}, {}, zones},
      {"TFS-ENV-011", kInstance, R"({"multi_az": false, "availability_zone": "<unknown>"})", kFail, {}, {}, zones},
      NotAskedFor("TFS-ENV-011", kCluster, kC),
  };
}

std::vector<ControlCase> WindowCases() {
  const Requirements backup = Asking([](auto& s) { s.backup_window = ParseDayWindow("23:00-01:00"); });
  const Requirements week = Asking([](auto& s) { s.maintenance_window = ParseWeekWindow("sun:04:00-sun:05:00"); });
  constexpr std::string_view kB = "TFS-ENV-012";
  constexpr std::string_view kM = "TFS-ENV-013";
  return {
      {kB, kCluster, R"({"preferred_backup_window": "23:30-00:30"})", kPass, {}, {}, backup},
      {kB, kCluster, R"({"preferred_backup_window": "00:30-01:30"})", kFail, {}, {}, backup},
      {kB, kCluster, R"({"preferred_backup_window": "22:30-01:30"})", kFail, {}, {}, backup},
      {kB, kInstance, R"({"backup_window": "23:00-01:00"})", kPass, {}, {}, backup},
      {kB, kInstance, "{}", kFail, {}, {}, backup},
      {kB, kCluster, R"({"preferred_backup_window": "<unknown>"})", kUnknown, {}, {}, backup},
      {kB, kCluster, R"({"preferred_backup_window": "<unknown>"})", kFail, kUnset, {}, backup},
      {kB, kInstance, R"({"replicate_source_db": "x"})", kNotApplicable, {}, {}, backup},
      NotAskedFor(kB, kCluster),

      {kM, kCluster, R"({"preferred_maintenance_window": "Sun:04:00-Sun:05:00"})", kPass, {}, {}, week},
      {kM, kMember, R"({"preferred_maintenance_window": "sun:04:15-sun:04:45"})", kPass, {}, {}, week},
      {kM, kMember, R"({"preferred_maintenance_window": "mon:04:00-mon:05:00"})", kFail, {}, {}, week},
      {kM, kInstance, R"({"maintenance_window": "sat:23:30-sun:00:30"})", kFail, {}, {}, week},
      {kM, "aws_docdb_cluster", R"({"preferred_maintenance_window": "<unknown>"})", kUnknown, {}, {}, week},
      NotAskedFor(kM, kMember),
  };
}

constexpr TestResource kSelection{"aws_backup_selection.s",
                                  R"({"plan_id": "p", "resources": ["arn:aws:rds:us-east-1:123456789012:cluster:c"]})"};
constexpr TestResource kSelectionOfAll{"aws_backup_selection.s", R"({"plan_id": "p", "resources": ["*"]})"};
constexpr TestResource kSelectionByTag{
    "aws_backup_selection.s",
    R"({"plan_id": "p", "selection_tag": [{"type": "STRINGEQUALS", "key": "Backup", "value": "yes"}]})"};
constexpr TestResource kPlanToWest{
    "aws_backup_plan.p",
    R"({"id": "p", "rule": [{"copy_action": [{"destination_vault_arn": "arn:aws:backup:us-west-2:123456789012:backup-vault:copies"}]}]})"};
constexpr TestResource kPlanHome{
    "aws_backup_plan.p",
    R"({"id": "p", "rule": [{"copy_action": [{"destination_vault_arn": "arn:aws:backup:us-east-1:123456789012:backup-vault:home"}]}]})"};
constexpr TestResource kPlanWithoutCopy{"aws_backup_plan.p", R"({"id": "p", "rule": [{"copy_action": []}]})"};
constexpr TestResource kVaultOtherKey{
    "aws_backup_vault.w",
    R"({"arn": "arn:aws:backup:us-west-2:123456789012:backup-vault:copies", "kms_key_arn": "arn:aws:kms:us-west-2:123456789012:key/22222222-2222-2222-2222-222222222222"})"};
constexpr TestResource kVaultSameKey{
    "aws_backup_vault.w",
    R"({"arn": "arn:aws:backup:us-west-2:123456789012:backup-vault:copies", "kms_key_arn": "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111"})"};
// Both keys are of this document, so whose they are is known.
constexpr TestResource kOwnKey{
    "aws_kms_key.own", R"({"arn": "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111"})"};
constexpr TestResource kOtherKey{
    "aws_kms_key.other", R"({"arn": "arn:aws:kms:us-west-2:123456789012:key/22222222-2222-2222-2222-222222222222"})"};

std::vector<ControlCase> CopyCases() {
  const Requirements region = Asking([](auto& s) { s.copies_other_region = true; });
  const Requirements key = Asking([](auto& s) { s.copies_other_key = true; });
  constexpr std::string_view kR = "TFS-ENV-020";
  constexpr std::string_view kK = "TFS-ENV-021";
  constexpr std::string_view kC =
      R"({"arn": "arn:aws:rds:us-east-1:123456789012:cluster:c", "tags": {"Backup": "yes"},
          "kms_key_id": "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111"})";
  return {
      {kR, kCluster, kC, kPass, {}, {kSelection, kPlanToWest}, region},
      {kR, kCluster, kC, kPass, {}, {kSelectionByTag, kPlanToWest}, region},
      {kR, kCluster, kC, kFail, {}, {kSelection, kPlanHome}, region},
      {kR, kCluster, kC, kFail, {}, {kSelection, kPlanWithoutCopy}, region},
      {kR, kCluster, kC, kFail, {}, {}, region},
      {kR, kCluster, kC, kUnknown, {}, {kSelectionOfAll, kPlanToWest}, region},
      {kR, kCluster, kC, kUnknown, {}, {kSelection}, region},
      // A plan does not know an ARN yet, but whose it will be: this one selects another cluster.
      {kR,
       kCluster,
       kC,
       kFail,
       {},
       {{"aws_backup_selection.s", R"({"plan_id": "p", "resources": ["<unknown>"]})",
         R"({"resources": ["aws_rds_cluster.other.arn", "aws_rds_cluster.other"]})"},
        {"aws_rds_cluster.other", R"({"arn": "<unknown>"})", R"({"engine": []})"},
        kPlanToWest},
       region},
      {kR,
       kCluster,
       kC,
       kUnknown,
       {},
       {{"aws_backup_selection.s", R"({"plan_id": "p", "resources": ["<unknown>"]})",
         R"({"resources": ["local.selected"]})"},
        kPlanToWest},
       region},
      {kR,
       kInstance,
       R"({"arn": "arn:db", "id": "i"})",
       kPass,
       {},
       {{"aws_db_instance_automated_backups_replication.r", R"({"source_db_instance_arn": "arn:db"})"}},
       region},
      {kR, kInstance, R"({"replicate_source_db": "x"})", kNotApplicable, {}, {}, region},
      NotAskedFor(kR, kCluster, kC),

      {kK, kCluster, kC, kPass, {}, {kSelection, kPlanToWest, kVaultOtherKey, kOwnKey, kOtherKey}, key},
      {kK, kCluster, kC, kFail, {}, {kSelection, kPlanToWest, kVaultSameKey, kOwnKey, kOtherKey}, key},
      {kK, kCluster, kC, kUnknown, {}, {kSelection, kPlanToWest, kOwnKey}, key},
      {kK, kCluster, kC, kNotApplicable, {}, {kSelection, kPlanWithoutCopy}, key},
      NotAskedFor(kK, kCluster, kC),
  };
}

constexpr std::string_view kPg = R"({"engine": "aurora-postgresql", "db_cluster_parameter_group_name": "g"})";
constexpr std::string_view kPgDefault =
    R"({"engine": "aurora-postgresql", "db_cluster_parameter_group_name": "default.aurora-postgresql15"})";

std::vector<ControlCase> AccessCases() {
  const Requirements tls = Asking([](auto& s) { s.tls_min_protocol = "TLSv1.2"; });
  const Requirements audit = Asking([](auto& s) { s.pgaudit = true; });
  const Requirements logs = Asking([](auto& s) { s.log_exports = {"postgresql", "upgrade"}; });
  const auto group = [](std::string_view attributes) {
    return TestResource{"aws_rds_cluster_parameter_group.g", attributes};
  };
  constexpr std::string_view kT = "TFS-ENV-030";
  constexpr std::string_view kA = "TFS-ENV-031";
  constexpr std::string_view kL = "TFS-ENV-032";
  return {
      {kT,
       kCluster,
       kPg,
       kPass,
       {},
       {group(R"({"name": "g", "parameter": [{"name": "ssl_min_protocol_version", "value": "TLSv1.3"}]})")},
       tls},
      {kT,
       kCluster,
       kPg,
       kFail,
       {},
       {group(R"({"name": "g", "parameter": [{"name": "ssl_min_protocol_version", "value": "TLSv1.1"}]})")},
       tls},
      {kT, kCluster, kPg, kUnknown, {}, {group(R"({"name": "g", "parameter": []})")}, tls},
      {kT, kCluster, kPg, kUnknown, {}, {group(R"({"name": "g", "parameter": "<unknown>"})")}, tls},
      {kT, kCluster, kPg, kUnknown, {}, {}, tls},
      {kT, kCluster, kPgDefault, kUnknown, {}, {}, tls},
      {kT,
       kInstance,
       R"({"engine": "mysql", "parameter_group_name": "g"})",
       kFail,
       {},
       {{"aws_db_parameter_group.g",
         R"({"name": "g", "parameter": [{"name": "tls_version", "value": "TLSv1.1,TLSv1.2"}]})"}},
       tls},
      {kT,
       kInstance,
       R"({"engine": "mysql", "parameter_group_name": "g"})",
       kPass,
       {},
       {{"aws_db_parameter_group.g",
         R"({"name": "g", "parameter": [{"name": "tls_version", "value": "TLSv1.2, TLSv1.3"}]})"}},
       tls},
      {kT, kInstance, R"({"engine": "oracle-ee"})", kUnknown, {}, {}, tls},
      NotAskedFor(kT, kCluster, kPg),

      {kA,
       kCluster,
       kPg,
       kPass,
       {},
       {group(
           R"({"name": "g", "parameter": [{"name": "shared_preload_libraries", "value": "pg_stat_statements, pgaudit"},
                                             {"name": "pgaudit.log", "value": "all"}]})")},
       audit},
      {kA,
       kCluster,
       kPg,
       kFail,
       {},
       {group(R"({"name": "g", "parameter": [{"name": "shared_preload_libraries", "value": "pgaudit"}]})")},
       audit},
      {kA,
       kCluster,
       kPg,
       kFail,
       {},
       {group(R"({"name": "g", "parameter": [{"name": "shared_preload_libraries", "value": "pgaudit"},
                                             {"name": "pgaudit.log", "value": "none"}]})")},
       audit},
      {kA,
       kCluster,
       kPg,
       kFail,
       {},
       {group(R"({"name": "g", "parameter": [{"name": "pgaudit.log", "value": "all"}]})")},
       audit},
      {kA, kCluster, kPgDefault, kFail, {}, {}, audit},
      {kA, kCluster, kPg, kUnknown, {}, {}, audit},
      {kA, kCluster, kPg, kUnknown, {}, {group(R"({"name": "g", "parameter": "<unknown>"})")}, audit},
      {kA, kInstance, R"({"engine": "mysql"})", kNotApplicable, {}, {}, audit},
      // A replica in the same region has its source's group, in another one AWS's or its own.
      {kA,
       kInstance,
       R"({"engine": "<unknown>", "parameter_group_name": "<unknown>", "replicate_source_db": "s"})",
       kPass,
       kSilent,
       {{"aws_db_instance.s", R"({"identifier": "s", "engine": "postgres", "parameter_group_name": "g"})"},
        {"aws_db_parameter_group.g",
         R"({"name": "g", "parameter": [{"name": "shared_preload_libraries", "value": "pgaudit"},
                                        {"name": "pgaudit.log", "value": "all"}]})"}},
       audit},
      {kA,
       kInstance,
       R"({"engine": "postgres", "parameter_group_name": "<unknown>", "replicate_source_db": "arn:aws:rds:us-east-1:1:db:s"})",
       kUnknown,
       kSilent,
       {{"aws_db_instance.s", R"({"identifier": "s", "arn": "arn:aws:rds:us-east-1:1:db:s", "engine": "postgres"})"}},
       audit},
      // A circle of replicas must end.
      {kA,
       kInstance,
       R"({"identifier": "a", "engine": "postgres", "parameter_group_name": null, "replicate_source_db": "b"})",
       kUnknown,
       {},
       {{"aws_db_instance.b", R"({"identifier": "b", "engine": "postgres", "replicate_source_db": "a"})"}},
       audit},
      NotAskedFor(kA, kCluster, kPgDefault),

      {kL, kCluster, R"({"enabled_cloudwatch_logs_exports": ["postgresql", "upgrade"]})", kPass, {}, {}, logs},
      {kL, kCluster, R"({"enabled_cloudwatch_logs_exports": ["postgresql"]})", kFail, {}, {}, logs},
      {kL, kInstance, R"({"enabled_cloudwatch_logs_exports": null})", kFail, {}, {}, logs},
      {kL, kInstance, R"({"enabled_cloudwatch_logs_exports": ["postgresql", "<unknown>"]})", kUnknown, {}, {}, logs},
      {kL, kInstance, R"({"enabled_cloudwatch_logs_exports": "<unknown>"})", kUnknown, {}, {}, logs},
      NotAskedFor(kL, kCluster),
  };
}

}  // namespace

std::vector<ControlCase> EnvironmentControlCases() {
  std::vector<ControlCase> all;
  for (const auto& table :
       {EngineCases(), CapacityCases(), AvailabilityCases(), WindowCases(), CopyCases(), AccessCases(),
        EnvironmentWatchingCases(), EnvironmentNetworkCases(), EnvironmentUpkeepCases()}) {
    all.insert(all.end(), table.begin(), table.end());
  }
  return all;
}

}  // namespace tfseal

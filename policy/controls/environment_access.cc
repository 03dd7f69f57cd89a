#include <fmt/format.h>

#include <algorithm>

#include "policy/controls/database.h"
#include "policy/controls/declarations.h"
#include "policy/controls/environment.h"

// How a database is talked to and what it writes down about it: protocol versions, statement audit, log exports.
namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

// The parameter group that a database uses.
struct GroupInUse {
  std::string_view attribute;                 // of the database
  std::vector<const ResourceInstance*> made;  // of this document
  bool of_aws = false;                        // the default group of the family
};

// Amazon RDS API, CreateDBInstanceReadReplica.DBParameterGroupName: without one a replica in the same region has its
// source's group. A source in another region is named by its ARN; one that is known only after apply may be either.
GroupInUse GroupOf(const Subject& database);

GroupInUse GroupOfReplica(const Subject& replica) {
  const ResourceInstance* source = SourceOf(replica);
  const std::string_view name = replica.At("replicate_source_db").text();
  if (source == nullptr || name.empty() || name.starts_with("arn:")) return {"replicate_source_db", {}, false};
  return GroupOf(
      {*source, replica.world.AttributesOf(*source), replica.world, replica.requirements, replica.now, nullptr});
}

GroupInUse GroupOf(const Subject& database) {
  const bool cluster = database.instance.type == "aws_rds_cluster";
  GroupInUse group;
  group.attribute = cluster ? "db_cluster_parameter_group_name" : "parameter_group_name";
  const Value name = database.At(group.attribute);
  const bool left = LeftToAws(database, group.attribute) || (name.empty() && !name.unknown());
  if (left && IsReplica(database)) return GroupOfReplica(database);
  group.of_aws = left || name.text().starts_with("default.");
  if (group.of_aws) return group;
  group.made =
      cluster
          ? database.world.Follow(database.instance, group.attribute, "aws_rds_cluster_parameter_group", {"name", "id"})
          : database.world.Follow(database.instance, group.attribute, "aws_db_parameter_group", {"name", "id"});
  return group;
}

Judgement GroupNotHere(const GroupInUse& group) {
  return Undecided(fmt::format("the group that {} names is not in this document", group.attribute), group.attribute);
}

// The value that a group gives a parameter: Unknown where it may, Absent where it does not.
Value ParameterOf(const World& world, const ResourceInstance& group, std::string_view name) {
  const Value parameters = world.AttributesOf(group).At("parameter");
  if (parameters.unknown()) return Value::Unknown();
  bool unknown = false;
  for (const Value& parameter : parameters.items()) {
    if (parameter.Get("name").text() == name) return parameter.Get("value");
    unknown = unknown || parameter.Get("name").unknown();
  }
  return unknown ? Value::Unknown() : Value();
}

bool IsPostgres(std::string_view engine) {
  return engine == "postgres" || engine == "aurora-postgresql";
}

bool IsMysqlOrMariaDb(std::string_view engine) {
  return engine == "mysql" || engine == "aurora-mysql" || engine == "mariadb";
}

// "TLSv1.2" is 12, "TLSv1" 10; 0 for anything else.
int ProtocolNumber(std::string_view name) {
  if (!name.starts_with("TLSv1")) return 0;
  if (name == "TLSv1") return 10;
  return name.size() == 7 && name[5] == '.' && name[6] >= '0' && name[6] <= '9' ? 10 + (name[6] - '0') : 0;
}

// The oldest of a list: "TLSv1.2,TLSv1.3".
int OldestProtocol(std::string_view list) {
  int oldest = 99;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view name = list.substr(0, comma);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    oldest = std::min(oldest, ProtocolNumber(name));
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return oldest == 99 ? 0 : oldest;
}

Judgement GroupProtocol(const Subject& subject, const ResourceInstance& group, std::string_view parameter) {
  const std::string& wanted = subject.requirements.settings.tls_min_protocol;
  const Value value = ParameterOf(subject.world, group, parameter);
  if (value.unknown()) return Undecided(fmt::format("{} of {} is known only after apply", parameter, group.address));
  if (value.empty()) {
    return Undecided(fmt::format("{} does not set {}, so the engine's default decides", group.address, parameter));
  }
  const std::string message = fmt::format("{} of {} is {}", parameter, group.address, value.text());
  if (OldestProtocol(value.text()) >= ProtocolNumber(wanted)) return Pass(message);
  return Fail(fmt::format("{}: at least {} is required", message, wanted));
}

Judgement EnvironmentProtocol(const Subject& subject) {
  if (subject.requirements.settings.tls_min_protocol.empty()) return NotAsked();
  const Value says = OwnOrOfTheSource(subject, "engine");
  const std::string_view engine = says.text();
  const bool postgres = IsPostgres(engine);
  if (engine.empty() && !says.unset()) return UnknownUntilApply("engine");
  if (!postgres && !IsMysqlOrMariaDb(engine)) {
    return Undecided(fmt::format("which protocols {} accepts is not told by a parameter that is known here",
                                 engine.empty() ? "the engine" : engine),
                     "engine");
  }
  const std::string_view parameter = postgres ? "ssl_min_protocol_version" : "tls_version";
  const GroupInUse group = GroupOf(subject);
  if (group.of_aws) {
    return Undecided(fmt::format("it has AWS's default group, so the engine's default of {} decides", parameter),
                     group.attribute);
  }
  if (group.made.empty()) return GroupNotHere(group);
  std::vector<Judgement> judgements;
  for (const ResourceInstance* each : group.made) judgements.push_back(GroupProtocol(subject, *each, parameter));
  Judgement judgement = Worst(std::move(judgements));
  judgement.attribute = group.attribute;
  return judgement;
}

bool ListContains(std::string_view list, std::string_view wanted) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view word = list.substr(0, comma);
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    if (word == wanted) return true;
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return false;
}

Judgement GroupAudit(const Subject& subject, const ResourceInstance& group) {
  const Value libraries = ParameterOf(subject.world, group, "shared_preload_libraries");
  const Value log = ParameterOf(subject.world, group, "pgaudit.log");
  if (!libraries.unknown() && !ListContains(libraries.text(), "pgaudit")) {
    return Fail(fmt::format("shared_preload_libraries of {} does not have pgaudit", group.address));
  }
  if (!log.unknown() && (log.text().empty() || ListContains(log.text(), "none"))) {
    return Fail(fmt::format("pgaudit.log of {} is {}: nothing is audited", group.address,
                            log.text().empty() ? "not set" : "none"));
  }
  if (libraries.unknown() || log.unknown()) {
    return Undecided(fmt::format("the parameters of {} are known only after apply", group.address));
  }
  return Pass(fmt::format("{} loads pgaudit and audits {}", group.address, log.text()));
}

Judgement EnvironmentStatementAudit(const Subject& subject) {
  if (!subject.requirements.settings.pgaudit) return NotAsked();
  const Value engine = OwnOrOfTheSource(subject, "engine");
  if (engine.text().empty()) return Undecided("engine is not known, so neither is whether it has pgaudit", "engine");
  if (!IsPostgres(engine.text())) return NotApplicable("pgaudit is an extension of PostgreSQL");
  const GroupInUse group = GroupOf(subject);
  if (group.of_aws) return Fail("it has AWS's default group, which does not load pgaudit", group.attribute);
  if (group.made.empty()) return GroupNotHere(group);
  std::vector<Judgement> judgements;
  for (const ResourceInstance* each : group.made) judgements.push_back(GroupAudit(subject, *each));
  Judgement judgement = Worst(std::move(judgements));
  judgement.attribute = group.attribute;
  return judgement;
}

Judgement EnvironmentLogs(const Subject& subject) {
  const auto& wanted = subject.requirements.settings.log_exports;
  if (wanted.empty()) return NotAsked();
  const std::string_view attribute = "enabled_cloudwatch_logs_exports";
  const Value exports = subject.At(attribute);
  if (exports.unknown()) return UnknownUntilApply(attribute);
  std::vector<std::string> missing;
  for (const std::string& log : wanted) {
    const bool there = std::any_of(exports.items().begin(), exports.items().end(),
                                   [&](const Value& item) { return item.text() == log; });
    if (!there) missing.push_back(log);
  }
  if (missing.empty()) return Pass(fmt::format("{} has {}", attribute, fmt::join(wanted, ", ")), attribute);
  if (exports.AnyUnknown()) return UnknownUntilApply(attribute);
  Judgement judgement = Fail(fmt::format("{} lacks {}", attribute, fmt::join(missing, ", ")), attribute);
  judgement.offenders = std::move(missing);
  return judgement;
}

}  // namespace

const Control kEnvironmentProtocol{
    .id = "TFS-ENV-030",
    .topic = Topic::kTls,
    .severity = Severity::kMedium,
    .title = "databases refuse TLS versions older than the environment's",
    .types = kDatabaseTypes,
    .reads = kNames<"engine", "db_cluster_parameter_group_name", "parameter_group_name", "parameter", "name", "id",
                    "replicate_source_db", "identifier", "arn">,
    .evaluate = EnvironmentProtocol,
    .why = "a server that accepts old protocols can be talked down to them",
    .remedy =
        "set ssl_min_protocol_version (PostgreSQL) or tls_version (MySQL, MariaDB) in the parameter group that the "
        "database uses; test the clients first. Whether TLS is required at all is TFS-RDS-070",
    .basis =
        "PostgreSQL documentation, ssl_min_protocol_version; MySQL Reference Manual, tls_version. 45 CFR "
        "164.312(e)(2)(ii) (addressable) names no version. organisation: tls.min_protocol in tfseal.yaml",
    .asked = [](const Requirements& r) { return !r.settings.tls_min_protocol.empty(); },
};

const Control kEnvironmentStatementAudit{
    .id = "TFS-ENV-031",
    .topic = Topic::kAuditLog,
    .severity = Severity::kMedium,
    .title = "PostgreSQL databases audit statements with pgaudit",
    .types = kDatabaseTypes,
    .reads = kNames<"engine", "db_cluster_parameter_group_name", "parameter_group_name", "parameter", "name", "id",
                    "replicate_source_db", "identifier", "arn">,
    .evaluate = EnvironmentStatementAudit,
    .why = "PostgreSQL's own log does not say which objects a statement read; pgaudit does",
    .remedy =
        "set shared_preload_libraries to include pgaudit (after a reboot) and pgaudit.log, for example to all, and "
        "run CREATE EXTENSION pgaudit in each database, which Terraform does not show",
    .basis =
        "Amazon RDS and Aurora User Guides, Using pgAudit; 45 CFR 164.312(b) asks for audit controls, not for this "
        "one. organisation: audit.pgaudit in tfseal.yaml",
    .asked = [](const Requirements& r) { return r.settings.pgaudit; },
};

const Control kEnvironmentLogs{
    .id = "TFS-ENV-032",
    .topic = Topic::kAuditLog,
    .severity = Severity::kMedium,
    .title = "databases send the logs that the environment asks for to CloudWatch",
    .types = kDatabaseTypes,
    .reads = kNames<"enabled_cloudwatch_logs_exports">,
    .evaluate = EnvironmentLogs,
    .why = "a log that stays on the database is rotated away, and goes with it",
    .remedy = "add them to enabled_cloudwatch_logs_exports; it changes in place",
    .basis = "organisation: audit.logs in tfseal.yaml",
    .asked = [](const Requirements& r) { return !r.settings.log_exports.empty(); },
};

}  // namespace tfseal

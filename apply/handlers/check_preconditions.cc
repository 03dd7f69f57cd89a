#include <algorithm>

#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"
#include "apply/handlers/preflight.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

void CheckPending(const std::string& who, const JsonValue& described, Preflight& preflight) {
  const JsonValue& pending = described["PendingModifiedValues"];
  if (!pending.isObject()) return;
  for (const std::string& name : pending.getMemberNames()) {
    // The new password itself is masked by AWS and never looked at.
    if (!pending[name].empty()) preflight.problems.push_back(who + " has a pending change of " + name);
  }
}

void CheckProtection(Preflight& preflight) {
  const JsonValue& database = preflight.database;
  if (!database["DeletionProtection"].asBool()) preflight.problems.emplace_back("deletion protection is off");
  const int wanted = std::max(1, preflight.action.payload["retention_days"].asInt());
  const int live = database["BackupRetentionPeriod"].asInt();
  preflight.evidence["backup_retention_days"] = live;
  if (live < wanted) {
    preflight.problems.push_back("automated backups are kept " + std::to_string(live) + " days, not " +
                                 std::to_string(wanted));
  }
  if (const std::string source = TextOf(database, "ReplicationSourceIdentifier"); !source.empty()) {
    preflight.problems.push_back("it replicates " + source);
  }
  if (const std::string source = TextOf(database, "ReadReplicaSourceDBInstanceIdentifier"); !source.empty()) {
    preflight.problems.push_back("it is a replica of " + source + "; move that one");
  }
}

Status ReadMembers(Preflight& preflight) {
  for (const JsonValue& member : preflight.database["DBClusterMembers"]) {
    const DatabaseName name{preflight.name.service, false, TextOf(member, "DBInstanceIdentifier")};
    TFSEAL_ASSIGN(JsonValue instance, GetDatabase(name, preflight.action, preflight.context));
    if (const auto waiting = NotAvailable(name, instance)) preflight.problems.push_back(waiting->text);
    CheckPending(name.Text(), instance, preflight);
    preflight.members.push_back(std::move(instance));
  }
  return {};
}

// A rotation that is under way has a version that is pending and not current.
Status CheckSecrets(Preflight& preflight) {
  for (const JsonValue& json : preflight.action.payload["secrets"]) {
    const std::string secret = json.asString();
    const auto read = ReadIfThere("secretsmanager", "DescribeSecret", Object({{"SecretId", json}}), preflight.action,
                                  preflight.context);
    if (!read.ok()) {
      if (read.error().code != ErrorCode::kPermissionDenied) return read.error();
      preflight.questions.push_back("whether a rotation of " + secret + " is under way may not be read");
      continue;
    }
    if (!*read) {
      preflight.problems.push_back("the secret " + secret + " is not there");
      continue;
    }
    const JsonValue& versions = (**read)["VersionIdsToStages"];
    for (const std::string& version : versions.getMemberNames()) {
      bool pending = false;
      bool current = false;
      for (const JsonValue& stage : versions[version]) {
        pending = pending || stage == JsonValue("AWSPENDING");
        current = current || stage == JsonValue("AWSCURRENT");
      }
      if (pending && !current) preflight.problems.push_back("a rotation of " + secret + " is under way");
    }
  }
  return {};
}

bool NamesCluster(const JsonValue& global, const std::string& arn) {
  const JsonValue& members = global["GlobalClusterMembers"];
  return std::any_of(members.begin(), members.end(),
                     [&](const JsonValue& member) { return TextOf(member, "DBClusterArn") == arn; });
}

Status CheckGlobal(Preflight& preflight) {
  if (!preflight.name.cluster || preflight.name.service == "docdb") return {};
  const std::string arn = TextOf(preflight.database, "DBClusterArn");
  const auto answer =
      ReadWorld(preflight.name.service, "DescribeGlobalClusters", Object({}), preflight.action, preflight.context);
  if (!answer.ok()) {
    if (answer.error().code != ErrorCode::kPermissionDenied) return answer.error();
    preflight.questions.emplace_back("whether it is in a global database may not be read");
    return {};
  }
  for (const JsonValue& global : (*answer)["GlobalClusters"]) {
    // One that the plan takes it out of is no problem.
    if (TextOf(global, "GlobalClusterIdentifier") == TextOf(preflight.action.payload, "global_cluster")) continue;
    if (NamesCluster(global, arn)) {
      preflight.problems.push_back("it is in the global database " + TextOf(global, "GlobalClusterIdentifier") +
                                   ", which a restored cluster cannot join; take it out first");
    }
  }
  return {};
}

Status CheckBlueGreen(Preflight& preflight) {
  if (preflight.name.service != "rds") return {};
  const std::string arn = TextOf(preflight.database, preflight.name.cluster ? "DBClusterArn" : "DBInstanceArn");
  const auto answer = ReadWorld("rds", "DescribeBlueGreenDeployments", Object({}), preflight.action, preflight.context);
  if (!answer.ok()) {
    if (answer.error().code != ErrorCode::kPermissionDenied) return answer.error();
    preflight.questions.emplace_back("whether a blue/green deployment is under way may not be read");
    return {};
  }
  for (const JsonValue& deployment : (*answer)["BlueGreenDeployments"]) {
    const std::string status = TextOf(deployment, "Status");
    if (TextOf(deployment, "Source") == arn && status != "SWITCHOVER_COMPLETED" && status != "DELETING") {
      preflight.problems.push_back("the blue/green deployment " + TextOf(deployment, "BlueGreenDeploymentName") +
                                   " is under way");
    }
  }
  return {};
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : "; ") + text;
  return joined;
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const DatabaseName name{TextOf(action.payload, "service"), action.target.type != "aws_db_instance",
                          action.target.identifier};
  TFSEAL_ASSIGN(JsonValue database, GetDatabase(name, action, context));
  if (const auto waiting = NotAvailable(name, database)) return *waiting;
  Preflight preflight{
      .action = action, .context = context, .name = name, .database = std::move(database), .members = {}};
  CheckPending(name.Text(), preflight.database, preflight);
  CheckProtection(preflight);
  TFSEAL_TRY(ReadMembers(preflight));
  for (const auto check : {CheckKey, CheckNames, CheckQuotas, CheckSubnets, CheckEngineVersion, CheckSecrets,
                           CheckGlobal, CheckBlueGreen}) {
    TFSEAL_TRY(check(preflight));
  }
  if (!preflight.problems.empty()) {
    return Conflict(name.Text() + " cannot be moved yet: " + Joined(preflight.problems),
                    "nothing was changed; see to it, then run tfseal resume");
  }
  if (!preflight.questions.empty()) {
    if (!context.settings.approvals.contains(action.id)) {
      return Waiting(name.Text() + ": " + Joined(preflight.questions),
                     "look for yourself, then: " + ApproveCommand(action));
    }
    preflight.evidence["approved"] = Texts(preflight.questions);
  }
  preflight.evidence["checked_at"] = FormatTime(context.clock.Now());
  return Done(name.Text() + " can be moved", JsonValue(Json::objectValue), preflight.evidence);
}

}  // namespace

const Handler kCheckPreconditionsHandler = {.kind = "check_preconditions", .probe = Look};

}  // namespace tfseal

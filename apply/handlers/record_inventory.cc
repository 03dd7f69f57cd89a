#include <algorithm>

#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "apply/handlers/settings.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

constexpr const char* kPlanAgain =
    "apply what Terraform has not applied, or take the change into the configuration; then write the plan again";

// What is read, and everything in which it is not what the documents say.
struct Inventory {
  JsonValue manifest{Json::objectValue};
  JsonValue resources{Json::objectValue};
  JsonValue services{Json::arrayValue};
  std::string vpc;
  std::vector<std::string> problems;
  std::vector<std::string> questions;  // what no copy has, and a person has to judge
};

DatabaseName NameOf(const Action& action) {
  return {TextOf(action.payload, "service"), action.target.type != "aws_db_instance", action.target.identifier};
}

std::set<std::string> NamesIn(const JsonValue& list, const char* member = nullptr) {
  std::set<std::string> names;
  for (const JsonValue& item : list) names.insert(member == nullptr ? item.asString() : TextOf(item, member));
  return names;
}

void CompareNames(const std::set<std::string>& planned, const std::set<std::string>& live, const std::string& what,
                  Inventory& inventory) {
  for (const std::string& name : planned) {
    if (!live.contains(name)) inventory.problems.push_back(what + " " + name + " is in the documents, but not there");
  }
  for (const std::string& name : live) {
    if (!planned.contains(name))
      inventory.problems.push_back(what + " " + name + " is there, but not in the documents");
  }
}

JsonValue Expected(const JsonValue& manifest) {
  JsonValue parameters = manifest["restore"];
  for (const std::string& name : manifest["modify"].getMemberNames()) parameters[name] = manifest["modify"][name];
  parameters["VpcSecurityGroupIds"] = manifest["security_groups"];
  return Comparable(parameters);
}

void Compare(const std::string& who, const JsonValue& expected, const JsonValue& live, enum Compare compare,
             Inventory& inventory) {
  for (const SettingDifference& difference : Differences(expected, live, compare)) {
    inventory.problems.push_back(who + ": " + difference.setting + " is " + difference.live + ", the documents say " +
                                 difference.expected);
  }
}

void ReadSurroundings(const DatabaseName& name, const JsonValue& database, const JsonValue& planned,
                      Inventory& inventory) {
  CompareNames(NamesIn(planned["roles"], "role"), NamesIn(database["AssociatedRoles"], "RoleArn"), "role", inventory);
  for (const JsonValue& role : database["AssociatedRoles"]) {
    inventory.manifest["roles"].append(
        Object({{"role", role["RoleArn"]}, {"feature", Text(TextOf(role, "FeatureName"))}}));
  }
  std::set<std::string> endpoints;
  for (const JsonValue& host : database["CustomEndpoints"]) {
    endpoints.insert(host.asString().substr(0, host.asString().find('.')));
  }
  CompareNames(NamesIn(planned["endpoints"]), endpoints, "custom endpoint", inventory);
  const std::string stream = TextOf(database, "ActivityStreamStatus");
  if (!stream.empty() && stream != "stopped") {
    inventory.questions.push_back("it has an activity stream, which has to be started again on the copy");
  }
  if (!database["AwsBackupRecoveryPointArn"].empty()) {
    inventory.questions.push_back("AWS Backup owns its retention; the backup plan has to select the copy too");
  }
  if (name.cluster && TextOf(database, "GlobalWriteForwardingStatus") == "enabled") {
    inventory.questions.push_back("it forwards writes of a global database");
  }
}

Status ReadMembers(const DatabaseName& name, const JsonValue& database, const Action& action, RunContext& context,
                   Inventory& inventory) {
  const JsonValue& members = action.payload["members"];
  std::set<std::string> live = name.cluster ? NamesIn(database["DBClusterMembers"], "DBInstanceIdentifier")
                                            : NamesIn(database["ReadReplicaDBInstanceIdentifiers"]);
  CompareNames(NamesIn(members), live, name.cluster ? "instance" : "replica", inventory);
  inventory.manifest["members"] = JsonValue(Json::objectValue);
  for (Json::ArrayIndex i = 0; i < members.size(); ++i) {
    const DatabaseName member{name.service, false, members[i].asString()};
    TFSEAL_ASSIGN(const auto found, FindDatabase(member, action, context));
    if (!found) continue;  // it is among the problems
    const JsonValue settings = LiveSettings(*found, false);
    Compare(member.Text(), Comparable(action.payload["manifest"]["members"][i]), settings, Compare::kExpected,
            inventory);
    inventory.manifest["members"][member.identifier] = settings;
    inventory.resources[member.identifier] = ResourceOf(*found);
    if (inventory.vpc.empty()) inventory.vpc = TextOf((*found)["DBSubnetGroup"], "VpcId");
  }
  return {};
}

Status ReadNetwork(const DatabaseName& name, const JsonValue& database, const Action& action, RunContext& context,
                   Inventory& inventory) {
  const JsonValue& group = database["DBSubnetGroup"];
  if (group.isObject() && inventory.vpc.empty()) inventory.vpc = TextOf(group, "VpcId");
  if (!inventory.vpc.empty() || !group.isString()) return {};
  TFSEAL_ASSIGN(const auto found, ReadIfThere(name.service, "DescribeDBSubnetGroups",
                                              Object({{"DBSubnetGroupName", group}}), action, context));
  if (found && !(*found)["DBSubnetGroups"].empty()) inventory.vpc = TextOf((*found)["DBSubnetGroups"][0], "VpcId");
  return {};
}

Status ReadServices(const Action& action, RunContext& context, Inventory& inventory) {
  for (const JsonValue& user : action.payload["services"]) {
    TFSEAL_ASSIGN(const JsonValue answer,
                  ReadWorld("ecs", "DescribeServices",
                            Object({{"cluster", user["cluster"]}, {"services", Texts({TextOf(user, "service")})}}),
                            action, context));
    if (answer["services"].empty()) {
      inventory.problems.push_back("service " + TextOf(user, "service") + " is not there");
      continue;
    }
    JsonValue service = user;
    service["desiredCount"] = answer["services"][0]["desiredCount"];
    inventory.services.append(service);
  }
  return {};
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : "; ") + text;
  return joined;
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const DatabaseName name = NameOf(action);
  const JsonValue& planned = action.payload["manifest"];
  TFSEAL_ASSIGN(const JsonValue database, GetDatabase(name, action, context));
  if (const auto waiting = NotAvailable(name, database)) return *waiting;
  Inventory inventory;
  const JsonValue live = LiveSettings(database, name.cluster);
  Compare(name.Text(), Expected(planned), live, Compare::kEverything, inventory);
  inventory.manifest["settings"] = live;
  inventory.resources[name.identifier] = ResourceOf(database);
  ReadSurroundings(name, database, planned, inventory);
  TFSEAL_TRY(ReadMembers(name, database, action, context, inventory));
  TFSEAL_TRY(ReadNetwork(name, database, action, context, inventory));
  TFSEAL_TRY(ReadServices(action, context, inventory));
  if (!inventory.problems.empty()) {
    return Conflict(name.Text() + " is not what the plan was made from: " + Joined(inventory.problems), kPlanAgain);
  }
  if (!inventory.questions.empty() && !context.settings.approvals.contains(action.id)) {
    return Waiting(name.Text() + ": " + Joined(inventory.questions) + "; the plan has no step for that",
                   "see to it, then: " + ApproveCommand(action));
  }
  JsonValue output = Object({{"manifest", inventory.manifest}, {"resources", inventory.resources}});
  if (!inventory.vpc.empty()) output["vpc"] = inventory.vpc;
  if (!inventory.services.empty()) output["services"] = inventory.services;
  JsonValue evidence = output;
  evidence["recorded_at"] = FormatTime(context.clock.Now());
  evidence["database"] = Essentials(database);
  if (!inventory.questions.empty()) evidence["approved"] = Texts(inventory.questions);
  return Done("every setting of " + name.Text() + " is recorded and is what the documents say", output, evidence);
}

}  // namespace

const Handler kRecordInventoryHandler = {.kind = "record_inventory", .probe = Look};

}  // namespace tfseal

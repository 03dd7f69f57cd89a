#include <algorithm>

#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"

namespace tfseal {
namespace {

std::string Listed(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none yet" : text;
}

// The database, and the instances of a cluster that the payload names, by name.
Result<std::vector<std::pair<DatabaseName, JsonValue>>> Everyone(const Action& action, RunContext& context) {
  std::vector<std::pair<DatabaseName, JsonValue>> everyone;
  const DatabaseName name = NameIn(action, "identifier", action.payload["cluster"].asBool());
  TFSEAL_ASSIGN(JsonValue database, GetDatabase(name, action, context));
  everyone.emplace_back(name, std::move(database));
  for (const JsonValue& member : action.payload["members"]) {
    const DatabaseName member_name{name.service, false, member.asString()};
    TFSEAL_ASSIGN(JsonValue instance, GetDatabase(member_name, action, context));
    everyone.emplace_back(member_name, std::move(instance));
  }
  return everyone;
}

// Whether all of them have these security groups and no other. `who` gets the first that has not.
bool AllHave(const std::vector<std::pair<DatabaseName, JsonValue>>& everyone, const std::set<std::string>& groups,
             std::string& who) {
  for (const auto& [name, described] : everyone) {
    if (SecurityGroupsOf(described) == groups) continue;
    who = name.Text() + " has the security groups " + Listed(SecurityGroupsOf(described));
    return false;
  }
  return true;
}

bool IsMoving(const JsonValue& described) {
  return std::any_of(described["VpcSecurityGroups"].begin(), described["VpcSecurityGroups"].end(),
                     [](const JsonValue& group) { return group["Status"].isString() && group["Status"] != "active"; });
}

Result<Probe> Look(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string quarantine, ResolvedText(action, "quarantine", context));
  TFSEAL_ASSIGN(const auto everyone, Everyone(action, context));
  std::string who;
  if (!AllHave(everyone, {quarantine}, who)) {
    const auto& [name, database] = everyone.front();
    if (const auto waiting = NotAvailable(name, database)) return *waiting;
    for (const auto& [member, described] : everyone) {
      if (IsMoving(described)) return Underway("the security groups of " + member.Text() + " are being changed");
    }
    // The groups of a cluster reach its instances a little later.
    if (SecurityGroupsOf(database) == std::set<std::string>{quarantine}) return Underway(who);
    return NotDone(who);
  }
  for (const auto& [name, described] : everyone) {
    if (const auto waiting = NotAvailable(name, described)) return *waiting;
  }
  JsonValue output(Json::objectValue);
  output["fenced_at"] = FormatTime(context.clock.Now());
  JsonValue evidence = output;
  evidence["security_group"] = quarantine;
  for (const auto& [name, described] : everyone) evidence["fenced"].append(name.Text());
  return Done(everyone.front().first.Text() + " admits nobody but the operator", output, evidence);
}

std::set<std::string> OwnGroups(const Action& action) {
  std::set<std::string> groups;
  for (const JsonValue& group : action.payload["security_groups"]) groups.insert(group.asString());
  return groups;
}

Status Act(const Action& action, RunContext& context) {
  const DatabaseName name = NameIn(action, "identifier", action.payload["cluster"].asBool());
  TFSEAL_ASSIGN(const JsonValue database, GetDatabase(name, action, context));
  if (SecurityGroupsOf(database) != OwnGroups(action)) {
    return InTheWay(name.Text() + " has the security groups " + Listed(SecurityGroupsOf(database)) +
                        ", the plan was made for " + Listed(OwnGroups(action)),
                    "nothing was changed: the way back would give it the wrong ones; write the plan again");
  }
  return SendChange(CallOf(action, name.cluster ? "ModifyDBCluster" : "ModifyDBInstance"), action, context);
}

Result<Probe> LookUndone(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const auto everyone, Everyone(action, context));
  std::string who;
  for (const auto& [name, described] : everyone) {
    if (IsMoving(described)) return Underway("the security groups of " + name.Text() + " are being changed");
  }
  if (AllHave(everyone, OwnGroups(action), who)) {
    return NotDone(everyone.front().first.Text() + " has its own security groups");
  }
  if (SecurityGroupsOf(everyone.front().second) == OwnGroups(action)) return Underway(who);
  return Done(who);
}

Status Undo(const Action& action, RunContext& context) {
  const bool cluster = action.payload["cluster"].asBool();
  return SendChange(RollbackCallOf(action, cluster ? "ModifyDBCluster" : "ModifyDBInstance"), action, context);
}

}  // namespace

const Handler kFenceDatabaseHandler = {
    .kind = "fence_database", .probe = Look, .execute = Act, .probe_undone = LookUndone, .undo = Undo};

}  // namespace tfseal

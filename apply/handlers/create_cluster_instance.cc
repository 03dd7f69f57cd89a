#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  const DatabaseName name = NameIn(action, "new_instance", false);
  const DatabaseName cluster = NameIn(action, "new_cluster", true);
  TFSEAL_ASSIGN(const auto found, FindDatabase(name, action, context));
  if (!found) {
    TFSEAL_ASSIGN(const JsonValue owner, GetDatabase(cluster, action, context));
    if (const auto waiting = NotAvailable(cluster, owner)) return *waiting;
    return NotDone("there is no " + name.Text() + " yet");
  }
  if (const std::string owner = TextOf(*found, "DBClusterIdentifier"); owner != cluster.identifier) {
    return Conflict(
        name.Text() + " belongs to " + (owner.empty() ? "no cluster" : owner) + ", not to " + cluster.identifier,
        "rename or remove it yourself, then run tfseal resume");
  }
  if (const auto waiting = NotAvailable(name, *found)) return *waiting;
  JsonValue output(Json::objectValue);
  output["DBInstance"] = Essentials(*found);
  return Done(name.Text() + " is available", output, Essentials(*found));
}

Status Act(const Action& action, RunContext& context) {
  return SendChange(CallOf(action, "CreateDBInstance"), action, context);
}

}  // namespace

const Handler kCreateClusterInstanceHandler = {.kind = "create_cluster_instance", .probe = Look, .execute = Act};

}  // namespace tfseal

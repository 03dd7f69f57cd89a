#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  const DatabaseName name = NameIn(action, "new_instance", false);
  const DatabaseName source = NameIn(action, "source", false);
  TFSEAL_ASSIGN(const JsonValue encrypted, GetDatabase(source, action, context));
  TFSEAL_ASSIGN(const auto found, FindDatabase(name, action, context));
  if (!found) {
    if (const auto waiting = NotAvailable(source, encrypted)) return *waiting;
    return NotDone("there is no " + name.Text() + " yet");
  }
  if (const std::string of = TextOf(*found, "ReadReplicaSourceDBInstanceIdentifier"); of != source.identifier) {
    return Conflict(name.Text() + " replicates " + (of.empty() ? "nothing" : of) + ", not " + source.identifier,
                    "rename or remove it yourself, then run tfseal resume");
  }
  if (const auto waiting = NotAvailable(name, *found)) return *waiting;
  if (const std::string wrong = WrongKey(*found, TextOf(encrypted, "KmsKeyId")); !wrong.empty()) {
    return Conflict(name.Text() + " " + wrong, "remove this replica yourself, then run tfseal resume");
  }
  JsonValue output(Json::objectValue);
  output["DBInstance"] = Essentials(*found);
  return Done(name.Text() + " is available, under the key of its source", output, Essentials(*found));
}

Status Act(const Action& action, RunContext& context) {
  return SendChange(CallOf(action, "CreateDBInstanceReadReplica"), action, context);
}

}  // namespace

const Handler kCreateReadReplicaHandler = {.kind = "create_read_replica", .probe = Look, .execute = Act};

}  // namespace tfseal

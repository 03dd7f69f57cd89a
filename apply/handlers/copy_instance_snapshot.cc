#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "apply/handlers/snapshots.h"

namespace tfseal {
namespace {

DatabaseName Of(const Action& action) {
  return {"rds", false, action.target.identifier};
}

// What the name of the source got because an earlier attempt's snapshot is there, the copy's gets too.
std::string CopyOf(const std::string& source, const Action& action) {
  return TextOf(action.payload, "encrypted_snapshot") + source.substr(TextOf(action.payload, "snapshot").size());
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const DatabaseName of = Of(action);
  const std::string taken = SnapshotMadeFor(of, "snapshot", action, context);
  const std::string name = CopyOf(taken, action);
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  TFSEAL_ASSIGN(const auto source, FindSnapshot(of, taken, action, context));
  if (!source) {
    return Conflict("snapshot " + taken + " is not there", "find out who deleted it; nothing further is changed");
  }
  TFSEAL_ASSIGN(const auto copy, FindSnapshot(of, name, action, context));
  if (!copy) return NotDone("there is no snapshot " + name + " yet");
  const std::string from = TextOf(*copy, "SourceDBSnapshotIdentifier");
  const std::string source_arn = TextOf(*source, "DBSnapshotArn");
  const bool of_another =
      TextOf(*copy, "DBInstanceIdentifier") != of.identifier || (!from.empty() && from != source_arn && from != taken);
  if (of_another) {
    return Conflict("snapshot " + name + " is a copy of something else than " + taken,
                    "rename or delete it yourself, then run tfseal resume");
  }
  if (const auto waiting = SnapshotNotAvailable(name, *copy)) return *waiting;
  if (const std::string wrong = WrongKey(*copy, key); !wrong.empty()) {
    return Conflict("snapshot " + name + " " + wrong, "delete this copy yourself, then run tfseal resume");
  }
  JsonValue output(Json::objectValue);
  output["DBSnapshot"] = Essentials(*copy);
  return Done("snapshot " + name + " is available, encrypted under the key", output, Essentials(*copy));
}

Status Act(const Action& action, RunContext& context) {
  const std::string source = SnapshotMadeFor(Of(action), "snapshot", action, context);
  ApiCall call = CallOf(action, "CopyDBSnapshot");
  call.parameters["SourceDBSnapshotIdentifier"] = source;
  call.parameters["TargetDBSnapshotIdentifier"] = CopyOf(source, action);
  return SendChange(call, action, context);
}

}  // namespace

const Handler kCopyInstanceSnapshotHandler = {.kind = "copy_instance_snapshot", .probe = Look, .execute = Act};

}  // namespace tfseal

#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  const DatabaseName of{"rds", false, action.target.identifier};
  const std::string name = TextOf(action.payload, "encrypted_snapshot");
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  TFSEAL_ASSIGN(const auto source, FindSnapshot(of, TextOf(action.payload, "snapshot"), action, context));
  if (!source) {
    return Conflict("snapshot " + TextOf(action.payload, "snapshot") + " is not there",
                    "find out who deleted it; nothing further is changed");
  }
  TFSEAL_ASSIGN(const auto copy, FindSnapshot(of, name, action, context));
  if (!copy) return NotDone("there is no snapshot " + name + " yet");
  const std::string from = TextOf(*copy, "SourceDBSnapshotIdentifier");
  const std::string source_arn = TextOf(*source, "DBSnapshotArn");
  const bool of_another = TextOf(*copy, "DBInstanceIdentifier") != of.identifier ||
                          (!from.empty() && from != source_arn && from != TextOf(action.payload, "snapshot"));
  if (of_another) {
    return Conflict("snapshot " + name + " is a copy of something else than " + TextOf(action.payload, "snapshot"),
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
  return SendChange(CallOf(action, "CopyDBSnapshot"), action, context);
}

}  // namespace

const Handler kCopyInstanceSnapshotHandler = {.kind = "copy_instance_snapshot", .probe = Look, .execute = Act};

}  // namespace tfseal

#include "apply/handlers/snapshots.h"

#include "apply/handlers/calls.h"

namespace tfseal {
namespace {

// When the snapshot holds everything from: AWS notes when it was begun, in seconds.
Status IsAfterTheProof(const JsonValue& described, const std::string& proof) {
  const auto proven = ParseTime(proof);
  const auto taken = ParseTime(TextOf(described, "SnapshotCreateTime"));
  if (!proven) return Error{ErrorCode::kInvalidInput, "the time of the proof of quiescence cannot be read", ""};
  if (!taken) return Error{ErrorCode::kUnavailable, "the snapshot has no creation time yet", ""};
  if (*taken + std::chrono::milliseconds(999) < *proven) {
    return InTheWay("it was taken at " + TextOf(described, "SnapshotCreateTime") + ", before it was proven at " +
                        proof + " that nothing writes",
                    "what was written in between is not in it: delete this snapshot yourself, then run tfseal resume; "
                    "it is taken again");
  }
  return {};
}

}  // namespace

Result<Probe> LookAtFencedSnapshot(const DatabaseName& of, const Action& action, RunContext& context) {
  const std::string name = TextOf(action.payload, "snapshot");
  TFSEAL_ASSIGN(const auto found, FindSnapshot(of, name, action, context));
  if (!found) {
    TFSEAL_ASSIGN(const JsonValue database, GetDatabase(of, action, context));
    if (const auto waiting = NotAvailable(of, database)) return *waiting;
    return NotDone("there is no snapshot " + name + " yet");
  }
  const std::string source = TextOf(*found, of.cluster ? "DBClusterIdentifier" : "DBInstanceIdentifier");
  if (source != of.identifier) {
    return Conflict("snapshot " + name + " is of " + source + ", not of " + of.identifier,
                    "rename or delete it yourself, then run tfseal resume");
  }
  if (const auto waiting = SnapshotNotAvailable(name, *found)) return *waiting;
  JsonValue evidence = Essentials(*found);
  if (action.payload.isMember("quiescent_at")) {
    TFSEAL_ASSIGN(const std::string proof, ResolvedText(action, "quiescent_at", context));
    if (const Status after = IsAfterTheProof(*found, proof); !after.ok()) {
      if (after.error().code == ErrorCode::kUnavailable)
        return Underway("snapshot " + name + ": " + after.error().message);
      return Conflict("snapshot " + name + ": " + after.error().message, after.error().hint);
    }
    evidence["quiescent_at"] = proof;
  }
  JsonValue output(Json::objectValue);
  output[of.cluster ? "DBClusterSnapshot" : "DBSnapshot"] = Essentials(*found);
  return Done("snapshot " + name + " is available", output, evidence);
}

}  // namespace tfseal

#include "apply/handlers/snapshots.h"

#include "apply/handlers/calls.h"

namespace tfseal {
namespace {

// More attempts than anybody makes before looking why they fail.
constexpr int kNamesMax = 20;

const char* NameMember(const DatabaseName& of) {
  return of.cluster ? "DBClusterSnapshotIdentifier" : "DBSnapshotIdentifier";
}

const char* SourceMember(const DatabaseName& of) {
  return of.cluster ? "DBClusterIdentifier" : "DBInstanceIdentifier";
}

// When nothing wrote any more; nullopt if the action asks for no proof.
Result<std::optional<TimePoint>> TimeOfTheProof(const Action& action, RunContext& context) {
  if (!action.payload.isMember("quiescent_at")) return std::optional<TimePoint>();
  TFSEAL_ASSIGN(const std::string text, ResolvedText(action, "quiescent_at", context));
  const auto proven = ParseTime(text);
  if (!proven) return InTheWay("it is not proven that nothing writes to " + action.target.identifier, "");
  return proven;
}

// AWS notes when a snapshot was begun, in seconds. One without a time yet is not older.
bool IsOlder(const JsonValue& described, TimePoint proven) {
  const auto taken = ParseTime(TextOf(described, "SnapshotCreateTime"));
  return taken && *taken + std::chrono::milliseconds(999) < proven;
}

struct FencedSnapshot {
  std::string name;
  std::optional<JsonValue> described;  // nullopt: not taken yet
};

// The first of the names that is free, or whose snapshot is not older than the proof: an older one lacks what was
// written between the two attempts.
Result<FencedSnapshot> FindFencedSnapshot(const DatabaseName& of, const Action& action, RunContext& context) {
  const std::string planned = TextOf(action.payload, "snapshot");
  for (int attempt = 1; attempt <= kNamesMax; ++attempt) {
    FencedSnapshot snapshot{attempt == 1 ? planned : planned + "-" + std::to_string(attempt), {}};
    TFSEAL_ASSIGN(snapshot.described, FindSnapshot(of, snapshot.name, action, context));
    if (!snapshot.described) return snapshot;
    TFSEAL_ASSIGN(const auto proven, TimeOfTheProof(action, context));
    if (!proven) return snapshot;
    const bool own = TextOf(*snapshot.described, SourceMember(of)) == of.identifier;
    if (!own || !IsOlder(*snapshot.described, *proven)) return snapshot;
  }
  return InTheWay("there are " + std::to_string(kNamesMax) + " snapshots of earlier attempts, " + planned + " and on",
                  "find out why the attempts fail, delete the snapshots that you do not need, then run tfseal resume");
}

}  // namespace

Status TakeFencedSnapshot(const DatabaseName& of, const Action& action, RunContext& context) {
  TFSEAL_TRY(TimeOfTheProof(action, context));
  TFSEAL_ASSIGN(const FencedSnapshot snapshot, FindFencedSnapshot(of, action, context));
  ApiCall call = CallOf(action, of.cluster ? "CreateDBClusterSnapshot" : "CreateDBSnapshot");
  call.parameters[NameMember(of)] = snapshot.name;
  return SendChange(call, action, context);
}

std::string SnapshotMadeFor(const DatabaseName& of, const char* member, const Action& action,
                            const RunContext& context) {
  std::string planned = TextOf(action.payload, member);
  for (const std::string& need : action.needs) {
    const auto output = context.outputs.find(need);
    if (output == context.outputs.end()) continue;
    const JsonValue& made = output->second[of.cluster ? "DBClusterSnapshot" : "DBSnapshot"];
    std::string name = made.isObject() ? TextOf(made, NameMember(of)) : std::string();
    if (name == planned || name.starts_with(planned + "-")) return name;
  }
  return planned;
}

Result<Probe> LookAtFencedSnapshot(const DatabaseName& of, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const FencedSnapshot snapshot, FindFencedSnapshot(of, action, context));
  const std::string& name = snapshot.name;
  const std::optional<JsonValue>& found = snapshot.described;
  if (!found) {
    TFSEAL_ASSIGN(const JsonValue database, GetDatabase(of, action, context));
    if (const auto waiting = NotAvailable(of, database)) return *waiting;
    return NotDone("there is no snapshot " + name + " yet");
  }
  const std::string source = TextOf(*found, SourceMember(of));
  if (source != of.identifier) {
    return Conflict("snapshot " + name + " is of " + source + ", not of " + of.identifier,
                    "rename or delete it yourself, then run tfseal resume");
  }
  if (const auto waiting = SnapshotNotAvailable(name, *found)) return *waiting;
  JsonValue evidence = Essentials(*found);
  if (action.payload.isMember("quiescent_at")) {
    if (!ParseTime(TextOf(*found, "SnapshotCreateTime"))) {
      return Underway("snapshot " + name + ": it has no creation time yet");
    }
    TFSEAL_ASSIGN(const std::string proof, ResolvedText(action, "quiescent_at", context));
    evidence["quiescent_at"] = proof;
  }
  JsonValue output(Json::objectValue);
  output[of.cluster ? "DBClusterSnapshot" : "DBSnapshot"] = Essentials(*found);
  return Done("snapshot " + name + " is available", output, evidence);
}

}  // namespace tfseal

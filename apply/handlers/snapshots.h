#pragma once

#include "apply/handlers/databases.h"

namespace tfseal {

// Where the snapshot stands that an action takes of a fenced database: it must be of this database, and begun after the
// proof that nothing writes.
Result<Probe> LookAtFencedSnapshot(const DatabaseName& of, const Action& action, RunContext& context);

// Sends the call that takes it, under the name that is free for this proof. What an attempt that was taken back left
// under the planned name is a recovery point: it stays, and "-2", "-3".. is added to the name of the next one.
Status TakeFencedSnapshot(const DatabaseName& of, const Action& action, RunContext& context);

// The snapshot that an action builds on: what the action before it says it made of the one that the payload's `member`
// names, which can be a later attempt's; the name of the plan if none of them says so.
std::string SnapshotMadeFor(const DatabaseName& of, const char* member, const Action& action,
                            const RunContext& context);

}  // namespace tfseal

#pragma once

#include "apply/handlers/databases.h"

namespace tfseal {

// Where the snapshot stands that an action takes of a fenced database: it must be of this database, and begun after the
// proof that nothing writes.
Result<Probe> LookAtFencedSnapshot(const DatabaseName& of, const Action& action, RunContext& context);

}  // namespace tfseal

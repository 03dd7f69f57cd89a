#pragma once

#include "apply/handlers/databases.h"

namespace tfseal {

// Deleting the old database with a final snapshot kept.
Result<Probe> LookAtRetirement(const DatabaseName& name, const std::string& final_snapshot, const Action& action,
                               RunContext& context);
// Whether it may go: it is the recorded one, fenced, without members and unprotected, and the name of the final
// snapshot is free.
Status MayRetire(const DatabaseName& name, const std::string& final_snapshot, const Action& action,
                 RunContext& context);

}  // namespace tfseal

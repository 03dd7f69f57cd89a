#pragma once

#include "apply/handler.h"

namespace tfseal {

// Renaming of clusters and of instances. Which database is meant follows from its resource id, which a rename does not
// change: so a look tells all states apart, also one in the middle of a swap.
Result<Probe> LookAtRename(const Action& action, RunContext& context, bool cluster);
Status Rename(const Action& action, RunContext& context, bool cluster);
Result<Probe> LookAtRenameBack(const Action& action, RunContext& context, bool cluster);
Status RenameBack(const Action& action, RunContext& context, bool cluster);

}  // namespace tfseal

#pragma once

#include <string>

#include "apply/journal_audit.h"
#include "cli/args.h"
#include "cli/exit_code.h"
#include "core/json.h"
#include "core/result.h"

namespace tfseal::cli {

// A journal as `verify --journal` judges it, alone or beside the live world.
struct JournalCheck {
  std::string name;  // as the store calls it
  JournalAudit audit;
};

// Reads the journal that --journal names, and compares it with the plan of --actions where that is given.
Result<JournalCheck> CheckJournal(const Arguments& arguments);

std::string JournalCheckText(const JournalCheck& check);
// Schema tfseal/journal-audit/v1.
JsonValue ToJson(const JournalCheck& check);
ExitCode CodeOf(const JournalCheck& check);

}  // namespace tfseal::cli

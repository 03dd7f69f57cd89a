#pragma once

#include <string>
#include <vector>

#include "apply/journal_record.h"
#include "apply/run_state.h"

namespace tfseal {

// What is wrong with a journal as a record of what was done.
struct JournalAudit {
  JournalVerdict verdict = JournalVerdict::kClean;
  std::vector<std::string> problems;  // for people; empty: nothing is
  std::string head_sha256;            // of the last whole record: what a copy can be compared by
  std::size_t records = 0;
  RunState state;

  // Not to be relied on: damaged, or records that cannot follow each other. A torn tail is no damage.
  bool damaged = false;
};

// Chain, order and sequence of the records; that the journal is of the plan with this digest (if it is given), names no
// action that the plan does not have (if `actions` are given), and has evidence for everything that is done.
JournalAudit AuditJournal(std::string_view bytes, const std::string& plan_sha256,
                          const std::vector<std::string>& actions);

}  // namespace tfseal

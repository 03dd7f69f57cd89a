#pragma once

#include <memory>
#include <string>

#include "apply/journal_writer.h"
#include "apply/run_state.h"

namespace tfseal {

// The journal of one run: what is in the store, and adding to it. Records that are written are folded into the state at
// once, so that state and journal never differ.
class Journal {
 public:
  // Reads the store. A torn tail is cut off, and noted with the next record. kCorrupt if it is damaged, kStalePlan if
  // it belongs to another plan. The caller holds the lock.
  static Result<Journal> Open(JournalStore& store, const Clock& clock, const std::string& plan_sha256,
                              std::uint64_t actions);
  // The same without touching the store, for `status`; a torn tail is left alone.
  static Result<RunState> Look(JournalStore& store, const std::string& plan_sha256);

  [[nodiscard]] const RunState& state() const { return state_; }
  [[nodiscard]] const JournalWriter& writer() const { return writer_; }
  Status Write(std::string_view kind, JsonValue body);

 private:
  Journal(JournalStore& store, const Clock& clock, JournalPosition position)
      : clock_(&clock), writer_(store, std::move(position)) {}

  const Clock* clock_;
  JournalWriter writer_;
  RunState state_;
};

}  // namespace tfseal

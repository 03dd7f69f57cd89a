#pragma once

#include <string>
#include <string_view>

#include "apply/journal_record.h"
#include "apply/journal_store.h"

namespace tfseal {

// Adds records to a journal. The first failure poisons the writer: what is in the store is then not known, so nothing
// more is written and nothing more may be changed in the world.
class JournalWriter {
 public:
  JournalWriter(JournalStore& store, JournalPosition position) : store_(&store), position_(std::move(position)) {}

  // Durable when it returns OK. The record has the number of the position.
  Status Write(const JournalRecord& record);
  [[nodiscard]] bool poisoned() const { return poisoned_; }
  [[nodiscard]] const JournalPosition& position() const { return position_; }

 private:
  JournalStore* store_;
  JournalPosition position_;
  bool poisoned_ = false;
};

}  // namespace tfseal

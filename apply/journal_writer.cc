#include "apply/journal_writer.h"

#include <fmt/format.h>

namespace tfseal {

Status JournalWriter::Write(const JournalRecord& record) {
  if (poisoned_) {
    return Error{ErrorCode::kUnavailable, fmt::format("{}: not written to after an earlier failure", store_->name()),
                 "tfseal resume"};
  }
  JournalPosition next = position_;
  const std::string framed = Frame(record, next);
  if (const Status appended = store_->Append(record.sequence, framed); !appended.ok()) {
    poisoned_ = true;
    return appended;
  }
  position_ = std::move(next);
  return {};
}

}  // namespace tfseal

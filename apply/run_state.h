#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apply/journal_record.h"
#include "core/result.h"

namespace tfseal {

// What the journal says of one action.
struct ActionState {
  enum class Stage : std::uint8_t {
    kPending,   // not looked at, or undone
    kSent,      // a change was sent or is about to be: its outcome is not written
    kUnderway,  // a change was accepted, AWS is at work
    kUnknown,   // a change was sent and its answer was lost
    kWaiting,
    kFailed,
    kDone,
  };
  Stage stage = Stage::kPending;
  int attempts = 0;      // changes sent, undoing included
  bool open = false;     // the last intent has no outcome
  bool undoing = false;  // the last intent was to undo
  TimePoint started;     // the first look since it was last pending
  TimePoint changed;     // the last record about it
  TimePoint done;        // when it was done last, unless that was undone
  std::string text;      // of the last record that had one
  std::string hint;
  std::optional<TimePoint> until;
  JsonValue output{Json::objectValue};
  JsonValue evidence{Json::objectValue};
};
std::string_view Name(ActionState::Stage stage);

struct Approval {
  std::string by;
  std::string reason;
  TimePoint at;
  JsonValue evidence{Json::objectValue};  // what was shown with it: the digest of an empty plan
};

struct RunRecord {
  std::string run;
  std::string command;
  std::string user;
  std::string host;
  std::int64_t pid = 0;
  TimePoint started;
  std::optional<TimePoint> ended;  // empty: still running, or killed
  std::string result;              // done, stopped, waiting, interrupted, undone
  std::string text;
};

// Where a run stands, as far as the journal knows: the fold of its records.
struct RunState {
  std::string plan_sha256;
  std::uint64_t actions_planned = 0;
  std::map<std::string, ActionState> actions;              // by id
  std::map<std::string, std::vector<Approval>> approvals;  // by action id; one entry a person
  std::vector<Approval> losses_accepted;                   // approvals to go back beyond the point of no return
  std::vector<RunRecord> runs;

  [[nodiscard]] bool empty() const { return plan_sha256.empty(); }
  [[nodiscard]] bool Done(const std::string& action) const;

  // One more record. kCorrupt if it cannot follow those before; kUnsupportedVersion for a kind that is not known.
  Status Add(const JournalRecord& record);
};

Result<RunState> FoldJournal(const std::vector<JournalRecord>& records);

}  // namespace tfseal

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/json.h"
#include "core/result.h"

// The records of a run and how they are framed: docs/journal-format.md.
namespace tfseal {

inline constexpr std::string_view kJournalFormat = "tfseal/journal/v1";

struct JournalRecord {
  std::uint64_t sequence = 0;  // dense, from 0
  TimePoint time;
  std::string kind;
  JsonValue body{Json::objectValue};
};

// The canonical payload of a record.
std::string PayloadOf(const JournalRecord& record);

// Where the next record goes: its sequence number, and the hash of the one before (32 bytes, zeros at the start).
struct JournalPosition {
  JournalPosition() : hash(32, '\0') {}
  std::uint64_t sequence = 0;
  std::string hash;
};

// len u32 | ~len u32 | payload | SHA-256(hash before, len, ~len, payload), big-endian; moves `position` on.
std::string Frame(const JournalRecord& record, JournalPosition& position);

enum class JournalVerdict : std::uint8_t {
  kClean,
  kTornTail,  // whole records, then a part of one or zeros: what was being written when the process ended
  kCorrupt,   // not what was written: a person decides
};

struct JournalContent {
  JournalVerdict verdict = JournalVerdict::kClean;
  std::vector<JournalRecord> records;
  std::size_t whole_bytes = 0;  // up to the last whole record
  std::size_t torn_bytes = 0;   // after it, for kTornTail
  std::string problem;          // for kCorrupt: what is wrong and at which byte
  JournalPosition position;     // after the last whole record
};

// Never fails: whatever the bytes are, they are one of the three.
JournalContent ReadJournalBytes(std::string_view bytes);

// The error that ends a command on a corrupt journal (kCorrupt).
Error CorruptJournal(const std::string& name, const JournalContent& content);

}  // namespace tfseal

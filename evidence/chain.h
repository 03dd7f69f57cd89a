#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/append_file.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/result.h"

// Records of what happened, one canonical JSON line each, every line with the digest of the one before:
// docs/evidence-format.md.
namespace tfseal::evidence {

inline constexpr std::string_view kFormat = "tfseal/evidence/v1";

struct Record {
  std::uint64_t sequence = 0;  // dense, from 0
  std::string time;            // RFC 3339
  std::string kind;
  JsonValue body{Json::objectValue};
  std::string line_sha256;  // of the line without its end: what the next one names
};

// What a chain is, whoever wrote it. Never fails: damage is an answer.
struct Chain {
  std::vector<Record> records;
  std::vector<std::string> problems;  // for people, with the line's number; empty: every line is as it was written
  std::string head_sha256;            // of the last line; 64 zeros for an empty chain
  // Bytes at the end that are no line: a write that was cut off, by a power failure say. Whether that is damage is for
  // the seal to say.
  std::size_t torn = 0;
};
Chain ReadChain(std::string_view text);

// Adds records to a chain in a file. The first error ends it: what comes after a failed write would hang in the air.
class ChainWriter {
 public:
  // Goes on from what the file holds; kCorrupt if that is not a whole chain. A line that was cut off is cut off whole:
  // whether it may be there at all is asked before, of the seal.
  static Result<ChainWriter> Open(const std::string& path, const Clock& clock);

  // On the device when it returns. Where it fails the file is as it was, if that much can still be done.
  Status Append(std::string_view kind, const JsonValue& body);
  [[nodiscard]] std::uint64_t size() const { return sequence_; }
  // Whether the last record of `kind` is behind the last one of `before`, from now or from an earlier process. No
  // record of `kind`: false.
  [[nodiscard]] bool HasAfter(std::string_view before, std::string_view kind) const;
  [[nodiscard]] const std::string& head_sha256() const { return head_; }

 private:
  ChainWriter(std::unique_ptr<AppendFile> file, const Clock& clock) : file_(std::move(file)), clock_(&clock) {}

  std::unique_ptr<AppendFile> file_;
  const Clock* clock_;
  std::uint64_t sequence_ = 0;
  std::size_t bytes_ = 0;
  std::string head_;
  std::map<std::string, std::uint64_t, std::less<>> last_;  // the number of the last record of a kind
  bool failed_ = false;
};

}  // namespace tfseal::evidence

#include "evidence/chain.h"

#include <fmt/format.h>

#include "core/time_text.h"
#include "crypto/digest.h"

namespace tfseal::evidence {
namespace {

constexpr std::size_t kLineBytesMax = std::size_t{4} << 20;

std::string NoHead() {
  return std::string(64, '0');
}

// A record, or what is wrong with its line.
std::string ReadLine(std::string_view line, std::uint64_t sequence, const std::string& head, Record& record) {
  if (line.size() > kLineBytesMax) return "it is too long";
  const auto json = ParseJson(line);
  if (!json.ok() || !json->isObject()) return "it is not a JSON object";
  // Another spelling of the same record would have another digest and yet look the same to a person.
  if (WriteJsonLine(*json) != line) return "it is not in canonical form, so it was changed";
  const JsonValue& value = *json;
  for (const char* name : {"format", "kind", "prev", "time"}) {
    if (!value[name].isString()) return fmt::format("\"{}\" is missing", name);
  }
  if (value["format"].asString() != kFormat) return fmt::format("its format is not {}", kFormat);
  if (!value["seq"].isUInt64() || !value["body"].isObject()) return "\"seq\" or \"body\" is missing";
  if (value["seq"].asUInt64() != sequence) {
    return fmt::format("its number is {} where {} belongs: a line is missing, repeated or out of order",
                       value["seq"].asUInt64(), sequence);
  }
  if (value["prev"].asString() != head) return "it does not follow the line before: that one or this was changed";
  record.sequence = sequence;
  record.kind = value["kind"].asString();
  record.time = value["time"].asString();
  record.body = value["body"];
  return {};
}

}  // namespace

Chain ReadChain(std::string_view text) {
  Chain chain;
  chain.head_sha256 = NoHead();
  std::uint64_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      chain.torn = text.size();
      return chain;
    }
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    Record record;
    const std::string problem = ReadLine(line, number, chain.head_sha256, record);
    ++number;
    // Past the first fault nothing can be told from a consequence of it.
    if (!problem.empty()) {
      chain.problems.push_back(fmt::format("line {}: {}", number, problem));
      return chain;
    }
    record.line_sha256 = Sha256Hex(line);
    chain.head_sha256 = record.line_sha256;
    chain.records.push_back(std::move(record));
  }
  return chain;
}

Result<ChainWriter> ChainWriter::Open(const std::string& path, const Clock& clock) {
  TFSEAL_ASSIGN(std::unique_ptr<AppendFile> file, OpenAppendFile(path));
  TFSEAL_ASSIGN(const std::string text, file->Read());
  const Chain chain = ReadChain(text);
  if (!chain.problems.empty()) {
    return Error{ErrorCode::kCorrupt, fmt::format("{}: {}", path, chain.problems.front()),
                 "keep the file as it is, for whoever looks into it, and name another directory"};
  }
  if (chain.torn > 0) TFSEAL_TRY(file->Truncate(text.size() - chain.torn));
  ChainWriter writer(std::move(file), clock);
  writer.bytes_ = text.size() - chain.torn;
  writer.sequence_ = chain.records.size();
  writer.head_ = chain.head_sha256;
  for (const Record& each : chain.records) writer.last_.insert_or_assign(each.kind, each.sequence);
  return writer;
}

Status ChainWriter::Append(std::string_view kind, const JsonValue& body) {
  if (failed_) return Error{ErrorCode::kUnavailable, "the evidence could not be written before", ""};
  JsonValue record(Json::objectValue);
  record["format"] = std::string(kFormat);
  record["seq"] = Json::UInt64(sequence_);
  record["prev"] = head_;
  record["time"] = FormatTime(clock_->Now());
  record["kind"] = std::string(kind);
  record["body"] = body;
  const std::string line = WriteJsonLine(record);
  failed_ = true;
  Status written = file_->Append(line + "\n");
  if (written.ok()) written = file_->Sync();
  if (!written.ok()) {
    // A device that is full takes part of a line.
    const Status ignored = file_->Truncate(bytes_);
    static_cast<void>(ignored);
    return written;
  }
  failed_ = false;
  bytes_ += line.size() + 1;
  last_.insert_or_assign(std::string(kind), sequence_);
  ++sequence_;
  head_ = Sha256Hex(line);
  return {};
}

bool ChainWriter::HasAfter(std::string_view before, std::string_view kind) const {
  const auto found = last_.find(kind);
  const auto other = last_.find(before);
  return found != last_.end() && (other == last_.end() || other->second < found->second);
}

}  // namespace tfseal::evidence

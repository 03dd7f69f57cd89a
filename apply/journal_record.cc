#include "apply/journal_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/time_text.h"
#include "crypto/digest.h"

namespace tfseal {
namespace {

constexpr std::size_t kHeaderBytes = 8;
constexpr std::size_t kHashBytes = 32;
// An answer or an inventory of a large cluster is tens of kilobytes; more than this is damage.
constexpr std::uint32_t kPayloadBytesMax = std::uint32_t{16} << 20;

std::string BigEndian(std::uint32_t number) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>((number >> shift) & 0xFFU);
  return bytes;
}

std::uint32_t NumberAt(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

unsigned Digit(char c) {
  return c <= '9' ? static_cast<unsigned>(c - '0') : static_cast<unsigned>(c - 'a') + 10U;
}

std::string HashOf(std::string_view before, std::string_view header, std::string_view payload) {
  Sha256 sha;
  sha.Update(before);
  sha.Update(header);
  sha.Update(payload);
  const std::string hex = sha.FinishHex();
  std::string hash;
  for (std::size_t i = 0; i < hex.size(); i += 2) hash += static_cast<char>(Digit(hex[i]) << 4 | Digit(hex[i + 1]));
  return hash;
}

std::optional<JournalRecord> Parse(std::string_view payload) {
  const auto json = ParseJson(payload);
  if (!json.ok() || !json->isObject() || WriteJsonLine(*json) != payload) return std::nullopt;
  const JsonValue& value = *json;
  if (value.size() != 4 || !value["sequence"].isUInt64() || !value["time"].isString() || !value["kind"].isString() ||
      !value["body"].isObject()) {
    return std::nullopt;
  }
  const auto time = ParseTime(value["time"].asString());
  if (!time) return std::nullopt;
  return JournalRecord{value["sequence"].asUInt64(), *time, value["kind"].asString(), value["body"]};
}

bool AllZero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

JournalContent& Torn(JournalContent& content, std::size_t bytes) {
  content.verdict = JournalVerdict::kTornTail;
  content.torn_bytes = bytes;
  return content;
}

JournalContent& Corrupt(JournalContent& content, std::string_view what) {
  content.verdict = JournalVerdict::kCorrupt;
  content.problem = fmt::format("{} at byte {}", what, content.whole_bytes);
  return content;
}

}  // namespace

std::string PayloadOf(const JournalRecord& record) {
  JsonValue json(Json::objectValue);
  json["sequence"] = Json::UInt64(record.sequence);
  json["time"] = FormatTime(record.time);
  json["kind"] = record.kind;
  json["body"] = record.body;
  return WriteJsonLine(json);
}

std::string Frame(const JournalRecord& record, JournalPosition& position) {
  TFSEAL_CHECK(record.sequence == position.sequence);
  const std::string payload = PayloadOf(record);
  TFSEAL_CHECK(payload.size() <= kPayloadBytesMax);
  const auto length = static_cast<std::uint32_t>(payload.size());
  const std::string header = BigEndian(length) + BigEndian(~length);
  position.hash = HashOf(position.hash, header, payload);
  ++position.sequence;
  return header + payload + position.hash;
}

JournalContent ReadJournalBytes(std::string_view bytes) {
  JournalContent content;
  while (content.whole_bytes < bytes.size()) {
    const std::string_view rest = bytes.substr(content.whole_bytes);
    // A file system may lengthen a file before the data arrives.
    if (AllZero(rest)) return Torn(content, rest.size());
    if (rest.size() < kHeaderBytes) return Torn(content, rest.size());
    const std::uint32_t length = NumberAt(rest, 0);
    if (length != ~NumberAt(rest, 4)) return Corrupt(content, "the length of a record is damaged");
    if (length > kPayloadBytesMax) return Corrupt(content, "a record is impossibly long");
    if (rest.size() < kHeaderBytes + length + kHashBytes) return Torn(content, rest.size());
    const std::string_view payload = rest.substr(kHeaderBytes, length);
    const std::string hash = HashOf(content.position.hash, rest.substr(0, kHeaderBytes), payload);
    if (hash != rest.substr(kHeaderBytes + length, kHashBytes)) {
      return Corrupt(content, "a record does not have the hash that was written with it");
    }
    auto record = Parse(payload);
    if (!record) return Corrupt(content, "a record is not one of this format");
    if (record->sequence != content.position.sequence) return Corrupt(content, "a record is missing or out of order");
    content.records.push_back(std::move(*record));
    content.position.hash = hash;
    ++content.position.sequence;
    content.whole_bytes += kHeaderBytes + length + kHashBytes;
  }
  return content;
}

Error CorruptJournal(const std::string& name, const JournalContent& content) {
  return {ErrorCode::kCorrupt, fmt::format("{}: the journal is damaged: {}", name, content.problem),
          fmt::format("nothing was changed; keep the file, compare it with its last copy. The {} records before it are "
                      "whole: tfseal verify --journal {}",
                      content.records.size(), name)};
}

}  // namespace tfseal

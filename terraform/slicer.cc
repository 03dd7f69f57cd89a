#include "terraform/slicer.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "terraform/json_text.h"

namespace tfseal::terraform {
namespace {

constexpr std::size_t kFirstIndexRoom = std::size_t{1} << 14U;
constexpr std::size_t kBufferMin = 256;

std::string_view Describe(char c) {
  switch (c) {
    case '{':
      return "an object";
    case '[':
      return "a list";
    case '"':
      return "a string";
    case 't':
    case 'f':
      return "true or false";
    case 'n':
      return "null";
    default:
      return "something else";
  }
}

}  // namespace

Slicer::Slicer(ByteSource& source, std::size_t buffer_bytes)
    : source_(source),
      scan_blocks_(ChooseBlockScan()),
      capacity_(std::max(buffer_bytes, kBufferMin)),
      buffer_(new char[capacity_]) {}

bool Slicer::FailHere(std::string_view problem) {
  Fail({ErrorCode::kInvalidInput,
        fmt::format("{}: {} at byte {}{}", source_.name(), problem, offset(),
                    source_.transcoded() ? " (counted in UTF-8)" : ""),
        "write the file again with `terraform show -json PLANFILE > FILE`"});
  return false;
}

bool Slicer::FailCutOff() {
  Fail({ErrorCode::kInvalidInput,
        fmt::format("{}: is cut off: the document is not complete after byte {}", source_.name(), offset()),
        "write the file again; a full disk or a broken pipe ends a document like this"});
  return false;
}

// Moves the bytes from `keep_from` on to the front and reads more behind them. False at the end or on failure.
bool Slicer::Refill(std::size_t keep_from) {
  if (failed() || at_end_) return false;
  const std::size_t kept = end_ - keep_from;
  if (kept + 64 > capacity_) {
    if (capacity_ >= kCaptureMax) {
      Fail({ErrorCode::kInvalidInput,
            fmt::format("{}: one element is larger than 256 MB, from byte {} on", source_.name(),
                        base_ + keep_from + source_.skipped()),
            "no resource of Terraform is; check what wrote the file"});
      return false;
    }
    std::unique_ptr<char[]> larger(new char[capacity_ * 2]);
    std::memcpy(larger.get(), buffer_.get() + keep_from, kept);
    buffer_ = std::move(larger);
    capacity_ *= 2;
    work_ += kept;
  } else if (keep_from > 0 && kept > 0) {
    std::memmove(buffer_.get(), buffer_.get() + keep_from, kept);
    work_ += kept;
  }
  base_ += keep_from;
  position_ -= keep_from;
  end_ = kept;
  Result<std::size_t> got = source_.Read(buffer_.get() + end_, capacity_ - end_);
  if (!got.ok()) {
    Fail(got.error());
    return false;
  }
  at_end_ = *got == 0;
  const std::string_view fresh(buffer_.get() + end_, *got);
  if (!CheckUtf8(fresh)) return false;
  end_ += *got;
  work_ += *got;
  return !at_end_;
}

bool Slicer::CheckPlainUtf8(std::string_view bytes, std::uint64_t start) {
  if (simdjson::validate_utf8(bytes.data(), bytes.size())) return true;
  Fail({ErrorCode::kInvalidInput,
        fmt::format("{}: is not valid UTF-8 at byte {}", source_.name(), start + FirstInvalidUtf8(bytes)),
        "write the file again as UTF-8, without conversion on the way"});
  return false;
}

// `bytes` are the bytes after those in the buffer. A character may be cut in two by the end of a read.
bool Slicer::CheckUtf8(std::string_view bytes) {
  std::uint64_t start = base_ + end_ + source_.skipped();
  if (!unfinished_.empty()) {
    start -= unfinished_.size();
    while (!bytes.empty() && UnfinishedUtf8(unfinished_) == unfinished_.size()) {
      unfinished_.push_back(bytes.front());
      bytes.remove_prefix(1);
    }
    if (at_end_ || UnfinishedUtf8(unfinished_) != unfinished_.size()) {
      if (!CheckPlainUtf8(unfinished_, start)) return false;
      start += unfinished_.size();
      unfinished_.clear();
    }
  }
  if (bytes.empty()) return true;
  const std::size_t unfinished = UnfinishedUtf8(bytes);
  unfinished_ += bytes.substr(bytes.size() - unfinished);
  bytes.remove_suffix(unfinished);
  return bytes.empty() || CheckPlainUtf8(bytes, start);
}

char Slicer::PeekBeyondBlanks() {
  if (failed()) return 0;
  while (true) {
    while (position_ < end_ && IsBlank(buffer_[position_])) ++position_;
    if (position_ < end_) return buffer_[position_];
    if (!Refill(position_)) return 0;
  }
}

bool Slicer::Expect(char wanted) {
  const char c = Peek();
  if (failed()) return false;
  if (c == wanted) {
    ++position_;
    return true;
  }
  if (c == 0 && at_end_ && position_ == end_) return FailCutOff();
  return FailHere(fmt::format("is damaged: a `{}` is missing", wanted));
}

bool Slicer::Enter(char bracket) {
  if (Peek() != bracket) {
    if (failed()) return false;
    if (at_end_ && position_ == end_) return FailCutOff();
    return FailHere(fmt::format("has {} where {} belongs", Describe(buffer_[position_]), Describe(bracket)));
  }
  if (first_.size() >= kDepthLimit) return FailHere("is nested deeper than 512 levels");
  ++position_;
  first_.push_back(1);
  return true;
}

bool Slicer::EnterObject() {
  return Enter('{');
}
bool Slicer::EnterArray() {
  return Enter('[');
}

bool Slicer::NextItem(char closing) {
  const char c = Peek();
  if (failed()) return false;
  if (c == closing) {
    ++position_;
    first_.pop_back();
    return false;
  }
  if (first_.back() == 0) {
    if (!Expect(',')) return false;
    const char next = Peek();
    if (next == closing) return FailHere("is damaged: nothing follows a comma");
    if (next == 0 && !failed() && at_end_ && position_ == end_) return FailCutOff();
  } else if (c == 0 && at_end_ && position_ == end_) {
    return FailCutOff();
  }
  first_.back() = 0;
  return !failed();
}

bool Slicer::NextMember(std::string_view& key) {
  if (!NextItem('}')) return false;
  if (Peek() != '"') return FailHere("is damaged: a key is missing");
  if (!TakeString(key_) || !Expect(':')) return false;
  key = key_;
  return true;
}

bool Slicer::NextElement() {
  return NextItem(']');
}

// The inside of the string that starts here, as written, into raw_ if `keep`.
bool Slicer::TakeRawString(bool keep) {
  ++position_;
  raw_.clear();
  bool escaped = false;
  while (true) {
    const std::size_t from = position_;
    for (; position_ < end_; ++position_) {
      if (!escaped) {
        position_ += PlainPrefix({buffer_.get() + position_, end_ - position_});
        if (position_ == end_) break;
      }
      const char c = buffer_[position_];
      if (escaped) {
        escaped = false;
      } else if (c == '\\') {
        escaped = true;
      } else if (c == '"') {
        if (keep) raw_.append(buffer_.get() + from, position_ - from);
        ++position_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) return FailHere("has a control character in a string");
    }
    if (keep) raw_.append(buffer_.get() + from, position_ - from);
    if (raw_.size() > kCaptureMax) return FailHere("has a string longer than 256 MB that ends");
    if (!Refill(position_)) return failed() ? false : FailCutOff();
  }
}

bool Slicer::Unquote(std::string_view raw, std::string& text) {
  if (!HasBackslash(raw)) {
    text = raw;
    return true;
  }
  text.resize(raw.size());
  std::size_t size = 0;
  if (const char* problem = Unescape(raw, text.data(), size)) {
    return FailHere(fmt::format("has {} in the string that ends", problem));
  }
  text.resize(size);
  return true;
}

bool Slicer::TakeString(std::string& text) {
  if (Peek() != '"') return false;
  // Almost every string is plain and ends inside the buffer.
  const std::string_view ahead(buffer_.get() + position_ + 1, end_ - position_ - 1);
  const std::size_t size = PlainPrefix(ahead);
  if (size < ahead.size() && ahead[size] == '"') {
    text.assign(ahead.data(), size);
    position_ += size + 2;
    return true;
  }
  return TakeRawString(true) && Unquote(raw_, text);
}

bool Slicer::TakeScalar(std::string& text) {
  const char c = Peek();
  if (c == 0 || c == '"' || c == '{' || c == '[') return false;
  text.clear();
  while (true) {
    for (; position_ < end_; ++position_) {
      const char next = buffer_[position_];
      if (next == ',' || next == '}' || next == ']' || next == ':' || IsBlank(next)) {
        return IsScalar(text) || FailHere("has something that is not a JSON value before");
      }
      if (text.size() >= 4096) return FailHere("has something that is not a JSON value");
      text.push_back(next);
    }
    if (!Refill(position_)) return failed() ? false : FailCutOff();
  }
}

bool Slicer::Skip() {
  const char c = Peek();
  std::size_t start = 0;
  if (c == '{' || c == '[') {
    StartScan(false);
    return ScanValue(false, start);
  }
  if (c == '"') return TakeRawString(false);
  if (TakeScalar(raw_)) return true;
  return failed() ? false : FailCutOff();
}

bool Slicer::SkipRestOfObject() {
  if (Peek() == 0) return failed() ? false : FailCutOff();
  first_.pop_back();
  StartScan(false);
  scan_.depth = 1;
  scan_.kinds[0] = '{';
  std::size_t start = 0;
  return ScanValue(false, start);
}

bool Slicer::SkipSame(std::string_view known) {
  if (known.empty() || Peek() != known.front() || end_ - position_ < known.size() ||
      std::string_view(buffer_.get() + position_, known.size()) != known) {
    return false;
  }
  position_ += known.size();
  return true;
}

std::string_view Slicer::TakenSince(std::uint64_t since) const {
  const std::uint64_t start = base_ + source_.skipped();
  if (failed() || since < start || since > offset()) return {};
  const auto from = static_cast<std::size_t>(since - start);
  return {buffer_.get() + from, position_ - from};
}

bool Slicer::Capture(std::string_view what, JsonSlice& slice) {
  const char c = Peek();
  if (failed()) return false;
  if (c != '{' && c != '[') {
    if (at_end_ && position_ == end_) return FailCutOff();
    return FailHere(fmt::format("has {} in {} where an object belongs", Describe(c), what));
  }
  std::size_t start = 0;
  StartScan(true);
  if (!ScanValue(true, start)) return false;
  slice.text = buffer_.get() + start;
  slice.size = scan_.done;
  slice.at = at_.get();
  slice.match = match_.get();
  slice.entries = scan_.entries;
  slice.offset = base_ + start + source_.skipped();
  slice.plain = !scan_.backslashes;
  return true;
}

void Slicer::GrowIndex() {
  const std::size_t room = index_room_ == 0 ? kFirstIndexRoom : index_room_ * 2;
  std::unique_ptr<std::uint32_t[]> at(new std::uint32_t[room]);
  std::unique_ptr<std::uint32_t[]> match(new std::uint32_t[room]);
  if (scan_.entries > 0) {
    std::memcpy(at.get(), at_.get(), scan_.entries * sizeof(std::uint32_t));
    std::memcpy(match.get(), match_.get(), scan_.entries * sizeof(std::uint32_t));
  }
  at_ = std::move(at);
  match_ = std::move(match);
  index_room_ = room;
  scan_.at = at_.get();
  scan_.match = match_.get();
  scan_.room = room;
}

void Slicer::StartScan(bool indexed) {
  scan_.done = 0;
  scan_.entries = 0;
  scan_.depth = 0;
  scan_.depth_max = kDepthLimit - static_cast<std::uint32_t>(first_.size());
  scan_.in_string = 0;
  scan_.escaped = 0;
  scan_.backslashes = false;
  scan_.at = nullptr;
  if (indexed) {
    if (index_room_ == 0) GrowIndex();
    scan_.at = at_.get();
    scan_.match = match_.get();
    scan_.room = index_room_;
  }
}

// Takes the object or array that starts here, or the rest of one. With an index all of it stays in the buffer, from
// `start` on.
bool Slicer::ScanValue(bool indexed, std::size_t& start) {
  start = position_;
  while (true) {
    const ScanEnd end = scan_blocks_(buffer_.get() + start, end_ - start, at_end_, scan_);
    position_ = start + scan_.done;
    if (end == ScanEnd::kClosed) return true;
    if (end == ScanEnd::kNeedsRoom) {
      GrowIndex();
      continue;
    }
    if (end != ScanEnd::kNeedsBytes) return FailScan(end);
    if (at_end_) return FailCutOff();
    if (!indexed) {
      start = position_;
      scan_.done = 0;
    }
    // The end of the input is not a failure yet: the last bytes are still to be looked at.
    Refill(start);
    if (failed()) return false;
    start = 0;
  }
}

bool Slicer::FailScan(ScanEnd end) {
  if (end == ScanEnd::kMismatched) return FailHere("is damaged: a bracket closes that was not opened");
  if (end == ScanEnd::kTooDeep) return FailHere("is nested deeper than 512 levels");
  return FailHere("has a control character inside a string or a backslash outside of one");
}

bool Slicer::AtEnd() {
  if (Peek() == 0 && !failed() && at_end_ && position_ == end_) return true;
  return failed() ? false : FailHere("has text after the end of the document,");
}

}  // namespace tfseal::terraform

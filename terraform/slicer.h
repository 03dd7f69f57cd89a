#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "terraform/block_scan.h"
#include "terraform/byte_source.h"

namespace tfseal::terraform {

// One object or array of the document, whole and in one piece, with the index of its structural characters (BlockScan).
// Valid until the slicer is asked for anything else.
struct JsonSlice {
  const char* text = nullptr;
  std::size_t size = 0;
  const std::uint32_t* at = nullptr;
  const std::uint32_t* match = nullptr;
  std::size_t entries = 0;
  std::uint64_t offset = 0;  // of text[0] in the file
  bool plain = false;        // no backslash anywhere, so nothing is escaped
};

// Walks a JSON document of any size from its first byte to its last, once, in constant memory. The caller enters the
// objects and arrays on its way, captures the values it wants to see and skips the rest.
//
// What is entered or captured is checked to the full grammar (by this class and by SliceReader). What is skipped is
// checked for its brackets, their kinds and depth, for the ends of its strings, control characters in them, and UTF-8;
// a missing comma inside a skipped section is not noticed, because it cannot change what the rest says.
//
// After the first failure every call returns false; error() tells what and where.
class Slicer {
 public:
  // The largest single object or array that can be captured.
  static constexpr std::size_t kCaptureMax = std::size_t{256} << 20U;

  explicit Slicer(ByteSource& source, std::size_t buffer_bytes = std::size_t{1} << 20U);
  Slicer(const Slicer&) = delete;
  Slicer& operator=(const Slicer&) = delete;

  [[nodiscard]] bool failed() const { return error_.has_value(); }
  [[nodiscard]] const Error& error() const { return *error_; }
  void Fail(Error error) {
    if (!error_) error_ = std::move(error);
  }
  // "FILE: PROBLEM at byte N"; always false.
  bool FailHere(std::string_view problem);

  // The next byte that is not blank, without taking it; 0 at the end of the document and after a failure.
  char Peek() {
    if (position_ < end_ && !failed()) {
      const char c = buffer_[position_];
      if (c > ' ') return c;
    }
    return PeekBeyondBlanks();
  }

  bool EnterObject();
  // The next key of the object entered last, unescaped; false at its end, which is then left. The key is valid until
  // the next call of anything.
  bool NextMember(std::string_view& key);
  bool EnterArray();
  // False at the end of the array entered last, which is then left.
  bool NextElement();

  bool Skip();
  // All that is left of the object entered last, from the value that is next to its end, and leaves it.
  bool SkipRestOfObject();
  // Takes the value that is next if it is, byte for byte, the object or array `known`, which was read at the same
  // depth, and if all of it has been read in already. False without anything taken otherwise: it may still be the same.
  bool SkipSame(std::string_view known);
  // All that was taken since offset() was `since`, as far as it still is in one piece in memory; else empty. Valid
  // until the slicer is asked for anything else.
  [[nodiscard]] std::string_view TakenSince(std::uint64_t since) const;
  // An object or array; anything else is a failure that names `what`.
  bool Capture(std::string_view what, JsonSlice& slice);
  // A string into `text`. False without a failure and nothing taken if it is something else.
  bool TakeString(std::string& text);
  // true, false, null or a number as written. False without a failure and nothing taken if it is something else.
  bool TakeScalar(std::string& text);

  // Only blanks may follow. False is a failure.
  bool AtEnd();

  [[nodiscard]] std::uint64_t offset() const { return base_ + position_ + source_.skipped(); }
  // Bytes taken in, and moved again for elements that a read cut in two; for the test that this grows with the input.
  [[nodiscard]] std::uint64_t work() const { return work_; }
  [[nodiscard]] const ByteSource& source() const { return source_; }

 private:
  char PeekBeyondBlanks();
  bool Refill(std::size_t keep_from);
  bool CheckUtf8(std::string_view bytes);
  bool CheckPlainUtf8(std::string_view bytes, std::uint64_t offset);
  bool Expect(char wanted);
  bool Enter(char bracket);
  bool NextItem(char closing);
  bool TakeRawString(bool keep);
  bool Unquote(std::string_view raw, std::string& text);
  void StartScan(bool indexed);
  bool ScanValue(bool indexed, std::size_t& start);
  bool FailScan(ScanEnd end);
  bool FailCutOff();
  void GrowIndex();

  ByteSource& source_;
  const BlockScanFunction scan_blocks_;
  std::size_t capacity_;
  std::unique_ptr<char[]> buffer_;
  std::size_t position_ = 0;  // of the next byte in the buffer
  std::size_t end_ = 0;       // of the bytes in the buffer
  std::uint64_t work_ = 0;
  std::uint64_t base_ = 0;  // offset of buffer_[0] in the UTF-8 text
  bool at_end_ = false;
  std::string unfinished_;   // UTF-8 character cut by the end of the bytes read so far
  std::vector<char> first_;  // for each open object or array: nothing was taken from it yet
  std::string raw_;
  std::string key_;
  BlockScan scan_;
  std::size_t index_room_ = 0;
  std::unique_ptr<std::uint32_t[]> at_;
  std::unique_ptr<std::uint32_t[]> match_;
  std::optional<Error> error_;
};

}  // namespace tfseal::terraform

#pragma once

#include <cstddef>
#include <cstdint>

namespace tfseal::terraform {

constexpr std::uint32_t kDepthLimit = 512;

enum class ScanEnd : std::uint8_t {
  kNeedsBytes,  // all bytes looked at, the value is still open
  kNeedsRoom,   // the index is full
  kClosed,      // done is one past the closing bracket
  kMismatched,  // done is at a closing bracket of the wrong kind
  kTooDeep,     // done is at a bracket that opens one level too many
  kForbidden,   // done is at a control character inside a string or a backslash outside of one
};

// One walk over one JSON object or array, 64 bytes at a time: finds the bracket that closes it. With an index it also
// notes every quote, bracket, comma and colon outside strings. Brackets are checked for their kinds, strings for
// control characters; commas, colons and scalars are not looked at here.
struct BlockScan {
  std::size_t done = 0;  // bytes looked at, from the opening bracket on

  // The index, or null. at[i] is the offset of the i-th structural character; for a bracket match[i] is the entry of
  // its partner, written once that is found.
  std::uint32_t* at = nullptr;
  std::uint32_t* match = nullptr;
  std::size_t room = 0;  // at least 64 entries more than there are is what one block can need
  std::size_t entries = 0;

  std::uint32_t depth = 0;
  std::uint32_t depth_max = kDepthLimit;
  std::uint64_t in_string = 0;  // all ones: the next byte is inside a string
  std::uint64_t escaped = 0;    // one: the next byte is escaped
  bool backslashes = false;     // there is one somewhere, possibly in the block that the value ends in but behind it
  char kinds[kDepthLimit];
  std::uint32_t opened_at[kDepthLimit];
};

// Goes on with `scan` over text[0, size); text[0] is the opening bracket. Leaves up to 63 bytes for the next call
// unless `last`. `text` may move between calls, the bytes may not change.
using BlockScanFunction = ScanEnd (*)(const char* text, std::size_t size, bool last, BlockScan& scan);

// The fastest one for this processor. Every one gives the same results.
BlockScanFunction ChooseBlockScan();

// All that this processor can run, the portable one first; for tests.
struct BlockScanChoice {
  const char* name;
  BlockScanFunction function;
};
std::size_t BlockScanChoices(BlockScanChoice (&choices)[4]);

ScanEnd ScanBlocksPortable(const char* text, std::size_t size, bool last, BlockScan& scan);
ScanEnd ScanBlocksSse2(const char* text, std::size_t size, bool last, BlockScan& scan);
ScanEnd ScanBlocksAvx512(const char* text, std::size_t size, bool last, BlockScan& scan);
ScanEnd ScanBlocksAvx2(const char* text, std::size_t size, bool last, BlockScan& scan);

}  // namespace tfseal::terraform

#pragma once

// The loop of BlockScan, compiled once for each instruction set by a source file that defines Classify. Everything here
// is in an unnamed namespace and nothing of the standard library with external linkage is used: a function compiled
// with AVX2 must never be the copy that the linker keeps for the whole program.

#include <cstddef>
#include <cstdint>

#include "terraform/block_scan.h"

namespace tfseal::terraform {
namespace {

// One bit for each of 64 bytes.
struct BlockMasks {
  std::uint64_t quote;
  std::uint64_t backslash;
  std::uint64_t bracket;    // {}[]
  std::uint64_t separator;  // , and :
  std::uint64_t control;    // below 0x20
};

// Defined by the including file.
inline BlockMasks Classify(const char* block);

// The bytes that a backslash escapes; carries over a block's end. A run of backslashes escapes every second byte:
// adding the odd starts of runs makes the carry travel to the end of each run.
inline std::uint64_t EscapedBytes(std::uint64_t backslash, std::uint64_t& carry) {
  if (backslash == 0) {
    const std::uint64_t escaped = carry;
    carry = 0;
    return escaped;
  }
  constexpr std::uint64_t kEvenBits = 0x5555555555555555ULL;
  backslash &= ~carry;
  const std::uint64_t follows = backslash << 1U | carry;
  const std::uint64_t odd_starts = backslash & ~kEvenBits & ~follows;
  const std::uint64_t even_runs = odd_starts + backslash;
  carry = even_runs < backslash ? 1 : 0;
  return (kEvenBits ^ (even_runs << 1U)) & follows;
}

inline std::uint64_t PrefixXor(std::uint64_t bits) {
  bits ^= bits << 1U;
  bits ^= bits << 2U;
  bits ^= bits << 4U;
  bits ^= bits << 8U;
  bits ^= bits << 16U;
  bits ^= bits << 32U;
  return bits;
}

inline unsigned FirstBit(std::uint64_t bits) {
  return static_cast<unsigned>(__builtin_ctzll(bits));
}

template <bool kIndexed>
inline ScanEnd TrackBrackets(const char* block, std::uint64_t brackets, std::uint64_t structural, BlockScan& scan) {
  while (brackets != 0) {
    const unsigned bit = FirstBit(brackets);
    const std::uint64_t below = (std::uint64_t{1} << bit) - 1;
    brackets &= brackets - 1;
    const auto entry =
        kIndexed
            ? static_cast<std::uint32_t>(scan.entries + static_cast<unsigned>(__builtin_popcountll(structural & below)))
            : 0U;
    const char kind = block[bit];
    if ((kind & 2) != 0 && (kind & 4) == 0) {  // { is 0x7B and [ is 0x5B, } is 0x7D and ] is 0x5D
      if (scan.depth >= scan.depth_max) {
        scan.done += bit;
        return ScanEnd::kTooDeep;
      }
      scan.kinds[scan.depth] = kind;
      if (kIndexed) scan.opened_at[scan.depth] = entry;
      ++scan.depth;
      continue;
    }
    // The value starts with its opening bracket and ends here when that closes, so depth is at least one.
    --scan.depth;
    if (scan.kinds[scan.depth] + 2 != kind) {
      scan.done += bit;
      return ScanEnd::kMismatched;
    }
    if (kIndexed) {
      const std::uint32_t open = scan.opened_at[scan.depth];
      scan.match[open] = entry;
      scan.match[entry] = open;
    }
    if (scan.depth == 0) {
      if (kIndexed) scan.entries = entry + 1;
      scan.done += bit + 1;
      return ScanEnd::kClosed;
    }
  }
  return ScanEnd::kNeedsBytes;
}

template <bool kIndexed>
inline ScanEnd ScanBlock(const char* block, BlockScan& scan) {
  const BlockMasks masks = Classify(block);
  const std::uint64_t quotes = masks.quote & ~EscapedBytes(masks.backslash, scan.escaped);
  const std::uint64_t in_string = PrefixXor(quotes) ^ scan.in_string;
  scan.in_string = static_cast<std::uint64_t>(static_cast<std::int64_t>(in_string) >> 63);
  const std::uint64_t brackets = masks.bracket & ~in_string;
  const std::uint64_t structural = kIndexed ? brackets | (masks.separator & ~in_string) | quotes : 0;
  const std::uint64_t forbidden = masks.control & in_string;
  if (kIndexed) {
    std::uint32_t* next = scan.at + scan.entries;
    const auto base = static_cast<std::uint32_t>(scan.done);
    for (std::uint64_t left = structural; left != 0; left &= left - 1) *next++ = base + FirstBit(left);
  }
  if (forbidden != 0) {
    // Harmless if the value ends before it.
    const std::uint64_t before = (std::uint64_t{1} << FirstBit(forbidden)) - 1;
    const ScanEnd end = TrackBrackets<kIndexed>(block, brackets & before, structural, scan);
    if (end != ScanEnd::kNeedsBytes) return end;
    scan.done += FirstBit(forbidden);
    return ScanEnd::kControlCharacter;
  }
  const ScanEnd end = TrackBrackets<kIndexed>(block, brackets, structural, scan);
  if (end != ScanEnd::kNeedsBytes) return end;
  if (kIndexed) scan.entries += static_cast<unsigned>(__builtin_popcountll(structural));
  scan.done += 64;
  return ScanEnd::kNeedsBytes;
}

template <bool kIndexed>
inline ScanEnd ScanAll(const char* text, std::size_t size, bool last, BlockScan& scan) {
  while (scan.done < size) {
    if (kIndexed && scan.entries + 64 > scan.room) return ScanEnd::kNeedsRoom;
    ScanEnd end = ScanEnd::kNeedsBytes;
    if (size - scan.done >= 64) {
      end = ScanBlock<kIndexed>(text + scan.done, scan);
    } else if (last) {
      char padded[64];
      const std::size_t left = size - scan.done;
      for (std::size_t i = 0; i < 64; ++i) padded[i] = i < left ? text[scan.done + i] : ' ';
      end = ScanBlock<kIndexed>(padded, scan);
      if (end == ScanEnd::kNeedsBytes) scan.done = size;
    } else {
      return ScanEnd::kNeedsBytes;
    }
    if (end != ScanEnd::kNeedsBytes) return end;
  }
  return ScanEnd::kNeedsBytes;
}

inline ScanEnd ScanBlocks(const char* text, std::size_t size, bool last, BlockScan& scan) {
  return scan.at == nullptr ? ScanAll<false>(text, size, last, scan) : ScanAll<true>(text, size, last, scan);
}

}  // namespace
}  // namespace tfseal::terraform

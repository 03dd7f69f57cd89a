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

// For every bit the exclusive or of itself and all lower ones. Defined by the including file, with this or with the
// instruction that does just that.
inline std::uint64_t PrefixXor(std::uint64_t bits);
inline std::uint64_t PrefixXorByShifts(std::uint64_t bits) {
  bits ^= bits << 1U;
  bits ^= bits << 2U;
  bits ^= bits << 4U;
  bits ^= bits << 8U;
  bits ^= bits << 16U;
  bits ^= bits << 32U;
  return bits;
}

// The place of the lowest set bit; 64 for none. Defined by the including file, because without it the compiler may not
// use the instruction that does just that.
inline unsigned LowestBit(std::uint64_t bits);

// Writes base plus the place of every set bit. `next` has room for 64 entries. Defined by the including file.
inline void WriteEntries(std::uint32_t* next, std::uint32_t base, std::uint64_t bits);

// Eight at a time without asking whether there are eight: a wrong guess of a branch costs more than writes that the
// next block overwrites.
inline void WriteEntriesInEights(std::uint32_t* next, std::uint32_t base, std::uint64_t bits) {
  const auto count = static_cast<unsigned>(__builtin_popcountll(bits));
  for (unsigned written = 0; written < count; written += 8, next += 8) {
    for (unsigned i = 0; i < 8; ++i) {
      next[i] = base + LowestBit(bits);
      bits &= bits - 1;
    }
  }
}

// What changes with every block, kept apart from BlockScan so that it stays in registers.
struct Progress {
  std::size_t done;
  std::size_t entries;
  std::uint64_t in_string;
  std::uint64_t escaped;
  std::uint64_t backslash;
  std::uint32_t depth;
};

template <bool kIndexed>
[[gnu::always_inline]] inline ScanEnd TrackBrackets(const char* block, std::uint64_t brackets, std::uint64_t structural,
                                                    BlockScan& scan, Progress& progress) {
  while (brackets != 0) {
    const unsigned bit = LowestBit(brackets);
    const std::uint64_t below = (std::uint64_t{1} << bit) - 1;
    brackets &= brackets - 1;
    std::uint32_t entry = 0;
    if (kIndexed) {
      entry = static_cast<std::uint32_t>(progress.entries +
                                         static_cast<unsigned>(__builtin_popcountll(structural & below)));
    }
    const char kind = block[bit];
    if ((kind & 2) != 0) {  // { is 0x7B and [ is 0x5B, } is 0x7D and ] is 0x5D
      if (progress.depth >= scan.depth_max) {
        progress.done += bit;
        return ScanEnd::kTooDeep;
      }
      scan.kinds[progress.depth] = kind;
      if (kIndexed) scan.opened_at[progress.depth] = entry;
      ++progress.depth;
      continue;
    }
    // The value starts with its opening bracket and ends here when that closes, so depth is at least one.
    --progress.depth;
    if (scan.kinds[progress.depth] + 2 != kind) {
      progress.done += bit;
      return ScanEnd::kMismatched;
    }
    if (kIndexed) {
      const std::uint32_t open = scan.opened_at[progress.depth];
      scan.match[open] = entry;
      scan.match[entry] = open;
    }
    if (progress.depth == 0) {
      if (kIndexed) progress.entries = entry + std::size_t{1};
      progress.done += bit + std::size_t{1};
      return ScanEnd::kClosed;
    }
  }
  return ScanEnd::kNeedsBytes;
}

template <bool kIndexed>
[[gnu::always_inline]] inline ScanEnd ScanBlock(const char* block, BlockScan& scan, Progress& progress) {
  const BlockMasks masks = Classify(block);
  progress.backslash |= masks.backslash;
  const std::uint64_t quotes = masks.quote & ~EscapedBytes(masks.backslash, progress.escaped);
  const std::uint64_t in_string = PrefixXor(quotes) ^ progress.in_string;
  progress.in_string = static_cast<std::uint64_t>(static_cast<std::int64_t>(in_string) >> 63);
  const std::uint64_t brackets = masks.bracket & ~in_string;
  const std::uint64_t structural = kIndexed ? brackets | (masks.separator & ~in_string) | quotes : 0;
  const std::uint64_t forbidden = (masks.control & in_string) | (masks.backslash & ~in_string);
  if (kIndexed) WriteEntries(scan.at + progress.entries, static_cast<std::uint32_t>(progress.done), structural);
  if (forbidden != 0) {
    // Harmless if the value ends before it.
    const unsigned bit = LowestBit(forbidden);
    const std::uint64_t before = (std::uint64_t{1} << bit) - 1;
    const ScanEnd end = TrackBrackets<kIndexed>(block, brackets & before, structural, scan, progress);
    if (end != ScanEnd::kNeedsBytes) return end;
    progress.done += bit;
    return ScanEnd::kForbidden;
  }
  const ScanEnd end = TrackBrackets<kIndexed>(block, brackets, structural, scan, progress);
  if (end != ScanEnd::kNeedsBytes) return end;
  if (kIndexed) progress.entries += static_cast<unsigned>(__builtin_popcountll(structural));
  progress.done += 64;
  return ScanEnd::kNeedsBytes;
}

template <bool kIndexed>
inline ScanEnd ScanAll(const char* text, std::size_t size, bool last, BlockScan& scan) {
  Progress progress{scan.done, scan.entries, scan.in_string, scan.escaped, 0, scan.depth};
  ScanEnd end = ScanEnd::kNeedsBytes;
  char padded[64];
  while (progress.done < size && end == ScanEnd::kNeedsBytes) {
    if (kIndexed && progress.entries + 64 > scan.room) {
      end = ScanEnd::kNeedsRoom;
      break;
    }
    const std::size_t left = size - progress.done;
    const char* block = text + progress.done;
    if (left < 64) {
      if (!last) break;
      for (std::size_t i = 0; i < 64; ++i) padded[i] = i < left ? block[i] : ' ';
      block = padded;
    }
    end = ScanBlock<kIndexed>(block, scan, progress);
  }
  scan.done = progress.done < size ? progress.done : size;
  scan.entries = progress.entries;
  scan.in_string = progress.in_string;
  scan.escaped = progress.escaped;
  scan.backslashes = scan.backslashes || progress.backslash != 0;
  scan.depth = progress.depth;
  return end;
}

inline ScanEnd ScanBlocks(const char* text, std::size_t size, bool last, BlockScan& scan) {
  return scan.at == nullptr ? ScanAll<false>(text, size, last, scan) : ScanAll<true>(text, size, last, scan);
}

}  // namespace
}  // namespace tfseal::terraform

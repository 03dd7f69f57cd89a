#include "terraform/block_scan_loop.h"

namespace tfseal::terraform {
namespace {

inline unsigned LowestBit(std::uint64_t bits) {
  return bits == 0 ? 64 : static_cast<unsigned>(__builtin_ctzll(bits));
}

inline std::uint64_t PrefixXor(std::uint64_t bits) {
  return PrefixXorByShifts(bits);
}

inline void WriteEntries(std::uint32_t* next, std::uint32_t base, std::uint64_t bits) {
  WriteEntriesInEights(next, base, bits);
}

inline BlockMasks Classify(const char* block) {
  BlockMasks masks{};
  for (unsigned i = 0; i < 64; ++i) {
    const std::uint64_t bit = std::uint64_t{1} << i;
    const auto byte = static_cast<unsigned char>(block[i]);
    switch (byte) {
      case '"':
        masks.quote |= bit;
        break;
      case '\\':
        masks.backslash |= bit;
        break;
      case '{':
      case '}':
      case '[':
      case ']':
        masks.bracket |= bit;
        break;
      case ',':
      case ':':
        masks.separator |= bit;
        break;
      default:
        if (byte < 0x20) masks.control |= bit;
    }
  }
  return masks;
}

}  // namespace

ScanEnd ScanBlocksPortable(const char* text, std::size_t size, bool last, BlockScan& scan) {
  return ScanBlocks(text, size, last, scan);
}

}  // namespace tfseal::terraform

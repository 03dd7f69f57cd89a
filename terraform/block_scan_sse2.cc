#include "terraform/block_scan_loop.h"

#if defined(__x86_64__)
#include <emmintrin.h>

namespace tfseal::terraform {
namespace {

inline std::uint64_t Equal(__m128i bytes, char wanted) {
  return static_cast<std::uint16_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(wanted))));
}

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
  for (unsigned part = 0; part < 4; ++part) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * part));
    const __m128i folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));  // [ becomes {, ] becomes }
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
    const unsigned shift = 16 * part;
    masks.quote |= Equal(bytes, '"') << shift;
    masks.backslash |= Equal(bytes, '\\') << shift;
    masks.bracket |= (Equal(folded, '{') | Equal(folded, '}')) << shift;
    masks.separator |= (Equal(bytes, ',') | Equal(bytes, ':')) << shift;
    masks.control |= std::uint64_t{static_cast<std::uint16_t>(_mm_movemask_epi8(low))} << shift;
  }
  return masks;
}

}  // namespace

ScanEnd ScanBlocksSse2(const char* text, std::size_t size, bool last, BlockScan& scan) {
  return ScanBlocks(text, size, last, scan);
}

}  // namespace tfseal::terraform
#endif

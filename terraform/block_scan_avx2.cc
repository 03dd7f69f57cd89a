#include "terraform/block_scan_loop.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace tfseal::terraform {
namespace {

inline std::uint64_t Bits(__m256i low, __m256i high) {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(low)) |
         std::uint64_t{static_cast<std::uint32_t>(_mm256_movemask_epi8(high))} << 32U;
}

inline __m256i Is(__m256i bytes, char wanted) {
  return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(wanted));
}

inline __m256i IsBracket(__m256i bytes) {
  const __m256i folded = _mm256_or_si256(bytes, _mm256_set1_epi8(0x20));  // [ becomes {, ] becomes }
  return _mm256_or_si256(Is(folded, '{'), Is(folded, '}'));
}

inline __m256i IsSeparator(__m256i bytes) {
  return _mm256_or_si256(Is(bytes, ','), Is(bytes, ':'));
}

inline __m256i IsControl(__m256i bytes) {
  return _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1F)), bytes);
}

inline unsigned LowestBit(std::uint64_t bits) {
  return static_cast<unsigned>(_tzcnt_u64(bits));
}

inline std::uint64_t PrefixXor(std::uint64_t bits) {
  const __m128i product =
      _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<std::int64_t>(bits)), _mm_set1_epi8('\xFF'), 0);
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
}

inline void WriteEntries(std::uint32_t* next, std::uint32_t base, std::uint64_t bits) {
  WriteEntriesInEights(next, base, bits);
}

inline BlockMasks Classify(const char* block) {
  const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block));
  const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block + 32));
  return {Bits(Is(low, '"'), Is(high, '"')), Bits(Is(low, '\\'), Is(high, '\\')), Bits(IsBracket(low), IsBracket(high)),
          Bits(IsSeparator(low), IsSeparator(high)), Bits(IsControl(low), IsControl(high))};
}

}  // namespace

ScanEnd ScanBlocksAvx2(const char* text, std::size_t size, bool last, BlockScan& scan) {
  return ScanBlocks(text, size, last, scan);
}

}  // namespace tfseal::terraform
#endif

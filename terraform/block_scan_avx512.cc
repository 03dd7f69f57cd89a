#include "terraform/block_scan_loop.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace tfseal::terraform {
namespace {

inline unsigned LowestBit(std::uint64_t bits) {
  return static_cast<unsigned>(_tzcnt_u64(bits));
}

inline std::uint64_t PrefixXor(std::uint64_t bits) {
  const __m128i product =
      _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<std::int64_t>(bits)), _mm_set1_epi8('\xFF'), 0);
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
}

alignas(64) constexpr unsigned char kPlaces[64] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                                   16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
                                                   32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
                                                   48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};

// Sixteen at a time; what is beyond the last one is overwritten by the next block.
inline void WriteEntries(std::uint32_t* next, std::uint32_t base, std::uint64_t bits) {
  const __m512i places = _mm512_maskz_compress_epi8(bits, _mm512_load_si512(kPlaces));
  const __m512i bases = _mm512_set1_epi32(static_cast<int>(base));
  const auto write = [&](std::uint32_t* to, __m128i sixteen) {
    _mm512_storeu_si512(to, _mm512_add_epi32(_mm512_cvtepu8_epi32(sixteen), bases));
  };
  write(next, _mm512_castsi512_si128(places));
  const auto count = static_cast<unsigned>(__builtin_popcountll(bits));
  if (count <= 16) return;
  write(next + 16, _mm512_extracti32x4_epi32(places, 1));
  if (count <= 32) return;
  write(next + 32, _mm512_extracti32x4_epi32(places, 2));
  write(next + 48, _mm512_extracti32x4_epi32(places, 3));
}

inline BlockMasks Classify(const char* block) {
  const __m512i bytes = _mm512_loadu_si512(block);
  const auto is = [](__m512i some, char wanted) -> std::uint64_t {
    return _mm512_cmpeq_epi8_mask(some, _mm512_set1_epi8(wanted));
  };
  const __m512i folded = _mm512_or_si512(bytes, _mm512_set1_epi8(0x20));  // [ becomes {, ] becomes }
  return {is(bytes, '"'), is(bytes, '\\'), is(folded, '{') | is(folded, '}'), is(bytes, ',') | is(bytes, ':'),
          _mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(0x20))};
}

}  // namespace

ScanEnd ScanBlocksAvx512(const char* text, std::size_t size, bool last, BlockScan& scan) {
  return ScanBlocks(text, size, last, scan);
}

}  // namespace tfseal::terraform
#endif

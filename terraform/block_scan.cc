#include "terraform/block_scan.h"

namespace tfseal::terraform {

std::size_t BlockScanChoices(BlockScanChoice (&choices)[4]) {
  std::size_t count = 0;
  choices[count++] = {"portable", ScanBlocksPortable};
#if defined(__x86_64__)
  choices[count++] = {"sse2", ScanBlocksSse2};
  const bool bits =
      __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("pclmul");
  if (bits && __builtin_cpu_supports("avx2")) choices[count++] = {"avx2", ScanBlocksAvx2};
  if (bits && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi2")) {
    choices[count++] = {"avx512", ScanBlocksAvx512};
  }
#endif
  return count;
}

BlockScanFunction ChooseBlockScan() {
  BlockScanChoice choices[4];
  const std::size_t count = BlockScanChoices(choices);
  return choices[count - 1].function;
}

}  // namespace tfseal::terraform

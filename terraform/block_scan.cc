#include "terraform/block_scan.h"

namespace tfseal::terraform {

std::size_t BlockScanChoices(BlockScanChoice (&choices)[3]) {
  std::size_t count = 0;
  choices[count++] = {"portable", ScanBlocksPortable};
#if defined(__x86_64__)
  choices[count++] = {"sse2", ScanBlocksSse2};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt")) {
    choices[count++] = {"avx2", ScanBlocksAvx2};
  }
#endif
  return count;
}

BlockScanFunction ChooseBlockScan() {
  BlockScanChoice choices[3];
  const std::size_t count = BlockScanChoices(choices);
  return choices[count - 1].function;
}

}  // namespace tfseal::terraform

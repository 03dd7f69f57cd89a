#pragma once

#include <cstddef>
#include <span>

namespace tfseal {

// Randomness as a seam: keys, nonces, run ids and the jitter of retries. The system's is crypto/system_entropy.h.
class Entropy {
 public:
  virtual ~Entropy() = default;
  // Fills all of `bytes`. There is no error: a system without randomness cannot go on (TFSEAL_CHECK).
  virtual void Fill(std::span<std::byte> bytes) = 0;
};

}  // namespace tfseal

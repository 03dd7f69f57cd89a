#pragma once

#include "core/entropy.h"

namespace tfseal {

// The operating system's randomness, through OpenSSL's generator.
class SystemEntropy : public Entropy {
 public:
  void Fill(std::span<std::byte> bytes) override;
};

}  // namespace tfseal

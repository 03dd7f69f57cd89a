#include "crypto/system_entropy.h"

#include <openssl/rand.h>

#include <limits>

#include "core/check.h"

namespace tfseal {

void SystemEntropy::Fill(std::span<std::byte> bytes) {
  TFSEAL_CHECK(bytes.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
  TFSEAL_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) == 1);
}

}  // namespace tfseal

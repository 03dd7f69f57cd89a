#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"

namespace tfseal {

// How often a key has sealed, over all processes and restarts: a file of twenty digits, locked while it is changed.
class SealCounter {
 public:
  explicit SealCounter(std::string path) : path_(std::move(path)) {}

  // Allows one more seal. Blocks of seals are reserved ahead and synced, so that a crash counts too many, never too
  // few. kConflict: there have been `kGcmSealsMax`. kCorrupt, kUnavailable: the file.
  Status Count();
  // What the file says; 0 where there is none. Changes nothing.
  [[nodiscard]] Result<std::uint64_t> Read() const;

 private:
  std::string path_;
  std::uint64_t reserved_ = 0;
};

}  // namespace tfseal

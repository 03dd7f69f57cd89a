#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace tfseal::fleet {

// Lines that are written once and read several times, in memory as long as they are few and then in a temporary file
// without a name, which is gone with the process. Where no such file can be made they stay in memory.
class Spool {
 public:
  explicit Spool(std::size_t memory_max = std::size_t{4} << 20) : memory_max_(memory_max) {}
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // `lines` end in a newline each.
  Status Append(std::string_view lines);

  // Every line in order, without its newline. An error if the file cannot be read back.
  Status Read(const std::function<void(std::string_view line)>& visit) const;

 private:
  Status Flush();

  std::size_t memory_max_;
  std::string memory_;
  int file_ = -1;
  bool no_file_ = false;
  std::uint64_t written_ = 0;
};

}  // namespace tfseal::fleet

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "core/append_file.h"
#include "tests/support/sim_cloud.h"

namespace tfseal::testing {

// A disk with one file on it. What is synced survives a crash; of the rest a prefix may.
struct SimDisk {
  std::string synced;
  std::string pending;  // appended since the last sync
  std::size_t operations = 0;

  // What a crash leaves: `keep` bytes of what was not synced.
  void Crash(std::size_t keep);
};

// What happens to one operation of the file.
struct FileFault {
  enum class What : std::uint8_t {
    kNone,
    kFail,   // an error; of an append `bytes` are there all the same
    kCrash,  // the machine stops; `bytes` of what is not synced, this append included, survive
  };
  What what = What::kNone;
  std::size_t bytes = 0;
};

// An AppendFile on a SimDisk, whose operations (appends, syncs, cuts) fail as `faults` says, asked with their number.
class FaultFile : public AppendFile {
 public:
  using Faults = std::function<FileFault(std::size_t operation)>;
  FaultFile(SimDisk& disk, Machine& machine, Faults faults)
      : disk_(disk), machine_(machine), faults_(std::move(faults)) {}

  Result<std::string> Read() override;
  Status Append(std::string_view bytes) override;
  Status Sync() override;
  Status Truncate(std::size_t bytes) override;

 private:
  FileFault Next();

  SimDisk& disk_;
  Machine& machine_;
  Faults faults_;
};

}  // namespace tfseal::testing

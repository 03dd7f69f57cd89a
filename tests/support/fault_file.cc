#include "tests/support/fault_file.h"

#include <algorithm>

namespace tfseal::testing {
namespace {

Error Gone() {
  return {ErrorCode::kUnavailable, "sim: the device does not answer", ""};
}

}  // namespace

void SimDisk::Crash(std::size_t keep) {
  synced += pending.substr(0, std::min(keep, pending.size()));
  pending.clear();
}

FileFault FaultFile::Next() {
  return faults_ ? faults_(disk_.operations++) : (++disk_.operations, FileFault{});
}

Result<std::string> FaultFile::Read() {
  if (machine_.dead) return Gone();
  return disk_.synced + disk_.pending;
}

Status FaultFile::Append(std::string_view bytes) {
  if (machine_.dead) return Gone();
  const FileFault fault = Next();
  if (fault.what == FileFault::What::kNone) {
    disk_.pending += bytes;
    return {};
  }
  if (fault.what == FileFault::What::kFail) {
    disk_.pending += bytes.substr(0, std::min(fault.bytes, bytes.size()));
    return Error{ErrorCode::kUnavailable, "sim: no space left on device", "make room"};
  }
  disk_.pending += bytes;
  machine_.dead = true;
  disk_.Crash(fault.bytes);
  return Gone();
}

Status FaultFile::Sync() {
  if (machine_.dead) return Gone();
  const FileFault fault = Next();
  if (fault.what == FileFault::What::kFail) return Error{ErrorCode::kUnavailable, "sim: cannot sync", ""};
  if (fault.what == FileFault::What::kCrash) {
    machine_.dead = true;
    disk_.Crash(fault.bytes);
    return Gone();
  }
  disk_.synced += disk_.pending;
  disk_.pending.clear();
  return {};
}

Status FaultFile::Truncate(std::size_t bytes) {
  if (machine_.dead) return Gone();
  const FileFault fault = Next();
  if (fault.what == FileFault::What::kFail) return Error{ErrorCode::kUnavailable, "sim: cannot cut", ""};
  if (fault.what == FileFault::What::kCrash) {
    machine_.dead = true;
    disk_.Crash(fault.bytes);
    return Gone();
  }
  std::string content = disk_.synced + disk_.pending;
  content.resize(std::min(bytes, content.size()));
  disk_.synced = std::move(content);
  disk_.pending.clear();
  return {};
}

}  // namespace tfseal::testing

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace tfseal {

// A file that only grows, as a seam: a journal is worth what its writes and syncs are worth, so tests fail each of
// them. An error leaves it open how much of the last Append is in the file; the owner must not go on writing.
class AppendFile {
 public:
  virtual ~AppendFile() = default;
  // The whole content as it is now.
  virtual Result<std::string> Read() = 0;
  virtual Status Append(std::string_view bytes) = 0;
  // On the device when it returns, and so is the name of the file in its directory.
  virtual Status Sync() = 0;
  // Cuts the file to its first `bytes` bytes.
  virtual Status Truncate(std::size_t bytes) = 0;
};

// Opens `path`, which is created with mode 0600 if it is not there. A file above 1 GiB is refused when it is read.
Result<std::unique_ptr<AppendFile>> OpenAppendFile(const std::string& path);

// A lock that ends with the process that holds it. `path` holds a text that says who that is.
class LockFile {
 public:
  virtual ~LockFile() = default;
  // Says who holds it; other processes read it while they wait or give up.
  virtual Status Write(std::string_view owner) = 0;
};

// Either the lock, or what the one who holds it wrote.
struct LockAttempt {
  std::unique_ptr<LockFile> lock;
  std::string holder;
};
// The file is removed when the lock is released.
Result<LockAttempt> TryLockFile(const std::string& path);
// What the one who holds it wrote; empty if nobody does. Takes nothing.
Result<std::string> LockHolder(const std::string& path);

}  // namespace tfseal

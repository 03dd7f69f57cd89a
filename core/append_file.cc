#include "core/append_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tfseal {
namespace {

constexpr std::size_t kBytesMax = std::size_t{1} << 30;
constexpr std::size_t kOwnerBytesMax = 4096;
constexpr int kLockAttempts = 5;
constexpr int kLockPauseMs = 10;

Error SystemError(const std::string& path, std::string_view doing) {
  const int number = errno;
  const ErrorCode code = number == ENOENT                                         ? ErrorCode::kNotFound
                         : number == EACCES || number == EPERM || number == EROFS ? ErrorCode::kPermissionDenied
                                                                                  : ErrorCode::kUnavailable;
  std::string hint;
  if (number == ENOSPC || number == EDQUOT) hint = "make room on the device, then tfseal resume";
  return Error{code, fmt::format("{}: cannot {}: {}", path, doing, std::strerror(number)), std::move(hint)};
}

Status SyncDirectoryOf(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return SystemError(directory, "open");
  const bool synced = ::fsync(fd) == 0;
  Status status = synced ? Status{} : SystemError(directory, "sync");
  ::close(fd);
  return status;
}

Status WriteAll(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError(path, "write");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::string> ReadAll(int fd, const std::string& path, std::size_t bytes_max) {
  std::string content;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t got = ::pread(fd, buffer, sizeof buffer, static_cast<off_t>(content.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError(path, "read");
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > bytes_max) return Error{ErrorCode::kInvalidInput, fmt::format("{}: too large", path), ""};
  }
}

class PosixAppendFile : public AppendFile {
 public:
  PosixAppendFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  ~PosixAppendFile() override { ::close(fd_); }
  PosixAppendFile(const PosixAppendFile&) = delete;
  PosixAppendFile& operator=(const PosixAppendFile&) = delete;

  Result<std::string> Read() override { return ReadAll(fd_, path_, kBytesMax); }
  Status Append(std::string_view bytes) override { return WriteAll(fd_, bytes, path_); }
  Status Sync() override {
    if (::fsync(fd_) != 0) return SystemError(path_, "sync");
    if (named_) return {};
    TFSEAL_TRY(SyncDirectoryOf(path_));
    named_ = true;
    return {};
  }
  Status Truncate(std::size_t bytes) override {
    if (::ftruncate(fd_, static_cast<off_t>(bytes)) != 0) return SystemError(path_, "cut");
    return Sync();
  }

 private:
  std::string path_;
  int fd_;
  bool named_ = false;  // its directory was synced since it was opened
};

class FlockedFile : public LockFile {
 public:
  FlockedFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  // Removed while it is still locked, so that nobody can hold a lock on a file that another process removes.
  ~FlockedFile() override {
    ::unlink(path_.c_str());
    ::close(fd_);
  }
  FlockedFile(const FlockedFile&) = delete;
  FlockedFile& operator=(const FlockedFile&) = delete;

  Status Write(std::string_view owner) override {
    std::string line(owner);
    line += '\n';
    if (::pwrite(fd_, line.data(), line.size(), 0) != static_cast<ssize_t>(line.size()) ||
        ::ftruncate(fd_, static_cast<off_t>(line.size())) != 0) {
      return SystemError(path_, "write");
    }
    return {};
  }

 private:
  std::string path_;
  int fd_;
};

bool StillNamed(int fd, const std::string& path) {
  struct stat open_file = {};
  struct stat named = {};
  return ::fstat(fd, &open_file) == 0 && ::stat(path.c_str(), &named) == 0 && open_file.st_dev == named.st_dev &&
         open_file.st_ino == named.st_ino;
}

}  // namespace

Result<std::unique_ptr<AppendFile>> OpenAppendFile(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return SystemError(path, "open");
  struct stat status = {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(fd);
    return Error{ErrorCode::kInvalidInput, fmt::format("{}: is not a regular file", path), ""};
  }
  return std::unique_ptr<AppendFile>(std::make_unique<PosixAppendFile>(path, fd));
}

Result<LockAttempt> TryLockFile(const std::string& path) {
  for (int attempt = 0;; ++attempt) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return SystemError(path, "open");
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) {
      // Whoever held it before may have removed the file after we had opened it.
      if (StillNamed(fd, path)) return LockAttempt{std::make_unique<FlockedFile>(path, fd), ""};
      ::close(fd);
      continue;
    }
    if (errno != EWOULDBLOCK) {
      const Error error = SystemError(path, "lock");
      ::close(fd);
      return error;
    }
    auto holder = ReadAll(fd, path, kOwnerBytesMax);
    ::close(fd);
    // Somebody who only looks whether it is held (LockHolder) holds it for a moment.
    if (attempt < kLockAttempts) {
      ::poll(nullptr, 0, kLockPauseMs);
      continue;
    }
    return LockAttempt{nullptr, holder.ok() ? std::move(holder).value() : std::string()};
  }
}

Result<std::string> LockHolder(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT ? Result<std::string>(std::string()) : SystemError(path, "open");
  Result<std::string> holder = std::string();
  // Shared, so that two that look do not see each other as holders.
  if (::flock(fd, LOCK_SH | LOCK_NB) != 0) {
    holder = ReadAll(fd, path, kOwnerBytesMax);
    if (holder.ok() && holder->empty()) holder = std::string("{}");
  }
  ::close(fd);
  return holder;
}

}  // namespace tfseal

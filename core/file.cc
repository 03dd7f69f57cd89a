#include "core/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace tfseal {
namespace {

// Closes on every path out of a function; Close() reports the error that a destructor could only hide.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int Close() {
    const int fd = fd_;
    fd_ = -1;
    return ::close(fd);
  }

 private:
  int fd_;
};

Error SystemError(const std::string& path, std::string_view doing) {
  const int number = errno;
  const ErrorCode code = number == ENOENT                      ? ErrorCode::kNotFound
                         : number == EACCES || number == EPERM ? ErrorCode::kPermissionDenied
                                                               : ErrorCode::kUnavailable;
  return Error{code, fmt::format("{}: cannot {}: {}", path, doing, std::strerror(number)), ""};
}

std::string DirectoryOf(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status WriteAll(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError(path, "write");
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status WritePieces(int fd, const FilePieces& produce, const std::string& path) {
  constexpr std::size_t kAtOnce = std::size_t{1} << 17;
  std::string waiting;
  Status status;
  Status produced = produce([&](std::string_view piece) {
    waiting += piece;
    if (waiting.size() < kAtOnce) return;
    if (status.ok()) status = WriteAll(fd, waiting, path);
    waiting.clear();
  });
  if (!produced.ok()) return produced;
  if (!status.ok()) return status;
  return WriteAll(fd, waiting, path);
}

// A device or a pipe is written to: renamed over, /dev/null would be a file, for everybody on the machine.
Status WriteInto(const std::string& path, const FilePieces& produce) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.get() < 0) return SystemError(path, "open");
  TFSEAL_TRY(WritePieces(file.get(), produce, path));
  return file.Close() == 0 ? Status() : SystemError(path, "close");
}

// So that a link stays a link, and the file that it leads to is replaced.
std::string TargetOfLinks(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> target(::realpath(path.c_str(), nullptr), &std::free);
  return target ? std::string(target.get()) : path;
}

}  // namespace

Result<std::string> ReadFileBounded(const std::string& path, std::size_t bytes_max) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return SystemError(path, "open");
  std::string content;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError(path, "read");
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > bytes_max) {
      return Error{ErrorCode::kInvalidInput, fmt::format("{}: larger than {} bytes", path, bytes_max), ""};
    }
  }
}

Status WriteFileAtomically(const std::string& name, std::string_view content) {
  return WriteFileAtomically(name, [&](const std::function<void(std::string_view)>& write) {
    write(content);
    return Status();
  });
}

Status WriteFileAtomically(const std::string& name, const FilePieces& produce) {
  struct stat there = {};
  const bool exists = ::stat(name.c_str(), &there) == 0;
  if (exists && !S_ISREG(there.st_mode)) return WriteInto(name, produce);
  const std::string path = exists ? TargetOfLinks(name) : name;
  std::string temporary = path + ".XXXXXX";
  Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) return SystemError(path, "create a file beside it");
  // mkostemp makes 0600: a plan or report names what is unprotected, so it stays private unless the user opens it up.
  Status status = WritePieces(file.get(), produce, path);
  if (status.ok() && ::fsync(file.get()) != 0) status = SystemError(path, "sync");
  if (file.Close() != 0 && status.ok()) status = SystemError(path, "close");
  if (status.ok() && ::rename(temporary.c_str(), path.c_str()) != 0) status = SystemError(path, "rename into place");
  if (!status.ok()) {
    ::unlink(temporary.c_str());
    return status;
  }
  const Descriptor directory(::open(DirectoryOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() >= 0) ::fsync(directory.get());
  return {};
}

}  // namespace tfseal

#include "crypto/seal_counter.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <string_view>

#include "crypto/local_key_wrapper.h"

namespace tfseal {
namespace {

// Few enough to lose at each start, many enough that syncing them costs nothing.
constexpr std::uint64_t kReservedAtOnce = 65'536;
constexpr std::size_t kDigits = 20;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

Error Failed(const std::string& path, const char* what) {
  return {ErrorCode::kUnavailable, fmt::format("{}: {} failed (error {})", path, what, errno), ""};
}

Result<std::uint64_t> ReadCount(const std::string& path, int fd) {
  std::array<char, kDigits + 2> text{};
  const ssize_t size = pread(fd, text.data(), text.size(), 0);
  if (size < 0) return Failed(path, "reading");
  if (size == 0) return std::uint64_t{0};
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + kDigits, count);
  if (size != kDigits + 1 || text[kDigits] != '\n' || error != std::errc() || end != text.data() + kDigits) {
    return Error{ErrorCode::kCorrupt, path + ": this is not a count of seals",
                 "restore it from a backup, or change to a new key"};
  }
  return count;
}

// A new file is there after a crash only if its directory is synced.
Status SyncDirectoryOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor opened(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0 || fsync(opened.get()) != 0) return Failed(directory, "syncing");
  return {};
}

}  // namespace

Result<std::uint64_t> SealCounter::Read() const {
  const Descriptor file(open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    if (errno == ENOENT) return std::uint64_t{0};
    return Failed(path_, "opening");
  }
  return ReadCount(path_, file.get());
}

Status SealCounter::Count() {
  if (reserved_ > 0) {
    --reserved_;
    return {};
  }
  const Descriptor file(open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
  if (file.get() < 0) return Failed(path_, "opening");
  if (flock(file.get(), LOCK_EX) != 0) return Failed(path_, "locking");
  TFSEAL_ASSIGN(const std::uint64_t count, ReadCount(path_, file.get()));
  if (count >= kGcmSealsMax) {
    return Error{ErrorCode::kConflict, path_ + ": the key has sealed 2^32 times, the most that random ivs allow",
                 "make a new key, or wrap with AES-KWP, which has no such limit"};
  }
  const std::uint64_t more = std::min(kReservedAtOnce, kGcmSealsMax - count);
  const std::string text = fmt::format("{:020}\n", count + more);
  if (pwrite(file.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return Failed(path_, "writing");
  }
  if (fsync(file.get()) != 0) return Failed(path_, "syncing");
  if (count == 0) TFSEAL_TRY(SyncDirectoryOf(path_));
  reserved_ = more - 1;
  return {};
}

}  // namespace tfseal

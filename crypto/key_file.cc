#include "crypto/key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace tfseal {
namespace {

Error KeyFileError(const std::string& path, ErrorCode code, const std::string& what, std::string hint) {
  return {code, fmt::format("the key file {} {}", path, what), std::move(hint)};
}

std::string HowToMake(const std::string& path) {
  return fmt::format("make one: (umask 077; openssl rand -out {} 32)", path);
}

Result<std::size_t> SizeOf(const std::string& path, int fd, std::size_t bytes_min, std::size_t bytes_max) {
  struct stat facts {};
  if (fstat(fd, &facts) != 0) return KeyFileError(path, ErrorCode::kUnavailable, "cannot be examined", "");
  if (!S_ISREG(facts.st_mode)) return KeyFileError(path, ErrorCode::kInvalidInput, "is not a regular file", "");
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return KeyFileError(path, ErrorCode::kPermissionDenied, "can be used by others than its owner",
                        fmt::format("chmod 600 {}", path));
  }
  if (facts.st_uid != geteuid() && facts.st_uid != 0) {
    return KeyFileError(path, ErrorCode::kPermissionDenied, "belongs to another user",
                        "give the key to the user that runs this");
  }
  const auto size = static_cast<std::size_t>(facts.st_size);
  if (size >= bytes_min && size <= bytes_max) return size;
  const std::string wanted =
      bytes_min == bytes_max ? std::to_string(bytes_min) : fmt::format("{} to {}", bytes_min, bytes_max);
  return KeyFileError(path, ErrorCode::kInvalidInput, fmt::format("has {} bytes, not {}", size, wanted),
                      HowToMake(path));
}

}  // namespace

Result<SecretBytes> ReadKeyFile(const std::string& path, std::size_t bytes_min, std::size_t bytes_max) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    const bool missing = errno == ENOENT;
    return KeyFileError(path, missing ? ErrorCode::kNotFound : ErrorCode::kPermissionDenied,
                        missing ? "does not exist" : "cannot be opened", missing ? HowToMake(path) : "");
  }
  const Result<std::size_t> size = SizeOf(path, fd, bytes_min, bytes_max);
  SecretBytes key = SecretBytes::Blank(size.ok() ? *size : 0);
  const ssize_t got = size.ok() ? read(fd, key.Writable(), *size) : 0;
  close(fd);
  if (!size.ok()) return size.error();
  if (got != static_cast<ssize_t>(*size)) {
    return KeyFileError(path, ErrorCode::kUnavailable, "cannot be read to its end", "");
  }
  return key;
}

}  // namespace tfseal

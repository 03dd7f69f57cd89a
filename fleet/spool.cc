#include "fleet/spool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace tfseal::fleet {
namespace {

int OpenUnnamed() {
  std::error_code error;
  const std::string folder = std::filesystem::temp_directory_path(error).string();
  if (error) return -1;
#ifdef O_TMPFILE
  if (const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); file >= 0) return file;
#endif
  std::string name = folder + "/tfseal-XXXXXX";
  const int file = ::mkostemp(name.data(), O_CLOEXEC);
  if (file >= 0) ::unlink(name.c_str());
  return file;
}

Error Failed(const char* what) {
  return Error{ErrorCode::kUnavailable, fmt::format("the temporary file cannot be {}: {}", what, std::strerror(errno)),
               "free space where TMPDIR points to, or let it point elsewhere"};
}

}  // namespace

Spool::~Spool() {
  if (file_ >= 0) ::close(file_);
}

Status Spool::Append(std::string_view lines) {
  memory_ += lines;
  return memory_.size() > memory_max_ && !no_file_ ? Flush() : Status();
}

Status Spool::Flush() {
  if (file_ < 0) {
    file_ = OpenUnnamed();
    no_file_ = file_ < 0;
    if (no_file_) return {};
  }
  for (std::string_view rest = memory_; !rest.empty();) {
    const ssize_t wrote = ::write(file_, rest.data(), rest.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return Failed("written");
    rest.remove_prefix(static_cast<std::size_t>(wrote));
    written_ += static_cast<std::uint64_t>(wrote);
  }
  memory_.clear();
  return {};
}

Status Spool::Read(const std::function<void(std::string_view line)>& visit) const {
  std::string rest;
  const auto lines = [&](std::string_view text) {
    for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
      visit(text.substr(0, end));
    }
    return text;
  };
  std::string buffer(std::size_t{1} << 18, '\0');
  for (std::uint64_t at = 0; at < written_;) {
    const ssize_t got = ::pread(file_, buffer.data(), buffer.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Failed("read back");
    at += static_cast<std::uint64_t>(got);
    rest.append(buffer, 0, static_cast<std::size_t>(got));
    rest.erase(0, rest.size() - lines(rest).size());
  }
  // What was flushed ends with a line.
  lines(memory_);
  return {};
}

}  // namespace tfseal::fleet

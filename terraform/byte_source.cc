#include "terraform/byte_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace tfseal::terraform {
namespace {

constexpr std::size_t kHeadBytes = 16;

Error ReadError(const std::string& name, int number) {
  const ErrorCode code = number == ENOENT                      ? ErrorCode::kNotFound
                         : number == EACCES || number == EPERM ? ErrorCode::kPermissionDenied
                                                               : ErrorCode::kUnavailable;
  return {code, fmt::format("{}: cannot read it: {}", name, std::strerror(number)), ""};
}

std::uint32_t CodeUnit(const char* bytes, bool big_endian) {
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  return big_endian ? static_cast<std::uint32_t>(first << 8U | second)
                    : static_cast<std::uint32_t>(second << 8U | first);
}

char* AppendUtf8(std::uint32_t code_point, char* out) {
  const auto put = [&out](std::uint32_t byte) { *out++ = static_cast<char>(static_cast<unsigned char>(byte)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | code_point >> 6U);
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | code_point >> 12U);
    put(0x80 | (code_point >> 6U & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | code_point >> 18U);
    put(0x80 | (code_point >> 12U & 0x3F));
    put(0x80 | (code_point >> 6U & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
  return out;
}

}  // namespace

Result<ByteSource> ByteSource::OpenFile(const std::string& path) {
  ByteSource source;
  source.name_ = path;
  if (path == "-") {
    source.name_ = "standard input";
    source.file_ = STDIN_FILENO;
    return source;
  }
  source.file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (source.file_ < 0) return ReadError(path, errno);
  source.owns_file_ = true;
  struct stat status {};
  const bool known = ::fstat(source.file_, &status) == 0;
  source.regular_file_ = known && S_ISREG(status.st_mode);
  if (known && S_ISDIR(status.st_mode)) {
    return Error{ErrorCode::kInvalidInput, fmt::format("{}: is a directory, not a plan or a state", path),
                 "name the file that `terraform show -json` wrote"};
  }
  return source;
}

ByteSource ByteSource::FromDescriptor(int descriptor, const std::string& name) {
  ByteSource source;
  source.name_ = name;
  source.file_ = descriptor;
  return source;
}

ByteSource ByteSource::FromMemory(std::string_view bytes, const std::string& name, std::size_t piece) {
  ByteSource source;
  source.name_ = name;
  source.in_memory_ = true;
  source.memory_ = bytes;
  source.all_memory_ = bytes;
  source.piece_ = piece;
  return source;
}

Result<ByteSource> ByteSource::Again() const {
  if (in_memory_) return FromMemory(all_memory_, name_, piece_);
  return OpenFile(name_);
}

std::int64_t ByteSource::ModifiedAt() const {
  struct stat status {};
  if (in_memory_ || ::fstat(file_, &status) != 0) return 0;
  return std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

std::uint64_t ByteSource::SizeHint() const {
  if (in_memory_) return all_memory_.size();
  struct stat status {};
  return regular_file_ && ::fstat(file_, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

ByteSource::~ByteSource() {
  if (owns_file_) ::close(file_);
}

ByteSource::ByteSource(ByteSource&& other) noexcept
    : name_(std::move(other.name_)),
      file_(other.file_),
      owns_file_(std::exchange(other.owns_file_, false)),
      regular_file_(other.regular_file_),
      in_memory_(other.in_memory_),
      all_memory_(other.all_memory_),
      memory_(other.memory_),
      piece_(other.piece_),
      hashes_(other.hashes_),
      sha256_(std::move(other.sha256_)),
      bytes_(other.bytes_),
      skipped_(other.skipped_),
      started_(other.started_),
      encoding_(other.encoding_),
      head_(std::move(other.head_)),
      pending_(std::move(other.pending_)),
      raw_(std::move(other.raw_)),
      high_half_(other.high_half_),
      notes_(std::move(other.notes_)) {}

Result<std::size_t> ByteSource::ReadRaw(char* into, std::size_t room) {
  std::size_t size = 0;
  if (in_memory_) {
    size = std::min({room, memory_.size(), piece_});
    if (size > 0) std::memcpy(into, memory_.data(), size);
    memory_.remove_prefix(size);
  } else {
    ssize_t got = 0;
    do {
      got = ::read(file_, into, room);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return ReadError(name_, errno);
    size = static_cast<std::size_t>(got);
  }
  bytes_ += size;
  if (hashes_) Hash().Update({into, size});
  return size;
}

Status ByteSource::FindEncoding() {
  char start[kHeadBytes];
  std::size_t size = 0;
  while (size < kHeadBytes) {
    TFSEAL_ASSIGN(const std::size_t got, ReadRaw(start + size, kHeadBytes - size));
    if (got == 0) break;
    size += got;
  }
  head_.assign(start, size);
  pending_ = head_;
  if (head_.starts_with("\xEF\xBB\xBF")) {
    skipped_ = 3;
    notes_.push_back("skipped a byte order mark");
  } else if (head_.starts_with("\xFF\xFE") || head_.starts_with("\xFE\xFF")) {
    encoding_ = head_[0] == '\xFF' ? Encoding::kUtf16LittleEndian : Encoding::kUtf16BigEndian;
    skipped_ = 2;
  } else if (size >= 4 && head_[0] != '\0' && head_[1] == '\0' && head_[3] == '\0') {
    encoding_ = Encoding::kUtf16LittleEndian;
  } else if (size >= 4 && head_[0] == '\0' && head_[1] != '\0' && head_[2] == '\0') {
    encoding_ = Encoding::kUtf16BigEndian;
  }
  if (transcoded()) notes_.push_back("the file is UTF-16, as PowerShell writes it; it was read as such");
  pending_.erase(0, skipped_);
  return {};
}

Result<std::size_t> ByteSource::Read(char* into, std::size_t room) {
  if (!started_) {
    started_ = true;
    TFSEAL_TRY(FindEncoding());
  }
  if (transcoded()) return ReadTranscoded(into, room);
  if (!pending_.empty()) {
    const std::size_t size = std::min(room, pending_.size());
    std::memcpy(into, pending_.data(), size);
    pending_.erase(0, size);
    return size;
  }
  return ReadRaw(into, room);
}

// Two bytes become at most three, four at most four.
Result<std::size_t> ByteSource::ReadTranscoded(char* into, std::size_t room) {
  raw_.resize(room / 2 & ~std::size_t{1});
  while (true) {
    std::size_t size = std::min(pending_.size(), raw_.size());
    std::memcpy(raw_.data(), pending_.data(), size);
    pending_.erase(0, size);
    bool at_end = false;
    if (size < raw_.size()) {
      TFSEAL_ASSIGN(const std::size_t got, ReadRaw(raw_.data() + size, raw_.size() - size));
      size += got;
      at_end = got == 0;
    }
    const std::size_t whole = size & ~std::size_t{1};
    if (at_end && (whole != size || (whole == 0 && high_half_ != 0))) {
      return Error{ErrorCode::kInvalidInput,
                   fmt::format("{}: ends in the middle of a UTF-16 character, at byte {}", name_, bytes_),
                   "the file is cut off; write it again"};
    }
    pending_.assign(raw_.data() + whole, size - whole);
    TFSEAL_ASSIGN(const std::size_t written, Transcode({raw_.data(), whole}, into));
    // A piece can hold nothing but the first half of a surrogate pair; only the end of the input is 0.
    if (written > 0 || whole == 0) {
      if (written > 0 || at_end) return written;
    }
  }
}

Result<std::size_t> ByteSource::Transcode(std::string_view units, char* into) {
  char* out = into;
  for (std::size_t i = 0; i < units.size(); i += 2) {
    const std::uint32_t unit = CodeUnit(units.data() + i, encoding_ == Encoding::kUtf16BigEndian);
    const bool high = (unit & 0xFC00) == 0xD800;
    const bool low = (unit & 0xFC00) == 0xDC00;
    if ((high_half_ != 0) != low) {
      return Error{ErrorCode::kInvalidInput,
                   fmt::format("{}: holds half a UTF-16 character before byte {}", name_, bytes_),
                   "write the file again, as UTF-8"};
    }
    if (high) {
      high_half_ = unit;
      continue;
    }
    const std::uint32_t code_point = low ? 0x10000 + ((high_half_ & 0x3FF) << 10U) + (unit & 0x3FF) : unit;
    high_half_ = 0;
    out = AppendUtf8(code_point, out);
  }
  return static_cast<std::size_t>(out - into);
}

}  // namespace tfseal::terraform

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "crypto/digest.h"

namespace tfseal::terraform {

// The bytes of a document as UTF-8, piece by piece, from a file, from standard input or from memory. Hashes and counts
// the bytes as they were given. A byte order mark is skipped, UTF-16 (what PowerShell's `>` writes) is turned into
// UTF-8 on the way; both are mentioned in notes(). Whether the UTF-8 is valid is for the reader to check.
class ByteSource {
 public:
  // "-" is standard input.
  static Result<ByteSource> OpenFile(const std::string& path);
  // The descriptor, which must stay open, belongs to the caller.
  static ByteSource FromDescriptor(int descriptor, const std::string& name);
  // `bytes` must outlive the source. At most `piece` bytes are given at once, as a pipe does.
  static ByteSource FromMemory(std::string_view bytes, const std::string& name, std::size_t piece = SIZE_MAX);

  // The same bytes from the start; only if can_read_again().
  [[nodiscard]] Result<ByteSource> Again() const;
  [[nodiscard]] bool can_read_again() const { return in_memory_ || regular_file_; }

  ~ByteSource();
  ByteSource(ByteSource&& other) noexcept;
  ByteSource& operator=(ByteSource&&) = delete;

  // Up to `room` bytes (at least 64) of UTF-8; 0 at the end.
  Result<std::size_t> Read(char* into, std::size_t room);

  [[nodiscard]] const std::string& name() const { return name_; }
  // The first bytes as given, at most 16; complete after the first Read.
  [[nodiscard]] std::string_view head() const { return head_; }
  [[nodiscard]] bool transcoded() const { return encoding_ != Encoding::kUtf8; }
  // Added to an offset in the UTF-8 text it gives the offset in the file; exact unless transcoded().
  [[nodiscard]] std::uint64_t skipped() const { return skipped_; }
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  // Before the first Read: do not hash the bytes.
  void LeaveOutSha256() {
    hashes_ = false;
    sha256_.reset();
  }
  // Of all bytes given so far, up to the end of the input once Read returned 0; empty if it was left out. To be asked
  // for once.
  std::string FinishSha256() { return hashes_ ? Hash().FinishHex() : std::string(); }
  // The size of the whole input where it can be told beforehand, else 0. A hint: a file may grow.
  [[nodiscard]] std::uint64_t SizeHint() const;
  // Of a file: when it was last changed, as far as the file system knows, in nanoseconds; asked anew each time.
  [[nodiscard]] std::int64_t ModifiedAt() const;

 private:
  enum class Encoding { kUtf8, kUtf16LittleEndian, kUtf16BigEndian };

  ByteSource() = default;
  // Made with the first bytes: most often it is left out, and then the library that computes it need not be loaded.
  Sha256& Hash() { return sha256_.has_value() ? *sha256_ : sha256_.emplace(); }
  Result<std::size_t> ReadRaw(char* into, std::size_t room);
  Result<std::size_t> ReadTranscoded(char* into, std::size_t room);
  Status FindEncoding();
  Result<std::size_t> Transcode(std::string_view units, char* into);

  std::string name_;
  int file_ = -1;
  bool owns_file_ = false;
  bool regular_file_ = false;
  bool in_memory_ = false;
  std::string_view all_memory_;
  std::string_view memory_;
  std::size_t piece_ = SIZE_MAX;
  bool hashes_ = true;
  std::optional<Sha256> sha256_;
  std::uint64_t bytes_ = 0;
  std::uint64_t skipped_ = 0;
  bool started_ = false;
  Encoding encoding_ = Encoding::kUtf8;
  std::string head_;             // for detection
  std::string pending_;          // raw bytes read and not yet given out
  std::string raw_;              // room for UTF-16
  std::uint32_t high_half_ = 0;  // of a surrogate pair cut by the end of a piece
  std::vector<std::string> notes_;
};

}  // namespace tfseal::terraform

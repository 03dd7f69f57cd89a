#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "crypto/formats/row_formats.h"

// What the formats share: bytes in columns, and refusals that show none of them.
namespace tfseal::formats {

// A value may have 1 GiB in PostgreSQL; a wrapped key or a header never needs as much as this.
constexpr std::size_t kWrappedKeyMax = 6144;  // what KMS gives at most
constexpr std::size_t kNonceMax = 64;
constexpr std::size_t kCommitmentSize = 32;
constexpr std::size_t kKeyReferenceMax = 2048;

// "WHAT WHY", kInvalidInput.
Error Refused(std::string_view what, std::string_view why);
// The lengths that AES-GCM has and the bounds above; commitments are empty or whole.
Status CheckLengths(const Envelope& envelope);
// Only those of the wrapped key and its nonce.
Status CheckKeyLengths(const Envelope& envelope);
// For layouts that have no place for something that the envelope holds.
Status CheckNone(std::string_view format, std::string_view part, std::string_view value);

ColumnKind KindOf(ByteEncoding encoding);
std::string Encoded(ByteEncoding encoding, std::string_view bytes);
// Canonical only. `what` is the part's name, for the error.
Result<std::string> Decoded(ByteEncoding encoding, std::string_view text, std::string_view what);
Result<std::string> FromHex(std::string_view text);

// The one value of a format with a single column; a NULL is refused.
Result<std::string> OnlyValue(std::span<const std::optional<std::string>> values, ByteEncoding encoding);

// Reads from the front of what is left.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}
  // nullopt: there is less.
  std::optional<std::string_view> Take(std::size_t count);
  // Big-endian, of `bytes` bytes (at most 8).
  std::optional<std::uint64_t> Number(std::size_t bytes);
  // A big-endian length of `length_bytes` bytes and as many bytes.
  std::optional<std::string_view> Field(std::size_t length_bytes);
  [[nodiscard]] std::string_view left() const { return left_; }

 private:
  std::string_view left_;
};

void AppendNumber(std::string& out, std::uint64_t value, std::size_t bytes);

}  // namespace tfseal::formats

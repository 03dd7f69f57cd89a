#include "crypto/formats/value_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base64.h"
#include "crypto/aes_gcm.h"
#include "crypto/digest.h"

namespace tfseal::formats {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

Status CheckSize(std::string_view what, std::size_t size, std::size_t wanted) {
  if (size == wanted) return {};
  return Refused(what, fmt::format("has {} bytes, not {}", size, wanted));
}

Status CheckMost(std::string_view what, std::size_t size, std::size_t most) {
  if (size <= most) return {};
  return Refused(what, fmt::format("has {} bytes, more than {}", size, most));
}

}  // namespace

Error Refused(std::string_view what, std::string_view why) {
  return {ErrorCode::kInvalidInput, fmt::format("{} {}", what, why), ""};
}

Status CheckLengths(const Envelope& envelope) {
  // Nearly all; which of the bounds it is not is found out below.
  const bool fits = envelope.iv.size() == kGcmIvSize && envelope.tag.size() == kGcmTagSize &&
                    envelope.ciphertext.size() <= kGcmTextMax && envelope.wrapped_key.size() <= kWrappedKeyMax &&
                    envelope.wrapped_key_nonce.size() <= kNonceMax &&
                    envelope.key_reference.size() <= kKeyReferenceMax && envelope.commitment.empty();
  if (fits) return {};
  TFSEAL_TRY(CheckSize("iv", envelope.iv.size(), kGcmIvSize));
  TFSEAL_TRY(CheckSize("tag", envelope.tag.size(), kGcmTagSize));
  TFSEAL_TRY(CheckMost("ciphertext", envelope.ciphertext.size(), kGcmTextMax));
  TFSEAL_TRY(CheckKeyLengths(envelope));
  TFSEAL_TRY(CheckMost("key reference", envelope.key_reference.size(), kKeyReferenceMax));
  if (!envelope.commitment.empty())
    TFSEAL_TRY(CheckSize("key commitment", envelope.commitment.size(), kCommitmentSize));
  return {};
}

Status CheckKeyLengths(const Envelope& envelope) {
  TFSEAL_TRY(CheckMost("wrapped key", envelope.wrapped_key.size(), kWrappedKeyMax));
  return CheckMost("wrapped key nonce", envelope.wrapped_key_nonce.size(), kNonceMax);
}

Status CheckNone(std::string_view format, std::string_view part, std::string_view value) {
  if (value.empty()) return {};
  return Refused(fmt::format("the format {}", format), fmt::format("has no place for the {}", part));
}

ColumnKind KindOf(ByteEncoding encoding) {
  return encoding == ByteEncoding::kRaw ? ColumnKind::kBytes : ColumnKind::kText;
}

std::string Encoded(ByteEncoding encoding, std::string_view bytes) {
  switch (encoding) {
    case ByteEncoding::kRaw:
    case ByteEncoding::kText:
      break;
    case ByteEncoding::kBase64:
      return ToBase64(bytes);
    case ByteEncoding::kHex:
      return Hex(bytes);
  }
  return std::string(bytes);
}

Result<std::string> FromHex(std::string_view text) {
  const Error damaged{ErrorCode::kInvalidInput, "text is not lower-case hexadecimal", ""};
  if (text.size() % 2 != 0) return damaged;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) return damaged;
    bytes += static_cast<char>(16 * high + low);
  }
  return bytes;
}

Result<std::string> Decoded(ByteEncoding encoding, std::string_view text, std::string_view what) {
  switch (encoding) {
    case ByteEncoding::kRaw:
      break;
    case ByteEncoding::kText:
      // No control character and nothing that JSON would have to escape.
      if (std::any_of(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~' || c == '"' || c == '\\'; })) {
        return Refused(what, "is not printable text");
      }
      break;
    case ByteEncoding::kBase64: {
      Result<std::string> bytes = FromBase64(text);
      if (!bytes.ok()) return Refused(what, "is not canonical base64");
      return bytes;
    }
    case ByteEncoding::kHex: {
      Result<std::string> bytes = FromHex(text);
      if (!bytes.ok()) return Refused(what, "is not lower-case hexadecimal");
      return bytes;
    }
  }
  return std::string(text);
}

Result<std::string> OnlyValue(std::span<const std::optional<std::string>> values, ByteEncoding encoding) {
  if (values.size() != 1) return Refused("the value", fmt::format("has {} columns, not 1", values.size()));
  if (!values[0]) return Refused("the value", "is null");
  return Decoded(encoding, *values[0], "the value");
}

std::optional<std::string_view> Reader::Take(std::size_t count) {
  if (left_.size() < count) return std::nullopt;
  const std::string_view taken = left_.substr(0, count);
  left_.remove_prefix(count);
  return taken;
}

std::optional<std::uint64_t> Reader::Number(std::size_t bytes) {
  const std::optional<std::string_view> taken = Take(bytes);
  if (!taken) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : *taken) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

std::optional<std::string_view> Reader::Field(std::size_t length_bytes) {
  const std::optional<std::uint64_t> length = Number(length_bytes);
  if (!length || *length > left_.size()) return std::nullopt;
  return Take(static_cast<std::size_t>(*length));
}

void AppendNumber(std::string& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = bytes; i > 0; --i) out += static_cast<char>(value >> (8 * (i - 1)) & 0xFFU);
}

}  // namespace tfseal::formats

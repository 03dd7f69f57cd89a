#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "crypto/row_format.h"

namespace tfseal {

// How bytes stand in a column: as they are (bytea), as text in canonical base64 or lower-case hexadecimal digits, or as
// printable text that is taken as it is ("vault:v1:...").
enum class ByteEncoding : std::uint8_t { kRaw, kBase64, kHex, kText };

enum class IvPlace : std::uint8_t { kColumn, kPrefix };
enum class TagPlace : std::uint8_t { kSuffix, kPrefix, kColumn };

// What a column is to its format.
enum class ColumnRole : std::uint8_t {
  kCiphertext,
  kIv,
  kTag,
  kWrappedKey,
  kWrappedKeyNonce,
  kCommitment,
  kKeyReference,  // the name or version of the key
  kDocument,      // all in one
};
std::string_view NameOf(ColumnRole role);

// A column of the format "columns", or a place in the document of "jsonb".
struct FormatColumn {
  ColumnRole role = ColumnRole::kCiphertext;
  ByteEncoding encoding = ByteEncoding::kRaw;
  // For "jsonb": the names of the members on the way to the text ("payload", "ciphertext").
  std::vector<std::string> path{};
};

// What a mapping says of a value's layout; docs/row-formats.md.
struct FormatOptions {
  // "columns", "jsonb", "version-prefix", "tfseal", "tink", "aws-encryption-sdk", "rails", "lockbox", "vault".
  std::string name = "columns";
  // "columns" and "jsonb": at least the ciphertext; each role once. Values are taken and given in this order. Columns
  // for the iv and the tag exactly where the two below say kColumn.
  std::vector<FormatColumn> columns{};
  // A place for the key commitment must hold one. Only while rows from before there was one are moved may it be empty:
  // whoever can write to the table could otherwise take the commitment away.
  bool commitment_may_be_missing = false;
  IvPlace iv = IvPlace::kColumn;
  TagPlace tag = TagPlace::kSuffix;
  // The formats with a single column.
  ByteEncoding encoding = ByteEncoding::kRaw;
};

// kInvalidInput: no such format, or options that do not fit together.
Result<std::unique_ptr<RowFormat>> MakeRowFormat(const FormatOptions& options);

// What each value is that the format takes, in the order of RowFormat::columns().
Result<std::vector<ColumnRole>> ColumnRoles(const FormatOptions& options);

// The names that MakeRowFormat knows.
std::span<const std::string_view> RowFormatNames();

}  // namespace tfseal

#include "crypto/formats/row_formats.h"

#include <fmt/format.h>

#include <array>

#include "crypto/formats/codecs.h"
#include "crypto/formats/columns.h"

namespace tfseal {
namespace {

struct NamedFormat {
  std::string_view name;
  Result<std::unique_ptr<RowFormat>> (*make)(const FormatOptions&);
};

constexpr std::array<NamedFormat, 9> kFormats = {{
    {"columns", formats::MakeColumns},
    {"jsonb", formats::MakeJsonb},
    {"version-prefix", formats::MakeVersionPrefix},
    {"tfseal", formats::MakeTfsealV1},
    {"tink", formats::MakeTink},
    {"aws-encryption-sdk", formats::MakeAwsEncryptionSdk},
    {"rails", formats::MakeRails},
    {"lockbox", formats::MakeLockbox},
    {"vault", formats::MakeVaultToken},
}};

constexpr auto kNames = [] {
  std::array<std::string_view, kFormats.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kFormats[i].name;
  return names;
}();

}  // namespace

std::string_view NameOf(ColumnRole role) {
  switch (role) {
    case ColumnRole::kCiphertext:
      return "ciphertext";
    case ColumnRole::kIv:
      return "iv";
    case ColumnRole::kTag:
      return "tag";
    case ColumnRole::kWrappedKey:
      return "wrapped key";
    case ColumnRole::kWrappedKeyNonce:
      return "wrapped key nonce";
    case ColumnRole::kCommitment:
      return "key commitment";
    case ColumnRole::kKeyReference:
      return "key reference";
    case ColumnRole::kDocument:
      break;
  }
  return "document";
}

std::span<const std::string_view> RowFormatNames() {
  return kNames;
}

Result<std::unique_ptr<RowFormat>> MakeRowFormat(const FormatOptions& options) {
  for (const NamedFormat& format : kFormats) {
    if (format.name == options.name) return format.make(options);
  }
  return Error{ErrorCode::kInvalidInput, fmt::format("there is no row format '{}'", options.name),
               fmt::format("one of: {}", fmt::join(kNames, ", "))};
}

Result<std::vector<ColumnRole>> ColumnRoles(const FormatOptions& options) {
  TFSEAL_ASSIGN(const std::unique_ptr<RowFormat> format, MakeRowFormat(options));
  if (options.name == "lockbox") return std::vector<ColumnRole>{ColumnRole::kCiphertext, ColumnRole::kWrappedKey};
  if (options.name == "vault") return std::vector<ColumnRole>{ColumnRole::kWrappedKey};
  if (options.name != "columns") return std::vector<ColumnRole>(format->columns().size(), ColumnRole::kDocument);
  std::vector<ColumnRole> roles;
  for (const FormatColumn& column : options.columns) roles.push_back(column.role);
  return roles;
}

}  // namespace tfseal

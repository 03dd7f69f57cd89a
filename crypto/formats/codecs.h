#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "crypto/formats/row_formats.h"

// The formats of row_formats.h, each in a file of its own; docs/row-formats.md has their bytes.
namespace tfseal::formats {

Result<std::unique_ptr<RowFormat>> MakeAwsEncryptionSdk(const FormatOptions& options);
Result<std::unique_ptr<RowFormat>> MakeJsonb(const FormatOptions& options);
Result<std::unique_ptr<RowFormat>> MakeLockbox(const FormatOptions& options);
Result<std::unique_ptr<RowFormat>> MakeRails(const FormatOptions& options);
Result<std::unique_ptr<RowFormat>> MakeTfsealV1(const FormatOptions& options);
Result<std::unique_ptr<RowFormat>> MakeTink(const FormatOptions& options);
Result<std::unique_ptr<RowFormat>> MakeVaultToken(const FormatOptions& options);
Result<std::unique_ptr<RowFormat>> MakeVersionPrefix(const FormatOptions& options);

// A format whose values are one column of bytes, which may be encoded.
class SingleColumn : public RowFormat {
 public:
  SingleColumn(std::string_view name, ByteEncoding encoding);
  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] std::span<const ColumnKind> columns() const override { return {&kind_, 1}; }
  Result<Envelope> Parse(std::span<const std::optional<std::string>> values) const override;
  Result<ColumnValues> Build(const Envelope& envelope) const override;

 protected:
  virtual Result<Envelope> ParseBytes(std::string_view bytes) const = 0;
  virtual Result<std::string> BuildBytes(const Envelope& envelope) const = 0;

 private:
  std::string_view name_;
  ByteEncoding encoding_;
  ColumnKind kind_;
};

// "v1": v, and a number from 1 to 999'999'999 without leading zeros.
bool IsVersion(std::string_view text);
// Takes "v1:" from the front of `text`; empty if it is not there.
std::string_view TakeVersion(std::string_view& text);

}  // namespace tfseal::formats

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/entropy.h"
#include "core/result.h"
#include "crypto/secret_bytes.h"

// How applications lay out one sealed value in the columns of a row. A format only takes apart and puts together; it
// knows no key and opens nothing. docs/row-formats.md has the bytes of each.
namespace tfseal {

// One sealed value, whatever its layout. All bytes raw: not base64, not hexadecimal.
struct Envelope {
  std::string iv;
  std::string ciphertext;  // without the tag
  std::string tag;         // 16 bytes for AES-GCM
  std::string wrapped_key;
  std::string wrapped_key_nonce;
  std::string commitment;     // of the data key; empty where the format has none
  std::string key_reference;  // the key's name or version where the layout carries it: "v2", an ARN
  std::string associated;     // bytes that the format itself binds as AAD (message header); empty for most
};

// Values of a row's columns in the order of RowFormat::columns(); nullopt is NULL. Binary columns hold raw bytes; JSON
// is its text, without the version byte that jsonb has on the binary wire.
using ColumnValues = std::vector<std::optional<std::string>>;

enum class ColumnKind : std::uint8_t { kBytes, kText, kJson };

class RowFormat {
 public:
  virtual ~RowFormat() = default;
  // The name in the mapping: "columns", "tink", "aws-encryption-sdk", "rails", "lockbox", "vault", "version-prefix",
  // ...
  [[nodiscard]] virtual std::string_view name() const = 0;
  // How many values Parse takes, and of which kind each is.
  [[nodiscard]] virtual std::span<const ColumnKind> columns() const = 0;

  // kInvalidInput says what is wrong and with which column ("iv has 11 bytes, not 12"), never the bytes. Lengths are
  // bounded, trailing bytes refused, encodings canonical only. kNotFound: the document that is there holds nothing of
  // the value, as a column that is NULL.
  virtual Result<Envelope> Parse(std::span<const std::optional<std::string>> values) const = 0;
  // The same into an envelope of which nothing stays but its memory: formats that rows by the million have do without
  // new memory for each. After an error it holds anything.
  virtual Status ParseInto(std::span<const std::optional<std::string>> values, Envelope& envelope) const {
    Result<Envelope> parsed = Parse(values);
    if (!parsed.ok()) return parsed.error();
    envelope = std::move(*parsed);
    return {};
  }
  // Parse(Build(e)) == e. What the format does not carry must be empty.
  virtual Result<ColumnValues> Build(const Envelope& envelope) const = 0;
  // For formats that keep foreign bytes around the envelope (a jsonb document, a header with several keys): the same as
  // `before` with the envelope replaced. Others build anew.
  virtual Result<ColumnValues> Replace(std::span<const std::optional<std::string>> before,
                                       const Envelope& envelope) const {
    (void)before;
    return Build(envelope);
  }
  // The same into values of which nothing stays but their memory.
  virtual Status ReplaceInto(std::span<const std::optional<std::string>> before, const Envelope& envelope,
                             ColumnValues& values) const {
    Result<ColumnValues> replaced = Replace(before, envelope);
    if (!replaced.ok()) return replaced.error();
    values = std::move(*replaced);
    return {};
  }

  // The data key out of what the wrapper unwrapped: most formats wrap its 32 bytes, some a structure that holds them.
  virtual Result<SecretBytes> DataKeyOf(SecretBytes unwrapped) const { return unwrapped; }
  // Whether values can be sealed anew with data keys as KeyWrapper::NewDataKeys makes them. Others can be read and
  // moved (rewrap), or read only.
  [[nodiscard]] virtual bool takes_new_data_keys() const { return true; }
  // Whether the wrapped key can be replaced (Replace) without the data key. Where it cannot, as it is authenticated
  // with it, ReplaceKey does that, or says why it is not possible.
  [[nodiscard]] virtual bool replaces_keys_unseen() const { return true; }
  // Whether the wrapped key stands in columns of its own, so that it can be moved without the others being read. Then
  // their places hold the length of what is there, as four bytes, and only these two are called.
  [[nodiscard]] virtual bool keeps_key_apart() const { return false; }
  virtual Status ParseKeyInto(std::span<const std::optional<std::string>> values, Envelope& envelope) const {
    return ParseInto(values, envelope);
  }
  // Fills the columns of the wrapped key and leaves the others NULL.
  virtual Status BuildKeyInto(const Envelope& envelope, ColumnValues& values) const {
    Result<ColumnValues> built = Build(envelope);
    if (!built.ok()) return built.error();
    values = std::move(*built);
    return {};
  }
  virtual Result<ColumnValues> ReplaceKey(std::span<const std::optional<std::string>> before, const Envelope& envelope,
                                          const SecretBytes& data_key, Entropy& entropy) const {
    (void)data_key;
    (void)entropy;
    return Replace(before, envelope);
  }
};

}  // namespace tfseal

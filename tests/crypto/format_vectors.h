#pragma once

#include <memory>
#include <string>

#include "core/json.h"
#include "crypto/aes_gcm.h"
#include "crypto/aes_kwp.h"
#include "crypto/formats/aws_encryption_sdk.h"
#include "crypto/formats/row_formats.h"
#include "crypto/row_cipher.h"
#include "crypto/system_entropy.h"
#include "tests/crypto/vectors.h"

namespace tfseal::testing {

inline ByteEncoding EncodingNamed(const std::string& name) {
  if (name == "base64") return ByteEncoding::kBase64;
  if (name == "hex") return ByteEncoding::kHex;
  return name == "text" ? ByteEncoding::kText : ByteEncoding::kRaw;
}

inline ColumnRole RoleNamed(const std::string& name) {
  for (const ColumnRole role : {ColumnRole::kCiphertext, ColumnRole::kIv, ColumnRole::kTag, ColumnRole::kWrappedKey,
                                ColumnRole::kWrappedKeyNonce, ColumnRole::kCommitment, ColumnRole::kKeyReference}) {
    if (NameOf(role) == name) return role;
  }
  ADD_FAILURE() << name;
  return ColumnRole::kDocument;
}

// The options of a case of fixtures/row-formats/vectors.json.
inline FormatOptions OptionsOf(const JsonValue& vector) {
  FormatOptions options;
  options.name = vector["format"].asString();
  const JsonValue& given = vector["options"];
  if (given["iv"].asString() == "prefix") options.iv = IvPlace::kPrefix;
  if (given["tag"].asString() == "prefix") options.tag = TagPlace::kPrefix;
  if (given["tag"].asString() == "column") options.tag = TagPlace::kColumn;
  options.encoding = EncodingNamed(given["encoding"].asString());
  for (const JsonValue& column : given["columns"]) {
    FormatColumn c{RoleNamed(column["role"].asString()), EncodingNamed(column["encoding"].asString())};
    for (const JsonValue& step : column["path"]) c.path.push_back(step.asString());
    options.columns.push_back(std::move(c));
  }
  return options;
}

inline ColumnValues ValuesOf(const JsonValue& vector) {
  ColumnValues values;
  for (const JsonValue& value : vector["values"]) {
    if (value.isNull()) {
      values.emplace_back(std::nullopt);
    } else {
      values.emplace_back(value.isMember("hex") ? Bin(value["hex"]) : value["text"].asString());
    }
  }
  return values;
}

// What a reader does with a value: take it apart, unwrap its key, open it.
class ValueReader {
 public:
  explicit ValueReader(const JsonValue& vector)
      : opens_(vector["opens"].asString()), kek_(Bin(vector["kek"])), aad_(Bin(vector["aad"])) {
    if (vector.isMember("key")) key_ = Bin(vector["key"]);
  }

  Result<SecretBytes> KeyOf(const RowFormat& format, const Envelope& envelope) {
    if (opens_ == "key") return SecretBytes(key_);
    if (opens_ == "gcm") {
      std::string key(32, '\0');
      const std::string_view blob = envelope.wrapped_key;
      if (blob.size() != 48 || envelope.wrapped_key_nonce.size() != 12 ||
          !gcm_.Open({kek_, envelope.wrapped_key_nonce, {}, blob.substr(0, 32)}, blob.substr(32), key.data())) {
        return Error{ErrorCode::kInvalidInput, "the wrapped key is damaged", ""};
      }
      return SecretBytes(key);
    }
    auto unwrapped = kwp_.Unwrap(kek_, envelope.wrapped_key);
    if (!unwrapped.ok()) return unwrapped;
    return format.DataKeyOf(std::move(unwrapped).value());
  }

  Result<SecretBytes> Open(const RowFormat& format, const Envelope& envelope, const ColumnValues& values) {
    TFSEAL_ASSIGN(const SecretBytes key, KeyOf(format, envelope));
    if (opens_ == "esdk") {
      TFSEAL_ASSIGN(const formats::EsdkMessage message, formats::ParseEsdk(*values[0]));
      return formats::OpenEsdk(message, key);
    }
    return cipher_.Open(key, envelope, aad_);
  }

 private:
  std::string opens_, kek_, aad_, key_;
  SystemEntropy entropy_;
  RowCipher cipher_{entropy_};
  AesKwp kwp_;
  AesGcm gcm_;
};

}  // namespace tfseal::testing

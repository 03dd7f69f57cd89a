#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/entropy.h"
#include "core/result.h"
#include "crypto/secret_bytes.h"

// Messages of the AWS Encryption SDK, versions 1 and 2, with 256-bit suites:
// https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/message-format.html
namespace tfseal::formats {

struct EncryptedDataKey {
  std::string provider;  // "aws-kms"
  std::string info;      // for KMS: the key's ARN
  std::string blob;
};

struct EsdkFrame {
  std::uint32_t sequence = 0;  // 0: the one block of a message without frames
  bool last = false;
  std::string_view iv, ciphertext, tag;
};

// Views are into the message.
struct EsdkMessage {
  int version = 1;
  std::uint16_t suite = 0;
  std::string_view id;
  std::map<std::string, std::string> context;
  std::vector<EncryptedDataKey> keys;
  std::string_view before_keys;  // the header up to the number of keys
  std::string_view after_keys;   // what follows the keys, up to the header's authentication
  std::string_view header;       // what the header's tag authenticates
  std::string_view commitment;   // version 2: 32 bytes
  std::string_view header_iv;    // version 1: 12 bytes; version 2 has zeros that are not stored
  std::string_view header_tag;
  std::string_view body;  // all that follows
  std::vector<EsdkFrame> frames;

  [[nodiscard]] bool is_signed() const { return suite == 0x0378 || suite == 0x0578; }
};

// Strict: the whole message, nothing after it. The signature of a signed one is not checked.
Result<EsdkMessage> ParseEsdk(std::string_view bytes);

// Opens the message with its data key (32 bytes): commitment, header, every frame.
Result<SecretBytes> OpenEsdk(const EsdkMessage& message, const SecretBytes& data_key);

// The message with `key` in the place of its only data key. The header's tag is made anew, for which the data key is
// needed; so is a fresh iv, as a second tag under the old one would give away what authenticates the whole message.
// kInvalidInput where that is impossible, and the value has to be encrypted anew by the SDK: version 2 has no place for
// another iv, and of a signed message the signing key is gone.
Result<std::string> ReplaceEsdkKey(std::string_view bytes, const EncryptedDataKey& key, const SecretBytes& data_key,
                                   Entropy& entropy);

}  // namespace tfseal::formats

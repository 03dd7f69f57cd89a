#include <fmt/format.h>

#include "crypto/aes_gcm.h"
#include "crypto/formats/aws_encryption_sdk.h"
#include "crypto/formats/value_text.h"

namespace tfseal::formats {
namespace {

constexpr std::size_t kKeysMax = 64;
constexpr std::uint32_t kFinalFrame = 0xFFFF'FFFF;

Error Bad(std::string_view why) {
  return Refused("the message", why);
}

bool IsSuite(int version, std::uint16_t suite) {
  if (version == 1) return suite == 0x0078 || suite == 0x0178 || suite == 0x0378;
  return suite == 0x0478 || suite == 0x0578;
}

// Sorted by name, each name once, as the SDK writes it.
Status ReadContext(std::string_view bytes, std::map<std::string, std::string>& context) {
  if (bytes.empty()) return {};
  Reader reader(bytes);
  const auto count = reader.Number(2);
  for (std::uint64_t i = 0; count && i < *count; ++i) {
    const auto name = reader.Field(2);
    const auto value = reader.Field(2);
    if (!name || !value) return Bad("has an encryption context that ends too early");
    if (!context.empty() && *name <= context.rbegin()->first) {
      return Bad("has an encryption context that is not sorted");
    }
    context.emplace_hint(context.end(), *name, *value);
  }
  if (!count || *count == 0 || !reader.left().empty()) return Bad("has an encryption context of another length");
  return {};
}

Status ReadKeys(Reader& reader, std::vector<EncryptedDataKey>& keys) {
  const auto count = reader.Number(2);
  if (!count || *count == 0 || *count > kKeysMax) return Bad("has no data keys, or too many");
  for (std::uint64_t i = 0; i < *count; ++i) {
    const auto provider = reader.Field(2);
    const auto info = reader.Field(2);
    const auto blob = reader.Field(2);
    if (!provider || !info || !blob) return Bad("ends inside of its data keys");
    if (blob->empty() || blob->size() > kWrappedKeyMax) return Bad("has a data key of an impossible length");
    keys.push_back({std::string(*provider), std::string(*info), std::string(*blob)});
  }
  return {};
}

// What follows the data keys, with the header's authentication.
Result<std::uint32_t> ReadRest(Reader& reader, std::string_view bytes, EsdkMessage& message) {
  const std::size_t keys_end = bytes.size() - reader.left().size();
  const auto content_type = reader.Number(1);
  if (!content_type || (*content_type != 1 && *content_type != 2)) return Bad("has an unknown content type");
  if (message.version == 1) {
    if (reader.Number(4) != 0U) return Bad("has reserved bytes that are not zero");
    if (reader.Number(1) != kGcmIvSize) return Bad("has ivs of another length than 12");
  }
  const auto frame_length = reader.Number(4);
  if (!frame_length || (*frame_length == 0) != (*content_type == 1)) return Bad("has an impossible frame length");
  if (message.version == 2) {
    const auto commitment = reader.Take(kCommitmentSize);
    if (!commitment) return Bad("ends inside of its header");
    message.commitment = *commitment;
  }
  const std::size_t header_end = bytes.size() - reader.left().size();
  message.header = bytes.substr(0, header_end);
  message.after_keys = bytes.substr(keys_end, header_end - keys_end);
  const auto iv = reader.Take(message.version == 1 ? kGcmIvSize : 0);
  const auto tag = reader.Take(kGcmTagSize);
  if (!iv || !tag) return Bad("ends inside of its header");
  message.header_iv = *iv;
  message.header_tag = *tag;
  message.body = reader.left();
  return static_cast<std::uint32_t>(*frame_length);
}

Status ReadSingleBlock(Reader& reader, EsdkMessage& message) {
  const auto iv = reader.Take(kGcmIvSize);
  const auto ciphertext = reader.Field(8);
  const auto tag = reader.Take(kGcmTagSize);
  if (!iv || !ciphertext || !tag) return Bad("ends inside of its content");
  message.frames.push_back({0, true, *iv, *ciphertext, *tag});
  return {};
}

Status ReadFrames(Reader& reader, std::uint32_t frame_length, EsdkMessage& message) {
  for (std::uint32_t expected = 1;; ++expected) {
    EsdkFrame frame;
    auto sequence = reader.Number(4);
    frame.last = sequence == kFinalFrame;
    if (frame.last) sequence = reader.Number(4);
    if (sequence != expected || expected == kFinalFrame) return Bad("has frames out of order");
    frame.sequence = expected;
    const auto iv = reader.Take(kGcmIvSize);
    const auto ciphertext = frame.last ? reader.Field(4) : reader.Take(frame_length);
    const auto tag = reader.Take(kGcmTagSize);
    if (!iv || !ciphertext || !tag) return Bad("ends inside of its content");
    if (ciphertext->size() > frame_length) return Bad("has a last frame that is too long");
    frame.iv = *iv;
    frame.ciphertext = *ciphertext;
    frame.tag = *tag;
    message.frames.push_back(frame);
    if (frame.last) return {};
  }
}

}  // namespace

Result<EsdkMessage> ParseEsdk(std::string_view bytes) {
  if (bytes.size() > kGcmTextMax) return Bad("is longer than 1 GiB");
  EsdkMessage message;
  Reader reader(bytes);
  const auto version = reader.Number(1);
  if (version != 1U && version != 2U) return Bad("is not of version 1 or 2 of the AWS Encryption SDK");
  message.version = static_cast<int>(*version);
  if (message.version == 1 && reader.Number(1) != 0x80U) return Bad("has an unknown type");
  const auto suite = reader.Number(2);
  if (!suite || !IsSuite(message.version, static_cast<std::uint16_t>(*suite))) {
    return Bad("has an algorithm suite that is unknown or has less than 256 bits");
  }
  message.suite = static_cast<std::uint16_t>(*suite);
  const auto id = reader.Take(message.version == 1 ? 16 : 32);
  const auto context = reader.Field(2);
  if (!id || !context) return Bad("ends inside of its header");
  message.id = *id;
  TFSEAL_TRY(ReadContext(*context, message.context));
  message.before_keys = bytes.substr(0, bytes.size() - reader.left().size());
  TFSEAL_TRY(ReadKeys(reader, message.keys));
  TFSEAL_ASSIGN(const std::uint32_t frame_length, ReadRest(reader, bytes, message));
  TFSEAL_TRY(frame_length == 0 ? ReadSingleBlock(reader, message) : ReadFrames(reader, frame_length, message));
  if (message.is_signed()) {
    const auto signature = reader.Field(2);
    if (!signature || signature->empty()) return Bad("ends inside of its signature");
  }
  if (!reader.left().empty()) return Bad("has more bytes than it should");
  return message;
}

}  // namespace tfseal::formats

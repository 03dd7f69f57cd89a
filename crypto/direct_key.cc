#include "crypto/direct_key.h"

#include <fmt/format.h>

#include <span>
#include <utility>
#include <vector>

#include "core/base64.h"
#include "crypto/aes_gcm.h"
#include "crypto/digest.h"

namespace tfseal {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Empty: these are no hexadecimal digits of a key.
SecretBytes FromHex(std::string_view text) {
  if (text.size() != 2 * kAesKeySize) return {};
  SecretBytes bytes = SecretBytes::Blank(kAesKeySize);
  for (std::size_t i = 0; i < kAesKeySize; ++i) {
    const int high = HexDigit(text[2 * i]);
    const int low = HexDigit(text[2 * i + 1]);
    if (high < 0 || low < 0) return {};
    bytes.Writable()[i] = static_cast<char>(high * 16 + low);
  }
  return bytes;
}

SecretBytes FromBase64Text(std::string_view text) {
  Result<std::string> decoded = FromBase64(text);
  if (!decoded.ok()) return {};
  SecretBytes bytes(*decoded);
  Wipe(*decoded);
  return bytes;
}

// Why the text gives no key, by its length and encoding alone.
Error NoKey(const DirectKeyOptions& options, std::size_t text_bytes, std::size_t key_bytes) {
  constexpr std::string_view kNames[] = {"raw bytes", "base64", "hexadecimal digits"};
  const auto name = kNames[static_cast<std::size_t>(options.encoding)];
  std::string message =
      key_bytes == 0 || options.encoding == KeyEncoding::kRaw
          ? fmt::format("{} holds {} bytes, which are not 32 bytes as {}", options.place, text_bytes, name)
          : fmt::format("{} holds a key of {} bytes, not 32", options.place, key_bytes);
  return {ErrorCode::kInvalidInput, std::move(message),
          "the mapping's encoding is how the application reads it: raw, base64 or hex; the key is one for AES-256"};
}

Result<SecretBytes> Decode(const SecretBytes& kept, const DirectKeyOptions& options) {
  std::string_view text = kept.Expose();
  if (options.encoding != KeyEncoding::kRaw && text.ends_with('\n')) text.remove_suffix(1);
  SecretBytes key;
  if (options.encoding == KeyEncoding::kRaw) {
    key = SecretBytes(text);
  } else {
    key = options.encoding == KeyEncoding::kHex ? FromHex(text) : FromBase64Text(text);
  }
  if (key.size() != kAesKeySize) return NoKey(options, kept.size(), key.size());
  return key;
}

class DirectKey : public KeyWrapper {
 public:
  DirectKey(SecretBytes key, std::string place)
      : key_(std::move(key)),
        id_("direct:" + Hex(HmacSha256(key_.Expose(), "tfseal:direct-key-fingerprint:v1")).substr(0, 32)),
        place_(std::move(place)) {}

  [[nodiscard]] const std::string& id() const override { return id_; }
  [[nodiscard]] bool seals_directly() const override { return true; }
  [[nodiscard]] std::uint64_t calls() const override { return 0; }

  Result<WrappingKeyState> Describe() override {
    return WrappingKeyState{id_, true, "the application's own key, from " + place_};
  }

  std::vector<Result<DataKey>> NewDataKeys(std::span<const EncryptionContext> contexts) override {
    std::vector<Result<DataKey>> keys;
    keys.reserve(contexts.size());
    for (std::size_t i = 0; i < contexts.size(); ++i) keys.emplace_back(DataKey{key_.Clone(), {}});
    return keys;
  }

  std::vector<Result<SecretBytes>> Unwrap(std::span<const WrappedKey> keys) override {
    std::vector<Result<SecretBytes>> opened;
    opened.reserve(keys.size());
    for (const WrappedKey& key : keys) {
      if (key.blob.empty() && key.nonce.empty()) {
        opened.emplace_back(key_.Clone());
      } else {
        opened.emplace_back(
            Error{ErrorCode::kInvalidInput, "the row has a wrapped data key, and this key wraps none", ""});
      }
    }
    return opened;
  }

  std::vector<Result<WrappedKey>> Rewrap(KeyWrapper& from, std::span<const WrappedKey> keys,
                                         std::span<const EncryptionContext> contexts) override {
    (void)from;
    (void)contexts;
    std::vector<Result<WrappedKey>> none;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      none.emplace_back(Error{ErrorCode::kInvalidInput, "a key that seals values itself wraps no data keys", ""});
    }
    return none;
  }

 private:
  SecretBytes key_;
  std::string id_;
  std::string place_;
};

}  // namespace

Result<std::unique_ptr<KeyWrapper>> OpenDirectKey(SecretBytes text, const DirectKeyOptions& options) {
  TFSEAL_ASSIGN(SecretBytes key, Decode(text, options));
  return std::unique_ptr<KeyWrapper>(std::make_unique<DirectKey>(std::move(key), options.place));
}

}  // namespace tfseal

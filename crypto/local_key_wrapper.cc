#include "crypto/local_key_wrapper.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "crypto/aes_gcm.h"
#include "crypto/aes_kwp.h"
#include "crypto/canonical_bytes.h"
#include "crypto/digest.h"
#include "crypto/hkdf.h"
#include "crypto/key_file.h"
#include "crypto/seal_counter.h"

namespace tfseal {
namespace {

class LocalKeyWrapper : public KeyWrapper {
 public:
  LocalKeyWrapper(const LocalKeyOptions& options, SecretBytes key, Entropy& entropy)
      : wrap_(options.wrap),
        key_(std::move(key)),
        id_("local:" + Hex(HmacSha256(key_.Expose(), "tfseal:local-key-fingerprint:v1")).substr(0, 32)),
        entropy_(entropy),
        seals_(options.path + ".seals") {
    gcm_.UseKey(key_.Expose());
  }

  [[nodiscard]] const std::string& id() const override { return id_; }

  Result<WrappingKeyState> Describe() override {
    WrappingKeyState state{id_, true, "a key in a file, for development"};
    if (wrap_ == LocalWrap::kAesKwp) return state;
    TFSEAL_ASSIGN(const std::uint64_t count, seals_.Read());
    state.usable = count < kGcmSealsMax;
    if (count >= kGcmSealsWarn) {
      state.detail = fmt::format("{} of at most {} seals are used; make a new key", count, kGcmSealsMax);
    }
    return state;
  }

  std::vector<Result<DataKey>> NewDataKeys(std::span<const EncryptionContext> contexts) override {
    // All at once: one draw for each would take longer than wrapping it.
    SecretBytes drawn = SecretBytes::Blank(contexts.size() * kAesKeySize);
    if (!drawn.empty()) entropy_.Fill(std::as_writable_bytes(std::span(drawn.Writable(), drawn.size())));
    std::vector<SecretBytes> plaintexts;
    plaintexts.reserve(contexts.size());
    for (std::size_t i = 0; i < contexts.size(); ++i) {
      plaintexts.emplace_back(drawn.Expose().substr(i * kAesKeySize, kAesKeySize));
    }
    std::vector<const SecretBytes*> each;
    for (const SecretBytes& plaintext : plaintexts) each.push_back(&plaintext);
    std::vector<Result<WrappedKey>> wrapped = WrapAll(each, contexts);
    std::vector<Result<DataKey>> keys;
    keys.reserve(contexts.size());
    for (std::size_t i = 0; i < contexts.size(); ++i) {
      if (wrapped[i].ok()) {
        keys.emplace_back(DataKey{std::move(plaintexts[i]), std::move(wrapped[i]).value()});
      } else {
        keys.emplace_back(wrapped[i].error());
      }
    }
    return keys;
  }

  std::vector<Result<SecretBytes>> Unwrap(std::span<const WrappedKey> keys) override {
    if (wrap_ == LocalWrap::kAesKwp && AllWithoutContext(keys)) return UnwrapAll(keys);
    std::vector<Result<SecretBytes>> plain;
    plain.reserve(keys.size());
    for (const WrappedKey& key : keys) plain.push_back(UnwrapOne(key));
    return plain;
  }

  std::vector<Result<WrappedKey>> Rewrap(KeyWrapper& from, std::span<const WrappedKey> keys,
                                         std::span<const EncryptionContext> contexts) override {
    const std::vector<Result<SecretBytes>> plain = from.Unwrap(keys);
    std::vector<const SecretBytes*> opened;
    std::vector<EncryptionContext> wanted;
    for (std::size_t i = 0; i < plain.size(); ++i) {
      if (!plain[i].ok()) continue;
      opened.push_back(&*plain[i]);
      wanted.push_back(contexts[i]);
    }
    std::vector<Result<WrappedKey>> wrapped = WrapAll(opened, wanted);
    std::vector<Result<WrappedKey>> moved;
    moved.reserve(keys.size());
    std::size_t next = 0;
    for (const Result<SecretBytes>& key : plain) {
      moved.push_back(key.ok() ? std::move(wrapped[next++]) : Result<WrappedKey>(key.error()));
    }
    return moved;
  }

  [[nodiscard]] std::uint64_t calls() const override { return 0; }

 private:
  // RFC 5649 has no place for a context: each context has a key of its own.
  Result<SecretBytes> KeyFor(const EncryptionContext& context) {
    if (context.empty()) return key_.Clone();
    const std::string info = "tfseal:local-kwp-context:v1" + ContextBytes(context);
    return Hkdf({.hash = HkdfHash::kSha256, .key = key_.Expose(), .salt = {}, .info = info}, kAesKeySize);
  }

  static bool AllWithoutContext(std::span<const WrappedKey> keys) {
    return std::all_of(keys.begin(), keys.end(), [](const WrappedKey& key) { return key.context.empty(); });
  }

  std::vector<Result<SecretBytes>> UnwrapAll(std::span<const WrappedKey> keys) {
    std::vector<std::string_view> blobs;
    blobs.reserve(keys.size());
    for (const WrappedKey& key : keys) blobs.emplace_back(key.blob);
    std::vector<Result<SecretBytes>> plain = kwp_.UnwrapAll(key_.Expose(), blobs);
    for (std::size_t i = 0; i < plain.size(); ++i) {
      if (!keys[i].nonce.empty() || !plain[i].ok() || plain[i]->size() != kAesKeySize) plain[i] = Refused();
    }
    return plain;
  }

  // Keys whose length is refused have errors; the order is that of `keys`.
  std::vector<Result<WrappedKey>> WrapAll(std::span<const SecretBytes* const> keys,
                                          std::span<const EncryptionContext> contexts) {
    std::vector<Result<WrappedKey>> wrapped;
    wrapped.reserve(keys.size());
    const bool together = wrap_ == LocalWrap::kAesKwp &&
                          std::all_of(contexts.begin(), contexts.end(), [](const auto& c) { return c.empty(); }) &&
                          std::all_of(keys.begin(), keys.end(), [](const auto* k) { return k->size() == kAesKeySize; });
    if (together) {
      std::vector<std::string_view> texts;
      texts.reserve(keys.size());
      for (const SecretBytes* key : keys) texts.push_back(key->Expose());
      for (std::string& blob : kwp_.WrapAll(key_.Expose(), texts))
        wrapped.emplace_back(WrappedKey{std::move(blob), "", {}});
      return wrapped;
    }
    std::string ivs(wrap_ == LocalWrap::kAesKwp ? 0 : keys.size() * kGcmIvSize, '\0');
    if (!ivs.empty()) entropy_.Fill(std::as_writable_bytes(std::span(ivs)));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const std::string_view iv =
          ivs.empty() ? std::string_view() : std::string_view(ivs).substr(i * kGcmIvSize, kGcmIvSize);
      wrapped.push_back(Wrap(*keys[i], contexts[i], iv));
    }
    return wrapped;
  }

  // `iv`: fresh, for those that need one.
  Result<WrappedKey> Wrap(const SecretBytes& key, const EncryptionContext& context, std::string_view iv) {
    if (key.size() != kAesKeySize) {
      return Error{ErrorCode::kInvalidInput, fmt::format("the data key has {} bytes, not 32", key.size()), ""};
    }
    if (wrap_ == LocalWrap::kAesKwp) {
      TFSEAL_ASSIGN(const SecretBytes wrapping, KeyFor(context));
      return WrappedKey{kwp_.Wrap(wrapping.Expose(), key.Expose()), "", context};
    }
    TFSEAL_TRY(seals_.Count());
    std::array<char, kAesKeySize + kGcmTagSize> sealed;
    const std::string aad = ContextBytes(context);
    gcm_.Seal({{}, iv, aad, key.Expose()}, sealed.data(), sealed.data() + kAesKeySize);
    const std::string_view bytes(sealed.data(), sealed.size());
    if (wrap_ == LocalWrap::kAesGcmNonceColumn) return WrappedKey{std::string(bytes), std::string(iv), context};
    WrappedKey wrapped{{}, {}, context};
    wrapped.blob.reserve(iv.size() + bytes.size());
    wrapped.blob.append(iv).append(bytes);
    return wrapped;
  }

  [[nodiscard]] Error Refused() const {
    return {ErrorCode::kInvalidInput, "the wrapped key is not under " + id_ + ", or is damaged", ""};
  }

  Result<SecretBytes> UnwrapOne(const WrappedKey& wrapped) {
    if (wrap_ == LocalWrap::kAesKwp) {
      if (!wrapped.nonce.empty()) return Refused();
      TFSEAL_ASSIGN(const SecretBytes wrapping, KeyFor(wrapped.context));
      Result<SecretBytes> key = kwp_.Unwrap(wrapping.Expose(), wrapped.blob);
      if (!key.ok() || key->size() != kAesKeySize) return Refused();
      return key;
    }
    const bool own_column = wrap_ == LocalWrap::kAesGcmNonceColumn;
    std::string_view iv = wrapped.nonce;
    std::string_view sealed = wrapped.blob;
    if (!own_column && iv.empty() && sealed.size() >= kGcmIvSize) {
      iv = sealed.substr(0, kGcmIvSize);
      sealed.remove_prefix(kGcmIvSize);
    } else if (!own_column) {
      return Refused();
    }
    if (iv.size() != kGcmIvSize || sealed.size() != kAesKeySize + kGcmTagSize) return Refused();
    SecretBytes key = SecretBytes::Blank(kAesKeySize);
    const std::string aad = ContextBytes(wrapped.context);
    const AesGcm::Input input{{}, iv, aad, sealed.substr(0, kAesKeySize)};
    if (!gcm_.Open(input, sealed.substr(kAesKeySize), key.Writable())) return Refused();
    return key;
  }

  LocalWrap wrap_;
  SecretBytes key_;
  std::string id_;
  Entropy& entropy_;
  AesKwp kwp_;
  AesGcm gcm_;
  SealCounter seals_;
};

}  // namespace

Result<std::unique_ptr<KeyWrapper>> OpenLocalKey(const LocalKeyOptions& options, Entropy& entropy) {
  TFSEAL_ASSIGN(SecretBytes key, ReadKeyFile(options.path, kAesKeySize, kAesKeySize));
  return std::unique_ptr<KeyWrapper>(std::make_unique<LocalKeyWrapper>(options, std::move(key), entropy));
}

}  // namespace tfseal

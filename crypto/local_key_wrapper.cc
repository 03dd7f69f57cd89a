#include "crypto/local_key_wrapper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <span>
#include <utility>

#include "crypto/aes_gcm.h"
#include "crypto/aes_kwp.h"
#include "crypto/canonical_bytes.h"
#include "crypto/digest.h"
#include "crypto/hkdf.h"
#include "crypto/seal_counter.h"

namespace tfseal {
namespace {

Error KeyFileError(const std::string& path, ErrorCode code, const std::string& what, std::string hint) {
  return {code, fmt::format("the key file {} {}", path, what), std::move(hint)};
}

Status CheckMode(const std::string& path, int fd) {
  struct stat facts {};
  if (fstat(fd, &facts) != 0) return KeyFileError(path, ErrorCode::kUnavailable, "cannot be examined", "");
  if (!S_ISREG(facts.st_mode)) return KeyFileError(path, ErrorCode::kInvalidInput, "is not a regular file", "");
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return KeyFileError(path, ErrorCode::kPermissionDenied, "can be used by others than its owner",
                        fmt::format("chmod 600 {}", path));
  }
  if (facts.st_uid != geteuid() && facts.st_uid != 0) {
    return KeyFileError(path, ErrorCode::kPermissionDenied, "belongs to another user",
                        "give the key to the user that runs this");
  }
  if (facts.st_size != static_cast<off_t>(kAesKeySize)) {
    return KeyFileError(path, ErrorCode::kInvalidInput, fmt::format("has {} bytes, not 32", facts.st_size),
                        fmt::format("make one: (umask 077; openssl rand -out {} 32)", path));
  }
  return {};
}

Result<SecretBytes> ReadKey(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    const bool missing = errno == ENOENT;
    return KeyFileError(path, missing ? ErrorCode::kNotFound : ErrorCode::kPermissionDenied,
                        missing ? "does not exist" : "cannot be opened",
                        missing ? fmt::format("make one: (umask 077; openssl rand -out {} 32)", path) : "");
  }
  const Status checked = CheckMode(path, fd);
  SecretBytes key = SecretBytes::Blank(kAesKeySize);
  const ssize_t size = checked.ok() ? read(fd, key.Writable(), kAesKeySize) : 0;
  close(fd);
  if (!checked.ok()) return checked.error();
  if (size != static_cast<ssize_t>(kAesKeySize)) {
    return KeyFileError(path, ErrorCode::kUnavailable, "cannot be read to its end", "");
  }
  return key;
}

class LocalKeyWrapper : public KeyWrapper {
 public:
  LocalKeyWrapper(const LocalKeyOptions& options, SecretBytes key, Entropy& entropy)
      : wrap_(options.wrap),
        key_(std::move(key)),
        id_("local:" + Hex(HmacSha256(key_.Expose(), "tfseal:local-key-fingerprint:v1")).substr(0, 32)),
        entropy_(entropy),
        seals_(options.path + ".seals") {}

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
    std::vector<Result<DataKey>> keys;
    keys.reserve(contexts.size());
    for (std::size_t i = 0; i < contexts.size(); ++i) {
      SecretBytes plaintext(drawn.Expose().substr(i * kAesKeySize, kAesKeySize));
      Result<WrappedKey> wrapped = Wrap(plaintext, contexts[i]);
      if (wrapped.ok()) {
        keys.emplace_back(DataKey{std::move(plaintext), std::move(wrapped).value()});
      } else {
        keys.emplace_back(wrapped.error());
      }
    }
    return keys;
  }

  std::vector<Result<SecretBytes>> Unwrap(std::span<const WrappedKey> keys) override {
    std::vector<Result<SecretBytes>> plain;
    plain.reserve(keys.size());
    for (const WrappedKey& key : keys) plain.push_back(UnwrapOne(key));
    return plain;
  }

  std::vector<Result<WrappedKey>> Rewrap(KeyWrapper& from, std::span<const WrappedKey> keys,
                                         std::span<const EncryptionContext> contexts) override {
    std::vector<Result<WrappedKey>> moved;
    moved.reserve(keys.size());
    const std::vector<Result<SecretBytes>> plain = from.Unwrap(keys);
    for (std::size_t i = 0; i < plain.size(); ++i) {
      moved.push_back(plain[i].ok() ? Wrap(*plain[i], contexts[i]) : Result<WrappedKey>(plain[i].error()));
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

  Result<WrappedKey> Wrap(const SecretBytes& key, const EncryptionContext& context) {
    if (key.size() != kAesKeySize) {
      return Error{ErrorCode::kInvalidInput, fmt::format("the data key has {} bytes, not 32", key.size()), ""};
    }
    if (wrap_ == LocalWrap::kAesKwp) {
      TFSEAL_ASSIGN(const SecretBytes wrapping, KeyFor(context));
      return WrappedKey{kwp_.Wrap(wrapping.Expose(), key.Expose()), "", context};
    }
    TFSEAL_TRY(seals_.Count());
    std::string iv(kGcmIvSize, '\0');
    entropy_.Fill(std::as_writable_bytes(std::span(iv)));
    std::string sealed(kAesKeySize + kGcmTagSize, '\0');
    const std::string aad = ContextBytes(context);
    gcm_.Seal({key_.Expose(), iv, aad, key.Expose()}, sealed.data(), sealed.data() + kAesKeySize);
    if (wrap_ == LocalWrap::kAesGcmNonceColumn) return WrappedKey{std::move(sealed), std::move(iv), context};
    return WrappedKey{iv + sealed, "", context};
  }

  Result<SecretBytes> UnwrapOne(const WrappedKey& wrapped) {
    const Error refused{ErrorCode::kInvalidInput, "the wrapped key is not under " + id_ + ", or is damaged", ""};
    if (wrap_ == LocalWrap::kAesKwp) {
      if (!wrapped.nonce.empty()) return refused;
      TFSEAL_ASSIGN(const SecretBytes wrapping, KeyFor(wrapped.context));
      Result<SecretBytes> key = kwp_.Unwrap(wrapping.Expose(), wrapped.blob);
      if (!key.ok() || key->size() != kAesKeySize) return refused;
      return key;
    }
    const bool own_column = wrap_ == LocalWrap::kAesGcmNonceColumn;
    std::string_view iv = wrapped.nonce;
    std::string_view sealed = wrapped.blob;
    if (!own_column && iv.empty() && sealed.size() >= kGcmIvSize) {
      iv = sealed.substr(0, kGcmIvSize);
      sealed.remove_prefix(kGcmIvSize);
    } else if (!own_column) {
      return refused;
    }
    if (iv.size() != kGcmIvSize || sealed.size() != kAesKeySize + kGcmTagSize) return refused;
    SecretBytes key = SecretBytes::Blank(kAesKeySize);
    const std::string aad = ContextBytes(wrapped.context);
    const AesGcm::Input input{key_.Expose(), iv, aad, sealed.substr(0, kAesKeySize)};
    if (!gcm_.Open(input, sealed.substr(kAesKeySize), key.Writable())) return refused;
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
  TFSEAL_ASSIGN(SecretBytes key, ReadKey(options.path));
  return std::unique_ptr<KeyWrapper>(std::make_unique<LocalKeyWrapper>(options, std::move(key), entropy));
}

}  // namespace tfseal

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "crypto/secret_bytes.h"

namespace tfseal {

// What the wrapped key is bound to, in clear and never secret: KMS encryption context, the AAD of a local wrap.
using EncryptionContext = std::map<std::string, std::string>;

// A data key as a row stores it. `nonce` is empty for wrappers that keep theirs in the blob.
struct WrappedKey {
  std::string blob;
  std::string nonce;
  EncryptionContext context;
};

// A wrapped key by which it is looked up among others. Borrowed.
struct KeyName {
  std::string_view blob;
  std::string_view nonce;
  bool operator==(const KeyName&) const = default;
};
struct KeyNameHash {
  std::size_t operator()(const KeyName& name) const {
    const std::hash<std::string_view> hash;
    return name.nonce.empty() ? hash(name.blob) : hash(name.blob) * 31 + hash(name.nonce);
  }
};

struct DataKey {
  SecretBytes plaintext;  // 32 bytes
  WrappedKey wrapped;
};

// What a key is right now, found out without using it.
struct WrappingKeyState {
  std::string id;       // immutable: a key ARN, "vault:transit/NAME:vN", "local:FINGERPRINT"
  bool usable = false;  // enabled, symmetric, for encryption
  std::string detail;   // "PendingDeletion until 2026-12-01"
};

// One key that wraps data keys, pinned when it is opened: a later change of an alias is not followed, and an answer
// that names another key is kCorrupt. For one thread at a time. Answers come in the order of the arguments.
//
// Errors of single items stay with the item: kInvalidInput (this blob is not under this key, or is damaged),
// kPermissionDenied, kThrottled and kUnavailable (retries are used up), kConflict (the key is disabled or is to be
// deleted). Messages hold neither keys nor blobs.
class KeyWrapper {
 public:
  virtual ~KeyWrapper() = default;

  // Immutable id of the pinned key, as WrappingKeyState has it.
  [[nodiscard]] virtual const std::string& id() const = 0;
  // No side effect and no use of the key: what a dry run may call.
  virtual Result<WrappingKeyState> Describe() = 0;
  // One fresh data key for each context.
  virtual std::vector<Result<DataKey>> NewDataKeys(std::span<const EncryptionContext> contexts) = 0;
  virtual std::vector<Result<SecretBytes>> Unwrap(std::span<const WrappedKey> keys) = 0;
  // Moves keys that are wrapped under `from` to this one, each with a context of its own. A service that can do so
  // without showing the data key does (KMS ReEncrypt, transit rewrap); others unwrap and wrap.
  virtual std::vector<Result<WrappedKey>> Rewrap(KeyWrapper& from, std::span<const WrappedKey> keys,
                                                 std::span<const EncryptionContext> contexts) = 0;
  // Whether it wraps nothing and seals the values itself (crypto/direct_key.h): its data keys are all the same, and no
  // row keeps one.
  [[nodiscard]] virtual bool seals_directly() const { return false; }
  // Calls sent to a service so far, with retries; 0 for a local key.
  [[nodiscard]] virtual std::uint64_t calls() const = 0;
};

}  // namespace tfseal

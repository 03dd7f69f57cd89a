#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

// Signatures with Ed25519 (RFC 8032), and what JOSE calls its keys (RFC 8037).
namespace tfseal {

// The 32 bytes of a public key.
class Ed25519PublicKey {
 public:
  // PEM with -----BEGIN PUBLIC KEY-----.
  static Result<Ed25519PublicKey> FromPem(std::string_view pem);
  // kInvalidInput: not 32 bytes.
  static Result<Ed25519PublicKey> FromBytes(std::string_view bytes);

  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  // RFC 7638, in base64url: what a signature names its key by.
  [[nodiscard]] std::string Thumbprint() const;
  [[nodiscard]] bool Verifies(std::string_view message, std::string_view signature) const;

 private:
  explicit Ed25519PublicKey(std::string bytes) : bytes_(std::move(bytes)) {}
  std::string bytes_;
};

class Ed25519SigningKey {
 public:
  // PEM with -----BEGIN PRIVATE KEY-----, without a passphrase. The error shows nothing of it.
  static Result<Ed25519SigningKey> FromPem(std::string_view pem);
  ~Ed25519SigningKey();
  Ed25519SigningKey(Ed25519SigningKey&&) noexcept;
  Ed25519SigningKey& operator=(Ed25519SigningKey&&) noexcept;

  [[nodiscard]] const Ed25519PublicKey& public_key() const { return public_key_; }
  // 64 bytes.
  Result<std::string> Sign(std::string_view message) const;

 private:
  struct State;
  Ed25519SigningKey(std::unique_ptr<State> state, Ed25519PublicKey public_key);
  std::unique_ptr<State> state_;
  Ed25519PublicKey public_key_;
};

// RFC 4648, section 5, without padding. Reading is canonical only.
std::string ToBase64Url(std::string_view bytes);
Result<std::string> FromBase64Url(std::string_view text);

}  // namespace tfseal

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Finds secrets written in clear into settings. Precise rather than complete: a finding stops a release, so what merely
// looks like a secret (a header name, a path, an ARN, a digest, a public key) must not be one. Results never hold a
// value.
namespace tfseal {

// Why a setting is taken for a secret; static text that reads after the setting's name: "DB_PASSWORD: its name says
// so".
using SecretReason = std::string_view;

// Judges one setting: by its value where the format gives it away (private keys, access tokens, URLs with a password,
// keys of a cipher's length in base64), else by its name together with a value that can be a secret.
std::optional<SecretReason> WhySecret(std::string_view name, std::string_view value);

// By the value alone: for arguments and for other text that has no name.
std::optional<SecretReason> WhySecretValue(std::string_view value);

// Whether the name announces a secret ("DB_PASSWORD", "signingKey") rather than something about one
// ("PASSWORD_MIN_LENGTH", "API_KEY_HEADER", "DB_SECRET_ARN").
bool IsSecretName(std::string_view name);

struct SecretInText {
  std::string name;  // of the setting, or what it is: "a private key"
  SecretReason reason;
};

// Shell commands, cloud-init, .env, properties, YAML and JSON text: NAME=value, name: value, --name value, and known
// formats anywhere. In the order of the text, each name once.
std::vector<SecretInText> SecretsInText(std::string_view text);

// Whether `value` is a reference to where the value is, not the value: ARNs, {{resolve:...}}, ${VAR}, $VAR, vault: ...
bool IsReference(std::string_view value);

// The bytes that base64 (standard or URL-safe, padded or not) stands for; nullopt if it is not base64.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace tfseal

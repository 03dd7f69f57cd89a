#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "policy/control.h"
#include "policy/judge.h"
#include "policy/world.h"

// The attributes of SecretSources() and of the names of secrets: a control that uses PlaintextScan lists them in
// `reads`.
#define TFSEAL_SECRET_SOURCE_ATTRIBUTES                                                                                \
  "type", "name", "id", "value", "secret_string", "secret_binary", "result", "private_key_pem", "private_key_openssh", \
      "secret", "password", "master_password", "admin_user_password", "auth_token"

// Secrets in clear in what runs: the settings of one resource, judged one by one. What is found is told by name only.
namespace tfseal {

// Attributes that hold secrets: a setting that equals one of them is that secret, whatever its name. Only where the
// whole attribute is one; {"aws_ssm_parameter", "value"} counts for SecureString only.
struct SecretSource {
  std::string_view type;
  std::string_view attribute;
};
std::span<const SecretSource> SecretSources();

// The secrets of one side of a document, and the names by which they are referred to.
class KnownSecrets {
 public:
  explicit KnownSecrets(const World& world);

  // The address that holds `value` as a secret; empty if none does.
  [[nodiscard]] std::string_view HolderOf(std::string_view value) const;
  // Whether `value` is the name or id of a secret or parameter of the document, not the secret itself.
  [[nodiscard]] bool IsName(std::string_view value) const { return names_.contains(value); }

 private:
  void AddSecret(std::string_view value, std::string_view address);
  void AddMembers(std::string_view json, std::string_view address);

  // Looked up by a view, without a copy of the value.
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, std::string_view, TextHash, std::equal_to<>> holders_;
  std::unordered_set<std::string_view> names_;
};

class PlaintextScan {
 public:
  // `attribute` is the attribute that everything scanned belongs to.
  PlaintextScan(const Subject& subject, std::string_view attribute) : subject_(subject), attribute_(attribute) {}

  // One setting; `where` comes before its name in offenders ("app/DB_PASSWORD") and may be empty.
  void Setting(std::string_view where, std::string_view name, const terraform::Value& value);
  void Setting(std::string_view where, std::string_view name, std::string_view value);
  // A map of settings.
  void Settings(std::string_view where, const terraform::Value& settings);
  // Commands, scripts and configuration files.
  void Text(std::string_view where, std::string_view text);
  // The same; one that the configuration sets and that is known only after apply could hold anything.
  void Text(std::string_view where, const terraform::Value& text);

  // Fails with the offenders, else is unknown where a value that could be a secret is, else passes.
  [[nodiscard]] Judgement Result() const;

 private:
  void Add(std::string_view where, std::string_view name, std::string_view reason);
  [[nodiscard]] bool CouldBeSecret(std::string_view name) const;

  const Subject& subject_;
  std::string_view attribute_;
  std::vector<std::string> offenders_;
  std::string first_reason_;
  std::vector<std::string> unknown_;
};

}  // namespace tfseal

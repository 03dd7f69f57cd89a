#include "policy/plaintext.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "policy/secret_scan.h"
#include "terraform/json_text_reader.h"

namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;
using terraform::ValueKind;

constexpr std::size_t kShortestSecret = 8;  // shorter texts would make ordinary settings look like known secrets

constexpr SecretSource kSources[] = {
    {"aws_secretsmanager_secret_version", "secret_string"},
    {"aws_secretsmanager_secret_version", "secret_binary"},
    {"aws_ssm_parameter", "value"},
    {"random_password", "result"},
    {"tls_private_key", "private_key_pem"},
    {"tls_private_key", "private_key_openssh"},
    {"aws_iam_access_key", "secret"},
    {"aws_db_instance", "password"},
    {"aws_rds_cluster", "master_password"},
    {"aws_docdb_cluster", "master_password"},
    {"aws_redshift_cluster", "master_password"},
    {"aws_redshiftserverless_namespace", "admin_user_password"},
    {"aws_elasticache_replication_group", "auth_token"},
};

// What a secret or a parameter is called.
constexpr SecretSource kNames[] = {
    {"aws_secretsmanager_secret", "name"}, {"aws_secretsmanager_secret", "id"}, {"aws_ssm_parameter", "name"}};

bool HoldsSecret(const Origin::Target& target) {
  constexpr std::array<std::string_view, 4> kDataSources = {"aws_secretsmanager_secret_version", "aws_ssm_parameter",
                                                            "aws_secretsmanager_random_password", "aws_kms_secrets"};
  if (target.type.starts_with("vault_")) return true;
  if (target.data_source && std::find(kDataSources.begin(), kDataSources.end(), target.type) != kDataSources.end()) {
    return true;
  }
  return std::any_of(std::begin(kSources), std::end(kSources), [&](const SecretSource& source) {
    return target.type == source.type && (target.attribute.empty() || target.attribute == source.attribute);
  });
}

}  // namespace

std::span<const SecretSource> SecretSources() {
  return kSources;
}

KnownSecrets::KnownSecrets(const World& world) {
  for (const SecretSource& source : kSources) {
    for (const ResourceInstance* instance : world.OfType(source.type)) {
      const Value& attributes = world.AttributesOf(*instance);
      if (source.type == "aws_ssm_parameter" && attributes.Get("type").text() != "SecureString") continue;
      const Value value = attributes.Get(source.attribute);
      if (value.kind() != ValueKind::kString) continue;
      // Parameter Store is also used for ordinary settings: hosts, paths and numbers are no secrets there.
      if (source.type == "aws_ssm_parameter" && !WhySecret("secret", value.text()).has_value()) continue;
      if (value.text().starts_with("{")) {
        AddMembers(value.text(), instance->address);
      } else {
        AddSecret(value.text(), instance->address);
      }
    }
  }
  for (const SecretSource& name : kNames) {
    for (const ResourceInstance* instance : world.OfType(name.type)) {
      const std::string_view text = world.AttributesOf(*instance).Get(name.attribute).text();
      if (!text.empty()) names_.insert(text);
    }
  }
}

void KnownSecrets::AddSecret(std::string_view value, std::string_view address) {
  if (value.size() >= kShortestSecret && !IsReference(value)) holders_.emplace(value, address);
}

// Of {"host", "username", "password"} only what is secret by itself: the others are in clear elsewhere by right.
void KnownSecrets::AddMembers(std::string_view json, std::string_view address) {
  static thread_local terraform::JsonTextReader reader;
  const Result<Value> object = reader.Read(json);
  if (!object.ok()) return;
  for (const terraform::Member& member : object->members()) {
    const std::string_view text = member.value.text();
    if (member.value.kind() == ValueKind::kString && WhySecret(member.key, text).has_value()) AddSecret(text, address);
  }
}

std::string_view KnownSecrets::HolderOf(std::string_view value) const {
  if (value.size() < kShortestSecret || holders_.empty()) return {};
  const auto found = holders_.find(value);
  return found == holders_.end() ? std::string_view() : found->second;
}

namespace {

// The text that `value` is the base64 form of: a whole file of settings is often handed over like that.
std::optional<std::string> EncodedText(std::string_view value) {
  constexpr std::size_t kShortestText = 16;
  if (value.size() < kShortestText || value.find(' ') != std::string_view::npos) return std::nullopt;
  auto text = DecodeBase64(value);
  const auto is_text = [](char c) { return (c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t'; };
  if (!text.has_value() || !std::all_of(text->begin(), text->end(), is_text)) return std::nullopt;
  return text;
}

}  // namespace

void PlaintextScan::Setting(std::string_view where, std::string_view name, std::string_view value) {
  const auto& known = subject_.world.Derived<KnownSecrets>();
  if (const std::string_view holder = known.HolderOf(value); !holder.empty()) {
    Add(where, name, fmt::format("it is the secret that {} holds", holder));
    return;
  }
  if (known.IsName(value)) return;
  if (const auto reason = WhySecret(name, value)) {
    Add(where, name, *reason);
  } else if (const auto encoded = EncodedText(value); encoded.has_value()) {
    const auto inside = SecretsInText(*encoded);
    if (!inside.empty()) Add(where, name, fmt::format("base64 of a text with {}", inside.front().name));
  }
}

void PlaintextScan::Setting(std::string_view where, std::string_view name, const Value& value) {
  if (value.unknown()) {
    if (CouldBeSecret(name)) unknown_.emplace_back(name);
    return;
  }
  if (value.kind() == ValueKind::kString || value.kind() == ValueKind::kNumber) Setting(where, name, value.text());
}

void PlaintextScan::Settings(std::string_view where, const Value& settings) {
  if (settings.unknown()) {
    unknown_.emplace_back(attribute_);
    return;
  }
  for (const terraform::Member& member : settings.members()) Setting(where, member.key, member.value);
}

void PlaintextScan::Text(std::string_view where, std::string_view text) {
  const auto& known = subject_.world.Derived<KnownSecrets>();
  if (const std::string_view holder = known.HolderOf(text); !holder.empty()) {
    Add(where, "text", fmt::format("it is the secret that {} holds", holder));
    return;
  }
  for (const SecretInText& secret : SecretsInText(text)) Add(where, secret.name, secret.reason);
}

void PlaintextScan::Text(std::string_view where, const Value& text) {
  if (text.unknown()) {
    unknown_.emplace_back(where);
  } else {
    Text(where, text.text());
  }
}

// A value that is known only after apply comes from an attribute that AWS fills in. That is a secret only where the
// configuration refers to something that holds one, or where it cannot be followed.
bool PlaintextScan::CouldBeSecret(std::string_view name) const {
  if (IsSecretName(name)) return true;
  const Origin& origin = subject_.world.OriginOf(subject_.instance, attribute_);
  return !origin.known || !origin.configured || !origin.opaque.empty() ||
         std::any_of(origin.targets.begin(), origin.targets.end(), HoldsSecret);
}

void PlaintextScan::Add(std::string_view where, std::string_view name, std::string_view reason) {
  std::string offender = where.empty() ? std::string(name) : fmt::format("{}/{}", where, name);
  if (std::find(offenders_.begin(), offenders_.end(), offender) != offenders_.end()) return;
  if (offenders_.empty()) first_reason_ = reason;
  offenders_.push_back(std::move(offender));
}

Judgement PlaintextScan::Result() const {
  if (!offenders_.empty()) {
    std::string message = fmt::format("{} is in clear in {}: {}", offenders_.front(), attribute_, first_reason_);
    if (offenders_.size() > 1) message += fmt::format(" (and {} more)", offenders_.size() - 1);
    Judgement judgement = Fail(std::move(message), attribute_);
    judgement.offenders = offenders_;
    std::sort(judgement.offenders.begin(), judgement.offenders.end());
    return judgement;
  }
  if (!unknown_.empty()) {
    Judgement judgement = UnknownUntilApply(attribute_);
    judgement.message =
        fmt::format("{} in {} is known only after apply and could be a secret", unknown_.front(), attribute_);
    return judgement;
  }
  return Pass(fmt::format("nothing in {} looks like a secret", attribute_), attribute_);
}

}  // namespace tfseal

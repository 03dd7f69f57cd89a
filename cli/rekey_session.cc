#include "cli/rekey_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "aws/curl_http.h"
#include "aws/kms_key_wrapper.h"
#include "cli/direct_keys.h"
#include "cli/secret_process.h"
#include "core/file.h"
#include "crypto/local_key_wrapper.h"
#include "crypto/rekey/catalog_switch.h"
#include "vault/transit_key_wrapper.h"

namespace tfseal::cli {
namespace {

constexpr std::size_t kBytesMax = std::size_t{1} << 20;
// What is under way is rate by latency: a quota of 2,500 a second at 40 ms is 100.
constexpr int kKmsRequestsAtOnce = 100;

// What opens keys; AWS is only asked for where a key is there.
struct KeyOpening {
  const rekey::Mapping& mapping;
  postgres::Connection& session;
  RekeyKeys& opened;
};

// What the key of a catalogue row is: its own settings, or what the row says.
Result<rekey::KeySpec> Resolved(const KeyOpening& opening, const rekey::KeySpec& spec) {
  if (spec.provider != rekey::KeyProvider::kCatalog || !opening.mapping.catalog.has_value()) return spec;
  TFSEAL_ASSIGN(const rekey::CatalogKey row,
                rekey::ReadCatalogKey(opening.session, *opening.mapping.catalog, spec.name));
  rekey::KeySpec resolved = spec;
  if (row.provider_ref.starts_with("arn:")) {
    resolved.provider = rekey::KeyProvider::kKms;
    resolved.kms_arn = row.provider_ref;
  }
  return resolved;
}

Result<std::unique_ptr<KeyWrapper>> OpenLocal(const rekey::KeySpec& spec, Entropy& entropy) {
  LocalKeyOptions options;
  options.path = spec.local_file;
  if (spec.local_wrap == "gcm") options.wrap = LocalWrap::kAesGcm;
  if (spec.local_wrap == "gcm-nonce-column") options.wrap = LocalWrap::kAesGcmNonceColumn;
  return OpenLocalKey(options, entropy);
}

Status OpenAws(RekeyKeys& opened) {
  if (opened.session != nullptr) return {};
  opened.requests_sent = std::make_unique<std::uint64_t>(0);
  aws::SessionOptions options;
  options.environment = ProcessEnvironment();
  options.user_agent = "tfseal/" TFSEAL_VERSION;
  options.requests_at_once = kKmsRequestsAtOnce;
  options.on_request = [sent = opened.requests_sent.get()](std::string_view, std::string_view) { ++*sent; };
  if (opened.watch == nullptr) opened.watch = std::make_unique<rekey::ServiceWatch>();
  options.on_wait = [watch = opened.watch.get()](std::string_view limit) { return watch->Look(limit); };
  opened.watch->paces = true;
  options.pace = [watch = opened.watch.get()](std::string_view service) {
    return service == "kms" ? watch->requests_per_s : 0.0;
  };
  TFSEAL_ASSIGN(opened.session, aws::Session::Open(std::move(options), *opened.clock, *opened.entropy));
  opened.keys.requests_sent = opened.requests_sent.get();
  opened.keys.watch = opened.watch.get();
  return {};
}

Result<std::unique_ptr<KeyWrapper>> OpenKms(RekeyKeys& opened, const rekey::KeySpec& spec) {
  TFSEAL_TRY(OpenAws(opened));
  aws::KmsKeyOptions options;
  options.key = spec.kms_arn;
  options.region = opened.session->region();
  options.requests_sent = opened.requests_sent.get();
  return aws::OpenKmsKey(opened.session->api(), options);
}

Result<std::unique_ptr<KeyWrapper>> OpenDirect(RekeyKeys& opened, const rekey::KeySpec& spec) {
  if (spec.direct.secret.empty()) return OpenKeptKey(spec);
  TFSEAL_TRY(OpenAws(opened));
  return OpenSecretKey(spec, opened.session->api(), opened.session->region());
}

std::string FromEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::string() : std::string(value);
}

// The variables are those of Vault's own command line.
Result<std::unique_ptr<KeyWrapper>> OpenVault(RekeyKeys& opened, const rekey::KeySpec& spec) {
  vault::TransitOptions options;
  options.address = spec.vault_address.empty() ? FromEnvironment("VAULT_ADDR") : spec.vault_address;
  if (options.address.empty()) {
    return Error{ErrorCode::kUsage, fmt::format("key {}: nothing says where Vault is", spec.name),
                 "address: https://HOST:8200 in the mapping, or VAULT_ADDR"};
  }
  options.vault_namespace = FromEnvironment("VAULT_NAMESPACE");
  options.mount = spec.vault_mount;
  options.key = spec.vault_key;
  std::string token = FromEnvironment(spec.vault_token_env);
  if (token.empty()) {
    return Error{ErrorCode::kUsage, fmt::format("key {}: the environment has no {}", spec.name, spec.vault_token_env),
                 "a token that may use the key; the mapping's token_env names the variable"};
  }
  if (opened.vault == nullptr) {
    aws::CurlOptions curl;
    curl.ca_bundle = FromEnvironment("VAULT_CACERT");
    curl.user_agent = "tfseal/" TFSEAL_VERSION;
    opened.vault = std::make_unique<aws::CurlTransport>(std::move(curl));
  }
  if (opened.watch == nullptr) opened.watch = std::make_unique<rekey::ServiceWatch>();
  opened.keys.watch = opened.watch.get();
  options.on_wait = [watch = opened.watch.get()](std::string_view limit) { return watch->Look(limit); };
  SecretBytes secret(token);
  Wipe(token);
  return vault::OpenTransitKey({*opened.vault, *opened.clock, *opened.entropy}, options, std::move(secret));
}

Result<std::unique_ptr<KeyWrapper>> OpenKey(const KeyOpening& opening, const rekey::KeySpec& spec) {
  TFSEAL_ASSIGN(const rekey::KeySpec resolved, Resolved(opening, spec));
  switch (resolved.provider) {
    case rekey::KeyProvider::kLocal:
      return OpenLocal(resolved, *opening.opened.entropy);
    case rekey::KeyProvider::kCatalog:
      return std::unique_ptr<KeyWrapper>();
    case rekey::KeyProvider::kKms:
      return OpenKms(opening.opened, resolved);
    case rekey::KeyProvider::kVault:
      return OpenVault(opening.opened, resolved);
    case rekey::KeyProvider::kDirect:
      return OpenDirect(opening.opened, resolved);
  }
  return Error{ErrorCode::kInternal, fmt::format("key {}: unknown provider", spec.name), ""};
}

}  // namespace

std::optional<rekey::Mapping> LoadMapping(const Arguments& arguments, const Ui& ui) {
  const std::string path = arguments.config.empty() ? "tfseal.yaml" : arguments.config;
  const Result<std::string> text = ReadFileBounded(path, kBytesMax);
  if (!text.ok()) {
    ui.Fail(text.error());
    return std::nullopt;
  }
  auto read = rekey::ReadMapping(*text, path);
  if (const auto* mistakes = std::get_if<std::vector<Diagnostic>>(&read)) {
    ui.Fail(*mistakes);
    return std::nullopt;
  }
  return std::get<rekey::Mapping>(std::move(read));
}

Result<postgres::ConnectionUrl> DatabaseOf(const rekey::Mapping& mapping) {
  const char* text = std::getenv(mapping.dsn_env.c_str());
  if (text == nullptr || *text == '\0') {
    return Error{ErrorCode::kUsage, fmt::format("the environment has no {}", mapping.dsn_env),
                 fmt::format("export {}=postgresql://...; the mapping's database.dsn_env names it", mapping.dsn_env)};
  }
  return postgres::ConnectionUrl::Parse(text);
}

Result<std::unique_ptr<KeyWrapper>> OpenRekeyKey(const rekey::Mapping& mapping, postgres::Connection& session,
                                                 const rekey::KeySpec& spec, RekeyKeys& with) {
  TFSEAL_TRY(PrepareForSecrets());
  if (with.clock == nullptr) with.clock = std::make_unique<SteadyClock>();
  if (with.entropy == nullptr) with.entropy = std::make_unique<SystemEntropy>();
  return OpenKey({mapping, session, with}, spec);
}

Result<WrappingKeyState> DescribeRekeySecret(const rekey::KeySpec& spec, RekeyKeys& with) {
  if (with.clock == nullptr) with.clock = std::make_unique<SteadyClock>();
  if (with.entropy == nullptr) with.entropy = std::make_unique<SystemEntropy>();
  TFSEAL_TRY(OpenAws(with));
  return DescribeSecret(spec, with.session->api(), with.session->region());
}

Result<rekey::KeyRefValues> KeyRefsOf(const rekey::Mapping& mapping, postgres::Connection& session) {
  const bool by_id = std::any_of(
      mapping.targets.begin(), mapping.targets.end(),
      [](const rekey::TargetMapping& target) { return target.key_ref.kind == rekey::KeyRefKind::kForeignKey; });
  if (!by_id || !mapping.catalog.has_value()) return rekey::KeyRefValues{mapping.from.name, mapping.to.name};
  TFSEAL_ASSIGN(const rekey::CatalogKey from, rekey::ReadCatalogKey(session, *mapping.catalog, mapping.from.name));
  TFSEAL_ASSIGN(const rekey::CatalogKey to, rekey::ReadCatalogKey(session, *mapping.catalog, mapping.to.name));
  return rekey::KeyRefValues{from.id, to.id};
}

Result<RekeyKeys> OpenRekeyKeys(const rekey::Mapping& mapping, postgres::Connection& session) {
  RekeyKeys opened;
  TFSEAL_ASSIGN(opened.keys.from, OpenRekeyKey(mapping, session, mapping.from, opened));
  TFSEAL_ASSIGN(opened.keys.to, OpenRekeyKey(mapping, session, mapping.to, opened));
  if (opened.keys.to == nullptr) {
    return Error{ErrorCode::kUsage, fmt::format("key {}: nothing says where the new key is", mapping.to.name),
                 "keys.to: { name: ..., kms: arn:aws:kms:... } in the mapping"};
  }
  TFSEAL_TRY(CheckDirectKeys(opened.keys.from.get(), *opened.keys.to));
  if (opened.keys.from != nullptr && opened.keys.from->seals_directly()) {
    const WrappedKey none;
    std::vector<Result<SecretBytes>> itself = opened.keys.from->Unwrap({&none, 1});
    TFSEAL_ASSIGN(opened.keys.legacy, std::move(itself.front()));
    return opened;
  }
  TFSEAL_ASSIGN(opened.keys.legacy, rekey::ReadLegacyMaterial(session, mapping));
  if (opened.keys.from == nullptr && opened.keys.legacy.empty()) {
    return Error{
        ErrorCode::kUsage,
        fmt::format("key {}: the catalogue has neither a provider's key nor legacy material", mapping.from.name),
        "keys.from names the key that rows are under now"};
  }
  return opened;
}

ExitCode RekeyExitCode(const Error& error) {
  if (error.code == ErrorCode::kUsage) return ExitCode::kUsage;
  return error.code == ErrorCode::kLocked ? ExitCode::kLocked : ExitCode::kFailed;
}

}  // namespace tfseal::cli

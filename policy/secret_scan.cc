#include "policy/secret_scan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <iterator>
#include <span>
#include <utility>

namespace tfseal {
namespace {

constexpr SecretReason kByName = "its name says that it is a secret";
constexpr SecretReason kPrivateKey = "it is a private key";
constexpr SecretReason kAccessKey = "it is an AWS access key";
constexpr SecretReason kToken = "it has the form of a service's access token";
constexpr SecretReason kUrlPassword = "it is a URL or connection string with a password";
constexpr SecretReason kCipherKey = "it is base64 of as many bytes as a cipher key has";
constexpr SecretReason kRandom = "it is random text under a name for keys";

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsUpper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool IsLower(char c) {
  return c >= 'a' && c <= 'z';
}
bool IsAlnum(char c) {
  return IsDigit(c) || IsUpper(c) || IsLower(c);
}
bool IsHex(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
char ToLower(char c) {
  return IsUpper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

template <class Predicate>
bool All(std::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

template <std::size_t N>
bool IsOneOf(std::string_view word, const std::array<std::string_view, N>& words) {
  // Most differ in their first letter already.
  return !word.empty() && std::any_of(words.begin(), words.end(), [&](std::string_view other) {
    return other.front() == word.front() && other == word;
  });
}

std::string_view Trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// "spring.datasource.dbPassword" -> spring, datasource, db, password.
std::vector<std::string> Words(std::string_view name) {
  std::vector<std::string> words;
  words.reserve(6);
  std::string word;
  const auto flush = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (!IsAlnum(c)) {
      flush();
      continue;
    }
    const bool camel = IsUpper(c) && i > 0 &&
                       (IsLower(name[i - 1]) || (IsUpper(name[i - 1]) && i + 1 < name.size() && IsLower(name[i + 1])));
    if (camel) flush();
    word.push_back(ToLower(c));
  }
  flush();
  return words;
}

// Words that may follow the word that counts without changing what the setting is.
bool IsNeutral(std::string_view word) {
  constexpr std::array<std::string_view, 32> kNeutral = {
      "value",     "base64",      "b64",    "hex",  "plain",      "plaintext", "text",     "string",
      "default",   "current",     "old",    "new",  "prev",       "next",      "previous", "primary",
      "secondary", "main",        "backup", "prod", "production", "staging",   "stage",    "beta",
      "dev",       "development", "test",   "qa",   "live",       "sandbox",   "raw",      "base"};
  if (IsOneOf(word, kNeutral)) return true;
  return All(word, IsDigit) || (word.size() > 1 && word[0] == 'v' && All(word.substr(1), IsDigit));
}

bool IsPasswordWord(std::string_view word) {
  constexpr std::array<std::string_view, 9> kWords = {"password", "passwd",   "pwd",      "pw", "passphrase",
                                                      "pass",     "passcode", "passwort", "psw"};
  return IsOneOf(word, kWords) || word.ends_with("password") || word.ends_with("passwd") ||
         word.ends_with("passphrase");
}

bool IsSecretWord(std::string_view word) {
  constexpr std::array<std::string_view, 12> kWords = {"secret",        "token",      "apikey",     "secretkey",
                                                       "authkey",       "privatekey", "credential", "pat",
                                                       "encryptionkey", "masterkey",  "signingkey", "hmackey"};
  return IsOneOf(word, kWords) || word.ends_with("secret") || word.ends_with("apikey") ||
         (word.ends_with("token") && word != "notoken");
}

// What comes before "key" and makes it a secret one.
bool MakesKeySecret(std::string_view word) {
  constexpr std::array<std::string_view, 20> kWords = {
      "api",  "access", "secret", "private", "encryption", "encrypt", "decryption", "master", "signing",   "sign",
      "auth", "hmac",   "jwt",    "app",     "aes",        "crypto",  "cipher",     "fernet", "symmetric", "license"};
  return IsOneOf(word, kWords);
}

// Names that talk about keys and credentials without certainly being one: the value must look random as well.
bool IsHintWord(std::string_view word) {
  constexpr std::array<std::string_view, 20> kWords = {
      "key",   "seed",    "salt",   "pepper", "hmac", "cipher",    "crypto", "auth",  "credentials",   "cred",
      "creds", "secrets", "tokens", "otp",    "pin",  "signature", "sas",    "login", "authorization", "bearer"};
  return IsOneOf(word, kWords);
}

// Words that say the value is public, a digest or an identifier, whatever its form.
bool NamesSomethingPublic(const std::vector<std::string>& words) {
  constexpr std::array<std::string_view, 27> kWords = {
      "public",   "pub",    "pubkey", "publickey", "publishable", "digest",     "hash", "sha",         "sha1",
      "sha256",   "sha512", "md5",    "checksum",  "fingerprint", "thumbprint", "etag", "integrity",   "commit",
      "revision", "id",     "ids",    "arn",       "csp",         "nonce",      "cert", "certificate", "uuid"};
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) { return IsOneOf(word, kWords); });
}

enum class NameKind { kOther, kHint, kSecret, kPassword };

NameKind KindOfName(const std::vector<std::string>& words) {
  std::size_t count = words.size();
  while (count > 1 && IsNeutral(words[count - 1])) --count;
  if (count == 0) return NameKind::kOther;
  const std::string& last = words[count - 1];
  const std::string_view before = count > 1 ? std::string_view(words[count - 2]) : std::string_view();
  const auto has = [&](std::string_view word) { return std::find(words.begin(), words.end(), word) != words.end(); };
  // Shipped to browsers: NEXT_PUBLIC_API_KEY, STRIPE_PUBLISHABLE_KEY, the application keys of websocket servers.
  if (has("public") || has("publishable") || (last == "key" && (has("pusher") || has("reverb"))))
    return NameKind::kOther;
  if (before == "no" || before == "without") return NameKind::kOther;
  if (IsPasswordWord(last)) return NameKind::kPassword;
  if (IsSecretWord(last)) return before == "next" || before == "page" ? NameKind::kOther : NameKind::kSecret;
  if (last == "key" && MakesKeySecret(before)) return NameKind::kSecret;
  if (last == "key") {
    constexpr std::array<std::string_view, 24> kOrdinary = {
        "partition",   "sort",  "primary", "foreign", "cache", "routing", "object", "s3",
        "idempotency", "dedup", "kms",     "alias",   "host",  "tag",     "label",  "feature",
        "flag",        "hash",  "range",   "lock",    "group", "index",   "config", "cmk"};
    return IsOneOf(before, kOrdinary) ? NameKind::kOther : NameKind::kHint;
  }
  return std::any_of(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count),
                     [](const std::string& word) { return IsHintWord(word); }) &&
                 IsHintWord(last)
             ? NameKind::kHint
             : NameKind::kOther;
}

// Before "key" in the name of what holds an encryption key, or the id of one.
bool NamesEncryptionKey(const std::vector<std::string>& words) {
  constexpr std::array<std::string_view, 6> kWords = {"encryption", "encrypt", "decryption",
                                                      "master",     "crypto",  "symmetric"};
  return words.size() >= 2 && words.back() == "key" && IsOneOf(words[words.size() - 2], kWords);
}

struct NameFacts {
  NameKind kind = NameKind::kOther;
  bool is_public = false;
  bool encryption_key = false;
};

// Settings are called the same all over a document, so the last names are remembered.
NameFacts FactsOf(std::string_view name) {
  struct Remembered {
    std::string name;
    NameFacts facts;
  };
  static thread_local std::array<Remembered, 256> remembered;
  Remembered& place = remembered[std::hash<std::string_view>()(name) % remembered.size()];
  if (place.name == name && !name.empty()) return place.facts;
  const std::vector<std::string> words = Words(name);
  place = {std::string(name), {KindOfName(words), NamesSomethingPublic(words), NamesEncryptionKey(words)}};
  return place.facts;
}

double BitsPerCharacter(std::string_view text) {
  std::array<std::uint32_t, 256> counts = {};
  std::array<std::uint64_t, 4> seen = {};
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    ++counts[byte];
    seen[byte / 64] |= std::uint64_t{1} << (byte % 64);
  }
  double bits = 0;
  for (std::size_t word = 0; word < seen.size(); ++word) {
    for (std::uint64_t left = seen[word]; left != 0; left &= left - 1) {
      const std::uint32_t count = counts[word * 64 + static_cast<unsigned>(__builtin_ctzll(left))];
      const double share = static_cast<double>(count) / static_cast<double>(text.size());
      bits -= share * std::log2(share);
    }
  }
  return bits;
}

bool IsUuid(std::string_view value) {
  if (value.size() != 36) return false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? value[i] != '-' : !IsHex(value[i])) return false;
  }
  return true;
}

// 3600, -1, 3.14, 30s, 10MB, 12:30
bool IsNumeric(std::string_view value) {
  std::size_t end = value.size();
  while (end > 0 && (IsLower(value[end - 1]) || IsUpper(value[end - 1])) && value.size() - end < 3) --end;
  value = value.substr(0, end);
  return !value.empty() &&
         All(value, [](char c) { return IsDigit(c) || c == '.' || c == '-' || c == ':' || c == ','; });
}

bool IsSetting(std::string_view value) {
  constexpr std::array<std::string_view, 34> kWords = {
      "true",           "false",    "yes",      "no",       "on",    "off",     "none",  "null",  "nil",
      "enabled",        "disabled", "required", "optional", "auto",  "default", "aws",   "env",   "vault",
      "secretsmanager", "basic",    "bearer",   "jwt",      "oauth", "oauth2",  "hs256", "rs256", "es256",
      "bcrypt",         "argon2",   "scram",    "md5",      "file",  "always",  "never"};
  std::string lowered(value.substr(0, 20));
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), ToLower);
  return value.size() < 20 && IsOneOf(lowered, kWords);
}

// /run/secrets/x, ./x, C:\x, file:///x, prod/db/credentials
bool IsPath(std::string_view value) {
  if (value.starts_with("/") || value.starts_with("./") || value.starts_with("../") || value.starts_with("~/")) {
    // A slash also starts one in 64 base64 texts.
    return value.find('/', 1) != std::string_view::npos || BitsPerCharacter(value) < 4.0;
  }
  if (value.size() > 2 && value[1] == ':' && value[2] == '\\') return true;
  if (value.find('/') == std::string_view::npos) return false;
  // The name of a secret or a parameter: words between slashes.
  std::size_t digits = 0;
  for (const char c : value) {
    if (!IsAlnum(c) && c != '/' && c != '-' && c != '_' && c != '.') return false;
    if (IsDigit(c)) ++digits;
  }
  const bool mixed =
      std::any_of(value.begin(), value.end(), IsUpper) && std::any_of(value.begin(), value.end(), IsLower);
  return digits * 4 <= value.size() && !(mixed && value.size() >= 24);
}

// https://host/path, host.example.com:5432; without credentials, which are looked for first.
bool IsUrlOrHost(std::string_view value) {
  if (value.find("://") != std::string_view::npos) return true;
  if (value.find(' ') != std::string_view::npos || value.find('.') == std::string_view::npos) return false;
  return value.size() >= 8 &&
         All(value.substr(0, value.find(':')),
             [](char c) { return IsLower(c) || IsDigit(c) || c == '.' || c == '-'; }) &&
         std::count(value.begin(), value.end(), '.') >= 2;
}

// "***", "<password>", "xxxx": a mask, not the thing.
bool IsMask(std::string_view value) {
  if (value.starts_with("<") && value.ends_with(">")) return true;
  return All(value, [&](char c) { return c == value.front(); }) &&
         (value.front() == '*' || ToLower(value.front()) == 'x');
}

// "dummy": a value that somebody sets later, outside Terraform.
bool IsPlaceholder(std::string_view value) {
  constexpr std::array<std::string_view, 10> kWords = {"placeholder", "dummy",      "tbd",    "todo",     "replaceme",
                                                       "replace-me",  "replace_me", "set-me", "redacted", "unused"};
  std::string lowered(value.substr(0, 16));
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), ToLower);
  return value.size() < 16 && IsOneOf(lowered, kWords);
}

// The id of a KMS key where an encryption key is meant: a UUID, or one of a multi-region key.
bool IsKmsKeyId(const NameFacts& name, std::string_view value) {
  if (value.starts_with("mrk-") && value.size() == 36 && All(value.substr(4), IsHex)) return true;
  return name.encryption_key && IsUuid(value);
}

bool LooksRandom(std::string_view value) {
  if (value.size() < 16 || value.size() > 512 || IsUuid(value)) return false;
  if (!All(value, [](char c) { return c > ' ' && c < 0x7F; })) return false;
  const bool letters = std::any_of(value.begin(), value.end(), [](char c) { return IsLower(c) || IsUpper(c); });
  const bool digits = std::any_of(value.begin(), value.end(), IsDigit);
  if (!letters || !digits) return false;
  if (All(value, IsHex)) return value.size() >= 32;
  return BitsPerCharacter(value) >= 3.5;
}

// Words with blanks between them, none of which looks made by a machine.
bool IsProse(std::string_view value) {
  if (value.find(' ') == std::string_view::npos) return false;
  while (!value.empty()) {
    const std::size_t end = value.find(' ');
    if (LooksRandom(value.substr(0, end))) return false;
    value.remove_prefix(end == std::string_view::npos ? value.size() : end + 1);
  }
  return true;
}

bool CanBeSecret(std::string_view value, NameKind kind) {
  if (value.size() < 4 || IsReference(value) || IsMask(value) || IsSetting(value) || IsPlaceholder(value)) {
    return false;
  }
  if (kind == NameKind::kPassword) {
    return !value.starts_with("/") && value.find("://") == std::string_view::npos &&
           !(IsPath(value) && value.find('/') != std::string_view::npos);
  }
  return !IsNumeric(value) && !IsPath(value) && !IsUrlOrHost(value) && !IsProse(value) &&
         !value.starts_with("-----BEGIN");
}

bool HasRun(std::string_view value, std::size_t from, std::size_t length, bool (*accepts)(char)) {
  return value.size() >= from + length && All(value.substr(from, length), accepts);
}

bool IsTokenCharacter(char c) {
  return IsAlnum(c) || c == '_' || c == '-';
}

struct TokenFormat {
  std::string_view prefix;
  std::size_t length;  // at least, after the prefix
};

// Prefixes that the issuers document so that scanners can find leaked tokens.
constexpr TokenFormat kTokenFormats[] = {
    {"ghp_", 36},     {"gho_", 36},     {"ghu_", 36},      {"ghs_", 36},     {"ghr_", 36},    {"github_pat_", 40},
    {"glpat-", 20},   {"xoxb-", 20},    {"xoxp-", 20},     {"xoxa-", 20},    {"xoxs-", 20},   {"xapp-", 20},
    {"sk_live_", 16}, {"rk_live_", 16}, {"sk_test_", 16},  {"whsec_", 20},   {"AIza", 35},    {"ya29.", 20},
    {"npm_", 36},     {"pypi-", 40},    {"hvs.", 20},      {"hvb.", 20},     {"dop_v1_", 40}, {"shpat_", 30},
    {"sk-ant-", 30},  {"sk-proj-", 30}, {"dckr_pat_", 20}, {"lin_api_", 30}, {"tfp_", 40},    {"AGE-SECRET-KEY-1", 50},
    {"PMAK-", 40},    {"sq0csp-", 40},  {"nvapi-", 40},    {"glsa_", 32},    {"dapi", 32},    {"rubygems_", 40},
};

constexpr bool StartsToken(char c) {
  return std::any_of(std::begin(kTokenFormats), std::end(kTokenFormats),
                     [&](const TokenFormat& format) { return format.prefix.front() == c; });
}

bool IsServiceToken(std::string_view value) {
  static constexpr auto kStartsToken = [] {
    std::array<bool, 128> starts = {};
    for (std::size_t c = 0; c < starts.size(); ++c) starts[c] = StartsToken(static_cast<char>(c));
    return starts;
  }();
  const auto first = static_cast<unsigned char>(value.empty() ? '\0' : value.front());
  const bool may = first < kStartsToken.size() && kStartsToken[first];
  for (const TokenFormat& format : may ? std::span<const TokenFormat>(kTokenFormats) : std::span<const TokenFormat>()) {
    if (value.starts_with(format.prefix) && HasRun(value, format.prefix.size(), format.length, IsTokenCharacter)) {
      return true;
    }
  }
  if (value.starts_with("SG.") && value.size() > 60 && std::count(value.begin(), value.end(), '.') == 2) return true;
  // JSON Web Tokens: both first parts are JSON objects; without a signature there is nothing to abuse.
  const std::size_t dot = value.find('.');
  if (value.starts_with("eyJ") && dot != std::string_view::npos && value.substr(dot + 1).starts_with("eyJ")) {
    const std::size_t signature = value.find('.', dot + 1);
    return signature != std::string_view::npos && value.size() - signature > 20;
  }
  return false;
}

bool IsAwsAccessKeyId(std::string_view value) {
  for (const std::string_view prefix : {"AKIA", "ASIA"}) {
    if (value.size() == 20 && value.starts_with(prefix) &&
        All(value, [](char c) { return IsUpper(c) || IsDigit(c); })) {
      return true;
    }
  }
  return false;
}

bool HasPrivateKey(std::string_view value) {
  const std::size_t begin = value.find("-----BEGIN ");
  if (begin == std::string_view::npos) return false;
  const std::string_view label = value.substr(begin, 64);
  const std::size_t end = label.find("-----", 11);
  return label.substr(0, end).find("PRIVATE KEY") != std::string_view::npos;
}

bool IsRealPassword(std::string_view password) {
  return !password.empty() && !IsReference(password) && !IsMask(password) && !password.starts_with("{") &&
         !password.starts_with("%(") && !password.starts_with("[");
}

// scheme://user:password@host, ...?password=..., and the key=value connection strings of ADO, ODBC, JDBC and libpq.
bool HasUrlPassword(std::string_view value) {
  for (std::size_t scheme = value.find("://"); scheme != std::string_view::npos;
       scheme = value.find("://", scheme + 3)) {
    if (scheme == 0 || !IsAlnum(value[scheme - 1])) continue;
    const std::string_view authority =
        value.substr(scheme + 3, value.find_first_of("/?# \t\r\n\"'", scheme + 3) - scheme - 3);
    const std::size_t at = authority.rfind('@');
    if (at == std::string_view::npos) continue;
    const std::size_t colon = authority.find(':');
    if (colon < at && IsRealPassword(authority.substr(colon + 1, at - colon - 1))) return true;
  }
  if (value.find('=') == std::string_view::npos) return false;
  std::string lowered(value);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), ToLower);
  for (const std::string_view key : {"password=", "pwd=", "accountkey=", "sharedaccesskey=", "passwd="}) {
    for (std::size_t at = lowered.find(key); at != std::string::npos; at = lowered.find(key, at + 1)) {
      if (at == 0 || IsAlnum(lowered[at - 1]) || lowered[at - 1] == '_')
        continue;  // DB_PASSWORD=: a setting of its own
      const char separator = lowered[at - 1];
      if (separator != ';' && separator != '?' && separator != '&' && separator != ' ') continue;
      // Only inside something that is a connection string.
      if (lowered.find("://") == std::string::npos && lowered.find("host=") == std::string::npos &&
          lowered.find("server=") == std::string::npos && lowered.find("data source=") == std::string::npos &&
          lowered.find("accountname=") == std::string::npos && lowered.find("endpoint=") == std::string::npos &&
          lowered.find("driver=") == std::string::npos && lowered.find("uid=") == std::string::npos) {
        continue;
      }
      const std::size_t start = at + key.size();
      if (IsRealPassword(value.substr(start, value.find_first_of(";& \t\r\n\"'", start) - start))) return true;
    }
  }
  return false;
}

// Addresses that let in whoever knows them.
bool IsWebhook(std::string_view value) {
  for (const std::string_view prefix : {"https://hooks.slack.com/services/", "https://discord.com/api/webhooks/"}) {
    if (value.starts_with(prefix) && value.size() >= prefix.size() + 40) return true;
  }
  return false;
}

// https://host/path?api_key=..., where the name says that it is a secret and the value looks it.
bool HasSecretParameter(std::string_view value) {
  if (value.find("://") == std::string_view::npos) return false;
  for (std::size_t at = value.find('?'); at != std::string_view::npos; at = value.find('&', at + 1)) {
    const std::string_view parameter = value.substr(at + 1, value.find_first_of("&# \t\r\n\"'", at + 1) - at - 1);
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos || FactsOf(parameter.substr(0, equals)).kind < NameKind::kSecret) continue;
    if (LooksRandom(parameter.substr(equals + 1)) && IsRealPassword(parameter.substr(equals + 1))) return true;
  }
  return false;
}

// -Dname=value -Dother=value, --name=value, or a whole file: one setting that holds others.
bool HoldsSettings(std::string_view value) {
  const bool options = value.front() == '-' && value.find('=') != std::string_view::npos;
  return (options || value.find('\n') != std::string_view::npos) && !value.starts_with("-----BEGIN");
}

// 16, 24, 32, 48 or 64 bytes in base64 as key generators print them. Hexadecimal text of these lengths is far more
// often a digest, so it takes a name to make it a secret.
bool IsCipherKey(std::string_view value) {
  // The numbers of characters that the sizes below have; settings are of any length, so that most end here.
  std::size_t characters = value.size();
  while (characters > 0 && value[characters - 1] == '=') --characters;
  if (characters != 22 && characters != 32 && characters != 43 && characters != 64 && characters != 86) return false;
  if (All(value, IsHex) || IsUuid(value)) return false;
  const auto bytes = DecodeBase64(value);
  if (!bytes.has_value() || BitsPerCharacter(value) < 3.2) return false;
  const std::size_t size = bytes->size();
  if (size != 16 && size != 24 && size != 32 && size != 48 && size != 64) return false;
  const bool padded = value.ends_with("=");
  if (padded) return true;
  const bool three_kinds = std::any_of(value.begin(), value.end(), IsUpper) &&
                           std::any_of(value.begin(), value.end(), IsLower) &&
                           std::count_if(value.begin(), value.end(), IsDigit) >= 2;
  // Without padding ordinary names have these lengths too: only sizes that are unpadded by nature, and no words.
  if (!three_kinds || value.find_first_of("-_") != std::string_view::npos) return false;
  if (size == 24 || size == 48) return BitsPerCharacter(value) >= 4.0;
  return size == 32 && value.size() == 43 && BitsPerCharacter(value) >= 4.4;
}

std::string_view Unquoted(std::string_view text) {
  while (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front()) {
    text = text.substr(1, text.size() - 2);
  }
  return text;
}

}  // namespace

std::optional<std::string> DecodeBase64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.empty() || text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    std::uint32_t six = 0;
    if (IsUpper(c)) {
      six = static_cast<std::uint32_t>(c - 'A');
    } else if (IsLower(c)) {
      six = static_cast<std::uint32_t>(c - 'a') + 26;
    } else if (IsDigit(c)) {
      six = static_cast<std::uint32_t>(c - '0') + 52;
    } else if (c == '+' || c == '-') {
      six = 62;
    } else if (c == '/' || c == '_') {
      six = 63;
    } else {
      return std::nullopt;
    }
    bits = (bits << 6U) | six;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<char>((bits >> static_cast<unsigned>(count)) & 0xFFU));
    }
  }
  return bytes;
}

bool IsReference(std::string_view value) {
  // The first letters of what is compared below.
  if (value.empty() || std::string_view("a{$%vsofer!").find(value.front()) == std::string_view::npos) {
    return value.find("{{resolve:") != std::string_view::npos;
  }
  if (value.starts_with("arn:") || value.starts_with("{{") || value.starts_with("$") || value.starts_with("%{"))
    return true;
  constexpr std::string_view kPrefixes[] = {
      "vault:", "ssm:",  "aws-sm:", "aws-ssm:", "awssm:", "secretsmanager:", "asm:",  "ssm://",
      "sm://",  "op://", "file:",   "env:",     "ref+",   "awskms://",       "alias/"};
  for (const std::string_view prefix : kPrefixes) {
    if (prefix.front() == value.front() && value.starts_with(prefix)) return true;
  }
  // What CloudFormation's YAML fills in.
  for (const std::string_view tag :
       {"!Ref", "!Sub", "!GetAtt", "!ImportValue", "!FindInMap", "!If", "!Select", "!Join"}) {
    if (value.starts_with(tag) && (value.size() == tag.size() || value[tag.size()] == ' ')) return true;
  }
  return value.find("{{resolve:") != std::string_view::npos;
}

std::optional<SecretReason> WhySecretValue(std::string_view value) {
  value = Trimmed(value);
  if (value.size() < 8) return std::nullopt;
  if (HasPrivateKey(value)) return kPrivateKey;
  if (IsAwsAccessKeyId(value)) return kAccessKey;
  // NAME=token, as in .npmrc: what stands before may be anything.
  if (IsServiceToken(value) || IsServiceToken(value.substr(value.rfind('=') + 1)) || IsWebhook(value)) return kToken;
  if (HasUrlPassword(value) || HasSecretParameter(value)) return kUrlPassword;
  return std::nullopt;
}

std::optional<SecretReason> WhySecret(std::string_view name, std::string_view value) {
  value = Trimmed(value);
  if (value.empty()) return std::nullopt;
  if (const auto reason = WhySecretValue(value)) return reason;
  const NameFacts facts = FactsOf(name);
  const NameKind kind = facts.kind;
  // A JSON document in one setting: {"user": ..., "password": ...}.
  if (value.front() == '{' || value.front() == '[') {
    const auto inside = SecretsInText(value);
    if (inside.empty()) return std::nullopt;
    return inside.front().reason;
  }
  if (HoldsSettings(value)) {
    if (const auto inside = SecretsInText(value); !inside.empty()) return inside.front().reason;
  }
  if (kind >= NameKind::kSecret && CanBeSecret(value, kind) && !IsKmsKeyId(facts, value)) return kByName;
  if (facts.is_public || IsReference(value) || value.starts_with("-----BEGIN")) return std::nullopt;
  if (IsCipherKey(value)) return kCipherKey;
  if (kind == NameKind::kHint && CanBeSecret(value, kind) && LooksRandom(value)) return kRandom;
  return std::nullopt;
}

bool IsSecretName(std::string_view name) {
  return FactsOf(name).kind >= NameKind::kSecret;
}

namespace {

bool EndsToken(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';' || c == '|' || c == '<' || c == '>' || c == '(' ||
         c == ')' || c == ',' || c == '{' || c == '}' || c == '[' || c == ']';
}

bool IsNameCharacter(char c) {
  return IsAlnum(c) || c == '_' || c == '-' || c == '.';
}

// In running text what stands before a colon may be anything, a user name or half of a secret: only what is a name is
// shown.
bool CanBeShown(std::string_view name) {
  return !name.empty() && name.size() <= 64 && !WhySecretValue(name).has_value() && !LooksRandom(name);
}

class TextScan {
 public:
  explicit TextScan(std::string_view text) : text_(text) {}

  std::vector<SecretInText> Run() {
    if (HasPrivateKey(text_)) Add("private key", kPrivateKey);
    while (position_ < text_.size()) {
      const std::string_view token = Next();
      if (!token.empty()) Take(token);
    }
    return std::move(found_);
  }

 private:
  // The next word; a quoted part, which may hold blanks, belongs to it.
  std::string_view Next() {
    for (; position_ < text_.size() && EndsToken(text_[position_]); ++position_) {
      if (text_[position_] == '{') pending_.clear();  // "name": { "other": ...: what follows is not its value
    }
    const std::size_t start = position_;
    char quote = 0;
    for (; position_ < text_.size(); ++position_) {
      const char c = text_[position_];
      if (quote != 0) {
        if (c == quote || c == '\n') quote = 0;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (EndsToken(c) && !InConnectionString(start)) {
        break;
      }
    }
    return text_.substr(start, position_ - start);
  }

  // "jdbc:...;password=x": the semicolon is part of the value.
  [[nodiscard]] bool InConnectionString(std::size_t start) const {
    return text_[position_] == ';' && text_.substr(start, position_ - start).find("://") != std::string_view::npos;
  }

  void Take(std::string_view token) {
    if (!pending_.empty()) {
      const std::string name = std::exchange(pending_, std::string());
      if (!token.starts_with("-") && !token.ends_with(":")) {
        TakeSetting(name, Unquoted(token));
        return;
      }
    }
    const std::string_view bare = Unquoted(token);
    // "NAME=a value" as one quoted argument, and NAME="a value".
    const std::string_view inside = bare.find('=') != std::string_view::npos ? bare : token;
    const std::size_t separator = inside.find_first_of("=:");
    const std::string_view name =
        separator == std::string_view::npos ? std::string_view() : Unquoted(inside.substr(0, separator));
    const bool is_setting = !name.empty() && All(name, IsNameCharacter);
    if (is_setting && separator + 1 < inside.size() && inside.substr(separator).substr(0, 3) != "://") {
      TakeSetting(name, Unquoted(inside.substr(separator + 1)));
      return;
    }
    if (is_setting && separator + 1 == inside.size() && inside.back() == ':') {
      pending_ = name;  // YAML, JSON: the value is the next word
      return;
    }
    if (bare.starts_with("--") && All(bare, IsNameCharacter)) {
      pending_ = bare.substr(2);
      return;
    }
    if (const auto reason = WhySecretValue(bare)) {
      Add("", *reason);
    } else if (bare.size() < token.size() && bare.find('=') != std::string_view::npos) {
      for (const SecretInText& inside_quotes : TextScan(bare).Run()) Add(inside_quotes.name, inside_quotes.reason);
    }
  }

  void TakeSetting(std::string_view name, std::string_view value) {
    while (name.starts_with("-")) name.remove_prefix(1);
    if (const auto reason = WhySecret(name, value)) Add(name, *reason);
  }

  void Add(std::string_view name, SecretReason reason) {
    const std::string shown(CanBeShown(name) ? name : std::string_view("text"));
    const bool seen =
        std::any_of(found_.begin(), found_.end(), [&](const SecretInText& other) { return other.name == shown; });
    if (!seen) found_.push_back({shown, reason});
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::string pending_;
  std::vector<SecretInText> found_;
};

}  // namespace

std::vector<SecretInText> SecretsInText(std::string_view text) {
  return TextScan(text).Run();
}

}  // namespace tfseal

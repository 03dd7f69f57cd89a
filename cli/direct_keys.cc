#include "cli/direct_keys.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>
#include <utility>

#include "core/base64.h"
#include "core/json.h"
#include "crypto/direct_key.h"
#include "crypto/key_file.h"
#include "crypto/secret_bytes.h"

namespace tfseal::cli {
namespace {

// Of a file: a key in any of the encodings, with the end of a line.
constexpr std::size_t kFileBytesMax = 66;

KeyEncoding EncodingOf(const std::string& word, KeyEncoding custom) {
  if (word == "raw") return KeyEncoding::kRaw;
  if (word == "base64") return KeyEncoding::kBase64;
  return word == "hex" ? KeyEncoding::kHex : custom;
}

Error About(const rekey::KeySpec& spec, Error error) {
  error.message = fmt::format("key {}: {}", spec.name, error.message);
  return error;
}

Result<std::unique_ptr<KeyWrapper>> Open(const rekey::KeySpec& spec, SecretBytes text, KeyEncoding custom,
                                         std::string place) {
  auto key = OpenDirectKey(std::move(text), {EncodingOf(spec.direct.encoding, custom), std::move(place)});
  if (!key.ok()) return About(spec, key.error());
  return key;
}

// All texts of an answer, whatever they are: a secret may hold more than our key.
void WipeTexts(const JsonValue& value) {
  const char* begin = nullptr;
  const char* end = nullptr;
  if (value.isString() && value.getString(&begin, &end)) WipeShown({begin, static_cast<std::size_t>(end - begin)});
  if (!value.isArray() && !value.isObject()) return;
  for (const JsonValue& item : value) WipeTexts(item);
}

SecretBytes SecretText(const JsonValue& value) {
  const char* begin = nullptr;
  const char* end = nullptr;
  if (!value.isString() || !value.getString(&begin, &end)) return {};
  return SecretBytes({begin, static_cast<std::size_t>(end - begin)});
}

std::string PlaceOf(const rekey::DirectKeySource& source) {
  const std::string stage = source.stage.empty() ? "AWSCURRENT" : source.stage;
  return fmt::format("the secret {} ({}{})", source.secret, stage,
                     source.member.empty() ? "" : ", member " + source.member);
}

aws::Call CallOf(const rekey::KeySpec& spec, std::string operation, const std::string& region) {
  aws::Call call{.service = "secretsmanager", .operation = std::move(operation), .region = region};
  call.parameters["SecretId"] = spec.direct.secret;
  // arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME
  std::string_view rest = spec.direct.secret;
  if (!rest.starts_with("arn:")) return call;
  for (int i = 0; i < 3; ++i) rest.remove_prefix(std::min(rest.find(':') + 1, rest.size()));
  call.region = std::string(rest.substr(0, rest.find(':')));
  return call;
}

// The call's error, with what the secret was wanted for and what may be missing.
Error AboutSecret(const rekey::KeySpec& spec, Error error) {
  error.message = fmt::format("key {}: {}: {}", spec.name, PlaceOf(spec.direct), error.message);
  if (error.code == ErrorCode::kPermissionDenied) {
    error.hint = "the role needs secretsmanager:GetSecretValue on it, and kms:Decrypt where it is under a key of yours";
  } else if (error.code == ErrorCode::kNotFound) {
    error.hint =
        "the mapping's secret is its name or ARN, in the region of AWS_REGION unless the ARN says another; "
        "stage is a label that it has";
  }
  return error;
}

struct Found {
  SecretBytes text;
  KeyEncoding custom = KeyEncoding::kBase64;
};

// `answer` of GetSecretValue.
Result<Found> FindKey(const rekey::KeySpec& spec, const JsonValue& answer) {
  const rekey::DirectKeySource& source = spec.direct;
  const auto refuse = [&](const std::string& what, std::string hint) {
    return Error{ErrorCode::kInvalidInput, fmt::format("key {}: {} {}", spec.name, PlaceOf(source), what),
                 std::move(hint)};
  };
  const SecretBytes text = SecretText(answer["SecretString"]);
  if (!text.empty() && source.member.empty()) return Found{text.Clone(), KeyEncoding::kBase64};
  if (!text.empty()) {
    auto document = ParseJson(text.Expose());
    if (!document.ok() || !document->isObject()) {
      if (document.ok()) WipeTexts(*document);
      return refuse("is no JSON object", "remove member from the mapping, if the secret is the key itself");
    }
    SecretBytes member = SecretText((*document)[source.member]);
    WipeTexts(*document);
    if (member.empty()) return refuse("has no such member with a text", "correct member in the mapping");
    return Found{std::move(member), KeyEncoding::kBase64};
  }
  const SecretBytes binary = SecretText(answer["SecretBinary"]);
  if (binary.empty()) return refuse("is empty", "put the key into it");
  if (!source.member.empty()) return refuse("is binary and has no members", "remove member from the mapping");
  Result<std::string> bytes = FromBase64(binary.Expose());
  if (!bytes.ok()) return refuse("came in an answer that cannot be read", "");
  Found found{SecretBytes(*bytes), KeyEncoding::kRaw};
  Wipe(*bytes);
  return found;
}

}  // namespace

Result<std::unique_ptr<KeyWrapper>> OpenKeptKey(const rekey::KeySpec& spec) {
  const rekey::DirectKeySource& source = spec.direct;
  if (!source.file.empty()) {
    auto text = ReadKeyFile(source.file, 1, kFileBytesMax);
    if (!text.ok()) return About(spec, text.error());
    return Open(spec, std::move(*text), KeyEncoding::kRaw, "the file " + source.file);
  }
  const char* value = std::getenv(source.environment.c_str());
  if (value == nullptr || *value == '\0') {
    return Error{ErrorCode::kUsage, fmt::format("key {}: the environment has no {}", spec.name, source.environment),
                 "the mapping's direct.env names the variable that holds the key"};
  }
  return Open(spec, SecretBytes(value), KeyEncoding::kBase64, "the environment variable " + source.environment);
}

Result<std::unique_ptr<KeyWrapper>> OpenSecretKey(const rekey::KeySpec& spec, aws::Api& api,
                                                  const std::string& region) {
  aws::Call call = CallOf(spec, "GetSecretValue", region);
  if (!spec.direct.stage.empty()) call.parameters["VersionStage"] = spec.direct.stage;
  const Result<JsonValue> answer = api.Send(call);
  if (!answer.ok()) return AboutSecret(spec, answer.error());
  Result<Found> found = FindKey(spec, *answer);
  const std::string version = (*answer)["VersionId"].isString() ? (*answer)["VersionId"].asString() : "unknown";
  WipeTexts(*answer);
  if (!found.ok()) return found.error();
  return Open(spec, std::move(found->text), found->custom,
              fmt::format("{}, version {}", PlaceOf(spec.direct), version));
}

Result<WrappingKeyState> DescribeSecret(const rekey::KeySpec& spec, aws::Api& api, const std::string& region) {
  const Result<JsonValue> answer = api.Send(CallOf(spec, "DescribeSecret", region));
  if (!answer.ok()) return AboutSecret(spec, answer.error());
  WrappingKeyState state;
  state.id = (*answer)["ARN"].isString() ? (*answer)["ARN"].asString() : spec.direct.secret;
  const JsonValue& deleted = (*answer)["DeletedDate"];
  state.usable = deleted.isNull();
  state.detail = state.usable ? "the application's own key, from " + PlaceOf(spec.direct) + "; not read by a plan"
                              : "the secret is to be deleted";
  return state;
}

Status CheckDirectKeys(const KeyWrapper* from, const KeyWrapper& to) {
  if (from == nullptr || !from->seals_directly() || from->id() != to.id()) return {};
  return Error{ErrorCode::kUsage, "keys.from and keys.to hold the same key: rows would only be called otherwise",
               "make a new key, such as openssl rand -base64 32, and put it where keys.to says"};
}

}  // namespace tfseal::cli

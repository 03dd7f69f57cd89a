#include "evidence/seal.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/digest.h"
#include "evidence/merkle.h"

namespace tfseal::evidence {
namespace {

constexpr const char* kStatementType = "https://in-toto.io/Statement/v1";
constexpr const char* kPredicateType = "https://tfseal.dev/evidence/seal/v1";
constexpr const char* kEnvelopeType = "tfseal-evidence+json";

std::string RootOf(const Chain& chain) {
  MerkleTree tree;
  for (const Record& record : chain.records) tree.Append(record.line_sha256);
  return Hex(tree.Root());
}

JsonValue StatementOf(const Chain& chain, std::string_view name, const JsonValue& outcome) {
  JsonValue statement(Json::objectValue);
  statement["_type"] = kStatementType;
  statement["predicateType"] = kPredicateType;
  JsonValue subject(Json::objectValue);
  subject["name"] = std::string(name);
  subject["digest"]["sha256"] = chain.head_sha256;
  statement["subject"].append(std::move(subject));
  statement["predicate"]["records"] = Json::UInt64(chain.records.size());
  statement["predicate"]["head_sha256"] = chain.head_sha256;
  statement["predicate"]["merkle_root"] = RootOf(chain);
  statement["predicate"]["outcome"] = outcome;
  return statement;
}

// What a seal consists of, taken apart; empty fields where it is not one.
struct Envelope {
  std::string signing_input;
  std::string signature;
  JsonValue header{Json::objectValue};
  JsonValue statement{Json::objectValue};
  bool is_signed = false;
};

Result<Envelope> Open(std::string_view text) {
  const Error wrong{ErrorCode::kCorrupt, "the seal is not a JWS of this kind", ""};
  const auto json = ParseJson(text);
  if (!json.ok() || !json->isObject() || json->size() != 2) return wrong;
  const JsonValue& value = *json;
  if (!value["payload"].isString() || !value["signatures"].isArray() || value["signatures"].size() > 1) return wrong;
  Envelope envelope;
  TFSEAL_ASSIGN(const std::string payload, FromBase64Url(value["payload"].asString()));
  TFSEAL_ASSIGN(envelope.statement, ParseJson(payload));
  if (!envelope.statement.isObject() || WriteJsonLine(envelope.statement) != payload) return wrong;
  if (value["signatures"].empty()) return envelope;
  const JsonValue& one = value["signatures"][0U];
  if (!one.isObject() || one.size() != 2 || !one["protected"].isString() || !one["signature"].isString()) return wrong;
  TFSEAL_ASSIGN(const std::string header, FromBase64Url(one["protected"].asString()));
  TFSEAL_ASSIGN(envelope.header, ParseJson(header));
  // Nothing that would let the seal bring its own key, and no algorithm but the one.
  const JsonValue& h = envelope.header;
  if (!h.isObject() || h.size() != 4 || h["alg"] != "EdDSA" || h["typ"] != kEnvelopeType ||
      h["cty"] != "application/vnd.in-toto+json" || !h["kid"].isString()) {
    return wrong;
  }
  TFSEAL_ASSIGN(envelope.signature, FromBase64Url(one["signature"].asString()));
  envelope.signing_input = one["protected"].asString() + "." + value["payload"].asString();
  envelope.is_signed = true;
  return envelope;
}

std::string EndOf(const JsonValue& outcome) {
  return outcome.isObject() && outcome["end"].isString() ? outcome["end"].asString() : std::string();
}

// The chain as it was with its first records only.
Chain Beginning(const Chain& chain, std::uint64_t records) {
  Chain beginning;
  beginning.records.assign(chain.records.begin(), chain.records.begin() + static_cast<std::ptrdiff_t>(records));
  beginning.head_sha256 = records == 0 ? ReadChain("").head_sha256 : beginning.records.back().line_sha256;
  return beginning;
}

// Compared whole: whatever differs, the chain is not the one that was sealed. Only behind the seal of a run that is not
// over there may be more.
void Compare(const Chain& chain, std::string_view name, const JsonValue& statement, SealCheck& check) {
  const JsonValue& predicate = statement["predicate"];
  const std::uint64_t there = chain.records.size();
  const std::uint64_t sealed =
      predicate.isObject() && predicate["records"].isUInt64() ? predicate["records"].asUInt64() : there;
  if (sealed > there) {
    check.problems.push_back(
        fmt::format("the seal is about {} records, there are {}: the end is missing", sealed, there));
    return;
  }
  if (WriteJsonLine(StatementOf(Beginning(chain, sealed), name, check.outcome)) != WriteJsonLine(statement)) {
    check.problems.emplace_back("the chain is not the one that was sealed");
    return;
  }
  const std::string end = EndOf(check.outcome);
  const bool open = end == kBegun || end == kStopped || end == kWaiting || end == kRefused;
  check.unsealed = there - sealed;
  if (check.unsealed > 0 && !open) {
    check.problems.push_back(
        fmt::format("the run was over with {} records, there are {}: somebody added to them", sealed, there));
  } else if (chain.torn > 0 && !open) {
    check.problems.push_back(fmt::format("line {}: it does not end, and the run was over", there + 1));
  } else if (chain.torn > 0) {
    check.incomplete = fmt::format(
        "line {} does not end: the run was stopped while it was written; {} of {} records are "
        "sealed",
        there + 1, sealed, there);
  } else if (check.unsealed > 0) {
    check.incomplete = fmt::format(
        "{} of {} records are sealed; a run that was stopped wrote the others, or somebody else did", sealed, there);
  } else if (end == kBegun || end == kStopped) {
    check.incomplete = fmt::format("the run was stopped after {} records, which are as they were sealed", there);
  }
}

}  // namespace

Result<std::string> MakeSeal(const Chain& chain, std::string_view name, const JsonValue& outcome,
                             const Ed25519SigningKey* key) {
  JsonValue seal(Json::objectValue);
  const std::string payload = ToBase64Url(WriteJsonLine(StatementOf(chain, name, outcome)));
  seal["payload"] = payload;
  seal["signatures"] = JsonValue(Json::arrayValue);
  if (key != nullptr) {
    JsonValue header(Json::objectValue);
    header["alg"] = "EdDSA";
    header["typ"] = kEnvelopeType;
    header["cty"] = "application/vnd.in-toto+json";
    header["kid"] = key->public_key().Thumbprint();
    JsonValue signature(Json::objectValue);
    const std::string protected_header = ToBase64Url(WriteJsonLine(header));
    TFSEAL_ASSIGN(const std::string bytes, key->Sign(protected_header + "." + payload));
    signature["protected"] = protected_header;
    signature["signature"] = ToBase64Url(bytes);
    seal["signatures"].append(std::move(signature));
  }
  return WriteJsonLine(seal) + "\n";
}

SealCheck CheckSeal(const Chain& chain, std::string_view name, std::string_view seal,
                    std::span<const Ed25519PublicKey> trusted) {
  SealCheck check;
  check.problems = chain.problems;
  if (seal.empty()) {
    check.problems.emplace_back("there is no seal: the end of the chain may be missing");
    return check;
  }
  const auto envelope = Open(seal);
  if (!envelope.ok()) {
    check.problems.push_back(envelope.error().message);
    return check;
  }
  check.outcome = envelope->statement["predicate"]["outcome"];
  if (chain.problems.empty()) Compare(chain, name, envelope->statement, check);
  if (!envelope->is_signed) return check;
  check.key_thumbprint = envelope->header["kid"].asString();
  check.signature = SignatureState::kUnknown;
  for (const Ed25519PublicKey& key : trusted) {
    if (key.Thumbprint() != check.key_thumbprint) continue;
    if (key.Verifies(envelope->signing_input, envelope->signature)) {
      check.signature = SignatureState::kGood;
    } else {
      check.problems.emplace_back("the signature does not fit: the seal was changed");
    }
  }
  return check;
}

JsonValue ToJwks(std::span<const Ed25519PublicKey> keys) {
  JsonValue set(Json::objectValue);
  set["keys"] = JsonValue(Json::arrayValue);
  for (const Ed25519PublicKey& key : keys) {
    JsonValue jwk(Json::objectValue);
    jwk["kty"] = "OKP";
    jwk["crv"] = "Ed25519";
    jwk["x"] = ToBase64Url(key.bytes());
    jwk["kid"] = key.Thumbprint();
    jwk["alg"] = "EdDSA";
    jwk["use"] = "sig";
    set["keys"].append(std::move(jwk));
  }
  return set;
}

Result<std::vector<Ed25519PublicKey>> FromJwks(std::string_view text) {
  TFSEAL_ASSIGN(const JsonValue set, ParseJson(text));
  if (!set.isObject() || !set["keys"].isArray()) {
    return Error{ErrorCode::kInvalidInput, "this is not a JWK Set", "tfseal evidence keys prints one"};
  }
  std::vector<Ed25519PublicKey> keys;
  for (const JsonValue& jwk : set["keys"]) {
    if (!jwk.isObject() || jwk["kty"] != "OKP" || jwk["crv"] != "Ed25519" || !jwk["x"].isString()) continue;
    TFSEAL_ASSIGN(const std::string bytes, FromBase64Url(jwk["x"].asString()));
    TFSEAL_ASSIGN(Ed25519PublicKey key, Ed25519PublicKey::FromBytes(bytes));
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace tfseal::evidence

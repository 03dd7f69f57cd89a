#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <vector>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/secret_process.h"
#include "core/file.h"
#include "core/json.h"
#include "core/suggest.h"
#include "crypto/secret_bytes.h"
#include "evidence/chain.h"
#include "evidence/seal.h"

namespace tfseal::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChainBytesMax = std::size_t{256} << 20U;
constexpr std::size_t kKeyBytesMax = std::size_t{1} << 20U;
constexpr std::string_view kChainEnd = ".jsonl";
constexpr std::string_view kSealEnd = ".seal.json";

// One chain with its seal, as they are on the disk.
struct Sealed {
  std::string name;  // of the chain's file
  std::string text;
  std::string seal;  // empty: there is none
  evidence::Chain chain;
  evidence::SealCheck check;
};

Result<std::vector<std::string>> ChainsAt(const std::string& path) {
  std::error_code failure;
  std::vector<std::string> chains;
  if (fs::is_directory(path, failure)) {
    for (fs::directory_iterator each(path, failure), end; !failure && each != end; each.increment(failure)) {
      const std::string name = each->path().string();
      if (name.ends_with(kChainEnd)) chains.push_back(name);
      // A seal outlives its chain where somebody removed that.
      if (!name.ends_with(kSealEnd)) continue;
      const std::string chain = name.substr(0, name.size() - kSealEnd.size()) + std::string(kChainEnd);
      if (!fs::exists(chain)) chains.push_back(chain);
    }
  } else if (fs::exists(path, failure) && path.ends_with(kChainEnd)) {
    chains.push_back(path);
  }
  if (failure || chains.empty()) {
    return Error{ErrorCode::kNotFound, fmt::format("{}: there is no evidence", path),
                 "give the directory of the mapping's section evidence:, or a file NAME.jsonl"};
  }
  std::sort(chains.begin(), chains.end());
  return chains;
}

Result<std::vector<Sealed>> ReadSealed(const std::string& path, const std::vector<Ed25519PublicKey>& trusted) {
  TFSEAL_ASSIGN(const std::vector<std::string> chains, ChainsAt(path));
  std::vector<Sealed> all;
  for (const std::string& file : chains) {
    Sealed sealed;
    sealed.name = fs::path(file).filename().string();
    if (fs::exists(file)) {
      TFSEAL_ASSIGN(sealed.text, ReadFileBounded(file, kChainBytesMax));
    }
    const std::string seal = file.substr(0, file.size() - kChainEnd.size()) + std::string(kSealEnd);
    if (fs::exists(seal)) {
      TFSEAL_ASSIGN(sealed.seal, ReadFileBounded(seal, kChainBytesMax));
    }
    sealed.chain = evidence::ReadChain(sealed.text);
    sealed.check = evidence::CheckSeal(sealed.chain, sealed.name, sealed.seal, trusted);
    all.push_back(std::move(sealed));
  }
  return all;
}

std::string_view SignatureWords(const Sealed& sealed) {
  constexpr std::array<std::string_view, 3> kWords = {"not signed", "signed by a key that is not trusted here",
                                                      "signed"};
  return kWords[static_cast<std::size_t>(sealed.check.signature)];
}

std::string_view StateOf(const Sealed& sealed) {
  if (!sealed.check.problems.empty()) return "damaged";
  return sealed.check.incomplete.empty() ? "intact" : "incomplete";
}

JsonValue ToJson(const Sealed& sealed) {
  constexpr std::array kStates = {"none", "unknown", "good"};
  JsonValue json(Json::objectValue);
  json["name"] = sealed.name;
  json["state"] = std::string(StateOf(sealed));
  json["records"] = Json::UInt64(sealed.chain.records.size());
  json["unsealed"] = Json::UInt64(sealed.check.unsealed);
  json["head_sha256"] = sealed.chain.head_sha256;
  json["sealed"] = !sealed.seal.empty();
  json["signature"] = kStates[static_cast<std::size_t>(sealed.check.signature)];
  json["key"] = sealed.check.key_thumbprint;
  json["problems"] = JsonValue(Json::arrayValue);
  for (const std::string& problem : sealed.check.problems) json["problems"].append(problem);
  json["incomplete"] = sealed.check.incomplete;
  json["outcome"] = sealed.check.outcome;
  return json;
}

std::string ToText(const Sealed& sealed) {
  const std::string_view state = StateOf(sealed);
  std::string text = fmt::format("{}: {}, {} records, {}, head {}\n", Printable(sealed.name),
                                 state == "damaged"      ? "DAMAGED"
                                 : state == "incomplete" ? "INCOMPLETE"
                                                         : "intact",
                                 sealed.chain.records.size(), SignatureWords(sealed), sealed.chain.head_sha256);
  for (const std::string& problem : sealed.check.problems) text += fmt::format("  {}\n", Printable(problem));
  if (state == "incomplete") text += fmt::format("  {}\n", Printable(sealed.check.incomplete));
  return text;
}

Result<std::vector<Ed25519PublicKey>> TrustedKeys(const Arguments& arguments) {
  if (arguments.evidence.jwks.empty()) return std::vector<Ed25519PublicKey>{};
  TFSEAL_ASSIGN(const std::string text, ReadFileBounded(arguments.evidence.jwks, kKeyBytesMax));
  auto keys = evidence::FromJwks(text);
  if (keys.ok()) return keys;
  return Error{keys.error().code, fmt::format("{}: {}", arguments.evidence.jwks, keys.error().message),
               "tfseal evidence keys --key-file KEY writes one"};
}

Result<ExitCode> Show(const Arguments& arguments, const Ui& ui, bool verify) {
  if (arguments.operands.size() != 2) {
    return Error{ErrorCode::kUsage, "evidence: a DIRECTORY or a FILE is missing", "tfseal evidence --help"};
  }
  TFSEAL_ASSIGN(const std::vector<Ed25519PublicKey> trusted, TrustedKeys(arguments));
  TFSEAL_ASSIGN(const std::vector<Sealed> all, ReadSealed(arguments.operands[1], trusted));
  TFSEAL_TRY(Deliver(arguments, ui, [&](std::string_view format) {
    std::string text;
    JsonValue json(Json::objectValue);
    json["schema"] = "tfseal/evidence-check/v1";
    json["chains"] = JsonValue(Json::arrayValue);
    for (const Sealed& sealed : all) {
      json["chains"].append(ToJson(sealed));
      text += ToText(sealed);
    }
    return format == "json" ? WriteJsonDocument(json) : text;
  }));
  if (!verify) return ExitCode::kDone;
  if (std::any_of(all.begin(), all.end(), [](const Sealed& s) { return !s.check.problems.empty(); })) {
    return ExitCode::kDamaged;
  }
  if (std::any_of(all.begin(), all.end(), [](const Sealed& s) { return !s.check.incomplete.empty(); })) {
    ui.Hint("tfseal rekey retire, run again with the same mapping, ends the retirement and seals all of it");
    return ExitCode::kStopped;
  }
  if (std::all_of(all.begin(), all.end(),
                  [](const Sealed& s) { return s.check.signature == evidence::SignatureState::kGood; })) {
    return ExitCode::kDone;
  }
  // Whole in itself, which whoever wrote all of it anew could also have made it.
  ui.Hint(trusted.empty() ? "--jwks FILE names the keys that are trusted" : "nobody whose key is trusted signed it");
  return ExitCode::kReview;
}

// The public half only, whichever half the file holds.
Result<ExitCode> Keys(const Arguments& arguments, const Ui& ui) {
  if (arguments.evidence.key_file.empty()) {
    return Error{ErrorCode::kUsage, "evidence keys needs --key-file FILE", "an Ed25519 key in PEM, public or private"};
  }
  TFSEAL_TRY(PrepareForSecrets());
  TFSEAL_ASSIGN(std::string pem, ReadFileBounded(arguments.evidence.key_file, kKeyBytesMax));
  std::vector<Ed25519PublicKey> keys;
  auto public_key = Ed25519PublicKey::FromPem(pem);
  auto signing_key = Ed25519SigningKey::FromPem(pem);
  Wipe(pem);
  if (public_key.ok()) {
    keys.push_back(std::move(public_key).value());
  } else {
    if (!signing_key.ok()) {
      return Error{signing_key.error().code,
                   fmt::format("{}: {}", arguments.evidence.key_file, signing_key.error().message),
                   signing_key.error().hint};
    }
    keys.push_back(signing_key->public_key());
  }
  TFSEAL_TRY(ui.Print(WriteJsonDocument(evidence::ToJwks(keys))));
  return ExitCode::kDone;
}

// Everything in one file: chains and seals byte for byte, so that they can be checked from it.
Result<ExitCode> Export(const Arguments& arguments, const Ui& ui) {
  if (arguments.operands.size() != 2 || arguments.out.empty()) {
    return Error{ErrorCode::kUsage, "evidence export needs a DIRECTORY and --out FILE", "tfseal evidence --help"};
  }
  TFSEAL_ASSIGN(const std::vector<Sealed> all, ReadSealed(arguments.operands[1], {}));
  JsonValue bundle(Json::objectValue);
  bundle["schema"] = "tfseal/evidence-bundle/v1";
  bundle["files"] = JsonValue(Json::objectValue);
  for (const Sealed& sealed : all) {
    if (!sealed.check.problems.empty()) {
      return Error{ErrorCode::kCorrupt, fmt::format("{}: {}", sealed.name, sealed.check.problems.front()),
                   "damaged evidence is not exported; keep the files as they are"};
    }
    if (!sealed.check.incomplete.empty()) {
      return Error{ErrorCode::kConflict, fmt::format("{}: {}", sealed.name, sealed.check.incomplete),
                   "incomplete evidence is not exported: tfseal rekey retire, run again, ends and seals it"};
    }
    bundle["files"][sealed.name] = sealed.text;
    const std::string base = sealed.name.substr(0, sealed.name.size() - kChainEnd.size());
    bundle["files"][base + ".seal.json"] = sealed.seal;
  }
  TFSEAL_TRY(WriteFileAtomically(arguments.out, WriteJsonDocument(bundle)));
  ui.Note(fmt::format("{} chain{} in {}", all.size(), all.size() == 1 ? "" : "s", arguments.out));
  return ExitCode::kDone;
}

}  // namespace

ExitCode RunEvidence(const Arguments& arguments, const Ui& ui) {
  constexpr std::array<std::string_view, 4> kNames = {"list", "verify", "keys", "export"};
  const std::string& word = arguments.operands.front();
  const auto run = [&]() -> Result<ExitCode> {
    if (word == "list") return Show(arguments, ui, false);
    if (word == "verify") return Show(arguments, ui, true);
    if (word == "keys") return Keys(arguments, ui);
    if (word == "export") return Export(arguments, ui);
    const std::string_view nearest = Nearest(word, kNames);
    return Error{
        ErrorCode::kUsage, fmt::format("evidence: there is no subcommand {}", word),
        nearest.empty() ? fmt::format("one of {}", fmt::join(kNames, ", ")) : fmt::format("did you mean {}?", nearest)};
  };
  const auto code = run();
  if (code.ok()) return *code;
  ui.Fail(code.error());
  if (code.error().code == ErrorCode::kUsage) return ExitCode::kUsage;
  return code.error().code == ErrorCode::kCorrupt ? ExitCode::kDamaged : ExitCode::kFailed;
}

}  // namespace tfseal::cli

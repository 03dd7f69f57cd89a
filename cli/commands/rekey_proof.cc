#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/rekey_session.h"
#include "cli/secret_process.h"
#include "core/file.h"
#include "core/json.h"
#include "core/stop_request.h"
#include "crypto/rekey/retirement.h"
#include "crypto/rekey/verify_rows.h"
#include "crypto/secret_bytes.h"
#include "evidence/seal.h"

// The subcommands that prove something: verify and retire.
namespace tfseal::cli {
namespace {

constexpr std::size_t kKeyBytesMax = std::size_t{64} << 10U;
constexpr std::size_t kChainBytesMax = std::size_t{256} << 20U;

ExitCode Failed(const Ui& ui, const Error& error) {
  ui.Fail(error);
  if (StopSignal() == 2) return ExitCode::kInterrupted;
  if (StopSignal() == 15) return ExitCode::kTerminated;
  return error.code == ErrorCode::kCorrupt ? ExitCode::kDamaged : RekeyExitCode(error);
}

rekey::VerifyOptions OptionsOf(const Arguments& arguments, const rekey::Mapping& mapping) {
  rekey::VerifyOptions options;
  options.kind = mapping.verify.kind;
  options.sample_rows = mapping.verify.sample_rows;
  options.confidence = mapping.verify.confidence;
  if (arguments.rekey.full) options.kind = rekey::VerifyKind::kFull;
  if (arguments.rekey.sample > 0) {
    options.kind = rekey::VerifyKind::kSample;
    options.sample_rows = arguments.rekey.sample;
  }
  options.seed = arguments.now;
  options.stop = [] { return StopSignal() != 0; };
  return options;
}

// What both begin with: the database, and the new key alone. The old one need not be there any more.
struct Proving {
  postgres::ConnectionUrl url;
  postgres::Connection session;
  RekeyKeys with;
  std::unique_ptr<KeyWrapper> key;
};

Result<Proving> Begin(const rekey::Mapping& mapping) {
  TFSEAL_ASSIGN(postgres::ConnectionUrl url, DatabaseOf(mapping));
  TFSEAL_ASSIGN(postgres::Connection session, postgres::Connection::Open(url));
  Proving proving{std::move(url), std::move(session), {}, nullptr};
  TFSEAL_ASSIGN(proving.key, OpenRekeyKey(mapping, proving.session, mapping.to, proving.with));
  if (proving.key == nullptr) {
    return Error{ErrorCode::kUsage, fmt::format("key {}: nothing says where the new key is", mapping.to.name),
                 "give keys.to one of kms, local, vault and direct"};
  }
  return proving;
}

Result<rekey::RowsProof> Verify(const Arguments& arguments, const rekey::Mapping& mapping) {
  TFSEAL_ASSIGN(Proving proving, Begin(mapping));
  TFSEAL_ASSIGN(const rekey::KeyRefValues refs, KeyRefsOf(mapping, proving.session));
  std::vector<rekey::TableLayout> layouts;
  for (const rekey::TargetMapping& target : mapping.targets) {
    TFSEAL_ASSIGN(rekey::TableLayout layout,
                  rekey::ReadLayout(proving.session, target, mapping.mode, rekey::RefsOf(mapping, target, refs)));
    layouts.push_back(std::move(layout));
  }
  return rekey::VerifyRows(proving.url, layouts, *proving.key, *proving.with.entropy, OptionsOf(arguments, mapping));
}

Result<std::optional<Ed25519SigningKey>> SigningKey(const Arguments& arguments, const rekey::Mapping& mapping) {
  const std::string& path =
      arguments.evidence.key_file.empty() ? mapping.evidence.signing_key_file : arguments.evidence.key_file;
  if (path.empty()) return std::optional<Ed25519SigningKey>();
  TFSEAL_TRY(PrepareForSecrets());
  TFSEAL_ASSIGN(std::string pem, ReadFileBounded(path, kKeyBytesMax));
  auto key = Ed25519SigningKey::FromPem(pem);
  Wipe(pem);
  if (key.ok()) return std::optional(std::move(key).value());
  Error error = key.error();
  error.message = fmt::format("{}: {}", path, error.message);
  return error;
}

// The chain of one retirement and its seal, on the disk.
struct EvidenceFiles {
  std::string path;  // without the endings
  std::string name;
  const Ed25519SigningKey* key;  // nullptr: nobody signs

  [[nodiscard]] std::string chain() const { return path + ".jsonl"; }
  [[nodiscard]] std::string seal() const { return path + ".seal.json"; }

  [[nodiscard]] Result<std::string> Read(const std::string& file) const {
    struct stat there {};
    if (::stat(file.c_str(), &there) != 0 && errno == ENOENT) return std::string();
    return ReadFileBounded(file, kChainBytesMax);
  }

  [[nodiscard]] Status Seal(const JsonValue& outcome) const {
    TFSEAL_ASSIGN(const std::string text, Read(chain()));
    TFSEAL_ASSIGN(const std::string made, evidence::MakeSeal(evidence::ReadChain(text), name + ".jsonl", outcome, key));
    TFSEAL_TRY(WriteFileAtomically(seal(), made));
    if (key == nullptr) return {};
    const std::vector<Ed25519PublicKey> keys = {key->public_key()};
    return WriteFileAtomically(path + ".jwks.json", WriteJsonDocument(evidence::ToJwks(keys)));
  }

  [[nodiscard]] Status SealEnd(std::string_view end) const {
    JsonValue outcome(Json::objectValue);
    outcome["end"] = std::string(end);
    return Seal(outcome);
  }

  // What was changed must not be sealed anew as if it had been written like that. From here on there is a seal: whoever
  // finds the chain without one knows that somebody took it away. True where `job` is retired and the seal says so:
  // there is nothing to add, and it stays, and with it its signature. A job that is not retired under such a seal is
  // that of a database that was restored from before; its retirement is added.
  [[nodiscard]] Result<bool> Begin(const rekey::Job& job) const {
    TFSEAL_ASSIGN(const std::string text, Read(chain()));
    TFSEAL_ASSIGN(const std::string sealed, Read(seal()));
    std::vector<Ed25519PublicKey> trusted;
    if (key != nullptr) trusted.push_back(key->public_key());
    if (!text.empty() || !sealed.empty()) {
      const evidence::SealCheck check =
          evidence::CheckSeal(evidence::ReadChain(text), name + ".jsonl", sealed, trusted);
      if (!check.problems.empty()) {
        return Error{ErrorCode::kCorrupt, fmt::format("{}: {}", chain(), check.problems.front()),
                     "keep the files as they are, for whoever looks into it, and name another evidence: { directory: "
                     "... } in the mapping"};
      }
      const bool retired =
          job.phase == rekey::Phase::kRetired && check.incomplete.empty() && check.outcome["end"] == "retired";
      if (retired && (key == nullptr || check.signature != evidence::SignatureState::kNone)) return true;
    }
    TFSEAL_TRY(SealEnd(evidence::kBegun));
    return false;
  }

  // Where nothing was begun, nothing is left. True if so.
  [[nodiscard]] bool Forget() const {
    struct stat written {};
    if (::stat(chain().c_str(), &written) != 0 ? errno != ENOENT : written.st_size != 0) return false;
    (void)::unlink(chain().c_str());
    (void)::unlink(seal().c_str());
    (void)::unlink((path + ".jwks.json").c_str());
    return true;
  }
};

JsonValue SummaryOf(const rekey::RetireOutcome& outcome) {
  JsonValue summary = rekey::ToJson(outcome);
  summary.removeMember("verification");  // in the chain already
  return summary;
}

Result<rekey::RetireOutcome> Retire(const Arguments& arguments, const Ui& ui, const rekey::Mapping& mapping) {
  TFSEAL_ASSIGN(Proving proving, Begin(mapping));
  TFSEAL_ASSIGN(const auto signing_key, SigningKey(arguments, mapping));
  rekey::Retirement retirement({proving.url, mapping, *proving.key, *proving.with.entropy}, proving.session,
                               OptionsOf(arguments, mapping));
  TFSEAL_ASSIGN(rekey::Job job, retirement.FindJob());
  const std::string& directory = mapping.evidence.directory;
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return Error{ErrorCode::kUnavailable, fmt::format("{}: the directory for the evidence cannot be made", directory),
                 "evidence: { directory: ... } in the mapping"};
  }
  const std::string name = fmt::format("rekey-{}-{}", job.id, job.mapping_digest.substr(0, 12));
  const EvidenceFiles files{directory + "/" + name, name, signing_key.has_value() ? &*signing_key : nullptr};
  TFSEAL_ASSIGN(const bool sealed, files.Begin(job));
  const auto run = [&]() -> Result<rekey::RetireOutcome> {
    TFSEAL_ASSIGN(evidence::ChainWriter chain, evidence::ChainWriter::Open(files.chain(), *proving.with.clock));
    TFSEAL_ASSIGN(rekey::RetireOutcome outcome, retirement.Run(job, chain));
    while (outcome.end == rekey::RetireEnd::kWaiting && arguments.rekey.wait && StopSignal() == 0) {
      TFSEAL_TRY(files.Seal(SummaryOf(outcome)));
      ui.Note(fmt::format("waiting until {}", outcome.due));
      SleepUnlessStopped(std::chrono::seconds(outcome.due_seconds));
      TFSEAL_ASSIGN(job, retirement.FindJob());
      TFSEAL_ASSIGN(outcome, retirement.Run(job, chain));
    }
    return outcome;
  };
  Result<rekey::RetireOutcome> outcome = run();
  if (sealed || files.Forget()) return outcome;
  if (!outcome.ok()) {
    // As far as it went. Where that fails, the seal of the beginning says that it is not all.
    const Status ignored = files.SealEnd(evidence::kStopped);
    static_cast<void>(ignored);
    return outcome;
  }
  TFSEAL_TRY(files.Seal(SummaryOf(*outcome)));
  if (outcome->end == rekey::RetireEnd::kRetired) {
    ui.Note(
        fmt::format("evidence: {}, sealed{}", files.chain(), signing_key.has_value() ? " and signed" : ", not signed"));
  }
  return outcome;
}

}  // namespace

ExitCode RunRekeyVerify(const Arguments& arguments, const Ui& ui) {
  const auto mapping = LoadMapping(arguments, ui);
  if (!mapping) return ExitCode::kUsage;
  InstallStopHandlers();
  const auto proof = Verify(arguments, *mapping);
  if (!proof.ok()) return Failed(ui, proof.error());
  const Status delivered = Deliver(arguments, ui, [&](std::string_view format) {
    return format == "json" ? WriteJsonDocument(rekey::ToJson(*proof)) : rekey::ProofText(*proof);
  });
  if (!delivered.ok()) return Failed(ui, delivered.error());
  return proof->passed() || arguments.soft_fail ? ExitCode::kDone : ExitCode::kDeny;
}

ExitCode RunRekeyRetire(const Arguments& arguments, const Ui& ui) {
  const auto mapping = LoadMapping(arguments, ui);
  if (!mapping) return ExitCode::kUsage;
  InstallStopHandlers();
  const auto outcome = Retire(arguments, ui, *mapping);
  if (!outcome.ok()) return Failed(ui, outcome.error());
  const Status delivered = Deliver(arguments, ui, [&](std::string_view format) {
    return format == "json" ? WriteJsonDocument(rekey::ToJson(*outcome)) : rekey::RetireText(*outcome);
  });
  if (!delivered.ok()) return Failed(ui, delivered.error());
  if (outcome->end == rekey::RetireEnd::kWaiting) {
    ui.Hint(fmt::format("tfseal rekey retire again after {}, or with --wait", outcome->due));
    return ExitCode::kWaiting;
  }
  return outcome->end == rekey::RetireEnd::kRetired ? ExitCode::kDone : ExitCode::kDeny;
}

}  // namespace tfseal::cli

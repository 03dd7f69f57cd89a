#include "crypto/rekey/retirement.h"

#include <fmt/format.h>

#include <array>

#include "crypto/rekey/audit_inspection.h"
#include "crypto/rekey/catalog_switch.h"
#include "crypto/row_cipher.h"
#include "postgres/audit_row.h"

namespace tfseal::rekey {
namespace {

using postgres::QuoteName;

Error NotReady(const Job& job, std::string why, std::string hint) {
  return {ErrorCode::kConflict, fmt::format("job {} {}", job.id, why), std::move(hint)};
}

}  // namespace

Result<Job> Retirement::FindJob() {
  JobStore store(session_, seams_.mapping);
  TFSEAL_ASSIGN(const bool set_up, store.IsSetUp());
  std::optional<Job> job;
  if (set_up) {
    TFSEAL_ASSIGN(job, store.FindLast());
  }
  if (!job.has_value()) return Error{ErrorCode::kNotFound, "there is no job", "tfseal rekey run starts one"};
  if (IsLive(job->phase)) {
    return Error{ErrorCode::kLocked, fmt::format("job {} is {}", job->id, Name(job->phase)),
                 "wait until it is completed: tfseal rekey status"};
  }
  if (job->phase == Phase::kCompletedWithErrors) {
    return NotReady(*job, "completed with errors: rows are left under the old key",
                    "tfseal rekey status lists them; repair or remove them, then tfseal rekey run");
  }
  if (job->phase != Phase::kCompleted && job->phase != Phase::kFenced && job->phase != Phase::kRetired) {
    return NotReady(*job, fmt::format("is {}", Name(job->phase)), "tfseal rekey run");
  }
  if (job->mapping_digest != seams_.mapping.digest) {
    return NotReady(*job, "was run with another mapping", "use the tfseal.yaml that it was run with");
  }
  if (job->pin_to != seams_.key.id()) {
    return NotReady(*job, fmt::format("moved rows to {}, and keys.to is {} now", job->pin_to, seams_.key.id()),
                    "an alias was moved: name the key itself");
  }
  return *std::move(job);
}

Status Retirement::ReadLayouts(const Job& job) {
  layouts_.clear();
  const auto& catalog = seams_.mapping.catalog;
  for (const TargetMapping& target : seams_.mapping.targets) {
    KeyRefValues keys = RefsOf(seams_.mapping, target, {job.key_from, job.key_to});
    if (target.key_ref.kind == KeyRefKind::kForeignKey && catalog.has_value()) {
      TFSEAL_ASSIGN(const CatalogKey from, ReadCatalogKey(session_, *catalog, job.key_from));
      TFSEAL_ASSIGN(const CatalogKey to, ReadCatalogKey(session_, *catalog, job.key_to));
      keys = {from.id, to.id};
    }
    TFSEAL_ASSIGN(TableLayout layout, ReadLayout(session_, target, job.mode, keys));
    layouts_.push_back(std::move(layout));
  }
  return {};
}

Result<std::int64_t> Retirement::CountOld() {
  std::int64_t rows = 0;
  TFSEAL_TRY(session_.Query("SET statement_timeout = 0"));
  for (const TableLayout& layout : layouts_) {
    TFSEAL_ASSIGN(const postgres::Rows counted, session_.Query(fmt::format("SELECT count(*) FROM {} t WHERE {}",
                                                                           layout.SqlName(), layout.OldRowsSql())));
    rows += postgres::NumberAt(counted.front(), 0);
  }
  return rows;
}

Status Retirement::Fence(const Job& job, evidence::ChainWriter& chain) {
  TFSEAL_TRY(RaiseFence(session_, layouts_, job.id));
  JobStore store(session_, seams_.mapping);
  constexpr std::array kFrom = {Phase::kCompleted};
  TFSEAL_ASSIGN(const bool moved, store.Advance(job.id, kFrom, Phase::kFenced));
  if (!moved) return {};
  JsonValue body(Json::objectValue);
  body["job"] = Json::Int64(job.id);
  for (const TableLayout& layout : layouts_) {
    body["tables"].append(layout.schema + "." + layout.table);
  }
  body["constraint"] = FenceName(job.id);
  return chain.Append("fence", body);
}

// Seals and opens something under the new key, as an application does.
Status Retirement::SelfTest() {
  const EncryptionContext none;
  std::vector<Result<DataKey>> made = seams_.key.NewDataKeys({&none, 1});
  if (made.empty() || !made.front().ok()) {
    return made.empty() ? Error{ErrorCode::kInternal, "the self-test got no data key", ""} : made.front().error();
  }
  const DataKey& key = *made.front();
  const std::vector<Result<SecretBytes>> opened = seams_.key.Unwrap({&key.wrapped, 1});
  if (opened.empty() || !opened.front().ok()) {
    return opened.empty() ? Error{ErrorCode::kInternal, "the self-test got no answer", ""} : opened.front().error();
  }
  RowCipher cipher(seams_.entropy);
  Envelope envelope;
  TFSEAL_TRY(cipher.Seal(key.plaintext, "tfseal self-test", "", false, envelope));
  const auto text = cipher.Open(*opened.front(), envelope, "");
  if (text.ok() && text->Expose() == "tfseal self-test") return {};
  return Error{ErrorCode::kCorrupt, fmt::format("{}: what was sealed does not open", seams_.key.id()),
               "do not retire the old key; check the new one"};
}

// Exactly this key, and only together with the job's own state.
Status Retirement::RetireKey(const Job& job) {
  TFSEAL_TRY(session_.Begin());
  const auto retire = [&]() -> Status {
    if (const auto& catalog = seams_.mapping.catalog; catalog.has_value()) {
      const std::string touched = catalog->updated_at.empty() ? "" : ", " + QuoteName(catalog->updated_at) + " = now()";
      TFSEAL_ASSIGN(const std::int64_t changed,
                    session_.Execute(fmt::format("UPDATE {} SET {} = $1{} WHERE {}::text = $2 AND {} = $3",
                                                 catalog->table.Quoted(), QuoteName(catalog->status), touched,
                                                 QuoteName(catalog->name), QuoteName(catalog->status)),
                                     {catalog->retired, job.key_from, catalog->rotating}));
      if (changed != 1) {
        return NotReady(job,
                        fmt::format("cannot retire {}: its row is not {} any more", job.key_from, catalog->rotating),
                        "somebody changed the catalogue; look at it");
      }
    }
    JobStore store(session_, seams_.mapping);
    constexpr std::array kFrom = {Phase::kFenced};
    TFSEAL_ASSIGN(const bool moved, store.Advance(job.id, kFrom, Phase::kRetired));
    if (!moved) return NotReady(job, "was changed by somebody else", "tfseal rekey status");
    return session_.Commit();
  };
  Status retired = retire();
  if (!retired.ok()) {
    const Status ignored = session_.Rollback();
    static_cast<void>(ignored);
  }
  return retired;
}

Status Retirement::Record(const Job& job, const RowsProof& proof, evidence::ChainWriter& chain) const {
  JobStore store(session_, seams_.mapping);
  TFSEAL_ASSIGN(const JobCounts counts, store.Count(job.id));
  JsonValue body(Json::objectValue);
  body["job"] = Json::Int64(job.id);
  body["mode"] = std::string(Name(job.mode));
  body["mapping_sha256"] = job.mapping_digest;
  body["key_from"] = job.key_from;
  body["key_to"] = job.key_to;
  body["pin_from"] = job.pin_from;
  body["pin_to"] = job.pin_to;
  body["created_at"] = job.created_at;
  body["started_at"] = job.started_at;
  body["finished_at"] = job.finished_at;
  body["segments"] = Json::Int64(counts.segments);
  body["rows_seen"] = Json::Int64(counts.rows_seen);
  body["rows_changed"] = Json::Int64(counts.rows_changed);
  body["rows_conflict"] = Json::Int64(counts.rows_conflict);
  body["rows_poison"] = Json::Int64(counts.rows_poison);
  body["key_service_calls"] = Json::UInt64(seams_.key.calls());
  TFSEAL_ASSIGN(const std::vector<IssueCount> issues, store.CountIssues(job.id));
  body["issues"] = JsonValue(Json::arrayValue);
  for (const IssueCount& issue : issues) {
    JsonValue one(Json::objectValue);
    one["table"] = issue.label;
    one["code"] = issue.code;
    one["rows"] = Json::Int64(issue.rows);
    body["issues"].append(std::move(one));
  }
  TFSEAL_TRY(chain.Append("job", body));
  for (const TableProof& table : proof.tables) {
    for (std::size_t i = 0; i < table.chunks.size(); ++i) {
      JsonValue segment(Json::objectValue);
      segment["table"] = table.label;
      segment["segment"] = Json::UInt64(i);
      segment["rows"] = Json::Int64(table.chunks[i].rows);
      segment["merkle_root"] = table.chunks[i].root;
      TFSEAL_TRY(chain.Append("segment", segment));
    }
  }
  return chain.Append("verification", ToJson(proof));
}

Result<std::string> Retirement::AppendAudit(const Job& job, const std::string& head) {
  if (seams_.mapping.audit_table.empty()) return std::string();
  TFSEAL_ASSIGN(const postgres::Rows role, session_.Query("SELECT current_user::text"));
  const postgres::AuditRow row =
      AuditRowOf(seams_.mapping, {job.id, job.key_from, job.key_to, job.mode, head}, postgres::TextAt(role.front(), 0));
  if (const Status appended = postgres::AppendAuditRow(session_, row); !appended.ok()) {
    return Error{
        appended.error().code, fmt::format("the audit row in {}: {}", row.table, appended.error().message),
        "the key is retired and the row is missing: correct the table (tfseal rekey plan says what it lacks), then "
        "run tfseal rekey retire again"};
  }
  return row.id;
}

Result<RetireOutcome> Retirement::Run(const Job& job, evidence::ChainWriter& chain) {
  RetireOutcome outcome;
  outcome.job = job;
  TFSEAL_TRY(ReadLayouts(job));
  const auto refuse = [&](std::string reason) {
    outcome.end = RetireEnd::kRefused;
    outcome.reasons.push_back(std::move(reason));
    return outcome;
  };
  if (job.phase != Phase::kRetired) {
    // The audit row is written after the key is retired: whatever refuses it is found out while nothing is done.
    const AuditEntry entry{job.id, job.key_from, job.key_to, job.mode};
    TFSEAL_TRY(RehearseAudit(session_, seams_.mapping, entry));
    TFSEAL_ASSIGN(const std::int64_t left, CountOld());
    if (left > 0) {
      return refuse(fmt::format("{} rows are under the old key; tfseal rekey run moves them", left));
    }
    TFSEAL_TRY(Fence(job, chain));
    TFSEAL_ASSIGN(const FenceState fence, ReadFence(session_, layouts_, job.id));
    if (!fence.raised) return refuse("somebody took the write fence down");
    const std::int64_t wait = seams_.mapping.key_cache_ttl.count() - fence.seconds_up;
    if (wait > 0) {
      TFSEAL_ASSIGN(
          const postgres::Rows due,
          session_.Query("SELECT to_char((clock_timestamp() + make_interval(secs => $1::float8)) AT TIME ZONE "
                         "'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
                         {std::to_string(wait)}));
      outcome.end = RetireEnd::kWaiting;
      outcome.due = postgres::TextAt(due.front(), 0);
      outcome.due_seconds = wait;
      return outcome;
    }
    TFSEAL_TRY(ValidateFence(session_, layouts_, job.id));
    VerifyOptions options = options_;
    options.kind = VerifyKind::kFull;
    options.merkle = true;
    TFSEAL_ASSIGN(outcome.proof, VerifyRows(seams_.url, layouts_, seams_.key, seams_.entropy, options));
    if (!outcome.proof.unlocks_retire()) return refuse("the verification did not pass");
    TFSEAL_TRY(SelfTest());
    // Hours may have passed.
    TFSEAL_TRY(RehearseAudit(session_, seams_.mapping, entry));
    JsonValue tested(Json::objectValue);
    tested["key"] = seams_.key.id();
    TFSEAL_TRY(chain.Append("self-test", tested));
    TFSEAL_TRY(Record(job, outcome.proof, chain));
    TFSEAL_TRY(RetireKey(job));
    outcome.job.phase = Phase::kRetired;
  }
  // A run that was killed after the key was retired is ended here. A chain may hold more than one retirement: a
  // database that was restored from before the first is retired again.
  if (!chain.HasAfter("verification", "retired")) {
    JsonValue body(Json::objectValue);
    body["key"] = job.key_from;
    body["pin"] = job.pin_from;
    body["notice"] = BackupNotice(job);
    TFSEAL_TRY(chain.Append("retired", body));
  }
  TFSEAL_ASSIGN(const std::string audit, AppendAudit(job, chain.head_sha256()));
  if (!audit.empty() && !chain.HasAfter("retired", "audit")) {
    JsonValue body(Json::objectValue);
    body["table"] = seams_.mapping.audit_table.ToText();
    body["id"] = audit;
    TFSEAL_TRY(chain.Append("audit", body));
  }
  outcome.end = RetireEnd::kRetired;
  return outcome;
}

std::string BackupNotice(const Job& job) {
  return fmt::format(
      "backups, snapshots, replicas that lag and exports from before {} still need {}: do not disable or delete the "
      "key "
      "itself before the last of them is gone",
      job.finished_at.empty() ? "the run" : job.finished_at, job.pin_from);
}

JsonValue ToJson(const RetireOutcome& outcome) {
  constexpr const char* kEnds[] = {"retired", "waiting", "refused"};
  JsonValue json(Json::objectValue);
  json["schema"] = "tfseal/rekey-retire/v1";
  json["end"] = kEnds[static_cast<std::size_t>(outcome.end)];
  json["job"] = Json::Int64(outcome.job.id);
  json["key"] = outcome.job.key_from;
  json["reasons"] = JsonValue(Json::arrayValue);
  for (const std::string& reason : outcome.reasons) json["reasons"].append(reason);
  if (!outcome.due.empty()) json["due"] = outcome.due;
  if (!outcome.proof.tables.empty()) json["verification"] = ToJson(outcome.proof);
  if (outcome.end == RetireEnd::kRetired) json["notice"] = BackupNotice(outcome.job);
  return json;
}

std::string RetireText(const RetireOutcome& outcome) {
  std::string text;
  if (outcome.end == RetireEnd::kRetired) {
    text = fmt::format("rekey retire: {} is retired (job {})\n", outcome.job.key_from, outcome.job.id);
  } else if (outcome.end == RetireEnd::kWaiting) {
    text = fmt::format("rekey retire: the write fence is up; {} may be retired from {} on\n", outcome.job.key_from,
                       outcome.due);
  } else {
    text = fmt::format("rekey retire: refused, {} stays\n", outcome.job.key_from);
    for (const std::string& reason : outcome.reasons) text += fmt::format("  {}\n", reason);
  }
  if (!outcome.proof.tables.empty()) text += ProofText(outcome.proof);
  if (outcome.end == RetireEnd::kRetired) text += fmt::format("note: {}\n", BackupNotice(outcome.job));
  return text;
}

}  // namespace tfseal::rekey

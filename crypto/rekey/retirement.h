#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/entropy.h"
#include "core/result.h"
#include "crypto/key_wrapper.h"
#include "crypto/rekey/job_store.h"
#include "crypto/rekey/verify_rows.h"
#include "crypto/rekey/write_fence.h"
#include "evidence/chain.h"
#include "postgres/connection_url.h"

// The end of a key: not before nobody can write under it, every cache that knows it has run out, and every row has been
// opened under its successor.
namespace tfseal::rekey {

enum class RetireEnd : std::uint8_t {
  kRetired,
  kWaiting,  // the fence is up, and not yet for as long as an application may keep a key
  kRefused,  // rows are left, or do not open
};

struct RetireOutcome {
  RetireEnd end = RetireEnd::kRefused;
  Job job;
  std::vector<std::string> reasons;  // of a refusal
  std::string due;                   // RFC 3339, by the server's clock: when it may go on
  std::int64_t due_seconds = 0;      // from now
  RowsProof proof;                   // of kRetired, and of a refusal that has one
};

struct RetireSeams {
  const postgres::ConnectionUrl& url;
  const Mapping& mapping;
  KeyWrapper& key;  // the new one
  Entropy& entropy;
};

class Retirement {
 public:
  // Borrows everything. `chain` takes what happens, at the moment it happens.
  Retirement(const RetireSeams& seams, postgres::Connection& session, VerifyOptions options)
      : seams_(seams), session_(session), options_(std::move(options)) {}

  // The job that this is about: the last one. kNotFound, kLocked (it is live), kConflict (it did not complete, or the
  // mapping or the key is another one now).
  Result<Job> FindJob();
  // Does what can be done now. Run again when it is due; each step that is done is not done twice.
  Result<RetireOutcome> Run(const Job& job, evidence::ChainWriter& chain);

 private:
  Status ReadLayouts(const Job& job);
  Result<std::int64_t> CountOld();
  Status Fence(const Job& job, evidence::ChainWriter& chain);
  Status SelfTest();
  Status RetireKey(const Job& job);
  Status Record(const Job& job, const RowsProof& proof, evidence::ChainWriter& chain) const;
  Result<std::string> AppendAudit(const Job& job, const std::string& head);

  RetireSeams seams_;
  postgres::Connection& session_;
  VerifyOptions options_;
  std::vector<TableLayout> layouts_;
};

// What has to be said with every retired key.
std::string BackupNotice(const Job& job);

JsonValue ToJson(const RetireOutcome& outcome);
std::string RetireText(const RetireOutcome& outcome);

}  // namespace tfseal::rekey

#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"
#include "crypto/rekey/job_store.h"
#include "crypto/rekey/mapping.h"
#include "postgres/connection.h"

namespace tfseal::rekey {

// The application's own table of jobs (encryption_rotation_jobs), kept in the four states it knows: pending, running,
// completed, completed_with_errors. What it does not know (a pause) stays "running" there. Does nothing where the
// mapping names no such table.
class ExternalJob {
 public:
  ExternalJob(postgres::Connection& session, const Mapping& mapping) : session_(session), mapping_(mapping) {}

  // Adds a row in state pending; its id. Empty: there is no such table.
  Result<std::string> Create(const Job& job);
  // Brings the row up to date with the job.
  Status Update(const Job& job, const JobCounts& counts);

 private:
  postgres::Connection& session_;
  const Mapping& mapping_;
};

}  // namespace tfseal::rekey

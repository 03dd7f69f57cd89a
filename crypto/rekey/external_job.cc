#include "crypto/rekey/external_job.h"

#include <fmt/format.h>

#include <utility>

namespace tfseal::rekey {
namespace {

using postgres::QuoteName;

std::string_view StateOf(Phase phase) {
  switch (phase) {
    case Phase::kPending:
      return "pending";
    case Phase::kCompleted:
    case Phase::kFenced:
    case Phase::kRetired:
      return "completed";
    case Phase::kCompletedWithErrors:
    case Phase::kFailed:
    case Phase::kCancelled:
      return "completed_with_errors";
    case Phase::kRunning:
    case Phase::kPaused:
    case Phase::kDraining:
    case Phase::kVerifying:
      break;
  }
  return "running";
}

}  // namespace

Result<std::string> ExternalJob::Create(const Job& job) {
  const JobTableMapping& table = mapping_.jobs;
  if (table.table.empty()) return std::string();
  std::string columns = QuoteName(table.status);
  std::string values = "'pending'";
  postgres::Parameters parameters;
  const auto add = [&](const std::string& column, const std::string& value) {
    if (column.empty()) return;
    parameters.emplace_back(value);
    columns += ", " + QuoteName(column);
    values += fmt::format(", ${}", parameters.size());
  };
  add(table.target_key, job.ref_to);
  add(table.total, std::to_string(job.rows_estimated));
  TFSEAL_ASSIGN(const postgres::Rows made,
                session_.Query(fmt::format("INSERT INTO {} ({}) VALUES ({}) RETURNING {}::text", table.table.Quoted(),
                                           columns, values, QuoteName(table.id)),
                               parameters));
  return postgres::TextAt(made.at(0), 0);
}

Status ExternalJob::Update(const Job& job, const JobCounts& counts) {
  const JobTableMapping& table = mapping_.jobs;
  if (table.table.empty() || job.external_id.empty()) return {};
  const std::string state(StateOf(job.phase));
  std::string set = fmt::format("{} = $2", QuoteName(table.status));
  postgres::Parameters parameters{job.external_id, state};
  const auto add = [&](const std::string& column, std::optional<std::string> value) {
    if (column.empty()) return;
    parameters.emplace_back(std::move(value));
    set += fmt::format(", {} = ${}", QuoteName(column), parameters.size());
  };
  add(table.total, std::to_string(job.rows_estimated));
  add(table.processed, std::to_string(counts.rows_changed));
  add(table.failed, std::to_string(counts.rows_poison));
  const std::string error =
      !job.last_error.empty() ? job.last_error
      : counts.rows_poison > 0
          ? fmt::format("{} rows could not be re-encrypted; tfseal rekey status lists the reasons", counts.rows_poison)
          : std::string();
  add(table.last_error, error.empty() ? std::nullopt : std::optional(error));
  const auto once = [&set](const std::string& column) {
    if (!column.empty()) set += fmt::format(", {0} = coalesce({0}, now())", QuoteName(column));
  };
  if (state != "pending") once(table.started_at);
  if (state.starts_with("completed")) once(table.completed_at);
  if (!table.updated_at.empty()) set += fmt::format(", {} = now()", QuoteName(table.updated_at));
  TFSEAL_TRY(session_.Execute(
      fmt::format("UPDATE {} SET {} WHERE {}::text = $1", table.table.Quoted(), set, QuoteName(table.id)), parameters));
  return {};
}

}  // namespace tfseal::rekey

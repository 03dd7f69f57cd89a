#include "crypto/rekey/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/local_key_wrapper.h"
#include "crypto/rekey/database_inspection.h"
#include "crypto/rekey/forecast.h"
#include "crypto/rekey/table_inspection.h"

namespace tfseal::rekey {
namespace {

Status Inspect(postgres::Connection& session, const Mapping& mapping, const PlanOptions& options, Plan& plan) {
  DatabaseInspection database(session, mapping, options, plan);
  TFSEAL_TRY(database.ReadServer());
  TFSEAL_TRY(database.CheckCatalog());
  for (const TargetMapping& target : mapping.targets) {
    const bool by_id = target.key_ref.kind == KeyRefKind::kForeignKey;
    TableInspection inspection(session, mapping, target, options, plan.findings);
    TFSEAL_ASSIGN(TableForecast table, inspection.Run(by_id ? database.old_id() : mapping.from.name));
    plan.forecast.tables.push_back(std::move(table));
  }
  TFSEAL_TRY(database.CheckReferences());
  TFSEAL_TRY(database.CheckOtherTables());
  TFSEAL_TRY(database.CheckOwnTables());
  return database.CheckSurroundings();
}

// Ivs are drawn at random, and one key seals every value: SP 800-38D bounds how many there may be.
void CheckSeals(const Mapping& mapping, Plan& plan) {
  if (mapping.to.provider != KeyProvider::kDirect) return;
  std::uint64_t values = 0;
  for (std::size_t i = 0; i < plan.forecast.tables.size(); ++i) {
    values += static_cast<std::uint64_t>(plan.forecast.tables[i].rows) * mapping.targets.at(i).fields.size();
  }
  if (values < kGcmSealsWarn) return;
  plan.findings.push_back({values > kGcmSealsMax ? Severity::kRefused : Severity::kUnknown, "gcm-limit",
                           mapping.to.name,
                           fmt::format("{} values would be under one key, which may seal at most {} with random ivs, "
                                       "with those that the application seals and has overwritten",
                                       values, kGcmSealsMax),
                           "mode: adopt into envelopes gives each row a data key of its own"});
}

void CheckSpace(const PlanOptions& options, Plan& plan) {
  const std::int64_t needed = plan.forecast.wal_bytes + plan.forecast.bloat_bytes;
  if (!options.free_bytes.has_value()) {
    plan.findings.push_back(
        {Severity::kNote, "free-space", "",
         fmt::format("how much disk is free cannot be asked through SQL; up to {} MiB are needed", (needed >> 20) + 1),
         "--free-space 200GiB checks it"});
  } else if (*options.free_bytes < needed) {
    plan.findings.push_back({Severity::kRefused, "free-space", "",
                             fmt::format("{} MiB are free, up to {} MiB are needed for WAL and old row versions",
                                         *options.free_bytes >> 20, (needed >> 20) + 1),
                             "enlarge the disk, or archive and vacuum faster than the run writes"});
  }
}

}  // namespace

bool Plan::Has(Severity severity) const {
  return std::any_of(findings.begin(), findings.end(), [&](const PlanFinding& f) { return f.severity == severity; });
}

void FinishPlan(Plan& plan) {
  std::stable_sort(plan.findings.begin(), plan.findings.end(),
                   [](const PlanFinding& a, const PlanFinding& b) { return a.severity < b.severity; });
}

Result<Plan> MakePlan(postgres::Connection& session, const Mapping& mapping, const PlanOptions& options) {
  Plan plan;
  plan.mapping_digest = mapping.digest;
  plan.mode = mapping.mode;
  plan.database = session.url().Describe();
  TFSEAL_TRY(session.Begin("ISOLATION LEVEL REPEATABLE READ, READ ONLY"));
  const Status inspected = Inspect(session, mapping, options, plan);
  const Status ended = session.Rollback();
  if (!inspected.ok()) return inspected.error();
  if (!ended.ok()) return ended.error();
  MakeForecast(mapping, options, plan.forecast);
  CheckSpace(options, plan);
  CheckSeals(mapping, plan);
  FinishPlan(plan);
  return plan;
}

}  // namespace tfseal::rekey

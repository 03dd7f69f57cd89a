#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "crypto/rekey/key_in_value.h"
#include "crypto/rekey/plan.h"
#include "crypto/rekey/table_layout.h"

namespace tfseal::rekey {

// What the catalogs say about one mapped table, judged on the way.
class TableInspection {
 public:
  TableInspection(postgres::Connection& session, const Mapping& mapping, const TargetMapping& target,
                  const PlanOptions& options, std::vector<PlanFinding>& findings)
      : session_(session), mapping_(mapping), target_(target), options_(options), findings_(findings) {}

  // `old_reference` is what rows under the old key have in their key column; empty: it is not known.
  Result<TableForecast> Run(const std::string& old_reference);

 private:
  struct Column {
    std::string type;
    bool not_null = false;
    bool generated = false;
    bool selectable = false;
    bool updatable = false;
    std::int64_t width = 0;  // on average, by the statistics
    double distinct = 0;     // as pg_stats has it
  };

  void Say(Severity severity, std::string_view code, const std::string& column, std::string message, std::string fix);
  [[nodiscard]] bool Accepts(std::string_view word) const;
  [[nodiscard]] std::set<std::string> SealedColumns() const;
  [[nodiscard]] std::set<std::string> WrittenColumns() const;
  Status ReadRelation();
  Status ReadColumns();
  void CheckColumns();
  Status CheckPrivileges();
  Status CheckPrimaryKey();
  Status CheckTriggersAndRules();
  Status CheckIndexes();
  Status CheckGenerated();
  Status CheckPublications();
  [[nodiscard]] std::string AnyValueNames(const std::string& reference) const;
  [[nodiscard]] bool IsDocument(const std::string& column) const;
  Status CheckPaths(const std::string& old, const std::string& relation);
  Status Count(const std::string& old_reference);
  // Runs a statement that may take long; nullopt: it took longer than it may.
  Result<std::optional<postgres::Rows>> TryCount(const std::string& sql);
  void LookForSealedColumns();

  postgres::Connection& session_;
  const Mapping& mapping_;
  const TargetMapping& target_;
  const PlanOptions& options_;
  std::vector<PlanFinding>& findings_;

  std::string oid_;
  std::string role_;  // for has_..._privilege
  std::map<std::string, Column> columns_;
  double estimated_rows_ = 0;
  std::set<std::string> indexed_;
  TableForecast forecast_;
};

// Whether the name of a column says that it holds something sealed.
bool NameLooksSealed(std::string_view column);

}  // namespace tfseal::rekey

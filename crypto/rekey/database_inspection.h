#pragma once

#include <string>
#include <vector>

#include "crypto/rekey/plan.h"

namespace tfseal::rekey {

// What the catalogs say beside the mapped tables: the catalogue of keys, what else refers to it or looks sealed, our
// own tables, and what would hold a long run back.
class DatabaseInspection {
 public:
  DatabaseInspection(postgres::Connection& session, const Mapping& mapping, const PlanOptions& options, Plan& plan)
      : session_(session), mapping_(mapping), options_(options), plan_(plan) {}

  Status ReadServer();
  // Fills the text that rows under the old key have in their key column.
  Status CheckCatalog();
  Status CheckReferences();
  Status CheckOtherTables();
  Status CheckOwnTables();
  Status CheckWalPosition();
  Status CheckSurroundings();

  [[nodiscard]] const std::string& old_id() const { return old_id_; }

 private:
  void Say(Severity severity, std::string_view code, std::string where, std::string message, std::string fix);
  Status CheckAudit();
  Status CheckKeyRow(const postgres::Rows& rows);
  Status CheckTable(const TableName& table, std::string_view what, std::string_view privileges,
                    const std::vector<std::string>& columns);
  [[nodiscard]] bool IsOurs(const std::string& table) const;
  [[nodiscard]] bool IsIgnored(const std::string& table, const std::string& column) const;

  postgres::Connection& session_;
  const Mapping& mapping_;
  const PlanOptions& options_;
  Plan& plan_;
  std::string old_id_;
};

}  // namespace tfseal::rekey

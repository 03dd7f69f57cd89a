#include "postgres/wal_position.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace tfseal::postgres {

Result<bool> TellsWalPosition(Connection& session) {
  const auto asked = session.Query("SELECT pg_current_wal_lsn(), pg_current_wal_insert_lsn()");
  if (asked.ok()) return true;
  // Not in this state, not supported, not allowed.
  constexpr std::array<std::string_view, 3> kRefusals = {"55000", "0A000", "42501"};
  if (std::find(kRefusals.begin(), kRefusals.end(), asked.error().service_code) == kRefusals.end())
    return asked.error();
  return false;
}

}  // namespace tfseal::postgres

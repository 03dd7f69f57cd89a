#pragma once

#include <string>
#include <string_view>

#include "apply/journal_store.h"

namespace tfseal {

// Who holds a lock, as it is written where others can read it.
struct LockOwner {
  RunIdentity identity;
  TimePoint since;
  TimePoint heard;        // the last sign of life
  bool released = false;  // given back (where a lock cannot be removed)

  [[nodiscard]] std::string ToText() const;
  // Whatever is not there stays empty: a lock of an unknown owner is a lock all the same.
  static LockOwner FromText(std::string_view text);
};

// "orders.json.journal is locked by run 1f2e, process 4711 of deploy on ci-7, since 2026-..., last heard of 12 s ago"
std::string LockedBy(std::string_view journal, const LockOwner& owner, TimePoint now);

}  // namespace tfseal

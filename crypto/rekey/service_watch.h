#pragma once

#include <functional>
#include <string_view>

namespace tfseal::rekey {

// How the calls to a key service, which may take minutes when it throttles, let the worker look up: it renews its lease
// and says what holds it back. Shared by whoever makes the calls (the client's on_wait) and the worker.
struct ServiceWatch {
  // About once a second while answers are waited for; false: no further attempts.
  std::function<bool(std::string_view limit)> look{};
  // This worker's share of the service's quota, set by the worker; 0: not known yet, or no limit.
  double requests_per_s = 0;
  // Whether who makes the calls keeps to it, call by call; otherwise the worker waits between batches.
  bool paces = false;

  [[nodiscard]] bool Look(std::string_view limit) const { return !look || look(limit); }
};

}  // namespace tfseal::rekey

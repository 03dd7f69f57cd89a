#pragma once

#include <map>
#include <string>
#include <vector>

#include "planner/draft.h"

namespace tfseal {

// One environment's turn.
struct Turn {
  const Environment* environment = nullptr;
  std::string name;  // "defaults" where tfseal.yaml has no environment for it
  int wave = 1;
  int day = 1;                     // of its next step
  int last_day = 1;                // of what takes several days
  std::string open;                // id of its open_wave
  std::vector<std::string> last;   // ids that must be done before the next wave opens
  bool moves = false;              // a database is moved
  std::vector<std::string> moved;  // identifiers
};

// Orders environments into waves and days: one database a day, validation days after each environment, everything old
// deleted only after the last one.
class Schedule {
 public:
  Schedule(const PolicyFile& policy, Draft& draft) : policy_(policy), draft_(draft) {}

  // Environments that have something to do, in order of their waves. `with_moves` have databases to be moved.
  void Prepare(const std::vector<const Environment*>& busy, const std::vector<const Environment*>& with_moves);
  [[nodiscard]] std::vector<Turn>& turns() { return turns_; }
  [[nodiscard]] Turn& TurnOf(const Environment& environment);

  // Opens a turn's wave: after everything of earlier waves.
  void Open(Turn& turn, int input, const Target& scope);
  [[nodiscard]] Place PlaceOf(const Turn& turn, int input) const;
  // Adds the soak and moves the calendar on.
  void Close(Turn& turn, int input, const Target& scope);
  // The wave that deletes what is old. Returns the id of its open_wave.
  std::string OpenCleanup(int input, const Target& scope);
  [[nodiscard]] Place CleanupPlace(int input) const;

 private:
  [[nodiscard]] int SoakHours(const Turn& turn) const;

  const PolicyFile& policy_;
  Draft& draft_;
  std::vector<Turn> turns_;
  int day_ = 1;
  int last_wave_ = 0;
};

}  // namespace tfseal

#include "planner/schedule.h"

#include <algorithm>

#include "planner/parameters.h"

namespace tfseal {
namespace {

constexpr int kHoursPerDay = 24;
// Without a soak in tfseal.yaml: two days for what goes first, four for what goes last, which is the one that matters
// most.
constexpr int kSoakHours = 48;
constexpr int kSoakHoursOfLastWave = 96;

bool Contains(const std::vector<const Environment*>& list, const Environment* environment) {
  return std::find(list.begin(), list.end(), environment) != list.end();
}

int Days(int hours) {
  return (hours + kHoursPerDay - 1) / kHoursPerDay;
}

}  // namespace

void Schedule::Prepare(const std::vector<const Environment*>& busy, const std::vector<const Environment*>& with_moves) {
  int highest = 0;
  for (const Environment* environment : busy) highest = std::max(highest, environment->wave);
  const auto add = [&](const Environment& environment) {
    if (!Contains(busy, &environment)) return;
    Turn turn;
    turn.environment = &environment;
    turn.name = environment.name.empty() ? "defaults" : environment.name;
    // Whatever has no wave goes after everything that has one.
    turn.wave = environment.wave > 0 ? environment.wave : highest + 1;
    turn.moves = Contains(with_moves, &environment);
    turns_.push_back(turn);
    last_wave_ = std::max(last_wave_, turn.wave);
  };
  for (const Environment& environment : policy_.environments) add(environment);
  add(policy_.defaults);
  std::stable_sort(turns_.begin(), turns_.end(), [](const Turn& a, const Turn& b) { return a.wave < b.wave; });
}

Turn& Schedule::TurnOf(const Environment& environment) {
  const auto found = std::find_if(turns_.begin(), turns_.end(),
                                  [&environment](const Turn& turn) { return turn.environment == &environment; });
  TFSEAL_CHECK(found != turns_.end());
  return *found;
}

Place Schedule::PlaceOf(const Turn& turn, int input) const {
  Place place;
  place.environment = turn.environment->name;
  place.wave = turn.wave;
  place.day = turn.day;
  place.input = input;
  if (turn.environment->maintenance_window) place.maintenance_window = turn.environment->maintenance_window->text;
  return place;
}

void Schedule::Open(Turn& turn, int input, const Target& scope) {
  turn.day = day_;
  // Moving data ends in a point of no return, so somebody has to agree even where tfseal.yaml asks for nobody.
  const int approvals = std::max(turn.environment->approvals_required, turn.moves ? 1 : 0);
  std::vector<std::string> needs;
  for (const Turn& earlier : turns_) {
    if (earlier.wave < turn.wave) needs.insert(needs.end(), earlier.last.begin(), earlier.last.end());
  }
  Place place = PlaceOf(turn, input);
  place.maintenance_window.clear();
  turn.open = draft_.Add(kOpenWave, scope,
                         Object({{"environment", Text(turn.name)}, {"wave", turn.wave}, {"approvals", approvals}}),
                         place, needs);
}

int Schedule::SoakHours(const Turn& turn) const {
  if (turn.environment->soak) {
    const auto hours = std::chrono::ceil<std::chrono::hours>(*turn.environment->soak).count();
    return static_cast<int>(hours);
  }
  if (!turn.moves) return 0;
  return turn.wave == last_wave_ && turns_.size() > 1 ? kSoakHoursOfLastWave : kSoakHours;
}

void Schedule::Close(Turn& turn, int input, const Target& scope) {
  const int last_day = std::max(turn.moved.empty() ? day_ : turn.day - 1, turn.last_day);
  const int hours = SoakHours(turn);
  day_ = last_day + 1;
  if (hours == 0 || turn.last.empty()) return;
  Place place = PlaceOf(turn, input);
  place.day = day_;
  place.maintenance_window.clear();
  const std::string soak = draft_.Add(
      kSoak, scope, Object({{"environment", Text(turn.name)}, {"hours", hours}, {"databases", Texts(turn.moved)}}),
      place, turn.last);
  turn.last = {soak};
  draft_.timeline().push_back(
      {day_, day_ + Days(hours) - 1, turn.wave, turn.environment->name, "validate " + turn.name});
  day_ += Days(hours);
}

Place Schedule::CleanupPlace(int input) const {
  Place place;
  place.wave = last_wave_ + 1;
  place.day = day_;
  place.input = input;
  return place;
}

std::string Schedule::OpenCleanup(int input, const Target& scope) {
  std::vector<std::string> needs;
  int approvals = 1;
  for (const Turn& turn : turns_) {
    needs.insert(needs.end(), turn.last.begin(), turn.last.end());
    approvals = std::max(approvals, turn.environment->approvals_required);
  }
  return draft_.Add(kOpenWave, scope,
                    Object({{"environment", "cleanup"}, {"wave", last_wave_ + 1}, {"approvals", approvals}}),
                    CleanupPlace(input), needs);
}

}  // namespace tfseal

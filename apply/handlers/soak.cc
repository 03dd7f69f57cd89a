#include <fmt/format.h>

#include <algorithm>

#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"
#include "core/time_text.h"

namespace tfseal {
namespace {

// Counted from when the last action it requires was done, so that it does not matter when it is looked at.
Result<Probe> ProbeSoak(const Action& action, RunContext& context) {
  TimePoint began{};
  for (const std::string& need : action.needs) {
    const auto done = context.done.find(need);
    if (done != context.done.end()) began = std::max(began, done->second.at);
  }
  if (began == TimePoint{}) {
    return Conflict("the journal does not say when what is watched was finished",
                    "resume with the journal of the run that did it");
  }
  const std::chrono::hours length{action.payload["hours"].asInt()};
  const TimePoint ends = began + length;
  const TimePoint now = context.clock.Now();
  if (now < ends) {
    Probe probe = Waiting(fmt::format("keeps everything as it is for {} h, until {}", length.count(), FormatTime(ends)),
                          "tfseal resume then, or from a schedule");
    probe.until = ends;
    return probe;
  }
  JsonValue evidence(Json::objectValue);
  evidence["from"] = FormatTime(began);
  evidence["until"] = FormatTime(now);
  evidence["looked_at"] = "the time";
  return Done(fmt::format("{} have passed; only the time was looked at", DurationWords(now - began)),
              JsonValue(Json::objectValue), evidence);
}

}  // namespace

const Handler kSoakHandler = {.kind = "soak", .probe = ProbeSoak};

}  // namespace tfseal

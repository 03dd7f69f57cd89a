#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "aws/api.h"
#include "core/clock.h"

namespace tfseal::testing {

// A clock that only moves when it is slept on.
class SimClock : public Clock {
 public:
  explicit SimClock(TimePoint now) : now_(now) {}
  [[nodiscard]] TimePoint Now() const override { return now_; }
  void SleepFor(std::chrono::milliseconds duration) override {
    now_ += duration;
    std::this_thread::sleep_for(std::min(duration, asleep_max_));
  }
  void MoveTo(TimePoint now) { now_ = now; }
  // For what is not simulated, like a server that takes its time: of each wait so much is one.
  void SleepToo(std::chrono::milliseconds at_most) { asleep_max_ = at_most; }

 private:
  TimePoint now_;
  std::chrono::milliseconds asleep_max_{0};
};

// The process and the machine it runs on. Once it is dead, nothing that the code under test still does has an effect:
// requests are not sent and nothing is written. That is what a crash looks like from outside, without ending the test.
struct Machine {
  bool dead = false;
};

// What goes wrong with one request.
enum class Fault : std::uint8_t {
  kNone,
  kThrottled,      // refused, nothing changed
  kTimeoutBefore,  // never sent
  kReplyLost,      // done, but the answer did not arrive
  kCrash,          // the process ends before it is sent
  kCrashAfter,     // the process ends before the answer is looked at
};

// A small account in memory that really holds state: things by name, that become visible and ready some time after they
// were made. Operations: Create and Delete (changes), Describe (a read), each with a Name. Like many AWS calls, Create
// makes another thing when it is sent twice; effects() tells.
class SimCloud : public aws::Api {
 public:
  struct Thing {
    JsonValue settings{Json::objectValue};
    TimePoint visible;
    TimePoint ready;
  };

  SimCloud(SimClock& clock, Machine& machine) : clock_(clock), machine_(machine) {}

  Result<JsonValue> Send(const aws::Call& call) override;
  std::vector<Result<JsonValue>> SendAll(std::span<const aws::Call> calls) override;

  std::function<Fault(std::size_t number, const aws::Call& call)> faults;  // asked for every request, from 0
  std::string refused;                                                     // "Create a": the service says no, for good
  Error refusal{ErrorCode::kInvalidInput, "sim: no", "ask for something else", "ValidationError"};
  bool unique_names = false;  // Create of a name that is there is refused
  std::chrono::milliseconds visibility_delay{0};
  std::chrono::milliseconds build_time{0};

  [[nodiscard]] const std::map<std::string, Thing>& things() const { return things_; }
  [[nodiscard]] std::size_t requests() const { return requests_; }
  [[nodiscard]] const std::map<std::string, int>& effects() const { return effects_; }  // "Create a" -> how often

 private:
  Result<JsonValue> Serve(const aws::Call& call);

  SimClock& clock_;
  Machine& machine_;
  std::map<std::string, Thing> things_;
  std::map<std::string, int> effects_;
  std::size_t requests_ = 0;
};

}  // namespace tfseal::testing

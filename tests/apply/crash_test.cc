// A run that dies at any point and is started again ends as one that never died.
#include <map>

#include "core/time_text.h"
#include "tests/apply/sim_run.h"

namespace tfseal {
namespace {

using test::Chain;
using test::Fault;
using test::FileFault;
using test::Options;
using test::World;

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

ActionPlan Diamond() {
  ActionPlan plan;
  plan.actions.push_back(test::Step("top", {}));
  plan.actions.push_back(test::Step("left", {plan.actions[0].id}));
  plan.actions.push_back(test::Step("right", {plan.actions[0].id}));
  plan.actions.push_back(test::Step("bottom", {plan.actions[1].id, plan.actions[2].id}));
  return plan;
}

struct Case {
  std::string name;
  ActionPlan plan;
  milliseconds visibility_delay{0};
  milliseconds build_time{0};
};

std::vector<Case> Cases() {
  return {{"one step", Chain(1)},
          {"three steps", Chain(3)},
          {"three slow steps", Chain(3), milliseconds(0), minutes(4)},
          {"three steps that show late", Chain(3), seconds(45), minutes(2)},
          {"a diamond", Diamond(), seconds(15), milliseconds(0)}};
}

void ExpectWholeAccount(World& world, const std::string& what) {
  for (const Action& action : world.plan.actions) {
    const auto effect = world.cloud.effects().find("Create " + action.id);
    ASSERT_NE(effect, world.cloud.effects().end()) << what << ": " << action.summary << " was never done";
    EXPECT_EQ(effect->second, 1) << what << ": " << action.summary << " was done twice";
  }
  EXPECT_EQ(world.cloud.effects().size(), world.plan.actions.size()) << what;
  const RunState state = world.State();
  for (const Action& action : world.plan.actions) {
    EXPECT_TRUE(state.Done(action.id)) << what;
    EXPECT_LE(state.actions.at(action.id).attempts, 2) << what;
  }
}

void Prepare(World& world, const Case& each) {
  world.cloud.visibility_delay = each.visibility_delay;
  world.cloud.build_time = each.build_time;
}

TEST(Crash, NoCrash) {
  for (const Case& each : Cases()) {
    World world(each.plan);
    Prepare(world, each);
    EXPECT_EQ(world.Run(Options()).ending, RunEnding::kDone) << each.name;
    ExpectWholeAccount(world, each.name);
  }
}

TEST(Crash, AtEveryOperationOfTheJournal) {
  std::size_t crashes = 0;
  for (const Case& each : Cases()) {
    for (std::size_t k = 0;; ++k) {
      bool crashed = false;
      for (const std::size_t keep : {std::size_t{0}, std::size_t{1}, std::size_t{40}, std::size_t{1} << 20}) {
        World world(each.plan);
        Prepare(world, each);
        world.file_faults = [&](std::size_t operation) {
          if (operation != k) return FileFault{};
          crashed = true;
          return FileFault{FileFault::What::kCrash, keep};
        };
        const std::string what = each.name + ", operation " + std::to_string(k) + ", kept " + std::to_string(keep);
        EXPECT_EQ(world.RunUntilDone(Options(), 3).ending, RunEnding::kDone) << what;
        ExpectWholeAccount(world, what);
        ++crashes;
      }
      if (!crashed) break;
    }
  }
  EXPECT_GT(crashes, 350U);
}

TEST(Crash, AtEveryRequest) {
  std::size_t crashes = 0;
  for (const Case& each : Cases()) {
    for (const Fault fault : {Fault::kCrash, Fault::kCrashAfter}) {
      for (std::size_t k = 0;; ++k) {
        bool crashed = false;
        World world(each.plan);
        Prepare(world, each);
        world.cloud.faults = [&](std::size_t number, const aws::Call&) {
          crashed = crashed || number == k;
          return number == k ? fault : Fault::kNone;
        };
        const std::string what = each.name + ", request " + std::to_string(k);
        EXPECT_EQ(world.RunUntilDone(Options(), 3).ending, RunEnding::kDone) << what;
        ExpectWholeAccount(world, what);
        ++crashes;
        if (!crashed) break;
      }
    }
  }
  EXPECT_GT(crashes, 80U);
}

// One run must do: a lost answer, a request that was not sent and one that was throttled are no reason to stop.
TEST(Crash, FaultsOfEveryRequestAreSurvivedWithinTheRun) {
  for (const Case& each : Cases()) {
    for (const Fault fault : {Fault::kReplyLost, Fault::kTimeoutBefore, Fault::kThrottled}) {
      for (std::size_t k = 0;; ++k) {
        bool hit = false;
        World world(each.plan);
        Prepare(world, each);
        world.cloud.faults = [&](std::size_t number, const aws::Call&) {
          hit = hit || number == k;
          return number == k ? fault : Fault::kNone;
        };
        const std::string what = each.name + ", request " + std::to_string(k);
        EXPECT_EQ(world.Run(Options()).ending, RunEnding::kDone) << what;
        ExpectWholeAccount(world, what);
        if (!hit) break;
      }
    }
  }
}

// Two deaths: the second one while the first is being repaired.
TEST(Crash, TwiceAtEveryPairOfOperations) {
  const ActionPlan plan = Chain(2);
  std::size_t pairs = 0;
  for (std::size_t first = 0; first < 24; ++first) {
    for (std::size_t second = first + 1; second < 28; ++second) {
      World world(plan);
      world.cloud.visibility_delay = seconds(20);
      world.file_faults = [&](std::size_t operation) {
        const bool now = operation == first || operation == second;
        return now ? FileFault{FileFault::What::kCrash, operation % 50} : FileFault{};
      };
      EXPECT_EQ(world.RunUntilDone(Options(), 4).ending, RunEnding::kDone) << first << " " << second;
      ExpectWholeAccount(world, std::to_string(first) + " " + std::to_string(second));
      ++pairs;
    }
  }
  EXPECT_EQ(pairs, 372U);
}

// A xorshift generator, so that a failing seed can be run again.
std::uint64_t Next(std::uint64_t& seed) {
  seed ^= seed << 13U;
  seed ^= seed >> 7U;
  seed ^= seed << 17U;
  return seed;
}

TEST(Crash, ManyFaultsAtOnce) {
  const ActionPlan plan = Chain(6);
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::uint64_t state = seed * 0x9E3779B97F4A7C15ULL;
    World world(plan);
    world.cloud.visibility_delay = seconds(Next(state) % 60);
    world.cloud.build_time = seconds(Next(state) % 600);
    world.cloud.faults = [&](std::size_t, const aws::Call&) {
      constexpr Fault kFaults[] = {Fault::kThrottled, Fault::kTimeoutBefore, Fault::kReplyLost, Fault::kCrash,
                                   Fault::kCrashAfter};
      const std::uint64_t drawn = Next(state) % 40;
      return drawn < 5 ? kFaults[drawn] : Fault::kNone;
    };
    world.file_faults = [&](std::size_t) {
      const std::uint64_t drawn = Next(state) % 60;
      if (drawn == 0) return FileFault{FileFault::What::kCrash, Next(state) % 400};
      if (drawn == 1) return FileFault{FileFault::What::kFail, Next(state) % 400};
      return FileFault{};
    };
    EXPECT_EQ(world.RunUntilDone(Options(), 60).ending, RunEnding::kDone) << "seed " << seed;
    for (const Action& action : plan.actions) {
      EXPECT_EQ(world.cloud.effects().at("Create " + action.id), 1) << "seed " << seed;
    }
  }
}

// The answer was lost, and what was made shows later than anything should: the second request is refused, because the
// name is taken, and the run finds that it was taken by itself.
TEST(Crash, ANameThatIsTakenByTheLostRequestIsNoFailure) {
  const ActionPlan plan = Chain(2);
  World world(plan);
  world.cloud.unique_names = true;
  world.cloud.visibility_delay = seconds(130);
  bool lost = false;
  world.cloud.faults = [&](std::size_t, const aws::Call& call) {
    if (lost || call.operation != "Create") return Fault::kNone;
    lost = true;
    return Fault::kReplyLost;
  };
  EXPECT_EQ(world.Run(Options()).ending, RunEnding::kStopped) << "the second step shows too late as well";
  EXPECT_EQ(world.RunUntilDone(Options(), 3).ending, RunEnding::kDone);
  for (const Action& action : plan.actions) EXPECT_EQ(world.cloud.effects().at("Create " + action.id), 1);
}

// A request of a run that is dead shows seconds later, and the next run looks a hundred times a second.
TEST(Crash, HoweverOftenOneLooksWhatMayHaveBeenDoneIsWaitedFor) {
  const ActionPlan plan = Chain(1);
  World world(plan);
  world.cloud.visibility_delay = seconds(4);
  RunOptions options = Options();
  options.poll = milliseconds(10);
  bool died = false;
  world.cloud.faults = [&](std::size_t, const aws::Call& call) {
    if (died || call.operation != "Create") return Fault::kNone;
    died = true;
    return Fault::kCrashAfter;
  };
  world.Run(options);
  ASSERT_TRUE(world.machine.dead);
  world.Revive();
  EXPECT_EQ(world.RunUntilDone(options, 3).ending, RunEnding::kDone);
  EXPECT_EQ(world.cloud.effects().at("Create " + plan.actions[0].id), 1);
}

// The clock of a machine was wrong for a while: what was sent then is waited for as long as always, not until that
// time.
TEST(Crash, AClockThatIsSetBackDoesNotHoldUpTheRun) {
  const ActionPlan plan = Chain(1);
  World world(plan);
  const TimePoint begun = world.clock.Now();
  world.clock.MoveTo(begun + std::chrono::hours(48));
  bool died = false;
  world.cloud.faults = [&](std::size_t, const aws::Call& call) {
    if (died || call.operation != "Create") return Fault::kNone;
    died = true;
    return Fault::kCrash;
  };
  world.Run(Options());
  ASSERT_TRUE(world.machine.dead);
  world.Revive();
  world.clock.MoveTo(begun);
  EXPECT_EQ(world.Run(Options()).ending, RunEnding::kDone);
  EXPECT_LT(world.clock.Now() - begun, std::chrono::hours(1));
}

// A name that somebody else has taken ends the run at once with what AWS said; it is no accepted change.
TEST(Crash, ANameThatIsTakenByNobodyKnownStopsTheRun) {
  const ActionPlan plan = Chain(2);
  World world(plan);
  world.cloud.refused = "Create " + plan.actions[0].id;
  world.cloud.refusal = {ErrorCode::kConflict, "sim: the name is taken", "", "OtherThingAlreadyExistsFault"};
  const RunReport report = world.Run(Options());
  EXPECT_EQ(report.ending, RunEnding::kStopped);
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_EQ(report.problems[0].text, "sim: the name is taken");
  EXPECT_EQ(world.State().actions.at(plan.actions[0].id).stage, ActionState::Stage::kFailed);
  world.cloud.refused.clear();
  EXPECT_EQ(world.RunUntilDone(Options(), 3).ending, RunEnding::kDone);
  ExpectWholeAccount(world, "the name is free");
}

// What is in the way may look another way each time (a session that comes again): that is no progress.
TEST(Crash, ARefusalWhoseReasonChangesIsNotTriedAgain) {
  static int looks = 0;
  static int changes = 0;
  static constexpr Handler kNeverQuiet = {
      .kind = "",
      .probe = [](const Action&, RunContext&) -> Result<Probe> {
        Probe probe;
        probe.text = "session " + std::to_string(++looks) + " is still there";
        return probe;
      },
      .execute = [](const Action&, RunContext&) -> Status {
        ++changes;
        return Error{ErrorCode::kConflict, "it is still written to", "stop the program"};
      }};
  const ActionPlan plan = Chain(1);
  World world(plan);
  RunOptions options = Options();
  options.find_handler = [](std::string_view) { return &kNeverQuiet; };
  const RunReport report = world.Run(options);
  EXPECT_EQ(report.ending, RunEnding::kStopped);
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_EQ(report.problems[0].text, "it is still written to");
  EXPECT_EQ(changes, 1);
}

// A full disk: what was written stays, nothing is done that is not written down.
TEST(Crash, AFullDiskStopsTheRunAndLosesNothing) {
  const ActionPlan plan = Chain(3);
  for (std::size_t k = 0; k < 30; ++k) {
    World world(plan);
    bool full = false;
    world.file_faults = [&](std::size_t operation) {
      full = full || operation == k;
      return FileFault{operation == k ? FileFault::What::kFail : FileFault::What::kNone, 20};
    };
    const RunReport report = world.Run(Options());
    if (!full) break;
    EXPECT_EQ(report.ending, RunEnding::kStopped) << k;
    ASSERT_FALSE(report.problems.empty());
    EXPECT_EQ(world.RunUntilDone(Options(), 2).ending, RunEnding::kDone) << k;
    ExpectWholeAccount(world, "full at " + std::to_string(k));
  }
}

}  // namespace
}  // namespace tfseal

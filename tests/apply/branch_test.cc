// Going back, gates and independent branches, on whole plans of the fixtures.
#include <algorithm>

#include "apply/branch.h"
#include "apply/gates.h"
#include "apply/status.h"
#include "core/time_text.h"
#include "tests/apply/sim_run.h"
#include "tests/planner/plan_cases.h"

namespace tfseal {
namespace {

using test::Fault;
using test::Options;
using test::PlanFixture;
using test::World;

// Four clusters in two environments, one after the other.
ActionPlan Clusters() {
  return PlanFixture("z360", "state-after-create.show.json");
}

RunOptions RealGates() {
  RunOptions options = Options();
  options.find_handler = test::SimOrRealHandler;
  return options;
}

// Every action that only a person can let go.
std::vector<std::string> NeedApproval(const ActionPlan& plan) {
  std::vector<std::string> ids;
  for (const Action& action : plan.actions) {
    if (action.approvals > 0) ids.push_back(action.id);
  }
  return ids;
}

std::size_t First(const ActionPlan& plan, std::string_view kind, std::size_t from = 0) {
  for (std::size_t i = from; i < plan.actions.size(); ++i) {
    if (plan.actions[i].kind->name == kind) return i;
  }
  ADD_FAILURE() << kind;
  return 0;
}

// The creation of this action's thing is refused for good.
void Refuse(World& world, const std::string& id) {
  world.cloud.refused = "Create " + id;
}

TEST(WholePlan, IsCarriedOutWithWindowsSoaksAndApprovals) {
  const ActionPlan plan = Clusters();
  World world(plan);
  const RunReport report = world.RunUntilDone(RealGates(), 200);
  EXPECT_EQ(report.ending, RunEnding::kDone);
  for (const auto& [effect, times] : world.cloud.effects()) EXPECT_EQ(times, 1) << effect;
  const RunOverview status = StatusOf(plan, "actions.json", world.State(), "j", "");
  EXPECT_EQ(status.state, "done");
  for (const auto& database : status.databases) EXPECT_EQ(database.state, "retired") << database.identifier;
}

TEST(WholePlan, WaitsForApprovalsByDifferentPeople) {
  ActionPlan plan = Clusters();
  plan.actions[First(plan, "open_wave")].approvals = 2;
  World world(plan);
  RunReport report = world.Run(RealGates());
  EXPECT_EQ(report.ending, RunEnding::kWaiting);
  EXPECT_EQ(world.cloud.effects().size(), 0U) << "nothing is changed before the wave is open";
  const std::string wave = plan.actions[First(plan, "open_wave")].id;
  world.Approve({wave}, "alice");
  world.Approve({wave}, "alice");
  EXPECT_FALSE((world.Run(RealGates()), world.State().Done(wave))) << "one person is not two";
  world.Approve({wave}, "bob");
  world.Run(RealGates());
  EXPECT_TRUE(world.State().Done(wave));
}

TEST(Branches, EachDatabaseIsItsOwn) {
  const ActionPlan plan = Clusters();
  const Branches branches(plan);
  std::set<std::size_t> fences;
  for (std::size_t i = 0; i < plan.actions.size(); ++i) {
    if (plan.actions[i].kind->name != "unfence_writes") continue;
    EXPECT_TRUE(fences.insert(branches.Of(i)).second) << "two databases share a branch";
  }
  EXPECT_EQ(fences.size(), 4U);
  EXPECT_EQ(branches.Of(First(plan, "open_wave")), Branches::kNone);
  EXPECT_EQ(branches.Of(First(plan, "soak")), Branches::kNone);
}

// A definite failure between fence and point of no return: this database goes back, nothing else does.
TEST(Rollback, IsAutomaticBetweenFenceAndPointOfNoReturn) {
  const ActionPlan plan = Clusters();
  const Branches branches(plan);
  const std::size_t second_restore = First(plan, "restore_cluster", First(plan, "restore_cluster") + 1);
  World world(plan);
  world.Approve(NeedApproval(plan), "alice");
  Refuse(world, plan.actions[second_restore].id);
  RunReport report;
  for (int i = 0; i < 50; ++i) {
    report = world.Run(RealGates());
    if (report.ending != RunEnding::kWaiting || !report.due) break;
    world.clock.MoveTo(*report.due);
  }
  EXPECT_EQ(report.ending, RunEnding::kStopped);
  EXPECT_FALSE(report.undone.empty());
  const RunState state = world.State();
  for (std::size_t i = 0; i < plan.actions.size(); ++i) {
    const bool there = world.cloud.things().contains(plan.actions[i].id);
    if (branches.Of(i) == branches.Of(second_restore)) {
      EXPECT_FALSE(there) << plan.actions[i].summary << " was not taken back";
      EXPECT_FALSE(state.Done(plan.actions[i].id));
    } else if (branches.Of(i) == branches.Of(First(plan, "restore_cluster"))) {
      EXPECT_TRUE(there) << plan.actions[i].summary << " of another database was taken back";
    }
  }
  // Once the reason is gone the same run goes on from the fence.
  world.cloud.refused.clear();
  EXPECT_EQ(world.RunUntilDone(RealGates(), 200).ending, RunEnding::kDone);
}

// What a person saw of the first attempt (that nothing writes, that the copy has all data) says nothing about the
// second.
TEST(Rollback, TakesBackTheApprovalOfWhatItTakesBack) {
  const ActionPlan plan = Clusters();
  const std::string proof = plan.actions[First(plan, "prove_quiescence")].id;
  const std::string wave = plan.actions[First(plan, "open_wave")].id;
  World world(plan);
  world.Approve(NeedApproval(plan), "alice");
  world.Approve({proof}, "alice");
  Refuse(world, plan.actions[First(plan, "restore_cluster")].id);
  RunReport report = world.Run(RealGates());
  for (int i = 0; i < 50 && report.ending == RunEnding::kWaiting && report.due; ++i) {
    world.clock.MoveTo(*report.due);
    report = world.Run(RealGates());
  }
  ASSERT_FALSE(report.undone.empty());
  EXPECT_FALSE(world.State().approvals.contains(proof));
  EXPECT_TRUE(world.State().approvals.contains(wave)) << "the wave was not taken back";
  world.Approve({proof}, "alice");
  EXPECT_TRUE(world.State().approvals.contains(proof));
}

TEST(Rollback, IsNotAutomaticWhenItIsSwitchedOffOrNothingIsDefinite) {
  const ActionPlan plan = Clusters();
  const std::string restore = plan.actions[First(plan, "restore_cluster")].id;
  for (const bool definite : {true, false}) {
    World world(plan);
    world.Approve(NeedApproval(plan), "alice");
    RunOptions options = RealGates();
    if (definite) {
      Refuse(world, restore);
      options.automatic_rollback = false;
    } else {
      world.cloud.faults = [&](std::size_t, const aws::Call& call) {
        return call.parameters["Name"].asString() == restore && call.operation == "Create" ? Fault::kThrottled
                                                                                           : Fault::kNone;
      };
    }
    RunReport report = world.Run(options);
    while (report.ending == RunEnding::kWaiting && report.due) {
      world.clock.MoveTo(*report.due);
      report = world.Run(options);
    }
    EXPECT_EQ(report.ending, RunEnding::kStopped);
    EXPECT_TRUE(report.undone.empty());
    EXPECT_TRUE(world.State().Done(plan.actions[First(plan, "fence_database")].id));
  }
}

TEST(Rollback, ByHandKeepsWhatIsBehindThePointOfNoReturn) {
  const ActionPlan plan = Clusters();
  const Branches branches(plan);
  const std::size_t opened = First(plan, "unfence_writes");
  const std::size_t second = First(plan, "snapshot_cluster", First(plan, "snapshot_cluster") + 1);
  World world(plan);
  world.Approve(NeedApproval(plan), "alice");
  RunOptions options = RealGates();
  options.automatic_rollback = false;
  Refuse(world, plan.actions[second].id);
  RunReport report = world.Run(options);
  while (report.ending == RunEnding::kWaiting && report.due) {
    world.clock.MoveTo(*report.due);
    report = world.Run(options);
  }
  ASSERT_TRUE(world.State().Done(plan.actions[opened].id));
  const RunReport back = world.RunRollback(false);
  EXPECT_EQ(back.ending, RunEnding::kDone);
  for (std::size_t i = 0; i < plan.actions.size(); ++i) {
    const bool there = world.cloud.things().contains(plan.actions[i].id);
    if (branches.Of(i) == branches.Of(opened)) {
      EXPECT_TRUE(there) << plan.actions[i].summary;
    }
    if (branches.Of(i) == branches.Of(second)) {
      EXPECT_FALSE(there) << plan.actions[i].summary;
    }
  }
  // With the loss accepted, nothing is left.
  EXPECT_EQ(world.RunRollback(true).ending, RunEnding::kDone);
  EXPECT_TRUE(world.cloud.things().empty());
}

// What was deleted is not taken back, and so is nothing that led to it: the copy is all there is.
TEST(Rollback, GoesBackOnNothingWhoseOriginalWasDeleted) {
  const ActionPlan plan = Clusters();
  World world(plan);
  ASSERT_EQ(world.RunUntilDone(RealGates(), 200).ending, RunEnding::kDone);
  for (const bool accept_loss : {false, true}) {
    const RunReport back = world.RunRollback(accept_loss);
    // Who asked for more than is left is told so.
    EXPECT_EQ(back.ending, accept_loss ? RunEnding::kStopped : RunEnding::kDone);
    EXPECT_EQ(back.problems.size(), accept_loss ? 1U : 0U);
    for (const std::string& undone : back.undone) ADD_FAILURE() << undone << " was taken back";
    for (const Action& action : plan.actions) {
      const std::string_view kind = action.kind->name;
      if (kind.find("retire") == std::string_view::npos && kind != "rename_cluster") continue;
      EXPECT_TRUE(world.State().Done(action.id)) << action.summary;
    }
  }
}

// Killed while the first of them was deleted: whether it is gone is not known, so it counts as gone.
TEST(Rollback, GoesBackOnNothingWhoseOriginalMayBeDeleted) {
  const ActionPlan plan = Clusters();
  const std::string member = plan.actions[First(plan, "delete_cluster_member")].id;
  World world(plan);
  world.cloud.faults = [&](std::size_t, const aws::Call& call) {
    return call.operation == "Create" && call.parameters["Name"].asString() == member ? Fault::kCrashAfter
                                                                                      : Fault::kNone;
  };
  for (int i = 0; i < 200 && world.cloud.effects().count("Create " + member) == 0; ++i) {
    world.RunUntilDone(RealGates(), 1);
  }
  ASSERT_TRUE(world.machine.dead);
  world.Revive();
  world.cloud.faults = nullptr;
  const RunReport back = world.RunRollback(true);
  EXPECT_EQ(back.ending, RunEnding::kStopped);
  // The others are protected again; everything else stands.
  for (const Action& action : plan.actions) {
    const std::string_view phase = action.kind->phase;
    if (phase == "retire" || phase == "record") continue;
    EXPECT_TRUE(world.State().Done(action.id)) << action.summary;
  }
}

// Who agreed to lose what one database had written has not agreed to lose what another wrote later.
TEST(Rollback, ALossIsAcceptedAfterItCanHappen) {
  const ActionPlan plan = Clusters();
  const std::string opened = plan.actions[First(plan, "unfence_writes")].id;
  RunState state;
  EXPECT_FALSE(LossAccepted(plan, state));
  const TimePoint noon = ParseTime("2026-11-22T12:00:00Z").value();
  state.actions[opened].stage = ActionState::Stage::kDone;
  state.actions[opened].done = noon;
  EXPECT_FALSE(LossAccepted(plan, state));
  state.losses_accepted.push_back({"alice", "why", noon - std::chrono::hours(1), {}});
  EXPECT_FALSE(LossAccepted(plan, state)) << "agreed to before the point of no return";
  state.losses_accepted.push_back({"alice", "why", noon + std::chrono::hours(1), {}});
  EXPECT_TRUE(LossAccepted(plan, state));
}

// Killed at any request while it goes back, and started again: the same end.
TEST(Rollback, IsResumedWhereItWasKilled) {
  const ActionPlan plan = Clusters();
  const std::string restore = plan.actions[First(plan, "restore_cluster")].id;
  std::size_t before = 0;
  for (std::size_t k = 0; k < 40; ++k) {
    World world(plan);
    world.Approve(NeedApproval(plan), "alice");
    RunOptions options = RealGates();
    options.automatic_rollback = false;
    Refuse(world, restore);
    RunReport report = world.Run(options);
    while (report.ending == RunEnding::kWaiting && report.due) {
      world.clock.MoveTo(*report.due);
      report = world.Run(options);
    }
    before = world.cloud.requests();
    world.cloud.faults = [&](std::size_t number, const aws::Call&) {
      return number == before + k ? (k % 2 == 0 ? Fault::kCrash : Fault::kCrashAfter) : Fault::kNone;
    };
    world.RunRollback(false);
    world.Revive();
    EXPECT_EQ(world.RunRollback(false).ending, RunEnding::kDone) << k;
    EXPECT_TRUE(world.cloud.things().empty()) << k;
    for (const auto& [effect, times] : world.cloud.effects()) EXPECT_EQ(times, 1) << effect << " at " << k;
  }
}

TEST(KeepGoing, OnlyWhatRequiresTheFailedActionIsHeldBack) {
  ActionPlan plan;
  plan.actions.push_back(test::Step("a", {}));
  plan.actions.push_back(test::Step("b", {}));
  plan.actions.push_back(test::Step("after-a", {plan.actions[0].id}));
  plan.actions.push_back(test::Step("after-b", {plan.actions[1].id}));
  for (const bool keep_going : {false, true}) {
    World world(plan);
    Refuse(world, plan.actions[0].id);
    RunOptions options = Options();
    options.keep_going = keep_going;
    EXPECT_EQ(world.Run(options).ending, RunEnding::kStopped);
    EXPECT_EQ(world.State().Done(plan.actions[3].id), keep_going);
    EXPECT_FALSE(world.State().Done(plan.actions[2].id));
  }
}

TEST(Window, HoldsBackWhatUsersNoticeUntilTheirDatabaseIsCutOff) {
  Action action = test::Step("a", {});
  action.maintenance_window = "sun:04:00-sun:05:00";
  const TimePoint sunday = ParseTime("2026-11-22T04:30:00Z").value();
  const TimePoint monday = ParseTime("2026-11-23T04:30:00Z").value();
  EXPECT_FALSE(OutsideWindow(action, false, monday)) << "users notice nothing";
  action.downtime.impact = Downtime::Impact::kUnavailable;
  EXPECT_FALSE(OutsideWindow(action, false, sunday));
  EXPECT_FALSE(OutsideWindow(action, true, monday)) << "a week of downtime is worse than the window";
  const auto due = OutsideWindow(action, false, monday);
  ASSERT_TRUE(due);
  EXPECT_EQ(FormatTime(*due->until), "2026-11-29T04:00:00.000Z");
  action.maintenance_window = "sat:23:30-sun:00:30";
  EXPECT_FALSE(OutsideWindow(action, false, ParseTime("2026-11-22T00:10:00Z").value()));
  EXPECT_TRUE(OutsideWindow(action, false, ParseTime("2026-11-22T00:30:00Z").value()));
}

TEST(Stop, HappensAfterTheOutcomeIsWritten) {
  const ActionPlan plan = test::Chain(4);
  World world(plan);
  int asked = 0;
  RunOptions options = Options();
  options.stop_signal = [&] { return world.cloud.effects().size() >= 2 ? (++asked, 15) : 0; };
  const RunReport report = world.Run(options);
  EXPECT_EQ(report.ending, RunEnding::kInterrupted);
  EXPECT_EQ(report.signal, 15);
  EXPECT_EQ(world.cloud.effects().size(), 2U);
  for (const auto& [id, action] : world.State().actions) EXPECT_FALSE(action.open) << id;
  EXPECT_EQ(world.RunUntilDone(Options(), 2).ending, RunEnding::kDone);
}

// Kinds that no program carries out yet: a person does them. The list only shrinks.
TEST(Handlers, EveryKindHasOne) {
  const std::set<std::string_view> without = {};
  std::set<std::string_view> missing;
  for (const ActionKind* kind : AllActionKinds()) {
    if (FindHandler(kind->name) == nullptr) missing.insert(kind->name);
  }
  EXPECT_EQ(missing, without);
}

}  // namespace
}  // namespace tfseal

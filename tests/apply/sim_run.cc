#include "tests/apply/sim_run.h"

#include "core/time_text.h"

namespace tfseal::test {
namespace {

const TimePoint kStart = ParseTime("2026-11-22T10:00:00.000Z").value();

JsonValue NameOf(const Action& action) {
  JsonValue parameters(Json::objectValue);
  parameters["Name"] = action.id;
  return parameters;
}

Result<JsonValue> Ask(const Action& action, RunContext& context, const char* operation) {
  return context.api.Send({"sim", operation, "us-east-1", NameOf(action)});
}

Result<Probe> ProbeThing(const Action& action, RunContext& context) {
  auto seen = Ask(action, context, "Describe");
  Probe probe;
  probe.text = "it is not there";
  if (!seen.ok() && seen.error().code == ErrorCode::kNotFound) return probe;
  if (!seen.ok()) return seen.error();
  probe.state = (*seen)["Status"].asString() == "available" ? ProbeState::kDone : ProbeState::kUnderway;
  probe.text = "it is " + (*seen)["Status"].asString();
  probe.output["Name"] = action.id;
  probe.evidence["status"] = (*seen)["Status"];
  return probe;
}

Status MakeThing(const Action& action, RunContext& context) {
  TFSEAL_TRY(Ask(action, context, "Create"));
  return {};
}

Status RemoveThing(const Action& action, RunContext& context) {
  TFSEAL_TRY(Ask(action, context, "Delete"));
  return {};
}

constexpr Handler kThing = {
    .kind = "", .probe = ProbeThing, .execute = MakeThing, .probe_undone = ProbeThing, .undo = RemoveThing};

class SimStore : public JournalStore {
 public:
  SimStore(SimDisk& disk, std::unique_ptr<AppendFile> file) : disk_(disk), file_(std::move(file)) {}
  [[nodiscard]] std::string name() const override { return "sim.journal"; }
  Status Lock(const RunIdentity&, TimePoint, bool) override { return {}; }
  Status KeepLock(TimePoint) override { return {}; }
  Status Unlock() override { return {}; }
  Result<std::string> Holder(TimePoint) override { return std::string(); }
  Result<std::string> Read() override { return file_->Read(); }
  Status Append(std::uint64_t, std::string_view framed) override {
    TFSEAL_TRY(file_->Append(framed));
    return file_->Sync();
  }
  Status CutTail(std::size_t bytes) override { return file_->Truncate(bytes); }

 private:
  SimDisk& disk_;
  std::unique_ptr<AppendFile> file_;
};

}  // namespace

const Handler* SimHandler(std::string_view kind) {
  static_cast<void>(kind);
  return &kThing;
}

const Handler* SimOrRealHandler(std::string_view kind) {
  for (const char* real : {"open_wave", "soak", "manual"}) {
    if (kind == real) return FindHandler(kind);
  }
  return &kThing;
}

Action Step(const std::string& name, const std::vector<std::string>& needs) {
  JsonValue payload(Json::objectValue);
  payload["recipe"] = name;
  payload["reason"] = "a step";
  payload["steps"] = JsonValue(Json::arrayValue);
  Action action = MakeAction(kManual, {"", "", name, "", "us-east-1"}, payload);
  action.approvals = 0;
  action.needs = needs;
  return action;
}

ActionPlan Chain(int count) {
  ActionPlan plan;
  for (int i = 0; i < count; ++i) {
    std::vector<std::string> needs;
    if (i > 0) needs.push_back(plan.actions.back().id);
    plan.actions.push_back(Step("step-" + std::to_string(i), needs));
  }
  return plan;
}

World::World(const ActionPlan& the_plan) : plan(the_plan), clock(kStart), cloud(clock, machine) {}

RunOptions Options() {
  RunOptions options;
  options.find_handler = SimHandler;
  return options;
}

std::unique_ptr<JournalStore> World::Store() {
  return std::make_unique<SimStore>(disk, std::make_unique<FaultFile>(disk, machine, file_faults));
}

RunReport World::With(const std::function<RunReport(const RunSurroundings&)>& run, const RunOptions& options) {
  const auto store = Store();
  auto journal = Journal::Open(*store, clock, "digest", plan.actions.size());
  RunReport report;
  report.ending = RunEnding::kStopped;
  if (!journal.ok()) {
    report.problems.push_back({"", "", journal.error().code, journal.error().message, journal.error().hint});
    return report;
  }
  std::map<std::string, JsonValue> outputs;
  RunContext context{cloud, clock, outputs, {}, [](std::string_view) {}};
  RunOptions told = options;
  told.on_event = [this](const RunEvent& event) { events.push_back(event); };
  return run({plan, *store, *journal, clock, context, outputs, told});
}

RunReport World::Run(const RunOptions& options) {
  return With(CarryOutPlan, options);
}

RunReport World::RunRollback(bool accept_loss) {
  return With([accept_loss](const RunSurroundings& run) { return RollBack(run, accept_loss); }, Options());
}

void World::Approve(const std::vector<std::string>& actions, const std::string& by) {
  const auto store = Store();
  auto journal = Journal::Open(*store, clock, "digest", plan.actions.size());
  ASSERT_TRUE(journal.ok());
  JsonValue body(Json::objectValue);
  body["by"] = by;
  body["reason"] = "test";
  for (const std::string& action : actions) body["actions"].append(action);
  ASSERT_TRUE(journal->Write("approved", body).ok());
}

RunState World::State() {
  const auto store = Store();
  auto state = Journal::Look(*store, "digest");
  EXPECT_TRUE(state.ok()) << (state.ok() ? "" : state.error().message);
  return state.ok() ? *state : RunState{};
}

RunReport World::RunUntilDone(const RunOptions& options, int runs_max) {
  RunReport report;
  for (int i = 0; i < runs_max; ++i) {
    Revive();
    report = Run(options);
    if (machine.dead) continue;
    if (report.ending == RunEnding::kDone) return report;
    if (report.ending != RunEnding::kWaiting) continue;
    if (report.due) clock.MoveTo(std::max(clock.Now(), *report.due));
    std::vector<std::string> people;
    for (const Due& due : report.waiting) {
      if (!due.until) people.push_back(due.action);
    }
    if (!people.empty()) Approve(people, "alice");
  }
  return report;
}

}  // namespace tfseal::test

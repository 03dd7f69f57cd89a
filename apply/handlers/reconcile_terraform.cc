#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"
#include "apply/handlers/terraform.h"
#include "apply/terraform_agreement.h"
#include "apply/terraform_program.h"
#include "core/file.h"
#include "core/time_text.h"
#include "terraform/read.h"

namespace tfseal {
namespace {

using std::chrono::seconds;

// A plan of a large estate takes minutes, and waits for the lock of the state.
constexpr seconds kPlanPatience{1800};
constexpr seconds kShowPatience{300};
// Long enough for the next action's look, too short for a person to write something and resume.
constexpr seconds kPlanStaysGood{60};
constexpr std::size_t kOutBytesMax = std::size_t{16} << 20;
constexpr int kNothingToDo = 0;
constexpr int kSomethingToDo = 2;

// A directory that is gone, with the plan in it, when we are: plans hold secrets.
class PlanFolder {
 public:
  explicit PlanFolder(const std::map<std::string, std::string>& environment) {
    const auto chosen = environment.find("TMPDIR");
    const bool usable = chosen != environment.end() && chosen->second.starts_with('/');
    path_ = (usable ? chosen->second : std::string(P_tmpdir)) + "/tfseal-XXXXXX";
    if (::mkdtemp(path_.data()) == nullptr) path_.clear();
  }
  ~PlanFolder() {
    if (path_.empty()) return;
    ::unlink(plan().c_str());
    ::rmdir(path_.c_str());
  }
  PlanFolder(const PlanFolder&) = delete;
  PlanFolder& operator=(const PlanFolder&) = delete;
  [[nodiscard]] bool ok() const { return !path_.empty(); }
  [[nodiscard]] std::string plan() const { return path_ + "/plan"; }

 private:
  std::string path_;
};

Error Failed(const std::string& program, std::string_view what, const std::string& directory,
             const ProgramResult& result) {
  return {ErrorCode::kConflict,
          fmt::format("`{} {}` failed in {}{}{}", program, what, directory, result.complaint.empty() ? "" : ": ",
                      result.complaint),
          fmt::format("run it there by hand, correct what it says, then tfseal resume")};
}

// Lineage and serial: equal before and after planning, or somebody changed the state meanwhile.
Result<JsonValue> StateVersion(const std::string& program, const std::string& directory) {
  TFSEAL_ASSIGN(const ProgramResult pulled, RunTerraform(program, {"state", "pull"}, directory, kShowPatience));
  if (pulled.exit_code != 0) return Failed(program, "state pull", directory, pulled);
  JsonValue version(Json::objectValue);
  const auto state = ParseJson(pulled.out);
  if (!state.ok() || !state->isObject()) return version;
  version["lineage"] = (*state)["lineage"];
  version["serial"] = (*state)["serial"];
  return version;
}

using Plan = RunContext::TerraformPlan;

Result<Plan> MakePlan(const std::string& program, RunContext& context) {
  const std::string& directory = context.settings.terraform_dir;
  const PlanFolder folder(context.settings.environment);
  if (!folder.ok())
    return Error{ErrorCode::kUnavailable, "cannot make a directory for the Terraform plan", "set TMPDIR"};
  TFSEAL_ASSIGN(const JsonValue before, StateVersion(program, directory));
  TFSEAL_ASSIGN(const ProgramResult planned, RunTerraform(program,
                                                          {"plan", "-input=false", "-no-color", "-lock-timeout=60s",
                                                           "-detailed-exitcode", "-out=" + folder.plan()},
                                                          directory, kPlanPatience));
  if (planned.exit_code != kNothingToDo && planned.exit_code != kSomethingToDo) {
    return Failed(program, "plan", directory, planned);
  }
  TFSEAL_ASSIGN(ProgramResult shown,
                RunTerraform(program, {"show", "-json", "-no-color", folder.plan()}, directory, kShowPatience));
  if (shown.exit_code != 0) return Failed(program, "show", directory, shown);
  TFSEAL_ASSIGN(JsonValue after, StateVersion(program, directory));
  if (before != after) {
    return Error{ErrorCode::kUnavailable, "the Terraform state changed while it was planned: another run is at work",
                 "let nobody else run Terraform until this is done, then tfseal resume"};
  }
  return Plan{planned.exit_code, std::move(shown.out), std::move(after), context.clock.Now()};
}

// Several actions that look one after the other look at one plan, unless somebody applied something meanwhile.
Result<const Plan*> CurrentPlan(const std::string& program, RunContext& context) {
  std::optional<Plan>& kept = context.terraform_plan;
  if (kept && context.clock.Now() - kept->made < kPlanStaysGood) {
    TFSEAL_ASSIGN(const JsonValue state, StateVersion(program, context.settings.terraform_dir));
    if (state == kept->state) return &*kept;
  }
  kept.reset();
  if (context.progress) context.progress(fmt::format("{} plan in {}", program, context.settings.terraform_dir));
  TFSEAL_ASSIGN(kept, MakePlan(program, context));
  return &*kept;
}

Result<Agreement> Judge(const Plan& plan, const Action& action, const RunContext& context) {
  TFSEAL_ASSIGN(const terraform::Document document,
                terraform::ReadDocumentFromMemory(plan.shown, "the Terraform plan", terraform::Interest::Everything()));
  std::set<std::string> others = context.not_reconciled;
  others.erase(action.target.address);
  // What is only known now: ids of what was made.
  Action resolved = action;
  if (action.payload.isMember("identity")) {
    TFSEAL_ASSIGN(resolved.payload["identity"], ResolveParameters(action.payload["identity"], context.outputs));
  }
  Agreement agreement = JudgeAgreement(document, resolved, others);
  agreement.evidence["state"] = plan.state;
  agreement.evidence["exit_code"] = plan.exit_code;
  return agreement;
}

// The lines for the configuration, once for each action, under the names that the user gave.
Status WriteOut(const Action& action, RunContext& context) {
  const std::string& path = context.settings.terraform_out;
  if (path.empty()) return {};
  auto content = ReadFileBounded(path, kOutBytesMax);
  if (!content.ok() && content.error().code != ErrorCode::kNotFound) return content.error();
  std::string text = content.ok() ? *content : std::string();
  const std::string mark = fmt::format("# tfseal action {}", action.id);
  if (text.find(mark) != std::string::npos) return {};
  text += fmt::format("{}{}: {}\n{}\n", text.empty() ? "" : "\n", mark, action.target.address,
                      WithNames(action.payload["hcl"].asString(), action, context.outputs));
  for (const JsonValue& argument : action.payload["remove"])
    text += fmt::format("# take out: {}\n", argument.asString());
  for (const JsonValue& command : action.payload["commands"]) text += fmt::format("# then: {}\n", command.asString());
  return WriteFileAtomically(path, text);
}

std::string Commands(const Action& action) {
  std::string text;
  for (const JsonValue& command : action.payload["commands"]) text += (text.empty() ? "" : "; ") + command.asString();
  return text;
}

Probe ToBeWritten(const Action& action, const RunContext& context, const std::string& why, const std::string& hint) {
  const std::string where = context.settings.terraform_out.empty()
                                ? "tfseal status shows what to write (--terraform-out FILE writes it)"
                                : "what to write is in " + context.settings.terraform_out;
  const std::string commands = Commands(action);
  return Waiting(fmt::format("{}; {}{}{}", why, where, commands.empty() ? "" : ", then run: ", commands),
                 hint.empty() ? "no other Terraform run before this is done; then tfseal resume" : hint);
}

TimePoint CutOver(const Action& action, const RunContext& context) {
  TimePoint latest{};
  for (const std::string& need : action.needs) {
    const auto done = context.done.find(need);
    if (done != context.done.end()) latest = std::max(latest, done->second.at);
  }
  return latest;
}

// An empty plan that somebody showed, if it was made after what it has to agree with.
Result<Probe> JudgeShown(const Action& action, RunContext& context) {
  const auto shown = context.shown.find(action.id);
  const std::string how = fmt::format(
      "tfseal approve ACTIONS --action {} --plan-json FILE --by NAME --reason TEXT, or tfseal resume --terraform-dir "
      "DIR",
      action.id);
  if (shown == context.shown.end() || !shown->second["plan_json"].isObject()) {
    return ToBeWritten(action, context, "the Terraform configuration has to agree with what was done", how);
  }
  const JsonValue& plan = shown->second["plan_json"];
  const auto made = ParseTime(plan["made"].isString() ? plan["made"].asString() : "");
  if (!made || *made < CutOver(action, context)) {
    return Waiting(
        "the Terraform plan that was shown is older than what it has to agree with, or does not say when "
        "it was made",
        how);
  }
  return Done("an empty Terraform plan was shown", JsonValue(Json::objectValue), shown->second);
}

}  // namespace

Result<Probe> ProbeTerraformAgrees(const Action& action, RunContext& context) {
  TFSEAL_TRY(WriteOut(action, context));
  if (context.settings.terraform_dir.empty()) return JudgeShown(action, context);
  const std::string program = TerraformOnPath(context.settings.terraform_program);
  if (program.empty()) return Conflict("neither terraform nor tofu is on PATH", "install it, then tfseal resume");
  TFSEAL_ASSIGN(const Plan* plan, CurrentPlan(program, context));
  TFSEAL_ASSIGN(const Agreement agreement, Judge(*plan, action, context));
  switch (agreement.kind) {
    case Agreement::Kind::kAgrees:
      if (plan->exit_code != kNothingToDo && agreement.evidence["left_for_later"].empty()) {
        return ToBeWritten(action, context, "the Terraform plan still changes outputs", "apply it, then tfseal resume");
      }
      return Done(agreement.text, JsonValue(Json::objectValue), agreement.evidence);
    case Agreement::Kind::kDiffers:
    case Agreement::Kind::kDangerous:
      return ToBeWritten(action, context, agreement.text, agreement.hint);
    case Agreement::Kind::kUnusable:
      return Conflict(agreement.text, agreement.hint);
  }
  return Conflict("the Terraform plan cannot be judged", "");
}

const Handler kReconcileTerraformHandler = {.kind = "reconcile_terraform", .probe = ProbeTerraformAgrees};

}  // namespace tfseal

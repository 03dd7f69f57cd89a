#include "cli/fleet_run.h"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "cli/fleet_output.h"
#include "cli/output.h"
#include "cli/policy_source.h"
#include "cli/report_formats.h"
#include "fleet/fleet_report.h"
#include "fleet/run_in_order.h"
#include "report/clean.h"
#include "terraform/read.h"

namespace tfseal::cli {
namespace {

using fleet::JudgedDocument;
using terraform::Document;

// What all documents of a run are judged by.
struct Setting {
  PolicyFile policy;
  Baseline baseline;
  Judging judging;
  std::span<const OpenObligation> obligations;
};

report::Circumstances AmongMany(const Arguments& arguments, const std::string& path) {
  report::Circumstances circumstances = CircumstancesOf(arguments);
  circumstances.among_many = report::Clean(path);
  return circumstances;
}

void TakeNotes(const Document& document, JudgedDocument& judged) {
  for (const std::string& note : document.notes) judged.assessment.notes.push_back(report::Clean(note));
}

JudgedDocument JudgePlan(const Document& plan, const Setting& setting, const Arguments& arguments) {
  const GateReport report = Gate(plan, setting.policy, arguments.now, setting.judging);
  const report::Circumstances circumstances = AmongMany(arguments, plan.path);
  if (report.verdict == GateVerdict::kUnusable) {
    return fleet::NotJudged(plan.path, {ErrorCode::kInvalidInput, report.unusable_because, ""}, circumstances, "gate");
  }
  JudgedDocument judged{
      report::Clean(plan.path), report::AssessGate(report, plan, setting.policy, circumstances), "", "", {}};
  TakeNotes(plan, judged);
  return judged;
}

JudgedDocument JudgeState(const Document& state, const Setting& setting, const Arguments& arguments) {
  const report::Circumstances circumstances = AmongMany(arguments, state.path);
  if (const auto refused = NotToBeVerified(state)) {
    return fleet::NotJudged(state.path, *refused, circumstances, "verify");
  }
  const VerifyReport report = Verify({&state, 1}, setting.policy, {}, arguments.now, setting.judging);
  JudgedDocument judged{report::Clean(state.path),
                        report::AssessVerify(report, {&state, 1}, setting.policy, circumstances), "", "",
                        CloseObligations(state, setting.obligations, setting.policy, arguments.now)};
  TakeNotes(state, judged);
  return judged;
}

// What a report in JSON says must be enough for every format that it is merged into: accounts, and all that changes.
terraform::Interest InterestFor(const Arguments& arguments, const ReportFormats& formats, fleet::Kind kind) {
  if (kind != fleet::Kind::kPlans) return GateInterest();
  const bool json = std::any_of(arguments.outputs.begin(), arguments.outputs.end(),
                                [](const OutputRequest& output) { return output.format.starts_with("json"); });
  return (json ? terraform::Interest::Everything() : formats.Widen(GateInterest())).ChangesOnly();
}

using Judge = JudgedDocument (*)(const Document& document, const Setting& setting, const Arguments& arguments);

ExitCode RunFleet(const Arguments& arguments, const Ui& ui, fleet::Kind kind, Judge judge,
                  std::span<const OpenObligation> obligations) {
  if (const Status refused = RefuseOutputOverInput(arguments); !refused.ok()) {
    ui.Fail(refused.error());
    return ExitCode::kUsage;
  }
  auto policy = LoadPolicyForReport(arguments, ui);
  if (!policy) return ExitCode::kUsage;
  auto baseline = LoadBaseline(arguments, ui);
  if (!baseline) return ExitCode::kFailed;
  const auto inputs = FleetInputs(arguments, kind);
  if (!inputs.ok()) {
    ui.Fail(inputs.error());
    return ExitCode::kFailed;
  }
  Setting setting{std::move(*policy), std::move(*baseline), {}, obligations};
  const ReportFormats formats(arguments);
  setting.judging = JudgingFor(arguments, formats, setting.baseline);
  setting.judging.listing = Listing::kEverything;
  fleet::Run run{arguments.command,
                 TFSEAL_VERSION,
                 arguments.now,
                 report::Clean(arguments.environment),
                 report::Clean(setting.policy.path),
                 setting.policy.sha256,
                 report::Clean(setting.policy.profile),
                 fleet::ParseShard(arguments.shard).value_or(fleet::Shard()),
                 setting.policy.waiver_rules.max_findings,
                 AnyWaiverRefused(setting.policy, arguments),
                 report::OwnRules(setting.policy)};
  const terraform::Interest interest = InterestFor(arguments, formats, kind);
  fleet::FleetReport report(std::move(run));
  Status added;
  fleet::RunInOrder<fleet::Kept>(
      inputs->size(), JobsOf(arguments),
      [&](std::size_t i) {
        const std::string& path = (*inputs)[i];
        const auto not_judged = [&](const Error& error) {
          return fleet::Keep(fleet::NotJudged(path, error, AmongMany(arguments, path), arguments.command));
        };
        auto document = terraform::ReadDocument(path, interest);
        if (!document.ok()) return not_judged(document.error());
        if (const Status attached = AttachSources(arguments, *document); !attached.ok()) {
          return not_judged(attached.error());
        }
        return fleet::Keep(judge(*document, setting, arguments));
      },
      [&](std::size_t, const fleet::Kept& kept) {
        if (added.ok()) added = report.Add(kept);
      });
  if (added.ok()) added = report.Finish();
  if (!added.ok()) {
    ui.Fail(added.error());
    return ExitCode::kFailed;
  }
  return DeliverFleet(report, arguments, ui);
}

}  // namespace

std::optional<Error> NotToBeVerified(const Document& document) {
  if (document.state_version == 3) {
    return Error{
        ErrorCode::kUnsupportedVersion,
        fmt::format("{}: a state of Terraform 0.11 (version 3) is read for `tfseal facts` only", document.path),
        "open it with Terraform 0.12 or newer, which rewrites it"};
  }
  if (document.errored == true) {
    return Error{ErrorCode::kInvalidInput,
                 fmt::format("{}: the plan is marked as errored, so it is incomplete", document.path),
                 "fix the error and plan again"};
  }
  if (document.changes_missing) {
    return Error{ErrorCode::kInvalidInput,
                 fmt::format("{}: planned_values has resources, but neither resource_changes nor prior_state has any",
                             document.path),
                 "write the file again with `terraform show -json PLANFILE > FILE`"};
  }
  return std::nullopt;
}

bool IsFleet(const Arguments& arguments) {
  return arguments.operands.size() > 1 || !arguments.shard.empty() ||
         std::any_of(arguments.operands.begin(), arguments.operands.end(), fleet::StandsForMany);
}

Result<std::vector<std::string>> FleetInputs(const Arguments& arguments, fleet::Kind kind) {
  auto inputs = fleet::Expand(arguments.operands, kind);
  if (!inputs.ok() || arguments.shard.empty()) return inputs;
  const fleet::Shard shard = fleet::ParseShard(arguments.shard).value_or(fleet::Shard());
  std::erase_if(*inputs, [&](const std::string& path) { return !fleet::IsIn(shard, path); });
  return inputs;
}

int JobsOf(const Arguments& arguments) {
  constexpr int kJobsMax = 64;
  if (arguments.jobs > 0) return arguments.jobs;
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0) return std::clamp(CPU_COUNT(&allowed), 1, kJobsMax);
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kJobsMax);
}

ExitCode RunGateFleet(const Arguments& arguments, const Ui& ui) {
  return RunFleet(arguments, ui, fleet::Kind::kPlans, JudgePlan, {});
}

ExitCode RunVerifyFleet(const Arguments& arguments, const Ui& ui, std::span<const OpenObligation> obligations) {
  return RunFleet(arguments, ui, fleet::Kind::kPlansAndStates, JudgeState, obligations);
}

}  // namespace tfseal::cli

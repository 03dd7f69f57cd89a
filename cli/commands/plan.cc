#include "planner/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/policy_source.h"
#include "core/file.h"
#include "fleet/inputs.h"
#include "planner/render.h"
#include "report/render.h"
#include "terraform/read.h"

namespace tfseal::cli {
namespace {

std::string Render(const ActionPlan& plan, std::string_view format) {
  if (format == "json") return WriteJsonDocument(ToJson(plan));
  if (format == "markdown") return RenderMarkdown(plan);
  if (format == "mermaid") return RenderMermaid(plan);
  if (format == "html") return report::Html(plan);
  return RenderText(plan);
}

}  // namespace

ExitCode RunPlan(const Arguments& given, const Ui& ui) {
  Arguments arguments = given;
  if (std::any_of(given.operands.begin(), given.operands.end(), fleet::StandsForMany)) {
    auto inputs = fleet::Expand(given.operands, fleet::Kind::kPlansAndStates);
    if (!inputs.ok()) {
      ui.Fail(inputs.error());
      return ExitCode::kFailed;
    }
    arguments.operands = std::move(*inputs);
  }
  if (const Status refused = RefuseOutputOverInput(arguments); !refused.ok()) {
    ui.Fail(refused.error());
    return ExitCode::kUsage;
  }
  const auto policy = LoadPolicy(arguments, ui);
  if (!policy) return ExitCode::kUsage;
  std::vector<terraform::Document> documents;
  for (const std::string& path : arguments.operands) {
    auto document = terraform::ReadDocument(path, terraform::Interest::Everything());
    if (!document.ok()) {
      ui.Fail(document.error());
      return ExitCode::kFailed;
    }
    if (document->changes_missing) {
      ui.Fail(
          {ErrorCode::kInvalidInput,
           fmt::format("{}: planned_values has resources, but neither resource_changes nor prior_state has any", path),
           "write the file again with `terraform show -json PLANFILE > FILE`"});
      return ExitCode::kFailed;
    }
    for (const std::string& note : document->notes) ui.Note(fmt::format("note: {}: {}", path, note));
    documents.push_back(std::move(document).value());
  }
  const auto plan = MakePlan(documents, *policy, {.strategy = arguments.strategy, .now = arguments.now});
  if (!plan.ok()) {
    ui.Fail(plan.error());
    return plan.error().code == ErrorCode::kUsage ? ExitCode::kUsage : ExitCode::kFailed;
  }
  if (!arguments.out.empty()) {
    if (const Status written = WriteFileAtomically(arguments.out, Render(*plan, "json")); !written.ok()) {
      ui.Fail(written.error());
      return ExitCode::kFailed;
    }
  }
  const Status delivered = Deliver(arguments, ui, [&](std::string_view format) { return Render(*plan, format); });
  if (!delivered.ok()) {
    ui.Fail(delivered.error());
    return ExitCode::kFailed;
  }
  ui.Note(fmt::format("plan: {} actions{}{}", plan->actions.size(), plan->complete() ? "" : ", not complete",
                      arguments.out.empty() ? "" : ", written to " + arguments.out));
  return arguments.detailed_exitcode && plan->changes() > 0 ? ExitCode::kActions : ExitCode::kDone;
}

}  // namespace tfseal::cli

#include <fmt/format.h>

#include "cli/commands.h"
#include "core/file.h"
#include "planner/action_plan.h"
#include "planner/render.h"

namespace tfseal::cli {
namespace {

constexpr std::size_t kPlanBytesMax = std::size_t{256} << 20;

Result<ActionPlan> LoadPlan(const std::string& path) {
  TFSEAL_ASSIGN(const std::string text, ReadFileBounded(path, kPlanBytesMax));
  auto json = ParseJson(text);
  auto plan = json.ok() ? ActionPlanFromJson(*json) : Result<ActionPlan>(json.error());
  if (plan.ok()) return plan;
  Error error = plan.error();
  error.message = fmt::format("{}: {}", path, error.message);
  return error;
}

}  // namespace

ExitCode RunExport(const Arguments& arguments, const Ui& ui) {
  const std::string& format = arguments.operands[0];
  if (format == "asl" || format == "ssm") {
    ui.Fail(Error{ErrorCode::kUsage, fmt::format("export {} is not in this version of tfseal", format),
                  "markdown, mermaid and text are"});
    return ExitCode::kUsage;
  }
  if (format != "markdown" && format != "mermaid" && format != "text") {
    ui.Fail(Error{ErrorCode::kUsage, "export: unknown format " + format, "one of markdown, mermaid, text"});
    return ExitCode::kUsage;
  }
  const auto plan = LoadPlan(arguments.operands[1]);
  if (!plan.ok()) {
    ui.Fail(plan.error());
    return ExitCode::kFailed;
  }
  const Status printed = ui.Print(format == "mermaid"    ? RenderMermaid(*plan)
                                  : format == "markdown" ? RenderMarkdown(*plan)
                                                         : RenderText(*plan));
  if (printed.ok()) return ExitCode::kDone;
  ui.Fail(printed.error());
  return ExitCode::kFailed;
}

}  // namespace tfseal::cli

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/run_session.h"
#include "planner/render.h"

namespace tfseal::cli {
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
  const auto plan = LoadActionPlan(arguments.operands[1]);
  if (!plan.ok()) {
    ui.Fail(plan.error());
    return ExitCode::kFailed;
  }
  const Status printed = ui.Print(format == "mermaid"    ? RenderMermaid(plan->plan)
                                  : format == "markdown" ? RenderMarkdown(plan->plan)
                                                         : RenderText(plan->plan));
  if (printed.ok()) return ExitCode::kDone;
  ui.Fail(printed.error());
  return ExitCode::kFailed;
}

}  // namespace tfseal::cli

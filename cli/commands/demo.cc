#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "cli/commands.h"
#include "cli/embedded.h"
#include "cli/render/text.h"
#include "core/file.h"

namespace tfseal::cli {
namespace {

constexpr const char* kFolder = "tfseal-demo";

struct Step {
  const char* says;
  const char* command;  // as a user would type it, behind "tfseal "
  ExitCode (*run)(const Arguments& arguments, const Ui& ui);
  Arguments arguments;
  std::string shows_start_of = {};  // a file the step wrote and that is too long to show whole
};

constexpr std::size_t kDocumentBytesMax = std::size_t{16} << 20;

// The beginning of a long text: everything before its list of actions, and the first few of those.
std::string StartOf(const std::string& path) {
  const auto text = ReadFileBounded(path, kDocumentBytesMax);
  if (!text.ok()) return {};
  std::size_t end = text->find("\nwave ");
  for (int line = 0; line < 24 && end != std::string::npos; ++line) end = text->find('\n', end + 1);
  return end == std::string::npos ? *text : text->substr(0, end + 1) + fmt::format("  ... all of it: {}\n", path);
}

Arguments ArgumentsFor(const Arguments& given, const char* command, const char* document) {
  Arguments arguments = given;
  arguments.command = command;
  arguments.operands = {fmt::format("{}/{}", kFolder, document)};
  arguments.config = fmt::format("{}/tfseal.yaml", kFolder);
  return arguments;
}

Status WriteDocuments() {
  if (::mkdir(kFolder, 0755) != 0 && errno != EEXIST) {
    return Error{ErrorCode::kUnavailable, fmt::format("{}: cannot be created: {}", kFolder, std::strerror(errno)),
                 "run it in a directory that you may write to"};
  }
  for (const EmbeddedFile& file : EmbeddedDemo()) {
    const char* name = file.name == "tfseal"            ? "tfseal.yaml"
                       : file.name.starts_with("state") ? "state.json"
                                                        : "plan.json";
    TFSEAL_TRY(WriteFileAtomically(fmt::format("{}/{}", kFolder, name), file.text));
  }
  return {};
}

std::vector<Step> Steps(const Arguments& given) {
  Arguments plan = ArgumentsFor(given, "plan", "state.json");
  plan.out = fmt::format("{}/actions.json", kFolder);
  const std::string plan_text = fmt::format("{}/actions.txt", kFolder);
  plan.outputs = {{"markdown", fmt::format("{}/actions.md", kFolder)}, {"text", plan_text}};
  return {
      {"Four Aurora clusters in two environments, captured from a real `terraform apply`. What is there?",
       "facts tfseal-demo/state.json", RunFacts, ArgumentsFor(given, "facts", "state.json")},
      {"Somebody sets storage_encrypted = true on one of them. What would `terraform apply` do?",
       "gate tfseal-demo/plan.json --config tfseal-demo/tfseal.yaml", RunGate,
       ArgumentsFor(given, "gate", "plan.json")},
      {"It would destroy the data. The way that keeps it, for all four:",
       "plan tfseal-demo/state.json --config tfseal-demo/tfseal.yaml --out tfseal-demo/actions.json", RunPlan, plan,
       plan_text},
      {"And does the state comply today?", "verify tfseal-demo/state.json --config tfseal-demo/tfseal.yaml", RunVerify,
       ArgumentsFor(given, "verify", "state.json")},
  };
}

}  // namespace

ExitCode RunDemo(const Arguments& arguments, const Ui& ui) {
  if (const Status written = WriteDocuments(); !written.ok()) {
    ui.Fail(written.error());
    return ExitCode::kFailed;
  }
  for (const Step& step : Steps(arguments)) {
    const Status printed =
        ui.Print(fmt::format("\n{}\n{}\n\n", Styled(fmt::format("# {}", step.says), Style::kDim, ui.color()),
                             Styled(fmt::format("$ tfseal {}", step.command), Style::kBold, ui.color())));
    if (!printed.ok()) return ExitCode::kFailed;
    // The exit code of a step is part of the show: gate denies, verify finds faults.
    const ExitCode code = step.run(step.arguments, ui);
    if (code == ExitCode::kFailed || code == ExitCode::kUsage) return ExitCode::kFailed;
    const std::string shown = step.shows_start_of.empty() ? "" : StartOf(step.shows_start_of);
    if (const Status ended = ui.Print(fmt::format("{}(exit {})\n", shown, static_cast<int>(code))); !ended.ok()) {
      return ExitCode::kFailed;
    }
  }
  const Status printed = ui.Print(fmt::format(
      "\n{}/ holds the documents, the policy and the action plan: actions.json, actions.md, actions.txt\n", kFolder));
  return printed.ok() ? ExitCode::kDone : ExitCode::kFailed;
}

}  // namespace tfseal::cli

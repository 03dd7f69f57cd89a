#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "cli/commands.h"
#include "cli/policy_source.h"
#include "cli/render/text.h"
#include "policy/control.h"

namespace tfseal::cli {
namespace {

std::string OnPath(std::string_view program) {
  const char* variable = std::getenv("PATH");
  std::string_view path = variable == nullptr ? "" : variable;
  while (!path.empty()) {
    const std::size_t colon = path.find(':');
    const std::string candidate = fmt::format("{}/{}", path.substr(0, colon), program);
    path.remove_prefix(colon == std::string_view::npos ? path.size() : colon + 1);
    if (candidate.starts_with('/') && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return "";
}

}  // namespace

// Nothing here leaves the machine: no account is asked, no program is run.
ExitCode RunDoctor(const Arguments& arguments, const Ui& ui) {
  std::string out;
  const auto line = [&](bool well, std::string_view what, const std::string& detail) {
    out += fmt::format("{}  {:<12} {}\n",
                       Styled(well ? "ok  " : "note", well ? Style::kGreen : Style::kYellow, ui.color()), what,
                       Printable(detail));
  };
  line(true, "tfseal", fmt::format("{} with {} controls", TFSEAL_VERSION, AllControls().size()));
  const std::string terraform = OnPath("terraform");
  const std::string tofu = OnPath("tofu");
  const bool either = !terraform.empty() || !tofu.empty();
  const std::string absent =
      either ? "not on PATH" : "not on PATH: saved plans must be turned into JSON where they were made";
  line(either, "terraform", terraform.empty() ? absent : terraform);
  line(either, "tofu", tofu.empty() ? absent : tofu);
  const bool has_config = !arguments.config.empty() || ::access("tfseal.yaml", F_OK) == 0;
  const auto policy = LoadPolicy(arguments, ui);
  if (policy && has_config) {
    line(true, "policy",
         fmt::format("{}: {} environments, {} waivers", policy->path, policy->environments.size(),
                     policy->waivers.size()));
  } else if (policy) {
    line(false, "policy", "no tfseal.yaml here, so the built-in defaults apply; tfseal init writes one");
  }
  const Status printed = ui.Print(out);
  if (!printed.ok()) return ExitCode::kFailed;
  return policy ? ExitCode::kDone : ExitCode::kUsage;
}

}  // namespace tfseal::cli

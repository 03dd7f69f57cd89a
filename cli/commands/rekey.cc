#include <fmt/format.h>

#include <array>
#include <string_view>
#include <vector>

#include "cli/commands.h"
#include "cli/rekey_session.h"
#include "core/suggest.h"

namespace tfseal::cli {
namespace {

struct Subcommand {
  std::string_view name;
  ExitCode (*run)(const Arguments& arguments, const Ui& ui);
};

// One line each.
constexpr std::array kSubcommands = {
    Subcommand{"plan", RunRekeyPlan},
    Subcommand{"verify", RunRekeyVerify},
    Subcommand{"retire", RunRekeyRetire},
    Subcommand{"setup", RunRekeySetup},
    Subcommand{"run", RunRekeyRun},
    Subcommand{"status", RunRekeyStatus},
    Subcommand{"pause", RunRekeyPause},
    Subcommand{"resume", RunRekeyResume},
    Subcommand{"cancel", RunRekeyCancel},
    Subcommand{"set-rate", RunRekeySetRate},
    Subcommand{"prune-tokens", RunRekeyPruneTokens},
};

}  // namespace

ExitCode RunRekey(const Arguments& arguments, const Ui& ui) {
  const std::string& word = arguments.operands.front();
  std::vector<std::string_view> names;
  for (const Subcommand& subcommand : kSubcommands) {
    if (subcommand.name == word) return subcommand.run(arguments, ui);
    names.push_back(subcommand.name);
  }
  const std::string_view nearest = Nearest(word, names);
  ui.Fail(Error{
      ErrorCode::kUsage, fmt::format("rekey: there is no subcommand {}", word),
      nearest.empty() ? fmt::format("one of {}", fmt::join(names, ", ")) : fmt::format("did you mean {}?", nearest)});
  return ExitCode::kUsage;
}

}  // namespace tfseal::cli

#include <fmt/format.h>

#include "cli/commands.h"
#include "policy/control.h"

namespace tfseal::cli {
namespace {

std::string CommandNames() {
  std::string names;
  for (const CommandHelp& command : Commands()) names += (names.empty() ? "" : " ") + std::string(command.name);
  return names;
}

std::string Bash() {
  std::string script = "# tfseal completion for bash: source <(tfseal completion bash)\n_tfseal() {\n";
  script +=
      "  local cur=\"${COMP_WORDS[COMP_CWORD]}\" words\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W \"" +
      CommandNames() +
      " --help --version\" -- \"$cur\"))\n"
      "    return\n"
      "  fi\n"
      "  case \"${COMP_WORDS[1]}\" in\n";
  for (const CommandHelp& command : Commands()) {
    script += fmt::format("    {}) words=\"{}\" ;;\n", command.name, fmt::join(FlagsOf(command.name), " "));
  }
  script +=
      "  esac\n"
      "  case \"$cur\" in\n"
      "    -*) COMPREPLY=($(compgen -W \"$words\" -- \"$cur\")) ;;\n"
      "    *) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n"
      "  esac\n"
      "}\n"
      "complete -o filenames -F _tfseal tfseal\n";
  return script;
}

std::string Zsh() {
  std::string script =
      "#compdef tfseal\n# tfseal completion for zsh: tfseal completion zsh > \"${fpath[1]}/_tfseal\"\n";
  script += "_tfseal() {\n  if (( CURRENT == 2 )); then\n    local -a commands=(\n";
  for (const CommandHelp& command : Commands()) {
    script += fmt::format("      '{}:{}'\n", command.name, command.summary);
  }
  script += "    )\n    _describe command commands\n    return\n  fi\n  local -a flags\n  case ${words[2]} in\n";
  for (const CommandHelp& command : Commands()) {
    script += fmt::format("    {}) flags=({}) ;;\n", command.name, fmt::join(FlagsOf(command.name), " "));
  }
  script +=
      "  esac\n  if [[ $PREFIX == -* ]]; then\n    compadd -a flags\n  else\n    _files\n  fi\n}\n_tfseal \"$@\"\n";
  return script;
}

std::string Fish() {
  std::string script =
      "# tfseal completion for fish: tfseal completion fish > ~/.config/fish/completions/tfseal.fish\n";
  for (const CommandHelp& command : Commands()) {
    script +=
        fmt::format("complete -c tfseal -n __fish_use_subcommand -f -a {} -d '{}'\n", command.name, command.summary);
    for (const std::string& flag : FlagsOf(command.name)) {
      script +=
          fmt::format("complete -c tfseal -n '__fish_seen_subcommand_from {}' -l {}\n", command.name, flag.substr(2));
    }
  }
  return script;
}

}  // namespace

ExitCode RunCompletion(const Arguments& arguments, const Ui& ui) {
  const std::string& shell = arguments.operands.front();
  std::string script;
  if (shell == "bash") script = Bash();
  if (shell == "zsh") script = Zsh();
  if (shell == "fish") script = Fish();
  if (script.empty()) {
    ui.Fail(Error{ErrorCode::kUsage, fmt::format("completion: there is none for {}", shell), "bash, zsh or fish"});
    return ExitCode::kUsage;
  }
  const Status printed = ui.Print(script);
  if (!printed.ok()) ui.Fail(printed.error());
  return printed.ok() ? ExitCode::kDone : ExitCode::kFailed;
}

}  // namespace tfseal::cli

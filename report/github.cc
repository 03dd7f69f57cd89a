#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "report/render.h"
#include "report/words.h"

// Workflow commands of GitHub Actions: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
namespace tfseal::report {
namespace {

// GitHub shows ten annotations of each kind for a step, and passes over the rest in silence.
constexpr std::size_t kAnnotationsMax = 10;

struct Kind {
  std::string_view command;
  Standing standing;
  std::string_view what;
};
constexpr Kind kKinds[] = {
    {"error", Standing::kFails, "fail"},
    {"warning", Standing::kUndecided, "cannot be decided"},
    {"notice", Standing::kAdvice, "are advice"},
};

// As the runner takes it apart: a property ends at a comma or colon, a command at the end of its line.
std::string Escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    const bool escape = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    if (escape) {
      out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      out += c;
    }
  }
  return out;
}

std::string Line(const Assessment& assessment, const Kind& kind, const Check& check) {
  std::string properties;
  if (!check.place.file.empty()) {
    properties = fmt::format("file={},line={},", Escaped(check.place.file, true), std::max(check.place.line, 1));
  }
  const Rule& rule = assessment.RuleOf(check);
  std::string message = fmt::format("{}: {}", check.address, check.message);
  if (const std::string_view document = assessment.Among(check.document); !document.empty()) {
    message += fmt::format(" ({})", document);
  }
  if (!check.remedy.empty()) message += fmt::format("\nfix: {}", check.remedy);
  message += fmt::format("\ntfseal explain {}", check.rule);
  return fmt::format("::{} {}title={}::{}\n", kind.command, properties,
                     Escaped(fmt::format("{} {}", check.rule, rule.title), true), Escaped(message, false));
}

}  // namespace

std::string GitHubAnnotations(const Assessment& assessment) {
  std::string out;
  for (const Kind& kind : kKinds) {
    std::vector<const Check*> checks;
    for (const Check& check : assessment.checks) {
      if (check.standing == kind.standing) checks.push_back(&check);
    }
    const std::size_t shown = checks.size() > kAnnotationsMax ? kAnnotationsMax - 1 : checks.size();
    for (std::size_t i = 0; i < shown; ++i) out += Line(assessment, kind, *checks[i]);
    if (shown < checks.size()) {
      out += fmt::format(
          "::{} title={}::{}\n", kind.command, Escaped(fmt::format("tfseal: {}", assessment.verdict), true),
          Escaped(fmt::format("{} more {}; GitHub shows {} of a kind for a step, the other formats have all",
                              checks.size() - shown, kind.what, kAnnotationsMax),
                  false));
    }
  }
  return out;
}

}  // namespace tfseal::report

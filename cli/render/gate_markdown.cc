#include <fmt/format.h>

#include "cli/render/text.h"
#include "cli/ui.h"

namespace tfseal::cli {
namespace {

// One cell of a table: nothing that ends it, starts HTML or turns into markup.
std::string Cell(std::string_view text) {
  std::string cell;
  for (const char c : Printable(text)) {
    if (c == '|' || c == '\\' || c == '`' || c == '*' || c == '_' || c == '[' || c == ']') cell += '\\';
    if (c == '<') {
      cell += "&lt;";
    } else if (c == '&') {
      cell += "&amp;";
    } else if (c == '@') {
      cell += "&#64;";  // mentions nobody
    } else {
      cell += c;
    }
  }
  return cell;
}

std::string Code(std::string_view text) {
  std::string code;
  for (const char c : Printable(text)) {
    if (c == '|') {
      code += "\\|";
    } else {
      code += c == '`' ? '\'' : c;
    }
  }
  return "`" + code + "`";
}

void AppendFindingTable(const std::string& heading, const std::vector<const Finding*>& findings, std::string& out) {
  if (findings.empty()) return;
  out += fmt::format("\n### {}\n\n| resource | topic | what | fix |\n|---|---|---|---|\n", heading);
  for (const Finding* finding : findings) {
    const std::string where = Location(finding->file, finding->line);
    out +=
        fmt::format("| {}{} | {} ({}) | {} | {} |\n", Code(finding->address), where.empty() ? "" : "<br>" + Cell(where),
                    Cell(Name(finding->topic)), Cell(finding->control), Cell(finding->message), Cell(finding->remedy));
  }
}

}  // namespace

std::string GateMarkdown(const GateReport& report, const terraform::Document& plan) {
  std::string out = fmt::format("## tfseal: {}\n\n{}\n\n", Name(report.verdict), Code(plan.path));
  if (report.verdict == GateVerdict::kUnusable) out += fmt::format("- {}\n", Cell(report.unusable_because));
  for (const std::string& because : report.because) out += fmt::format("- {}\n", Cell(because));
  if (!report.destroys.empty()) {
    out += "\n### Would be destroyed\n\n| resource | why | protections |\n|---|---|---|\n";
    for (const Destroyed& destroyed : report.destroys) {
      std::string protections;
      for (const std::string& protection : destroyed.protections) {
        protections += (protections.empty() ? "" : "<br>") + Cell(protection);
      }
      const std::string where = Location(destroyed.file, destroyed.line);
      out += fmt::format("| {}{} | {}: {} | {} |\n", Code(destroyed.address), where.empty() ? "" : "<br>" + Cell(where),
                         Cell(destroyed.cls), Cell(destroyed.reason), protections);
    }
    out += fmt::format("\nThe safe way: {}\n", Code(fmt::format("tfseal plan {} --out actions.json", plan.path)));
  }
  std::vector<const Finding*> caused, undecided, existing, other;
  for (const Finding& finding : report.findings) {
    if (finding.control == "TFS-GATE-001") continue;
    if (!finding.required || finding.waived) {
      other.push_back(&finding);
    } else if (finding.verdict != Verdict::kFail) {
      undecided.push_back(&finding);
    } else if (finding.cause == Cause::kCaused || finding.cause == Cause::kWorsened) {
      caused.push_back(&finding);
    } else {
      existing.push_back(&finding);
    }
  }
  AppendFindingTable("Fails because of this plan", caused, out);
  AppendFindingTable("Cannot be decided from this plan", undecided, out);
  AppendFindingTable("Failed before, not made worse", existing, out);
  if (!report.obligations.empty()) {
    out += "\n### To be checked after the apply\n\n";
    for (const OpenObligation& open : report.obligations) {
      out += fmt::format("- {}: {}\n", Code(open.address), Cell(open.obligation.expectation));
    }
  }
  if (!report.notes.empty()) {
    out += "\n### Notes\n\n";
    for (const std::string& note : report.notes) out += fmt::format("- {}\n", Cell(note));
  }
  if (!other.empty()) {
    out += fmt::format("\n<details><summary>{} waived or not required by the policy</summary>\n", other.size());
    AppendFindingTable("Advice and waivers", other, out);
    out += "\n</details>\n";
  }
  return out;
}

}  // namespace tfseal::cli

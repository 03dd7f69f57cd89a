#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/live_coverage.h"
#include "cli/output.h"
#include "cli/render/text.h"
#include "core/file.h"
#include "core/json.h"
#include "policy/control.h"
#include "policy/coverage.h"
#include "policy/peer_rules.h"
#include "policy/policy_file.h"

namespace tfseal::cli {
namespace {

constexpr std::size_t kSchemaBytesMax = std::size_t{256} << 20;

JsonValue Strings(std::span<const std::string_view> texts) {
  JsonValue list(Json::arrayValue);
  for (const std::string_view text : texts) list.append(std::string(text));
  return list;
}

std::string ControlsJson() {
  JsonValue json(Json::objectValue);
  json["schema"] = "tfseal/controls/v1";
  json["controls"] = JsonValue(Json::arrayValue);
  for (const Control* control : AllControls()) {
    JsonValue entry(Json::objectValue);
    entry["id"] = std::string(control->id);
    entry["topic"] = std::string(Name(control->topic));
    entry["severity"] = std::string(Name(control->severity));
    entry["title"] = std::string(control->title);
    entry["why"] = std::string(control->why);
    entry["remedy"] = std::string(control->remedy);
    entry["basis"] = std::string(control->basis);
    entry["types"] = Strings(control->types);
    entry["reads"] = Strings(control->reads);
    json["controls"].append(entry);
  }
  return WriteJsonDocument(json);
}

// What a table cell cannot hold.
std::string Cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell += '\\';
    cell += c == '\n' ? ' ' : c;
  }
  return cell;
}

// docs/controls.md.
std::string ControlsMarkdown() {
  std::string out =
      "# Controls\n\nWritten by `tfseal controls --output markdown`. The page of each says why, how to fix it, what "
      "that "
      "costs, what\nframeworks say and which rules of other tools ask the same; `tfseal explain ID` shows it without "
      "the "
      "tree. Those\nmarked with * are judged only where tfseal.yaml asks for them (environments.md).\n\n"
      "| id | topic | severity | control |\n|---|---|---|---|\n";
  for (const Control* control : AllControls()) {
    out += fmt::format("| [{0}](controls/{0}.md){1} | {2} | {3} | {4} |\n", control->id,
                       control->asked == nullptr ? "" : " *", Name(control->topic), Name(control->severity),
                       Cell(control->title));
  }
  out +=
      "\n## Beside other tools\n\n| resource | what | checkov | Trivy | Prowler | AWS Config, Security Hub | here |\n"
      "|---|---|---|---|---|---|---|\n";
  for (const PeerRules& row : AllPeerRules()) {
    out += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", Cell(row.resource), Cell(row.topic), Cell(row.checkov),
                       Cell(row.trivy), Cell(row.prowler), Cell(row.aws),
                       Cell(row.controls.empty() ? row.reason : row.controls));
  }
  return out;
}

std::string ControlsText(bool color, bool verbose) {
  std::string out;
  for (const Control* control : AllControls()) {
    out += fmt::format("{}  {:<19} {:<8} {}\n", Styled(control->id, Style::kBold, color), Name(control->topic),
                       Name(control->severity), control->title);
    if (verbose) AppendWrapped(fmt::format("{}", fmt::join(control->types, ", ")), 14, out);
  }
  out += fmt::format("\n{} controls; tfseal explain ID says why and how to fix\n", AllControls().size());
  return out;
}

struct Totals {
  std::size_t types = 0, types_judged = 0, attributes = 0, attributes_judged = 0;
};

Totals TotalsOf(const std::vector<TypeCoverage>& all) {
  Totals totals;
  for (const TypeCoverage& coverage : all) {
    ++totals.types;
    totals.types_judged += coverage.has_controls ? 1 : 0;
    totals.attributes += coverage.judged.size() + coverage.not_judged.size();
    totals.attributes_judged += coverage.judged.size();
  }
  return totals;
}

// Every rule of the other tools, with the control that does the same or the reason why none does.
std::string PeersText(bool color) {
  std::size_t covered = 0;
  for (const PeerRules& row : AllPeerRules()) covered += row.controls.empty() ? 0 : 1;
  std::string out = fmt::format(
      "\n{}\n{} of {} rules of checkov, Trivy, Prowler, AWS Config and Security Hub about these have "
      "a control here\n",
      Styled("Rules of other tools", Style::kBold, color), covered, AllPeerRules().size());
  for (const PeerRules& row : AllPeerRules()) {
    std::vector<std::string_view> ids;
    for (const std::string_view each : {row.checkov, row.trivy, row.prowler, row.aws}) {
      if (!each.empty()) ids.push_back(each);
    }
    out += fmt::format("  {}, {}: {}\n", row.resource, row.topic,
                       row.controls.empty() ? fmt::format("none: {}", row.reason) : std::string(row.controls));
    AppendWrapped(fmt::format("{}", fmt::join(ids, "; ")), 6, out);
  }
  return out;
}

std::string CoverageText(const std::vector<TypeCoverage>& all, std::string_view of, bool color) {
  const Totals totals = TotalsOf(all);
  std::string out = fmt::format(
      "Of {}: {} of the {} resource types with attributes about encryption, keys, backups or protection\n"
      "have controls, and {} of the {} attributes are judged.\n",
      of, totals.types_judged, totals.types, totals.attributes_judged, totals.attributes);
  const auto list = [&](std::string_view heading, bool with_controls) {
    out += fmt::format("\n{}\n", Styled(heading, Style::kBold, color));
    for (const TypeCoverage& coverage : all) {
      if (coverage.has_controls != with_controls || coverage.not_judged.empty()) continue;
      out += fmt::format("  {}\n", coverage.type);
      AppendWrapped(fmt::format("{}", fmt::join(coverage.not_judged, ", ")), 6, out);
    }
  };
  list("Types with controls: attributes that no control looks at", true);
  list("Types without a control", false);
  out += PeersText(color);
  return out;
}

std::string CoverageJson(const std::vector<TypeCoverage>& all, const std::string& of) {
  const Totals totals = TotalsOf(all);
  JsonValue json(Json::objectValue);
  json["schema"] = "tfseal/coverage/v1";
  json["of"] = of;
  json["summary"]["types"] = static_cast<Json::UInt64>(totals.types);
  json["summary"]["types_judged"] = static_cast<Json::UInt64>(totals.types_judged);
  json["summary"]["attributes"] = static_cast<Json::UInt64>(totals.attributes);
  json["summary"]["attributes_judged"] = static_cast<Json::UInt64>(totals.attributes_judged);
  json["types"] = JsonValue(Json::arrayValue);
  for (const TypeCoverage& coverage : all) {
    JsonValue entry(Json::objectValue);
    entry["type"] = coverage.type;
    entry["has_controls"] = coverage.has_controls;
    entry["judged"] = JsonValue(Json::arrayValue);
    for (const std::string& path : coverage.judged) entry["judged"].append(path);
    entry["not_judged"] = JsonValue(Json::arrayValue);
    for (const std::string& path : coverage.not_judged) entry["not_judged"].append(path);
    json["types"].append(entry);
  }
  json["peers"] = JsonValue(Json::arrayValue);
  for (const PeerRules& row : AllPeerRules()) {
    JsonValue entry(Json::objectValue);
    entry["resource"] = std::string(row.resource);
    entry["what"] = std::string(row.topic);
    entry["checkov"] = std::string(row.checkov);
    entry["trivy"] = std::string(row.trivy);
    entry["prowler"] = std::string(row.prowler);
    entry["aws"] = std::string(row.aws);
    entry["controls"] = std::string(row.controls);
    entry["reason"] = std::string(row.reason);
    json["peers"].append(entry);
  }
  return WriteJsonDocument(json);
}

Result<std::vector<RelevantAttribute>> AttributesOf(const std::string& schema_file) {
  if (schema_file.empty()) return BuiltInAttributes();
  TFSEAL_ASSIGN(const std::string text, ReadFileBounded(schema_file, kSchemaBytesMax));
  auto attributes = ReadProviderSchema(text);
  if (attributes.ok()) return attributes;
  Error error = attributes.error();
  error.message = fmt::format("{}: {}", schema_file, error.message);
  return error;
}

ExitCode ShowCoverage(const Arguments& arguments, const Ui& ui) {
  const auto attributes = AttributesOf(arguments.schema_file);
  if (!attributes.ok()) {
    ui.Fail(attributes.error());
    return ExitCode::kFailed;
  }
  const std::vector<TypeCoverage> all = CoverageOf(*attributes);
  const std::string of = arguments.schema_file.empty() ? "AWS provider 5.100.0" : Printable(arguments.schema_file);
  const Status delivered = Deliver(arguments, ui, [&](std::string_view format) {
    return format == "json" ? CoverageJson(all, of) : CoverageText(all, of, ui.color());
  });
  if (!delivered.ok()) ui.Fail(delivered.error());
  return delivered.ok() ? ExitCode::kDone : ExitCode::kFailed;
}

constexpr std::size_t kPolicyBytesMax = std::size_t{1} << 20;

// Judges the examples that the controls of a policy file bring along.
ExitCode TestControls(const Arguments& arguments, const Ui& ui) {
  if (arguments.operands.size() != 2 || arguments.operands.front() != "test") {
    ui.Fail(Error{ErrorCode::kUsage, "controls takes nothing, or: test FILE", "tfseal controls test tfseal.yaml"});
    return ExitCode::kUsage;
  }
  if (arguments.live || arguments.coverage || !arguments.outputs.empty()) {
    ui.Fail(Error{ErrorCode::kUsage, "controls test goes without --live, --coverage and --output", ""});
    return ExitCode::kUsage;
  }
  const std::string& path = arguments.operands[1];
  const auto text = ReadFileBounded(path, kPolicyBytesMax);
  if (!text.ok()) {
    ui.Fail(text.error());
    return ExitCode::kFailed;
  }
  auto read = ReadPolicyFile(*text, path);
  if (const auto* mistakes = std::get_if<std::vector<Diagnostic>>(&read)) {
    ui.Fail(*mistakes);
    return ExitCode::kUsage;
  }
  const PolicyFile policy = std::get<PolicyFile>(std::move(read));
  std::size_t right = 0;
  std::size_t wrong = 0;
  std::string out;
  for (const auto& rule : policy.controls) {
    if (rule->examples.empty()) out += fmt::format("{}: has no tests\n", rule->id);
    for (const ExampleResult& result : RunExamples(*rule)) {
      const bool ok = result.got == result.want;
      ++(ok ? right : wrong);
      if (ok && !ui.verbose()) continue;
      out += fmt::format("{}:{}: {} \"{}\" is {}{} ({})\n", path, result.line, result.control, result.name,
                         Name(result.got), ok ? "" : fmt::format(", not {}", Name(result.want)), result.message);
    }
  }
  out += fmt::format("{} control{}, {} test{} as they say, {} not\n", policy.controls.size(),
                     policy.controls.size() == 1 ? "" : "s", right, right == 1 ? "" : "s", wrong);
  if (const Status printed = ui.Print(out); !printed.ok()) {
    ui.Fail(printed.error());
    return ExitCode::kFailed;
  }
  return wrong == 0 ? ExitCode::kDone : ExitCode::kFailed;
}

}  // namespace

ExitCode RunControls(const Arguments& arguments, const Ui& ui) {
  if (!arguments.operands.empty()) return TestControls(arguments, ui);
  if (arguments.coverage) return ShowCoverage(arguments, ui);
  const Status delivered = Deliver(arguments, ui, [&](std::string_view format) {
    if (arguments.live) {
      return format == "json" ? WriteJsonDocument(LiveCoverageJson()) : LiveCoverageText(ui.color(), ui.verbose());
    }
    if (format == "markdown") return ControlsMarkdown();
    return format == "json" ? ControlsJson() : ControlsText(ui.color(), ui.verbose());
  });
  if (!delivered.ok()) {
    ui.Fail(delivered.error());
    return ExitCode::kFailed;
  }
  return ExitCode::kDone;
}

}  // namespace tfseal::cli

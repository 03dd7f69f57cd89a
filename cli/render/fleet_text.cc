#include <fmt/format.h>

#include <map>

#include "cli/fleet_output.h"
#include "cli/render/text.h"
#include "core/json.h"

namespace tfseal::cli {
namespace {

using fleet::Record;

// Enough to see what is going on; the whole list is in every other format.
constexpr std::size_t kDocumentsMax = 20;
constexpr std::size_t kResourcesMax = 10;

std::string Heading(const fleet::FleetReport& report, bool color) {
  const bool gate = report.run().command == "gate";
  constexpr const char* kGate[] = {"ALLOW", "REVIEW", "DENY", "UNUSABLE"};
  constexpr const char* kVerify[] = {"COMPLIANT", "UNKNOWN", "NOT COMPLIANT", "NOT JUDGED"};
  constexpr Style kStyles[] = {Style::kGreen, Style::kYellow, Style::kRed, Style::kRed};
  const auto at = static_cast<std::size_t>(report.outcome());
  const fleet::Totals& totals = report.totals();
  std::string out =
      fmt::format("{}  {} {}: {}\n", Styled(gate ? kGate[at] : kVerify[at], kStyles[at], color), totals.Documents(),
                  totals.Documents() == 1 ? "document" : "documents", fmt::join(report.Because(), ", "));
  return out;
}

// The lines of one document, until the line that ends it says what to do with them.
class Pages {
 public:
  Pages(const fleet::FleetReport& report, bool color, bool verbose)
      : report_(report),
        color_(color),
        documents_max_(verbose ? SIZE_MAX : kDocumentsMax),
        resources_max_(verbose ? SIZE_MAX : kResourcesMax) {}

  void Take(std::string_view line) {
    const auto record = static_cast<Record>(line.front());
    if (record == Record::kFinding && shown_ < documents_max_) lines_.emplace_back(line.substr(1));
    if (record != Record::kDocument) return;
    if (const auto document = ParseJson(line.substr(1)); document.ok()) End(*document);
    lines_.clear();
  }

  std::string Finish() {
    if (left_out_ > 0) {
      out_ += fmt::format("\n{} more {} not shown; --verbose shows them, every other format lists them\n", left_out_,
                          left_out_ == 1 ? "document that does not pass is" : "documents that do not pass are");
    }
    return std::move(out_);
  }

 private:
  void End(const JsonValue& document) {
    const std::string verdict = fleet::TextOf(document, "verdict");
    const std::string error = fleet::TextOf(document, "error");
    if (verdict == "allow" || verdict == "pass") return;
    if (shown_ >= documents_max_) {
      ++left_out_;
      return;
    }
    ++shown_;
    const bool bad = verdict == "deny" || verdict == "fail" || !error.empty();
    out_ += fmt::format("\n{}  {}\n",
                        Styled(error.empty() ? verdict : "not judged", bad ? Style::kRed : Style::kYellow, color_),
                        Printable(fleet::TextOf(document, "path")));
    if (!error.empty()) {
      AppendWrapped(error, 2, out_);
      if (const std::string hint = fleet::TextOf(document, "hint"); !hint.empty())
        AppendWrapped("fix: " + hint, 2, out_);
      return;
    }
    AppendDeciding();
  }

  void AppendDeciding() {
    std::vector<Finding> findings;
    for (const std::string& line : lines_) {
      const auto json = ParseJson(line);
      if (!json.ok()) continue;
      Finding finding;
      finding.required = (*json)["required"].asBool();
      finding.waived = (*json)["waived"].asBool();
      finding.known = (*json)["known"].isBool() && (*json)["known"].asBool();
      if (!finding.decides()) continue;
      finding.control = fleet::TextOf(*json, "control");
      finding.topic = TopicNamed(fleet::TextOf(*json, "topic")).value_or(Topic::kDataLoss);
      finding.verdict = fleet::TextOf(*json, "verdict") == "fail" ? Verdict::kFail : Verdict::kUnknown;
      finding.address = fleet::TextOf(*json, "address");
      finding.message = fleet::TextOf(*json, "message");
      finding.remedy = fleet::TextOf(*json, "remedy");
      RareFindingParts& rare = finding.rare.Own();
      rare.waiver = fleet::TextOf(*json, "waiver");
      rare.file = fleet::TextOf(*json, "file");
      rare.line = (*json)["line"].isInt() ? (*json)["line"].asInt() : 0;
      for (const JsonValue& evidence : (*json)["evidence"]) finding.evidence.push_back(evidence.asString());
      findings.push_back(std::move(finding));
    }
    std::vector<const Finding*> shown;
    for (const Finding& finding : findings) shown.push_back(&finding);
    AppendFindings(shown, resources_max_, color_, out_);
  }

  const fleet::FleetReport& report_;
  bool color_;
  std::size_t documents_max_;
  std::size_t resources_max_;
  std::size_t shown_ = 0;
  std::uint64_t left_out_ = 0;
  std::vector<std::string> lines_;
  std::string out_;
};

}  // namespace

Result<std::string> FleetText(const fleet::FleetReport& report, bool color, bool verbose) {
  const std::string heading = Heading(report, color);
  Pages pages(report, color, verbose);
  TFSEAL_TRY(report.Read([&](std::string_view line) { pages.Take(line); }));
  std::string out = heading + pages.Finish();
  for (const ClosedObligation& closed : report.closed()) {
    if (closed.verdict == Verdict::kPass) continue;
    out += fmt::format("\n{}  {}\n", Styled("promised", Style::kRed, color), Printable(closed.open.address));
    AppendWrapped(closed.message, 2, out);
  }
  bool headed = false;
  for (const WaiverUse& use : report.waivers()) {
    if (use.problem.empty()) continue;
    if (!headed) out += fmt::format("\n{}\n", Styled("Notes", Style::kBold, color));
    headed = true;
    AppendWrapped("- " + use.problem, 2, out);
  }
  const fleet::Totals& totals = report.totals();
  out += fmt::format("\n{} resources judged, {} checks passed, {} fail, {} undecided, {} waived, {} known, {} advice\n",
                     totals.resources_judged, totals.passes, totals.fails, totals.undecided, totals.waived,
                     totals.known, totals.advice - totals.known);
  if (IsLong(out)) out += '\n' + heading;
  return out;
}

}  // namespace tfseal::cli

// Jenkins' schema: junit-10.xsd of its xunit plugin. One <failure> or <error> a case is all that readers show.
#include <fmt/format.h>

#include <vector>

#include "report/clean.h"
#include "report/render.h"
#include "report/words.h"

namespace tfseal::report {
namespace {

struct Tally {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;
  std::size_t skipped = 0;

  void Add(const Check& check) {
    ++tests;
    failures += check.standing == Standing::kFails ? 1U : 0U;
    errors += check.standing == Standing::kUndecided ? 1U : 0U;
    skipped += check.standing == Standing::kWaived || check.standing == Standing::kAdvice ? 1U : 0U;
  }
};

std::string Detail(const Check& check) {
  std::string detail = check.message;
  if (!check.place.file.empty()) detail += fmt::format("\n{}:{}", check.place.file, check.place.line);
  for (const std::string& evidence : check.evidence) detail += "\n- " + evidence;
  if (!check.remedy.empty()) detail += "\nfix: " + check.remedy;
  return detail + fmt::format("\ntfseal explain {}", check.rule);
}

void AppendCase(const Check& check, bool with_files, std::string& out) {
  out += fmt::format("    <testcase classname=\"{}.{}\" name=\"{}\"", Xml(tfseal::Name(check.topic)), Xml(check.rule),
                     Xml(check.address));
  if (with_files && !check.place.file.empty()) out += fmt::format(" file=\"{}\"", Xml(check.place.file));
  const auto element = [&](std::string_view name, std::string_view type) {
    out += fmt::format(">\n      <{0} type=\"{1}\" message=\"{2}\">{3}</{0}>\n    </testcase>\n", name, type,
                       Xml(Statement(check)), Xml(Detail(check)));
  };
  switch (check.standing) {
    case Standing::kFails:
      return element("failure", tfseal::Name(check.severity));
    case Standing::kUndecided:
      return element("error", "undecided");
    case Standing::kAdvice:
    case Standing::kWaived:
      return element("skipped", Name(check.standing));
    case Standing::kPasses:
      break;
  }
  out += "/>\n";
}

std::string Attributes(const Tally& tally) {
  return fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\"", tally.tests, tally.failures, tally.errors);
}

}  // namespace

std::string JUnit(const Assessment& assessment, bool with_files) {
  std::vector<Tally> tallies(std::max<std::size_t>(assessment.documents.size(), 1));
  Tally all;
  for (const Check& check : assessment.checks) {
    tallies[check.document].Add(check);
    all.Add(check);
  }
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += fmt::format("<testsuites name=\"tfseal {}: {}\" {}>\n", Xml(assessment.command), Xml(assessment.verdict),
                     Attributes(all));
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    const std::string path = i < assessment.documents.size() ? assessment.documents[i].path : "-";
    std::string stamp = Timestamp(assessment.now);
    stamp.pop_back();  // readers expect no zone
    out += fmt::format("  <testsuite name=\"tfseal {} {}\" {} skipped=\"{}\" timestamp=\"{}\">\n",
                       Xml(assessment.command), Xml(path), Attributes(tallies[i]), tallies[i].skipped, stamp);
    out += fmt::format("    <properties>\n      <property name=\"verdict\" value=\"{}\"/>\n    </properties>\n",
                       Xml(assessment.verdict));
    for (const Check& check : assessment.checks) {
      if (check.document == i) AppendCase(check, with_files, out);
    }
    if (i == 0) {
      std::string said;
      for (const std::string& because : assessment.because) said += because + '\n';
      for (const std::string& note : assessment.notes) said += "note: " + note + '\n';
      out += fmt::format("    <system-out>{}</system-out>\n", Xml(said));
    }
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

}  // namespace tfseal::report

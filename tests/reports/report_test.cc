// The reports as functions: what they escape, how they cut, and that none of them calls good what is not.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "core/json.h"
#include "report/clean.h"
#include "report/fingerprint.h"
#include "report/render.h"

namespace tfseal::report {
namespace {

constexpr std::string_view kHostile[] = {
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\tcmd",
    "| a | b |",
    "a\\|b`c``d",
    "`",
    "``` fence",
    "</details><details open>",
    "-->",
    "]]>",
    "<!-- x",
    "![x](http://evil.example/x.png)",
    "[x](javascript:alert(1))",
    "@everyone #1 !2 www.evil.example https://evil.example",
    "line\nbreak\r\nand\tmore",
    "\x1b[31mred\x1b[0m",
    "\xE2\x80\xAE"
    "txt.exe",
    "\xE2\x81\xA6isolate\xE2\x81\xA9",
    "zero\xE2\x80\x8Bwidth",
    "\xFF\xFE broken \xC0\xAF",
    "nul\x01\x02",
    "&amp;&lt;&#60;",
    "*bold* _it_ ~~gone~~ <b>x</b>",
    "# heading",
    "- list",
    "##vso[task.setvariable variable=a]b",
    "::error::x",
    "{{ insert: param, x }}",
    "a](http://evil.example/)",
    "\xEF\xBC\x9D"
    "1+1",
    "\xE3\x80\x80wide\xC2\xA0",
    "",
    " ",
};

Check MakeCheck(std::string_view rule, Standing standing, std::string_view address, std::string_view message) {
  Check check;
  check.rule = rule;
  check.standing = standing;
  check.verdict = standing == Standing::kPasses      ? Verdict::kPass
                  : standing == Standing::kUndecided ? Verdict::kUnknown
                                                     : Verdict::kFail;
  check.severity = Severity::kHigh;
  check.address = Clean(address);
  check.type = "aws_rds_cluster";
  check.cause = "caused";
  check.message = Clean(message);
  check.remedy = Clean(message);
  check.evidence = {Clean(message)};
  if (standing == Standing::kWaived) check.waiver = Clean(message);
  check.place = {Clean(address) + ".tf", 7};
  check.fingerprint = Fingerprint(rule, address, 0);
  return check;
}

Assessment MakeAssessment(std::vector<Check> checks) {
  Assessment assessment;
  assessment.command = "gate";
  assessment.version = "1.2.3";
  assessment.verdict = "deny";
  assessment.because = {"because"};
  assessment.now = 1'780'000'000;
  assessment.documents.resize(1);
  assessment.documents[0].path = "plan.json";
  assessment.documents[0].kind = "plan";
  assessment.rules = {RuleFor("TFS-RDS-001")};
  assessment.checks = std::move(checks);
  return assessment;
}

std::size_t Occurrences(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

TEST(Clean, LeavesNothingThatIsNotSeen) {
  EXPECT_EQ(Clean("a\nb\x7f\x1b"), "a\\x0ab\\x7f\\x1b");
  EXPECT_EQ(Clean("\xE2\x80\xAE"), "\\u202e");
  EXPECT_EQ(Clean("\xE2\x80\x8B\xEF\xBB\xBF\xC2\x85"), "\\u200b\\ufeff\\u0085");
  EXPECT_EQ(Clean("\xC3\xA4\xF0\x9F\x94\x91"), "\xC3\xA4\xF0\x9F\x94\x91");
  EXPECT_EQ(Clean("\xC0\xAF\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  for (const std::string_view hostile : kHostile) EXPECT_EQ(Clean(Clean(hostile)), Clean(hostile)) << hostile;
}

TEST(Escape, EndsNoCell) {
  EXPECT_EQ(MarkdownCell("a|b"), "a\\|b");
  EXPECT_EQ(MarkdownCell("a\\|b"), "a\\\\\\|b");
  EXPECT_EQ(MarkdownCell("<b>&"), "&lt;b&gt;&amp;");
  EXPECT_EQ(MarkdownCell("@x"), "@<span></span>x");
  EXPECT_EQ(MarkdownCode("plain[\"x\"]"), "`plain[\"x\"]`");
  EXPECT_EQ(MarkdownCode("a`|"), "<code>a&#96;&#124;</code>");
  EXPECT_EQ(CsvField("=1+1"), "\"'=1+1\"");
  EXPECT_EQ(CsvField("\xEF\xBC\x9Dx()"), "\"'\xEF\xBC\x9Dx()\"");
  EXPECT_EQ(CsvField("say \"x\""), "\"say \"\"x\"\"\"");
  EXPECT_EQ(MarkdownCell("GH-12 [vulnerability:1] a[0]"),
            "GH-<span></span>12 \\[<span></span>vulnerability:1\\] a\\[0\\]");
  EXPECT_EQ(Xml("<a b='c'>&\""), "&lt;a b=&#39;c&#39;&gt;&amp;&quot;");
}

TEST(Escape, LeavesOscalNothingToRender) {
  EXPECT_EQ(OscalMarkup("<b>x</b>"), "\\<b>x\\</b>");
  EXPECT_EQ(OscalMarkup("b[\"](http://evil.example/)\"]"), "b[\"\\](http://evil.example/)\"]");
  EXPECT_EQ(OscalMarkup("*a* _b_ ~c~ ^d^"), "\\*a\\* \\_b\\_ \\~c\\~ \\^d\\^");
  EXPECT_EQ(OscalMarkup("{{ insert: param, x }} &lt; a\\\"b"), "\\{{ insert: param, x }} \\&lt; a\\\\\"b");
  EXPECT_EQ(OscalMarkup("# a"), "\\# a");
  // What is written in every other document stays as it is.
  constexpr std::string_view kPlain =
      "module.x[0].aws_rds_cluster.z360_db[\"a.b\"]: `tfseal plan x --out y`, R&D \\x0a #1";
  EXPECT_EQ(OscalMarkup(kPlain), kPlain);
}

TEST(Escape, LeavesSarifNoLink) {
  EXPECT_EQ(SarifText("b[\"](http://evil.example/)\"] [0](1)"), "b[\"] (http://evil.example/)\"] [0] (1)");
  const Assessment assessment =
      MakeAssessment({MakeCheck("TFS-RDS-001", Standing::kFails, "a[\"[x](http://evil.example)\"]", "m")});
  const auto sarif = ParseJson(Sarif(assessment));
  ASSERT_TRUE(sarif.ok());
  const JsonValue& result = (*sarif)["runs"][0]["results"][0];
  EXPECT_TRUE(result["message"]["text"].asString().starts_with("A[\"[x] (http://evil.example)\"]: "));
  EXPECT_EQ(result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"], assessment.checks[0].address);
}

TEST(Shortened, CutsBetweenCharacters) {
  EXPECT_EQ(Shortened("abcdef", 6), "abcdef");
  EXPECT_EQ(Shortened("abcdefg", 6), "abc...");
  EXPECT_EQ(Shortened("\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4", 4), "\xC3\xA4...");
}

// python3 -c "import uuid; print(uuid.uuid5(uuid.NAMESPACE_OID, 'tfseal:orders'))"
TEST(Uuid, IsVersionFive) {
  EXPECT_EQ(Uuid("orders"), "f0fed9f5-2e21-5a23-8ae8-f5219af10b86");
}

TEST(Fingerprint, IsOfRuleAndAddress) {
  EXPECT_EQ(Fingerprint("a", "b", 0), Fingerprint("a", "b", 0));
  EXPECT_NE(Fingerprint("a", "b", 0), Fingerprint("a", "b", 1));
  EXPECT_NE(Fingerprint("a", "bc", 0), Fingerprint("ab", "c", 0));
}

TEST(Markdown, IsCutBetweenRowsAndNeverInsideDetails) {
  std::mt19937 random(7);  // NOLINT: the same texts in every run
  for (int round = 0; round < 300; ++round) {
    std::vector<Check> checks;
    const std::size_t count = random() % 60;
    for (std::size_t i = 0; i < count; ++i) {
      std::string text(kHostile[random() % std::size(kHostile)]);
      while (text.size() < random() % 2'000) text += kHostile[random() % std::size(kHostile)];
      checks.push_back(MakeCheck("TFS-RDS-001", static_cast<Standing>(random() % 5), text, text));
    }
    Assessment assessment = MakeAssessment(std::move(checks));
    assessment.scope = Clean(kHostile[random() % std::size(kHostile)]);
    for (int i = 0; i < 5; ++i) assessment.notes.push_back(Clean(kHostile[random() % std::size(kHostile)]));
    const std::size_t most = 2'000 + random() % 60'000;
    const std::string markdown = Markdown(assessment, most, true);
    ASSERT_LE(markdown.size(), most);
    ASSERT_EQ(markdown.rfind("<!-- tfseal:v1:gate:", 0), 0U);
    ASSERT_EQ(Occurrences(markdown, "<!--"), 1U);
    ASSERT_EQ(Occurrences(markdown, "-->"), 1U);
    ASSERT_EQ(Occurrences(markdown, "<details"), Occurrences(markdown, "</details>"));
    ASSERT_LE(Occurrences(markdown, "<details"), 1U);
    ASSERT_EQ(markdown.find("```"), std::string::npos);
    ASSERT_EQ(markdown.find("<script"), std::string::npos);
    ASSERT_EQ(markdown.find("<img"), std::string::npos);
    // Every row has as many cells as its heading: count the bars that nothing escapes.
    std::size_t from = 0;
    while (from < markdown.size()) {
      const std::size_t end = markdown.find('\n', from);
      const std::string line = markdown.substr(from, end - from);
      from = end + 1;
      if (!line.starts_with("|")) continue;
      std::size_t bars = 0;
      for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\\') {
          ++i;
        } else if (line[i] == '|') {
          ++bars;
        }
      }
      ASSERT_EQ(bars, 5U) << line;
    }
  }
}

TEST(Markdown, KeepsWhatPressesMost) {
  std::vector<Check> checks;
  for (int i = 0; i < 400; ++i) {
    checks.push_back(MakeCheck("TFS-RDS-001", Standing::kFails, "fails." + std::to_string(i), std::string(300, 'x')));
  }
  checks.push_back(MakeCheck("TFS-RDS-001", Standing::kUndecided, "undecided.last", "x"));
  const std::string markdown = Markdown(MakeAssessment(std::move(checks)), kCommentCharactersMax, true);
  EXPECT_LE(markdown.size(), kCommentCharactersMax);
  EXPECT_NE(markdown.find("`fails.0`"), std::string::npos);
  EXPECT_EQ(markdown.find("`undecided.last`"), std::string::npos);
  EXPECT_NE(markdown.find("more rows are left out here"), std::string::npos);
}

TEST(Sarif, SaysHowMuchIsLeftOut) {
  std::vector<Check> checks;
  for (int i = 0; i < 5'003; ++i) {
    checks.push_back(MakeCheck("TFS-RDS-001", Standing::kFails, "a" + std::to_string(i), "x"));
  }
  const auto sarif = ParseJson(Sarif(MakeAssessment(std::move(checks))));
  ASSERT_TRUE(sarif.ok());
  const JsonValue& run = (*sarif)["runs"][0];
  EXPECT_EQ(run["results"].size(), 5'000U);
  EXPECT_EQ(run["properties"]["results_left_out"].asInt(), 3);
  bool said = false;
  for (const JsonValue& notification : run["invocations"][0]["toolExecutionNotifications"]) {
    said = said || notification["message"]["text"].asString().starts_with("3 results were left out");
  }
  EXPECT_TRUE(said);
}

TEST(Oscal, ValuesHaveNoSpaceAtTheirEnds) {
  Check check = MakeCheck("TFS-RDS-001", Standing::kFails, "a\xE3\x80\x80", "\xC2\xA0m");
  check.environment = "\xE2\x80\x83 \xC2\xA0";
  const auto oscal = ParseJson(Oscal(MakeAssessment({check})));
  ASSERT_TRUE(oscal.ok());
  const JsonValue& result = (*oscal)["assessment-results"]["results"][0];
  const JsonValue& item = result["local-definitions"]["inventory-items"][0];
  EXPECT_EQ(item["props"][0]["value"].asString(), "a");
  EXPECT_EQ(item["props"][2]["value"].asString(), "-");
  EXPECT_EQ(result["observations"][0]["description"].asString(), "m");
}

// Two documents may each have a resource of that address: they are two things.
TEST(Oscal, ResourcesOfSeveralDocumentsAreNotOne) {
  Check staging = MakeCheck("TFS-RDS-001", Standing::kFails, "aws_rds_cluster.db", "m");
  Check production = staging;
  production.document = 1;
  production.fingerprint = Fingerprint(production.rule, production.address, 1);
  Check promised = staging;
  promised.cause = "promised";
  promised.fingerprint = Fingerprint(promised.rule, promised.address, 2);
  Assessment assessment = MakeAssessment({staging, production, promised});
  assessment.documents.resize(2);
  assessment.documents[1].path = "production.json";
  const auto oscal = ParseJson(Oscal(assessment));
  ASSERT_TRUE(oscal.ok());
  const JsonValue& result = (*oscal)["assessment-results"]["results"][0];
  const JsonValue& items = result["local-definitions"]["inventory-items"];
  ASSERT_EQ(items.size(), 3U);
  EXPECT_EQ(items[1]["props"][2]["name"].asString(), "document");
  EXPECT_EQ(items[1]["props"][2]["value"].asString(), "production.json");
  EXPECT_EQ(result["observations"][1]["subjects"][0]["subject-uuid"], items[1]["uuid"]);
  // One that was promised has the name that it has in every run over one document.
  const auto alone = ParseJson(Oscal(MakeAssessment({staging})));
  EXPECT_EQ(items[2]["uuid"],
            (*alone)["assessment-results"]["results"][0]["local-definitions"]["inventory-items"][0]["uuid"]);
}

TEST(Promise, TwoOfOneAddressAreTwo) {
  Assessment assessment = MakeAssessment({});
  ClosedObligation closed;
  closed.open.control = "TFS-RDS-001";
  closed.open.address = "aws_rds_cluster.b[\"\xE2\x80\xAE\"]";
  AddPromise(closed, assessment);
  AddPromise(closed, assessment);
  EXPECT_NE(assessment.checks[0].fingerprint, assessment.checks[1].fingerprint);
}

// One check alone, in every format that has a word for passing.
TEST(Formats, NothingButAPassIsCalledOne) {
  for (const Standing standing : {Standing::kUndecided, Standing::kFails, Standing::kAdvice, Standing::kWaived}) {
    const Assessment assessment = MakeAssessment({MakeCheck("TFS-RDS-001", standing, "a", "m")});
    const std::string name(Name(standing));
    const std::string junit = JUnit(assessment, false);
    EXPECT_EQ(Occurrences(junit, "<failure ") + Occurrences(junit, "<error ") + Occurrences(junit, "<skipped "), 1U)
        << name;
    EXPECT_EQ(Asff(assessment).find("PASSED"), std::string::npos) << name;
    EXPECT_EQ(Asff(assessment).find("RESOLVED"), std::string::npos) << name;
    EXPECT_EQ(Ocsf(assessment).find("\"status\":\"Pass\""), std::string::npos) << name;
    EXPECT_NE(Oscal(assessment).find("\"not-satisfied\""), std::string::npos) << name;
    EXPECT_EQ(Oscal(assessment).find("\"satisfied\""), std::string::npos) << name;
    EXPECT_NE(Sarif(assessment).find("\"level\" : \""), std::string::npos) << name;
    EXPECT_EQ(Csv(assessment).find("pass"), std::string::npos) << name;
    EXPECT_EQ(Html(assessment).find("1 pass"), std::string::npos) << name;
    EXPECT_NE(GitLabCodeQuality(assessment).find("TFS-RDS-001"), std::string::npos) << name;
  }
  const Assessment passing = MakeAssessment({MakeCheck("TFS-RDS-001", Standing::kPasses, "a", "m")});
  EXPECT_NE(Asff(passing).find("PASSED"), std::string::npos);
  EXPECT_NE(Oscal(passing).find("\"satisfied\""), std::string::npos);
  EXPECT_NE(Html(passing).find("1 pass"), std::string::npos);
}

TEST(Formats, AWaiverIsShownAsOne) {
  const Assessment assessment = MakeAssessment({MakeCheck("TFS-RDS-001", Standing::kWaived, "a", "decommissioned")});
  EXPECT_NE(Sarif(assessment).find("\"justification\" : \"decommissioned\""), std::string::npos);
  EXPECT_NE(JUnit(assessment, false).find("<skipped type=\"waived\""), std::string::npos);
  EXPECT_NE(Asff(assessment).find("SUPPRESSED"), std::string::npos);
  EXPECT_NE(Ocsf(assessment).find("Suppressed"), std::string::npos);
  EXPECT_NE(Oscal(assessment).find("deviation-approved"), std::string::npos);
  EXPECT_NE(Csv(assessment).find("\"waived\",\"fail\""), std::string::npos);
  for (const std::string_view format : {"markdown", "html", "gitlab-codequality"}) {
    EXPECT_NE(Render(format, assessment)->find("waived (decommissioned)"), std::string::npos) << format;
  }
}

}  // namespace
}  // namespace tfseal::report

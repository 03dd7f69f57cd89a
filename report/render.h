#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "planner/action_plan.h"
#include "report/assessment.h"

// Reports of `gate` and `verify` from one Assessment, and the HTML of an action plan. All are pure: equal assessments
// have equal bytes. docs/reports.md says who reads which.
namespace tfseal::report {

// SARIF 2.1.0 with what GitHub code scanning asks for beyond it. Passes are left out, because GitHub makes an alert of
// every result; of more than 5,000 results the least pressing are left out, and the report says how many.
std::string Sarif(const Assessment& assessment);

// JUnit XML as Jenkins' schema has it, passes included. `with_files` adds the attribute `file`, which GitLab reads and
// that schema refuses.
std::string JUnit(const Assessment& assessment, bool with_files);

// GitLab's Code Quality report: an array.
std::string GitLabCodeQuality(const Assessment& assessment);
// GitLab's Terraform report: {"create","update","delete"}, a replacement counted as both.
std::string GitLabTerraform(const Assessment& assessment);

// Workflow commands that GitHub Actions shows as annotations at file and line: errors, warnings and notices, of more
// than ten of a kind the most pressing and how many there are besides.
std::string GitHubAnnotations(const Assessment& assessment);

// One row a check, RFC 4180, with a heading.
std::string Csv(const Assessment& assessment);

// An array of findings in the AWS Security Finding Format, as BatchImportFindings takes them, a hundred at a time.
// Without a known account or region the findings name 000000000000 and us-east-1.
std::string Asff(const Assessment& assessment);

// An array of OCSF Compliance Findings (class 2003).
std::string Ocsf(const Assessment& assessment);

// OSCAL assessment results 1.2.0.
std::string Oscal(const Assessment& assessment);

inline constexpr std::size_t kSummaryBytesMax = std::size_t{900} << 10;  // GitHub takes 1 MiB a step
inline constexpr std::size_t kCommentCharactersMax = 60'000;             // GitHub takes 65,536
// Markdown of at most `bytes_max` bytes, cut by priority: verdict, destroys, what fails, what is undecided, promises,
// what failed before, notes, advice and waivers. Whole table rows are left out, never parts. With `marker` the first
// line is a comment by which a bot finds its own text again.
std::string Markdown(const Assessment& assessment, std::size_t bytes_max, bool marker);

// One file that asks for nothing: no script, no font, no image, no link out.
std::string Html(const Assessment& assessment);
// The same for an action plan: the graph of its actions and the timeline of its waves.
std::string Html(const ActionPlan& plan);

// The formats of `gate` and `verify` that Render() knows: "sarif", "junit", "junit:gitlab" ...
std::span<const std::string_view> Formats();
std::optional<std::string> Render(std::string_view format, const Assessment& assessment);

}  // namespace tfseal::report

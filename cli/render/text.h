#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/finding.h"
#include "policy/gate.h"
#include "verifier/verify.h"
#include "verifier/verify_live.h"

// Reports for people: plain text for terminals. They end with a newline and hold no value that could be secret, because
// findings hold none. All other formats are in report/.
namespace tfseal::cli {

enum class Style : unsigned char { kPlain, kBold, kRed, kYellow, kGreen, kDim };
// `text` between the escape codes of `style`, or as it is without colour.
std::string Styled(std::string_view text, Style style, bool color);

// "main.tf:12", or nothing.
std::string Location(std::string_view file, int line);

// Findings of one heading, grouped by resource: address, then a line for each finding and one for each fix. Of more
// than `resources_max` resources the rest is counted.
void AppendFindings(const std::vector<const Finding*>& findings, std::size_t resources_max, bool color,
                    std::string& out);

// `text` under `indent`, broken at blanks to stay within 110 columns.
void AppendWrapped(std::string_view text, std::size_t indent, std::string& out);

// Waivers that have expired, are malformed, excuse nothing or too much.
bool HasWaiverProblems(const Report& report);
void AppendWaiverProblems(const Report& report, std::string& out);

// Whether a report fills so much of a screen that its verdict is said again at the end.
bool IsLong(std::string_view report);

// `policy` is what the commands that are named as the next ones need to judge by the same policy (PolicyFlags).
std::string GateText(const GateReport& report, const terraform::Document& plan, bool color, bool verbose,
                     const std::string& policy);
// Without `policy` no next command is named.
std::string VerifyText(const VerifyReport& report, const std::vector<terraform::Document>& documents, bool color,
                       bool verbose, const std::optional<std::string>& policy);
// The same with what only a live run has: differences, promises, what nobody manages, requests.
std::string VerifyLiveText(const LiveReport& report, const observe::Observation& observation,
                           const observe::Unmanaged* unmanaged, const LiveRun& run, bool color, bool verbose);

}  // namespace tfseal::cli

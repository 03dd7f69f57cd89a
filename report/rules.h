#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/policy_file.h"
#include "policy/topic.h"
#include "policy/verdict.h"

namespace tfseal::report {

// What a check was made by, as reports describe it: a control, or something that the gate itself looks at.
struct Rule {
  std::string id;
  std::string title;  // one line
  std::string why;
  std::string remedy;
  std::string basis;
  Topic topic = Topic::kDataLoss;
  Severity severity = Severity::kMedium;
};

// Something that is found without a control: TFS-GATE-..., TFS-LIVE-....
struct BuiltInRule {
  std::string_view id;
  std::string_view title;
  std::string_view why;
  std::string_view remedy;
  Topic topic;
  Severity severity;
};
std::span<const BuiltInRule> BuiltInRules();

// The rule that stands for the document as a whole, where nothing in it explains the verdict.
inline constexpr std::string_view kDocumentRule = "TFS-GATE-000";

// Those of the controls that the policy file defines, with clean texts.
std::vector<Rule> OwnRules(const PolicyFile& policy);

// `own` are those of tfseal.yaml. Of an id that nobody knows, a rule that says only its id.
Rule RuleFor(std::string_view id, std::span<const Rule> own = {});

}  // namespace tfseal::report

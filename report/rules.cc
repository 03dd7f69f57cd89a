#include "report/rules.h"

#include "policy/control.h"
#include "report/clean.h"

namespace tfseal::report {
namespace {

constexpr BuiltInRule kRules[] = {
    {kDocumentRule, "The document as a whole can be judged",
     "the verdict is about the document as a whole: it is partial, unusable, or holds what no single resource explains",
     "read the reasons beside the verdict; plan the whole configuration again, without -target and without an error",
     Topic::kDataLoss, Severity::kMedium},
    {"TFS-GATE-001", "The plan destroys nothing that holds data, keys, secrets or recovery points",
     "the plan destroys something that holds data, keys, secrets or recovery points. Deletion protection and final "
     "snapshots are named, but soften nothing: the plan still says destroy",
     "do not apply it; tfseal plan computes the way that keeps the data", Topic::kDataLoss, Severity::kCritical},
    {"TFS-GATE-002", "AWS accepts what the plan asks for",
     "the plan asks for something that AWS will refuse half-way through the apply",
     "change the configuration to something that the API takes", Topic::kDataLoss, Severity::kMedium},
    {"TFS-GATE-003", "The plan does what it says, without a person's decision",
     "nothing is destroyed for certain, but a person must decide before this is applied",
     "decide whether this is what you want before applying", Topic::kDataLoss, Severity::kMedium},
    {"TFS-GATE-004", "No key was scheduled for deletion outside Terraform",
     "a key was scheduled for deletion or deleted outside Terraform",
     "cancel the deletion while the waiting period lasts", Topic::kKeyState, Severity::kCritical},
    {"TFS-GATE-005", "Nothing that holds data was deleted outside Terraform",
     "something that holds data was deleted outside Terraform",
     "find out who deleted it and whether a backup exists before Terraform makes an empty one", Topic::kDataLoss,
     Severity::kCritical},
    {"TFS-GATE-006", "The document has every attribute that Terraform writes",
     "an attribute is missing where Terraform always writes it: the document is damaged or was edited",
     "write the document again with terraform show -json", Topic::kDataLoss, Severity::kMedium},
    {"TFS-WAIVER-001", "No waiver has expired", "a waiver has run out, so that what it excused counts again",
     "fix what it excused and remove it, or have its owner set a new date", Topic::kDataLoss, Severity::kLow},
    {"TFS-WAIVER-002", "Every waiver is well-formed",
     "a waiver is not written as it should be, or stands on no block, so that it excuses nothing",
     "write # tfseal:ignore=ID reason=\"...\" owner=... until=YYYY-MM-DD inside the block or right above it",
     Topic::kDataLoss, Severity::kLow},
    {"TFS-WAIVER-003", "Every waiver excuses something", "nothing was found that the waiver would excuse",
     "remove it, or correct its address", Topic::kDataLoss, Severity::kInfo},
    {"TFS-WAIVER-004", "No waiver is too broad", "one waiver excuses more than the policy's max_findings",
     "name what it is for more narrowly", Topic::kDataLoss, Severity::kLow},
    {"TFS-WAIVER-005", "Every waiver is one that the policy lets",
     "the policy does not let this waiver: it lasts too long, or stands where waivers do not count",
     "shorten it to waiver_rules: max_days, or write it into tfseal.yaml", Topic::kDataLoss, Severity::kLow},
    {"TFS-LIVE-001", "AWS has what Terraform's file has",
     "Terraform's file has it and AWS has not: it was deleted or removed outside Terraform",
     "find out who removed it and whether a backup exists", Topic::kDataLoss, Severity::kCritical},
    {"TFS-LIVE-002", "AWS could be asked which objects there are",
     "AWS could not be asked which objects of a type there are, so nothing is known about them",
     "give the credentials the permissions that tfseal doctor --iam verify prints", Topic::kDataLoss,
     Severity::kMedium},
};

}  // namespace

std::span<const BuiltInRule> BuiltInRules() {
  return kRules;
}

namespace {

Rule RuleOf(const Control& control) {
  Rule rule;
  rule.id = control.id;
  rule.title = control.title;
  rule.why = control.why;
  rule.remedy = control.remedy;
  rule.basis = control.basis;
  rule.topic = control.topic;
  rule.severity = control.severity;
  return rule;
}

}  // namespace

std::vector<Rule> OwnRules(const PolicyFile& policy) {
  std::vector<Rule> rules;
  for (const auto& each : policy.controls) {
    Rule& rule = rules.emplace_back(RuleOf(each->control));
    for (std::string* text : {&rule.id, &rule.title, &rule.why, &rule.remedy, &rule.basis}) *text = Clean(*text);
  }
  return rules;
}

Rule RuleFor(std::string_view id, std::span<const Rule> own) {
  if (const Control* control = FindControl(id); control != nullptr) return RuleOf(*control);
  for (const Rule& each : own) {
    if (each.id == id) return each;
  }
  Rule rule;
  rule.id = id;
  for (const BuiltInRule& built_in : kRules) {
    if (built_in.id != id) continue;
    rule.title = built_in.title;
    rule.why = built_in.why;
    rule.remedy = built_in.remedy;
    rule.topic = built_in.topic;
    rule.severity = built_in.severity;
    return rule;
  }
  rule.title = id;
  return rule;
}

}  // namespace tfseal::report

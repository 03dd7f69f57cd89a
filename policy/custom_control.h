#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/yaml_fields.h"
#include "policy/control.h"

// Controls that tfseal.yaml defines: conditions over the attributes of resources. docs/custom-controls.md is the
// manual.
namespace tfseal {

// Whether a condition holds, in Kleene's logic: what is not known decides only where the rest leaves it no choice.
enum class Truth : std::uint8_t { kFalse, kUnknown, kTrue };

// `all`, `any` and `not` of others, a comparison of an attribute, or that another resource points at this one.
struct RuleCondition {
  enum class Kind : std::uint8_t { kAll, kAny, kNot, kCompare, kHas };
  enum class Test : std::uint8_t { kEquals, kOneOf, kMatches, kContains, kAtLeast, kAtMost, kIsSet };

  Kind kind = Kind::kAll;
  std::vector<RuleCondition> parts;  // of all, any, not (one) and has (one or none: what the other must be)
  // Of a comparison.
  std::string attribute;  // path; "[*]" stands for every item of a list
  Test test = Test::kIsSet;
  std::vector<std::string> texts;
  double number = 0;
  bool flag = false;
  bool some = false;  // of several items, one is enough
  // Of has.
  std::string type;
  std::string through;  // its attribute that points at this resource
};

// A control of tfseal.yaml, with everything that its views point into: it stays where it is as long as it lives.
class CustomRule {
 public:
  CustomRule() = default;
  CustomRule(const CustomRule&) = delete;
  CustomRule& operator=(const CustomRule&) = delete;

  std::string id, title, why, remedy, basis;
  std::vector<std::string> types;
  Topic topic = Topic::kCustom;
  Severity severity = Severity::kMedium;
  bool has_when = false;
  RuleCondition when;  // where it does not hold, the control does not apply
  RuleCondition require;

  // What the file says that the control says about a resource.
  struct Example {
    std::string name;
    YamlNode resources;  // a map of addresses to attributes; the first one is judged
    Verdict want = Verdict::kPass;
    int line = 0;
  };
  std::vector<Example> examples;

  // Makes `control`, when everything above is as it stays.
  void Seal();
  Control control;
  // Types that it looks at besides its own.
  [[nodiscard]] const std::set<std::string>& other_types() const { return other_types_; }

 private:
  void AddReads(const RuleCondition& condition);
  std::set<std::string> read_names_;
  std::set<std::string> other_types_;
  std::vector<std::string_view> type_views_;
  std::vector<std::string_view> read_views_;
};

// Reads the list `controls:`; `fields` takes the mistakes.
std::vector<std::unique_ptr<CustomRule>> ReadCustomControls(YamlFields& fields, const YamlNode& node);

// Whether `condition` holds for a resource.
Truth TruthOf(const RuleCondition& condition, const Subject& subject);

// What became of one example.
struct ExampleResult {
  std::string control, name, message;
  Verdict want = Verdict::kUnknown;
  Verdict got = Verdict::kUnknown;
  int line = 0;
};
std::vector<ExampleResult> RunExamples(const CustomRule& rule);

}  // namespace tfseal

#include "policy/custom_control.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "policy/glob.h"
#include "policy/judge.h"
#include "policy/world.h"

namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;
using Kind = RuleCondition::Kind;
using Test = RuleCondition::Test;

Truth Not(Truth a) {
  return a == Truth::kUnknown ? a : a == Truth::kTrue ? Truth::kFalse : Truth::kTrue;
}

Truth Of(bool holds) {
  return holds ? Truth::kTrue : Truth::kFalse;
}

std::optional<double> NumberIn(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Text, number and boolean alike, as people write them in the file.
bool Same(const Value& value, std::string_view wanted) {
  if (value.kind() == terraform::ValueKind::kBool) return wanted == (value.AsBool() == true ? "true" : "false");
  const auto one = value.AsNumber();
  const auto other = NumberIn(wanted);
  return one && other ? *one == *other : value.text() == wanted;
}

Truth ContainsText(const Value& value, const std::string& wanted) {
  if (!value.is_list()) return Of(!value.text().empty() && value.text().find(wanted) != std::string_view::npos);
  bool unknown = false;
  for (const Value& item : value.items()) {
    if (item.unknown()) {
      unknown = true;
    } else if (Same(item, wanted)) {
      return Truth::kTrue;
    }
  }
  return unknown ? Truth::kUnknown : Truth::kFalse;
}

Truth Compare(const RuleCondition& condition, const Value& value) {
  if (value.unknown()) return Truth::kUnknown;
  if (condition.test == Test::kIsSet) return Of(condition.flag == !value.empty());
  if (value.unset()) return Truth::kFalse;
  const auto any = [&](auto matches) {
    return Of(std::any_of(condition.texts.begin(), condition.texts.end(), matches));
  };
  switch (condition.test) {
    case Test::kEquals:
    case Test::kOneOf:
      return any([&](const std::string& text) { return Same(value, text); });
    case Test::kMatches:
      return any([&](const std::string& text) {
        return value.kind() == terraform::ValueKind::kString && NameGlobMatches(text, value.text());
      });
    case Test::kContains:
      return ContainsText(value, condition.texts.front());
    case Test::kAtLeast:
      return Of(value.AsNumber().has_value() && *value.AsNumber() >= condition.number);
    case Test::kAtMost:
      return Of(value.AsNumber().has_value() && *value.AsNumber() <= condition.number);
    case Test::kIsSet:
      break;
  }
  return Truth::kFalse;
}

// The values at a path in which "[*]" stands for every item.
void Collect(const Value& from, std::string_view path, std::vector<Value>* values) {
  const std::size_t star = path.find("[*]");
  if (star == std::string_view::npos) {
    values->push_back(path.empty() ? from : from.At(path));
    return;
  }
  const Value list = star == 0 ? from : from.At(path.substr(0, star));
  std::string_view rest = path.substr(star + 3);
  if (rest.starts_with('.')) rest.remove_prefix(1);
  if (list.unknown()) values->push_back(list);
  for (const Value& item : list.items()) {
    if (item.unknown()) {
      values->push_back(item);
    } else {
      Collect(item, rest, values);
    }
  }
}

template <class Parts, class Judge>
Truth Fold(const Parts& parts, bool all, Judge judge) {
  Truth folded = Of(all);
  for (const auto& part : parts) {
    const Truth truth = judge(part);
    if (truth == Of(!all)) return truth;
    if (truth == Truth::kUnknown) folded = Truth::kUnknown;
  }
  return folded;
}

Truth HoldsFor(const RuleCondition& condition, const Subject& subject) {
  std::vector<Value> values;
  Collect(subject.attributes, condition.attribute, &values);
  return Fold(values, !condition.some, [&](const Value& value) { return Compare(condition, value); });
}

Truth HasOther(const RuleCondition& condition, const Subject& subject) {
  const World& world = subject.world;
  const auto others = world.PointingAt(subject.instance, condition.type, condition.through,
                                       {"id", "arn", "name", "identifier", "cluster_identifier", "bucket"});
  const Truth truth = Fold(others, false, [&](const ResourceInstance* other) {
    if (condition.parts.empty()) return Truth::kTrue;
    return TruthOf(condition.parts.front(),
                   Subject{*other, world.AttributesOf(*other), world, subject.requirements, subject.now});
  });
  if (truth != Truth::kFalse) return truth;
  // One of which it is not known where it points may be the one.
  for (const ResourceInstance* other : world.OfType(condition.type)) {
    if (!world.AttributesOf(*other).At(condition.through).unknown()) continue;
    const Origin& origin = world.OriginOf(*other, condition.through);
    if (!origin.configured || !origin.opaque.empty()) return Truth::kUnknown;
  }
  return Truth::kFalse;
}

// What a condition asks, in the words of the file; values of resources are never told.
std::string Describe(const RuleCondition& condition) {
  std::vector<std::string> parts;
  for (const RuleCondition& part : condition.parts) parts.push_back(Describe(part));
  switch (condition.kind) {
    case Kind::kAll:
      return fmt::format("{}", fmt::join(parts, ", "));
    case Kind::kAny:
      return fmt::format("one of ({})", fmt::join(parts, " | "));
    case Kind::kNot:
      return fmt::format("not ({})", fmt::join(parts, ", "));
    case Kind::kHas:
      return fmt::format("{} that points at it{}", condition.type, parts.empty() ? "" : " with " + parts.front());
    case Kind::kCompare:
      break;
  }
  constexpr std::string_view kWords[] = {"is", "is one of", "matches", "contains", "at least", "at most", "set"};
  if (condition.test == Test::kIsSet) return condition.attribute + (condition.flag ? " is set" : " is not set");
  const bool numeric = condition.test == Test::kAtLeast || condition.test == Test::kAtMost;
  return fmt::format(
      "{} {} {}", condition.attribute, kWords[static_cast<int>(condition.test)],
      numeric ? fmt::format("{}", condition.number) : fmt::format("{}", fmt::join(condition.texts, ", ")));
}

// The smallest parts of a requirement that are `truth`.
void Blame(const RuleCondition& condition, const Subject& subject, Truth truth, std::vector<std::string>* out) {
  if (TruthOf(condition, subject) != truth) return;
  if (condition.kind != Kind::kAll) {
    out->push_back(Describe(condition));
    return;
  }
  for (const RuleCondition& part : condition.parts) Blame(part, subject, truth, out);
}

Judgement EvaluateRule(const Subject& subject) {
  const CustomRule& rule = *subject.rule;
  Judgement judgement;
  const Truth applies = rule.has_when ? TruthOf(rule.when, subject) : Truth::kTrue;
  if (applies == Truth::kFalse) return NotApplicable("its `when` does not hold");
  const Truth holds = TruthOf(rule.require, subject);
  if (holds == Truth::kTrue) return Pass("what it requires holds");
  std::vector<std::string> blamed;
  if (applies == Truth::kUnknown) {
    Blame(rule.when, subject, applies, &blamed);
    judgement.message = fmt::format("whether it applies is not known: {}", fmt::join(blamed, ", "));
    return judgement;
  }
  Blame(rule.require, subject, holds, &blamed);
  if (holds == Truth::kUnknown) {
    judgement.message = fmt::format("not known before apply: {}", fmt::join(blamed, ", "));
    return judgement;
  }
  judgement = Fail(fmt::format("not met: {}", fmt::join(blamed, ", ")));
  judgement.offenders = std::move(blamed);
  return judgement;
}

// --- reading

class RuleReader {
 public:
  explicit RuleReader(YamlFields& fields) : fields_(fields) {}

  void Read(const YamlNode& node, CustomRule& rule) {
    const YamlNode* require = nullptr;
    fields_.Fields(node, "a control",
                   {{"id", [&](const YamlNode& v) { ReadId(v, rule); }},
                    {"title", [&](const YamlNode& v) { fields_.Text(v, "title", rule.title); }},
                    {"why", [&](const YamlNode& v) { fields_.Text(v, "why", rule.why); }},
                    {"remedy", [&](const YamlNode& v) { fields_.Text(v, "remedy", rule.remedy); }},
                    {"basis", [&](const YamlNode& v) { fields_.Text(v, "basis", rule.basis); }},
                    {"topic", [&](const YamlNode& v) { ReadTopic(v, rule); }},
                    {"severity", [&](const YamlNode& v) { ReadSeverity(v, rule); }},
                    {"types", [&](const YamlNode& v) { rule.types = fields_.Texts(v, "types", WrongType); }},
                    {"when",
                     [&](const YamlNode& v) {
                       rule.has_when = true;
                       rule.when = Condition(v);
                     }},
                    {"require",
                     [&](const YamlNode& v) {
                       require = &v;
                       rule.require = Condition(v);
                     }},
                    {"tests", [&](const YamlNode& v) { ReadExamples(v, rule); }}});
    if (node.kind != YamlNode::Kind::kMap) return;
    constexpr std::string_view kNeeded[] = {"id", "title", "types", "require"};
    fields_.Required(node, "a control", kNeeded);
  }

 private:
  static std::string WrongType(std::string_view text) {
    const bool shaped =
        text.find('_') != text.npos && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == text.npos;
    return shaped ? "" : fmt::format("\"{}\" is not a resource type such as aws_rds_cluster", text);
  }

  void ReadId(const YamlNode& node, CustomRule& rule) {
    fields_.Text(node, "id", rule.id);
    const bool shaped = rule.id.size() >= 3 && rule.id.size() <= 40 &&
                        rule.id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == std::string::npos;
    if (!shaped) fields_.Mistake(node, "the id of a control has capital letters, digits and dashes", "write ORG-001");
    if (rule.id.starts_with("TFS-"))
      fields_.Mistake(node, "ids that start with TFS- are tfseal's own", "write ORG-001");
  }

  void ReadTopic(const YamlNode& node, CustomRule& rule) {
    if (const auto which = fields_.OneOf(node, "topic", kTopicNames)) rule.topic = static_cast<Topic>(*which);
  }

  void ReadSeverity(const YamlNode& node, CustomRule& rule) {
    constexpr std::string_view kSeverities[] = {"info", "low", "medium", "high", "critical"};
    if (const auto which = fields_.OneOf(node, "severity", kSeverities)) rule.severity = static_cast<Severity>(*which);
  }

  RuleCondition Condition(const YamlNode& node) {
    RuleCondition condition;
    if (node.kind != YamlNode::Kind::kMap || node.keys.empty()) {
      fields_.Mistake(node, "a condition is a map", "write { attribute: storage_encrypted, equals: true }");
      return condition;
    }
    const std::string& first = node.keys.front().text;
    if (first == "all" || first == "any" || first == "not" || first == "has") {
      Combination(node, first, condition);
    } else {
      Comparison(node, condition);
    }
    return condition;
  }

  void Combination(const YamlNode& node, const std::string& word, RuleCondition& condition) {
    const auto parts = [&](const YamlNode& v) {
      if (v.kind != YamlNode::Kind::kList || v.items.empty()) {
        fields_.Mistake(v, fmt::format("{} must be a list of conditions", word));
        return;
      }
      for (const YamlNode& item : v.items) condition.parts.push_back(Condition(item));
    };
    condition.kind = word == "all" ? Kind::kAll : word == "any" ? Kind::kAny : word == "not" ? Kind::kNot : Kind::kHas;
    if (word == "not") {
      fields_.Fields(node, "a condition",
                     {{"not", [&](const YamlNode& v) { condition.parts.push_back(Condition(v)); }}});
    } else if (word == "has") {
      fields_.Fields(node, "a condition", {{"has", [&](const YamlNode& v) { Has(v, condition); }}});
    } else {
      fields_.Fields(node, "a condition", {{word, parts}});
    }
  }

  void Has(const YamlNode& node, RuleCondition& condition) {
    fields_.Fields(node, "has",
                   {{"type",
                     [&](const YamlNode& v) {
                       fields_.Text(v, "type", condition.type);
                       if (std::string wrong = WrongType(condition.type); !wrong.empty()) fields_.Mistake(v, wrong);
                     }},
                    {"through", [&](const YamlNode& v) { fields_.Text(v, "through", condition.through); }},
                    {"where", [&](const YamlNode& v) { condition.parts.push_back(Condition(v)); }}});
    constexpr std::string_view kNeeded[] = {"type", "through"};
    if (node.kind == YamlNode::Kind::kMap) fields_.Required(node, "has", kNeeded);
  }

  void Comparison(const YamlNode& node, RuleCondition& condition) {
    condition.kind = Kind::kCompare;
    int tests = 0;
    const auto texts = [&](Test test, bool many) {
      return [this, &condition, &tests, test, many](const YamlNode& v) {
        ++tests;
        condition.test = test;
        if (many && v.kind == YamlNode::Kind::kList) {
          for (const YamlNode& item : v.items) Scalar(item, condition);
        } else {
          Scalar(v, condition);
        }
        if (condition.texts.empty()) condition.texts.emplace_back();
      };
    };
    const auto number = [&](Test test) {
      return [this, &condition, &tests, test](const YamlNode& v) {
        ++tests;
        condition.test = test;
        const auto read = NumberIn(v.text);
        if (!read || v.kind != YamlNode::Kind::kScalar) fields_.Mistake(v, "must be a number");
        condition.number = read.value_or(0);
      };
    };
    fields_.Fields(node, "a condition",
                   {{"attribute", [&](const YamlNode& v) { fields_.Text(v, "attribute", condition.attribute); }},
                    {"equals", texts(Test::kEquals, false)},
                    {"one_of", texts(Test::kOneOf, true)},
                    {"matches", texts(Test::kMatches, true)},
                    {"contains", texts(Test::kContains, false)},
                    {"at_least", number(Test::kAtLeast)},
                    {"at_most", number(Test::kAtMost)},
                    {"is_set",
                     [&](const YamlNode& v) {
                       ++tests;
                       condition.test = Test::kIsSet;
                       fields_.Boolean(v, "is_set", condition.flag);
                     }},
                    {"items", [&](const YamlNode& v) {
                       constexpr std::string_view kWays[] = {"every", "some"};
                       if (const auto which = fields_.OneOf(v, "items", kWays)) condition.some = *which == 1;
                     }}});
    if (tests != 1 || condition.attribute.empty()) {
      fields_.Mistake(node, "a comparison needs an attribute and exactly one test",
                      "equals, one_of, matches, contains, at_least, at_most or is_set");
    }
  }

  void Scalar(const YamlNode& node, RuleCondition& condition) {
    if (node.kind != YamlNode::Kind::kScalar) {
      fields_.Mistake(node, "must be a text, a number, true or false");
    } else if (condition.test == Test::kMatches && !GlobMistake(node.text).empty()) {
      fields_.Mistake(node, fmt::format("\"{}\" is not a pattern: {}", node.text, GlobMistake(node.text)));
    } else {
      condition.texts.push_back(node.text);
    }
  }

  void ReadExamples(const YamlNode& node, CustomRule& rule) {
    if (node.kind != YamlNode::Kind::kList) {
      fields_.Mistake(node, "tests must be a list", "write - { name: ..., resources: { ... }, want: pass }");
      return;
    }
    for (const YamlNode& item : node.items) {
      CustomRule::Example example;
      example.line = item.line;
      fields_.Fields(item, "a test",
                     {{"name", [&](const YamlNode& v) { fields_.Text(v, "name", example.name); }},
                      {"resources",
                       [&](const YamlNode& v) {
                         if (v.kind != YamlNode::Kind::kMap || v.keys.empty()) {
                           fields_.Mistake(v, "resources is a map of addresses to attributes, the judged one first");
                         }
                         example.resources = v;
                       }},
                      {"want", [&](const YamlNode& v) {
                         constexpr std::string_view kWants[] = {"unknown", "pass", "fail", "not_applicable"};
                         constexpr Verdict kVerdicts[] = {Verdict::kUnknown, Verdict::kPass, Verdict::kFail,
                                                          Verdict::kNotApplicable};
                         if (const auto which = fields_.OneOf(v, "want", kWants)) example.want = kVerdicts[*which];
                       }}});
      constexpr std::string_view kNeeded[] = {"name", "resources", "want"};
      if (item.kind == YamlNode::Kind::kMap) fields_.Required(item, "a test", kNeeded);
      rule.examples.push_back(std::move(example));
    }
  }

  YamlFields& fields_;
};

Value ExampleValue(const YamlNode& node, terraform::Arena& arena) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return Value::Null();
    case YamlNode::Kind::kList: {
      Value* items = arena.AllocateArray<Value>(node.items.size());
      for (std::size_t i = 0; i < node.items.size(); ++i) items[i] = ExampleValue(node.items[i], arena);
      return Value::List({items, node.items.size()});
    }
    case YamlNode::Kind::kMap: {
      auto* members = arena.AllocateArray<terraform::Member>(node.items.size());
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        members[i] = {arena.Copy(node.keys[i].text), ExampleValue(node.items[i], arena)};
      }
      return Value::Map({members, node.items.size()});
    }
    case YamlNode::Kind::kScalar:
      break;
  }
  if (node.text == "<unknown>") return Value::Unknown();
  if (!node.quoted && (node.text == "true" || node.text == "false")) return Value::Bool(node.text == "true");
  if (!node.quoted && NumberIn(node.text)) return Value::Number(arena.Copy(node.text));
  return Value::String(arena.Copy(node.text));
}

}  // namespace

Truth TruthOf(const RuleCondition& condition, const Subject& subject) {
  const auto judge = [&](const RuleCondition& part) { return TruthOf(part, subject); };
  switch (condition.kind) {
    case Kind::kAll:
      return Fold(condition.parts, true, judge);
    case Kind::kAny:
      return Fold(condition.parts, false, judge);
    case Kind::kNot:
      return condition.parts.empty() ? Truth::kUnknown : Not(TruthOf(condition.parts.front(), subject));
    case Kind::kHas:
      return HasOther(condition, subject);
    case Kind::kCompare:
      break;
  }
  return HoldsFor(condition, subject);
}

void CustomRule::AddReads(const RuleCondition& condition) {
  const auto add = [&](std::string_view path) {
    read_names_.insert(std::string(path.substr(0, path.find_first_of(".["))));
  };
  if (!condition.attribute.empty()) add(condition.attribute);
  if (!condition.through.empty()) add(condition.through);
  if (!condition.type.empty()) other_types_.insert(condition.type);
  for (const RuleCondition& part : condition.parts) AddReads(part);
}

void CustomRule::Seal() {
  AddReads(when);
  AddReads(require);
  type_views_.assign(types.begin(), types.end());
  read_views_.assign(read_names_.begin(), read_names_.end());
  if (why.empty()) why = title;
  if (remedy.empty()) remedy = "make what it requires hold; `tfseal controls test` tries it on examples";
  if (basis.empty()) basis = "organisation: tfseal.yaml";
  control = Control{};
  control.id = id;
  control.topic = topic;
  control.severity = severity;
  control.title = title;
  control.types = type_views_;
  control.reads = read_views_;
  control.evaluate = EvaluateRule;
  control.why = why;
  control.remedy = remedy;
  control.basis = basis;
  control.asked = [](const Requirements&) { return true; };
  control.rule = this;
}

std::vector<std::unique_ptr<CustomRule>> ReadCustomControls(YamlFields& fields, const YamlNode& node) {
  std::vector<std::unique_ptr<CustomRule>> rules;
  if (node.kind != YamlNode::Kind::kList) {
    fields.Mistake(node, "controls must be a list", "write - { id: ORG-001, title: ..., types: [...], require: ... }");
    return rules;
  }
  std::set<std::string> ids;
  RuleReader reader(fields);
  for (const YamlNode& item : node.items) {
    auto rule = std::make_unique<CustomRule>();
    reader.Read(item, *rule);
    if (!rule->id.empty() && !ids.insert(rule->id).second) {
      fields.Mistake(item, fmt::format("control {} is there twice", rule->id));
    }
    rule->Seal();
    rules.push_back(std::move(rule));
  }
  return rules;
}

std::vector<ExampleResult> RunExamples(const CustomRule& rule) {
  std::vector<ExampleResult> results;
  for (const CustomRule::Example& example : rule.examples) {
    terraform::Document document;
    document.resource_changes_present = true;
    for (std::size_t i = 0; i < example.resources.keys.size(); ++i) {
      const std::string& address = example.resources.keys[i].text;
      ResourceInstance instance;
      instance.SetAddress(document.arena.Copy(address));
      instance.type = document.arena.Copy(address.substr(0, address.find('.')));
      instance.after = ExampleValue(example.resources.items[i], document.arena);
      instance.actions.create = true;
      document.resources.push_back(instance);
    }
    ExampleResult result{rule.id, example.name, "", example.want, Verdict::kUnknown, example.line};
    const World world(document, Side::kAfter);
    const Requirements requirements;
    const ResourceInstance& judged = document.resources.front();
    const bool is_judged = std::find(rule.types.begin(), rule.types.end(), judged.type) != rule.types.end();
    if (!is_judged || !judged.after.is_map()) {
      result.got = Verdict::kError;
      result.message = fmt::format("{} is none of its types, or has no attributes", judged.address);
    } else {
      const Judgement judgement = EvaluateRule(Subject{judged, judged.after, world, requirements, {}, &rule});
      result.got = judgement.verdict;
      result.message = judgement.message;
    }
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace tfseal

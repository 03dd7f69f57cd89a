// https://pages.nist.gov/OSCAL/resources/concepts/layer/assessment/assessment-results/ (1.2.0)
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "report/clean.h"
#include "report/fingerprint.h"
#include "report/render.h"
#include "report/words.h"

namespace tfseal::report {
namespace {

constexpr std::string_view kPropertySpace = "urn:tfseal:oscal";

// What the schema's \S does not match of a clean text, in UTF-8: spaces of every width.
constexpr std::string_view kSpaces[] = {
    " ",
    "\xC2\xA0",
    "\xE1\x9A\x80",
    "\xE2\x80\x80",
    "\xE2\x80\x81",
    "\xE2\x80\x82",
    "\xE2\x80\x83",
    "\xE2\x80\x84",
    "\xE2\x80\x85",
    "\xE2\x80\x86",
    "\xE2\x80\x87",
    "\xE2\x80\x88",
    "\xE2\x80\x89",
    "\xE2\x80\x8A",
    "\xE2\x80\xAF",
    "\xE2\x81\x9F",
    "\xE3\x80\x80",
};

// OSCAL's strings have no space at either end and are never empty.
std::string Trimmed(std::string_view text) {
  const auto at_front = [&](std::string_view space) { return text.starts_with(space); };
  const auto at_back = [&](std::string_view space) { return text.ends_with(space); };
  for (auto* space = std::ranges::find_if(kSpaces, at_front); space != std::end(kSpaces);
       space = std::ranges::find_if(kSpaces, at_front)) {
    text.remove_prefix(space->size());
  }
  for (auto* space = std::ranges::find_if(kSpaces, at_back); space != std::end(kSpaces);
       space = std::ranges::find_if(kSpaces, at_back)) {
    text.remove_suffix(space->size());
  }
  return text.empty() ? "-" : std::string(text);
}

// A text that readers of OSCAL show as Markdown.
std::string Markup(std::string_view text) {
  return OscalMarkup(Trimmed(text));
}

JsonValue Property(std::string_view name, std::string_view value) {
  JsonValue property(Json::objectValue);
  property["name"] = Json(name);
  property["ns"] = Json(kPropertySpace);
  property["value"] = Trimmed(value);
  return property;
}

class AssessmentResults {
 public:
  explicit AssessmentResults(const Assessment& assessment) : assessment_(assessment), time_(Timestamp(assessment.now)) {
    run_ =
        fmt::format("{}\n{}\n{}\n{}", assessment.command, assessment.now, assessment.policy_sha256, assessment.scope);
    for (const AssessedDocument& document : assessment.documents) {
      run_ += fmt::format("\n{}\n{}", document.path, document.sha256);
    }
  }

  JsonValue Build() {
    JsonValue results(Json::objectValue);
    results["uuid"] = Id("assessment-results");
    JsonValue& metadata = results["metadata"];
    metadata["title"] = Markup(fmt::format("tfseal {}: {}", assessment_.command, assessment_.verdict));
    metadata["last-modified"] = time_;
    metadata["version"] = Trimmed(assessment_.version);
    metadata["oscal-version"] = "1.2.0";
    const std::string plan = Id("assessment-plan");
    results["import-ap"]["href"] = "#" + plan;
    results["results"].append(Result());
    JsonValue resource(Json::objectValue);
    resource["uuid"] = plan;
    resource["title"] = "What was judged, and by what";
    std::string description = assessment_.policy_path.empty()
                                  ? "The requirements that are built into tfseal."
                                  : fmt::format("The requirements in {} (SHA-256 {}).",
                                                OscalMarkup(assessment_.policy_path), assessment_.policy_sha256);
    for (const AssessedDocument& document : assessment_.documents) {
      description += fmt::format("\n\nThe {} {}{}.", document.kind, OscalMarkup(document.path),
                                 document.sha256.empty() ? "" : fmt::format(" (SHA-256 {})", document.sha256));
    }
    resource["description"] = description;
    results["back-matter"]["resources"].append(resource);
    JsonValue document(Json::objectValue);
    document["assessment-results"] = results;
    return document;
  }

 private:
  std::string Id(std::string_view what) const { return Uuid(fmt::format("{}\n{}", run_, what)); }
  // Of several documents, the one that the resource is in: two of them may each have one of that address. What was
  // promised is looked for in all of them.
  [[nodiscard]] std::string_view DocumentOf(const Check& check) const {
    return check.cause == "promised" ? std::string_view() : assessment_.Among(check.document);
  }
  // The same resource has the same id in every run.
  [[nodiscard]] std::string SubjectId(const Check& check) const {
    const std::string_view document = DocumentOf(check);
    return Uuid(document.empty() ? fmt::format("resource\n{}", check.address)
                                 : fmt::format("resource\n{}\n{}", document, check.address));
  }

  JsonValue Result() {
    JsonValue result(Json::objectValue);
    result["uuid"] = Id("result");
    result["title"] = Markup(fmt::format("{}: {}", assessment_.command, assessment_.verdict));
    std::string description;
    for (const std::string& because : assessment_.because) {
      description += (description.empty() ? "" : "\n") + Markup(because);
    }
    result["description"] = description;
    result["start"] = time_;
    result["end"] = time_;
    result["props"].append(Property("verdict", assessment_.verdict));
    for (const std::string& note : assessment_.notes) {
      description += "\n\n" + Markup(note);
      result["remarks"] = description;
    }
    JsonValue selection(Json::objectValue);
    for (const Rule& rule : assessment_.rules) {
      JsonValue control(Json::objectValue);
      control["control-id"] = rule.id;
      selection["include-controls"].append(control);
    }
    if (assessment_.rules.empty()) selection["include-all"] = JsonValue(Json::objectValue);
    result["reviewed-controls"]["control-selections"].append(selection);
    std::set<std::string> subjects;
    for (const Check& check : assessment_.checks) {
      if (subjects.insert(SubjectId(check)).second) {
        result["local-definitions"]["inventory-items"].append(InventoryItem(check));
      }
      result["observations"].append(Observation(check));
      if (check.standing == Standing::kPasses || check.standing == Standing::kAdvice) continue;
      result["risks"].append(Risk(check));
    }
    std::map<std::string_view, std::vector<const Check*>> by_rule;
    for (const Check& check : assessment_.checks) by_rule[check.rule].push_back(&check);
    for (const auto& [rule, checks] : by_rule) result["findings"].append(FindingOf(checks));
    return result;
  }

  [[nodiscard]] JsonValue InventoryItem(const Check& check) const {
    JsonValue item(Json::objectValue);
    item["uuid"] = SubjectId(check);
    item["description"] = Markup(check.address);
    item["props"].append(Property("address", check.address));
    if (!check.type.empty()) item["props"].append(Property("type", check.type));
    if (const std::string_view document = DocumentOf(check); !document.empty()) {
      item["props"].append(Property("document", document));
    }
    item["props"].append(Property("environment", check.EnvironmentName()));
    return item;
  }

  JsonValue Observation(const Check& check) const {
    JsonValue observation(Json::objectValue);
    observation["uuid"] = Id("observation\n" + check.fingerprint);
    observation["title"] = Markup(fmt::format("{} on {}", check.rule, check.address));
    observation["description"] = Markup(Statement(check));
    observation["methods"].append("TEST");
    observation["types"].append(check.standing == Standing::kPasses ? "control-objective" : "finding");
    observation["collected"] = time_;
    observation["props"].append(Property("standing", Name(check.standing)));
    observation["props"].append(Property("verdict", tfseal::Name(check.verdict)));
    observation["props"].append(Property("severity", tfseal::Name(check.severity)));
    if (!check.place.file.empty()) {
      observation["props"].append(Property("source", fmt::format("{}:{}", check.place.file, check.place.line)));
    }
    JsonValue subject(Json::objectValue);
    subject["subject-uuid"] = SubjectId(check);
    subject["type"] = "inventory-item";
    subject["title"] = Markup(check.address);
    observation["subjects"].append(subject);
    for (const std::string& evidence : check.evidence) {
      JsonValue relevant(Json::objectValue);
      relevant["description"] = Markup(evidence);
      observation["relevant-evidence"].append(relevant);
    }
    return observation;
  }

  JsonValue Risk(const Check& check) const {
    const Rule& rule = assessment_.RuleOf(check);
    JsonValue risk(Json::objectValue);
    risk["uuid"] = Id("risk\n" + check.fingerprint);
    risk["title"] = Markup(fmt::format("{} on {}", check.rule, check.address));
    risk["description"] = Markup(Statement(check));
    risk["statement"] = Markup(rule.why);
    risk["status"] = check.standing == Standing::kWaived  ? "deviation-approved"
                     : check.standing == Standing::kFails ? "open"
                                                          : "investigating";
    risk["props"].append(Property("severity", tfseal::Name(check.severity)));
    if (!check.waiver.empty()) risk["props"].append(Property("waiver", check.waiver));
    if (!check.remedy.empty()) {
      JsonValue response(Json::objectValue);
      response["uuid"] = Id("response\n" + check.fingerprint);
      response["lifecycle"] = "recommendation";
      response["title"] = "Fix";
      response["description"] = Markup(check.remedy);
      risk["remediations"].append(response);
    }
    JsonValue related(Json::objectValue);
    related["observation-uuid"] = Id("observation\n" + check.fingerprint);
    risk["related-observations"].append(related);
    return risk;
  }

  // One for each rule: satisfied if everything passed. A waiver approves a deviation, it satisfies nothing.
  JsonValue FindingOf(const std::vector<const Check*>& checks) const {
    const Rule& rule = assessment_.RuleOf(*checks.front());
    std::map<Standing, std::size_t> counts;
    bool fails = false;
    for (const Check* check : checks) {
      ++counts[check->standing];
      fails = fails || check->verdict == Verdict::kFail;
    }
    const bool satisfied = counts[Standing::kPasses] == checks.size();
    std::string description;
    for (const Standing standing :
         {Standing::kFails, Standing::kUndecided, Standing::kAdvice, Standing::kWaived, Standing::kPasses}) {
      if (counts[standing] == 0) continue;
      description += fmt::format("{}{}: {}", description.empty() ? "" : ", ", Name(standing), counts[standing]);
    }
    JsonValue finding(Json::objectValue);
    finding["uuid"] = Id("finding\n" + rule.id);
    finding["title"] = Markup(rule.title);
    finding["description"] = description;
    JsonValue& target = finding["target"];
    target["type"] = "objective-id";
    target["target-id"] = rule.id;
    target["title"] = Markup(rule.title);
    target["status"]["state"] = satisfied ? "satisfied" : "not-satisfied";
    target["status"]["reason"] = satisfied ? "pass" : fails ? "fail" : "other";
    for (const Check* check : checks) {
      JsonValue related(Json::objectValue);
      related["observation-uuid"] = Id("observation\n" + check->fingerprint);
      finding["related-observations"].append(related);
      if (check->standing == Standing::kPasses || check->standing == Standing::kAdvice) continue;
      JsonValue risk(Json::objectValue);
      risk["risk-uuid"] = Id("risk\n" + check->fingerprint);
      finding["related-risks"].append(risk);
    }
    return finding;
  }

  const Assessment& assessment_;
  std::string time_;
  std::string run_;
};

}  // namespace

std::string Oscal(const Assessment& assessment) {
  return WriteJsonDocument(AssessmentResults(assessment).Build());
}

}  // namespace tfseal::report

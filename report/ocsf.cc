// https://schema.ocsf.io/1.3.0/classes/compliance_finding
#include <fmt/format.h>

#include "report/clean.h"
#include "report/render.h"
#include "report/words.h"

namespace tfseal::report {
namespace {

struct Enumerated {
  int id;
  std::string_view name;
};

Enumerated SeverityOf(const Check& check) {
  constexpr Enumerated kSeverities[] = {{1, "Informational"}, {2, "Low"}, {3, "Medium"}, {4, "High"}, {5, "Critical"}};
  const bool presses = check.standing == Standing::kFails || check.standing == Standing::kUndecided;
  return presses ? kSeverities[static_cast<int>(check.severity)] : kSeverities[0];
}

Enumerated ComplianceOf(const Check& check) {
  if (check.standing == Standing::kPasses) return {1, "Pass"};
  if (check.verdict == Verdict::kFail) return {3, "Fail"};
  return {0, "Unknown"};
}

Enumerated StatusOf(const Check& check) {
  if (check.standing == Standing::kWaived) return {3, "Suppressed"};
  if (check.standing == Standing::kPasses) return {4, "Resolved"};
  return {1, "New"};
}

JsonValue FindingJson(const Assessment& assessment, const Check& check) {
  const Rule& rule = assessment.RuleOf(check);
  const auto time = static_cast<Json::Int64>(assessment.now * 1000);
  JsonValue json(Json::objectValue);
  json["activity_id"] = 1;
  json["activity_name"] = "Create";
  json["category_uid"] = 2;
  json["category_name"] = "Findings";
  json["class_uid"] = 2003;
  json["class_name"] = "Compliance Finding";
  json["type_uid"] = 200301;
  json["type_name"] = "Compliance Finding: Create";
  json["time"] = time;
  const Enumerated severity = SeverityOf(check);
  json["severity_id"] = severity.id;
  json["severity"] = Json(severity.name);
  const Enumerated status = StatusOf(check);
  json["status_id"] = status.id;
  json["status"] = Json(status.name);
  json["message"] = fmt::format("{}: {}", check.address, Statement(check));
  json["metadata"]["version"] = "1.3.0";
  json["metadata"]["product"]["name"] = "tfseal";
  json["metadata"]["product"]["vendor_name"] = "tfseal";
  json["metadata"]["product"]["version"] = assessment.version;
  JsonValue& info = json["finding_info"];
  info["uid"] = check.fingerprint;
  info["title"] = rule.title;
  info["desc"] = rule.why.empty() ? rule.title : rule.why;
  info["created_time"] = time;
  info["types"].append(Json(tfseal::Name(check.topic)));
  JsonValue& compliance = json["compliance"];
  const Enumerated compliant = ComplianceOf(check);
  compliance["status_id"] = compliant.id;
  compliance["status"] = Json(compliant.name);
  compliance["status_detail"] = Statement(check);
  compliance["control"] = check.rule;
  // The attribute is required; which paragraphs of which frameworks a control answers is not claimed here.
  compliance["standards"].append("tfseal");
  if (!check.remedy.empty()) json["remediation"]["desc"] = check.remedy;
  JsonValue resource(Json::objectValue);
  resource["uid"] = check.address;
  resource["name"] = check.address;
  if (!check.type.empty()) resource["type"] = check.type;
  if (!assessment.region.empty()) resource["region"] = assessment.region;
  json["resources"].append(resource);
  json["cloud"]["provider"] = "AWS";
  if (!assessment.region.empty()) json["cloud"]["region"] = assessment.region;
  if (!assessment.account.empty()) json["cloud"]["account"]["uid"] = assessment.account;
  JsonValue& unmapped = json["unmapped"];
  unmapped["standing"] = Json(Name(check.standing));
  unmapped["environment"] = Json(check.EnvironmentName());
  if (!check.place.file.empty()) unmapped["source"] = fmt::format("{}:{}", check.place.file, check.place.line);
  if (!check.waiver.empty()) unmapped["waiver"] = check.waiver;
  return json;
}

}  // namespace

std::string Ocsf(const Assessment& assessment) {
  JsonArray array;
  for (const Check& check : assessment.checks) array.Add(FindingJson(assessment, check));
  return array.Finish();
}

}  // namespace tfseal::report

#include <string_view>

#include "policy/gate.h"

namespace tfseal {
namespace {

JsonValue Strings(const std::vector<std::string>& strings) {
  JsonValue list(Json::arrayValue);
  for (const std::string& text : strings) list.append(text);
  return list;
}

JsonValue Text(std::string_view text) {
  return {text.data(), text.data() + text.size()};
}

std::string_view Name(Cause cause) {
  switch (cause) {
    case Cause::kCaused:
      return "caused";
    case Cause::kWorsened:
      return "worsened";
    case Cause::kDrift:
      return "drift";
    case Cause::kState:
      return "state";
    case Cause::kExisting:
      break;
  }
  return "existing";
}

JsonValue ToJson(const Destroyed& destroyed) {
  JsonValue json(Json::objectValue);
  json["address"] = destroyed.address;
  json["type"] = destroyed.type;
  json["class"] = destroyed.cls;
  if (destroyed.deposed) json["deposed"] = true;
  json["paths"] = Strings(destroyed.paths);
  json["protections"] = Strings(destroyed.protections);
  json["reason"] = destroyed.reason;
  json["remedy"] = destroyed.remedy;
  if (!destroyed.file.empty()) {
    json["file"] = destroyed.file;
    json["line"] = destroyed.line;
  }
  return json;
}

}  // namespace

JsonValue ToJson(const Finding& finding) {
  JsonValue json(Json::objectValue);
  json["control"] = finding.control;
  json["topic"] = Text(Name(finding.topic));
  json["verdict"] = Text(Name(finding.verdict));
  json["severity"] = Text(Name(finding.severity));
  json["address"] = finding.address;
  json["type"] = finding.type;
  json["environment"] = finding.environment;
  json["cause"] = Text(Name(finding.cause));
  json["required"] = finding.required;
  json["waived"] = finding.waived;
  if (finding.waived) json["waiver"] = finding.waiver;
  json["change_class"] = finding.change_class;
  json["message"] = finding.message;
  json["remedy"] = finding.remedy;
  json["evidence"] = Strings(finding.evidence);
  if (!finding.file.empty()) {
    json["file"] = finding.file;
    json["line"] = finding.line;
  }
  return json;
}

JsonValue ToJson(const OpenObligation& obligation) {
  JsonValue json(Json::objectValue);
  json["address"] = obligation.address;
  json["control"] = obligation.control;
  json["attribute"] = obligation.obligation.attribute;
  json["resolved_to"] = obligation.obligation.resolved_to;
  json["expectation"] = obligation.obligation.expectation;
  return json;
}

JsonValue ToJson(const GateReport& report, const terraform::Document& plan) {
  JsonValue json(Json::objectValue);
  json["schema"] = "tfseal/gate/v1";
  json["schema_version"] = "1.0";
  json["verdict"] = Text(Name(report.verdict));
  json["because"] = Strings(report.because);
  JsonValue& document = json["document"];
  document["path"] = plan.path;
  document["sha256"] = plan.sha256;
  document["terraform_version"] = Text(plan.terraform_version);
  document["format_version"] = Text(plan.format_version);
  json["findings"] = JsonValue(Json::arrayValue);
  for (const Finding& finding : report.findings) json["findings"].append(ToJson(finding));
  json["destroys"] = JsonValue(Json::arrayValue);
  for (const Destroyed& destroyed : report.destroys) json["destroys"].append(ToJson(destroyed));
  json["obligations"] = JsonValue(Json::arrayValue);
  for (const OpenObligation& obligation : report.obligations) json["obligations"].append(ToJson(obligation));
  json["notes"] = Strings(report.notes);
  JsonValue& summary = json["summary"];
  summary["resources_seen"] = static_cast<Json::UInt64>(plan.resources_seen);
  summary["resources_judged"] = static_cast<Json::UInt64>(report.judged);
  summary["controls_passed"] = static_cast<Json::UInt64>(report.passed);
  return json;
}

}  // namespace tfseal

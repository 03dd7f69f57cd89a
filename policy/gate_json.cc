#include <functional>
#include <string_view>
#include <utility>

#include "core/check.h"
#include "core/json_text.h"
#include "policy/gate.h"

namespace tfseal {
namespace {

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

void Text(JsonText& json, std::string_view key, std::string_view value) {
  json.Key(key);
  json.String(value);
}

void TextList(JsonText& json, std::string_view key, const std::vector<std::string>& values) {
  json.Key(key);
  json.Strings(values);
}

void Count(JsonText& json, std::string_view key, std::uint64_t value) {
  json.Key(key);
  json.Number(value);
}

// Names of their own: a string literal would rather become a bool than a string_view.
void Flag(JsonText& json, std::string_view key, bool value) {
  json.Key(key);
  json.Bool(value);
}

void Write(JsonText& json, const Destroyed& destroyed) {
  json.BeginObject();
  Text(json, "address", destroyed.address);
  Text(json, "class", destroyed.cls);
  if (destroyed.deposed) Flag(json, "deposed", true);
  if (!destroyed.file.empty()) {
    Text(json, "file", destroyed.file);
    Count(json, "line", static_cast<std::uint64_t>(destroyed.line));
  }
  TextList(json, "paths", destroyed.paths);
  TextList(json, "protections", destroyed.protections);
  Text(json, "reason", destroyed.reason);
  Text(json, "remedy", destroyed.remedy);
  Text(json, "type", destroyed.type);
  json.EndObject();
}

void Write(JsonText& json, const Finding& finding) {
  json.BeginObject();
  Text(json, "address", finding.address);
  Text(json, "cause", Name(finding.cause));
  Text(json, "change_class", finding.change_class);
  Text(json, "control", finding.control);
  Text(json, "environment", finding.environment);
  TextList(json, "evidence", finding.evidence);
  if (!finding.rare->file.empty()) {
    Text(json, "file", finding.rare->file);
    Count(json, "line", static_cast<std::uint64_t>(finding.rare->line));
  }
  if (finding.known) Flag(json, "known", true);
  Text(json, "message", finding.message);
  if (!finding.rare->object.empty()) Text(json, "object", finding.rare->object);
  Text(json, "remedy", finding.remedy);
  Flag(json, "required", finding.required);
  Text(json, "severity", Name(finding.severity));
  Text(json, "topic", Name(finding.topic));
  Text(json, "type", finding.type);
  Text(json, "verdict", Name(finding.verdict));
  Flag(json, "waived", finding.waived);
  if (!finding.rare->waiver.empty()) Text(json, "waiver", finding.rare->waiver);
  json.EndObject();
}

void Write(JsonText& json, const WaiverUse& use) {
  json.BeginObject();
  Text(json, "address", use.waiver.address);
  Text(json, "control", use.waiver.control);
  Text(json, "expires", use.waiver.expires_text);
  Text(json, "file", use.waiver.file);
  Count(json, "findings", use.findings);
  Flag(json, "in_source", use.waiver.in_source);
  Count(json, "line", static_cast<std::uint64_t>(use.waiver.line));
  Text(json, "owner", use.waiver.owner);
  Text(json, "problem", use.problem);
  Text(json, "reason", use.waiver.reason);
  Text(json, "state", Name(use.state));
  Text(json, "ticket", use.waiver.ticket);
  json.EndObject();
}

void Write(JsonText& json, const OpenObligation& obligation) {
  json.BeginObject();
  Text(json, "address", obligation.address);
  Text(json, "attribute", obligation.obligation.attribute);
  Text(json, "control", obligation.control);
  Text(json, "expectation", obligation.obligation.expectation);
  Text(json, "resolved_to", obligation.obligation.resolved_to);
  json.EndObject();
}

template <class Entry>
void WriteList(JsonText& json, std::string_view key, const std::vector<Entry>& entries) {
  json.Key(key);
  json.BeginArray();
  for (const Entry& entry : entries) Write(json, entry);
  json.EndArray();
}

JsonValue Parsed(JsonText& json) {
  auto parsed = ParseJson(json.Finish());
  TFSEAL_CHECK(parsed.ok());
  return std::move(parsed).value();
}

}  // namespace

JsonValue ToJson(const Finding& finding) {
  JsonText json;
  Write(json, finding);
  return Parsed(json);
}

JsonValue ToJson(const WaiverUse& use) {
  JsonText json;
  Write(json, use);
  return Parsed(json);
}

JsonValue ToJson(const OpenObligation& obligation) {
  JsonText json;
  Write(json, obligation);
  return Parsed(json);
}

namespace {

void Write(JsonText& json, const GateReport& report, const terraform::Document& plan) {
  json.BeginObject();
  TextList(json, "because", report.because);
  WriteList(json, "destroys", report.destroys);
  json.Key("document");
  json.BeginObject();
  Text(json, "format_version", plan.format_version);
  Text(json, "path", plan.path);
  Text(json, "sha256", plan.sha256);
  Text(json, "terraform_version", plan.terraform_version);
  json.EndObject();
  WriteList(json, "findings", report.findings);
  TextList(json, "notes", report.notes);
  WriteList(json, "obligations", report.obligations);
  Text(json, "schema", "tfseal/gate/v1");
  Text(json, "schema_version", "1.0");
  json.Key("summary");
  json.BeginObject();
  Count(json, "controls_passed", report.passed);
  Count(json, "resources_judged", report.judged);
  Count(json, "resources_seen", plan.resources_seen);
  json.EndObject();
  Text(json, "verdict", Name(report.verdict));
  if (!report.waivers.empty()) WriteList(json, "waivers", report.waivers);
  json.EndObject();
}

}  // namespace

std::string WriteJson(const GateReport& report, const terraform::Document& plan) {
  JsonText json;
  Write(json, report, plan);
  return json.Finish();
}

void WriteJson(const GateReport& report, const terraform::Document& plan,
               const std::function<void(std::string_view piece)>& sink) {
  JsonText json(sink);
  Write(json, report, plan);
  sink(json.Finish());
}

JsonValue ToJson(const GateReport& report, const terraform::Document& plan) {
  auto parsed = ParseJson(WriteJson(report, plan));
  TFSEAL_CHECK(parsed.ok());
  return std::move(parsed).value();
}

}  // namespace tfseal

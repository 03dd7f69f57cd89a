// https://docs.oasis-open.org/sarif/sarif/v2.1.0/ and GitHub's "SARIF support for code scanning".
#include <fmt/format.h>

#include <map>

#include "report/clean.h"
#include "report/render.h"
#include "report/words.h"

namespace tfseal::report {
namespace {

constexpr std::size_t kResultsMax = 5'000;  // GitHub keeps that many of a run
constexpr std::size_t kTextMax = 1'000;     // of 1,024 characters that GitHub shows of a description

// Numbers that GitHub makes critical, high, medium and low of.
std::string_view SecuritySeverity(Severity severity) {
  constexpr std::string_view kNumbers[] = {"0.0", "3.0", "5.5", "8.0", "9.5"};
  return kNumbers[static_cast<int>(severity)];
}

// Of a rule where no result says otherwise.
std::string_view LevelOf(Severity severity) {
  constexpr std::string_view kLevels[] = {"note", "note", "warning", "error", "error"};
  return kLevels[static_cast<int>(severity)];
}

std::string_view LevelOf(const Check& check) {
  switch (check.standing) {
    case Standing::kFails:
      return "error";
    case Standing::kUndecided:
      return "warning";
    case Standing::kAdvice:
    case Standing::kWaived:
    case Standing::kPasses:
      break;
  }
  return "note";
}

JsonValue Text(std::string_view text) {
  JsonValue value(Json::objectValue);
  value["text"] = SarifText(text);
  return value;
}

std::string Sentence(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  if (!text.ends_with('.')) text += '.';
  return text;
}

// "TFS-RDS-001" has a name that people read: "ClustersAreEncrypted" would be made up, so it is the title.
JsonValue RuleJson(const Rule& rule) {
  JsonValue json(Json::objectValue);
  json["id"] = rule.id;
  json["name"] = rule.title;
  json["shortDescription"] = Text(Sentence(Shortened(rule.title, kTextMax)));
  json["fullDescription"] = Text(Sentence(Shortened(rule.why.empty() ? rule.title : rule.why, kTextMax)));
  std::string help = fmt::format("{}\n\nFix: {}", Sentence(rule.why), Sentence(rule.remedy));
  std::string markdown =
      fmt::format("{}\n\n**Fix:** {}", MarkdownCell(Sentence(rule.why)), MarkdownCell(Sentence(rule.remedy)));
  if (!rule.basis.empty()) {
    help += fmt::format("\n\nBasis: {}", Sentence(rule.basis));
    markdown += fmt::format("\n\n**Basis:** {}", MarkdownCell(Sentence(rule.basis)));
  }
  json["help"] = Text(help);
  json["help"]["markdown"] = markdown + fmt::format("\n\n`tfseal explain {}` says more.", rule.id);
  json["defaultConfiguration"]["level"] = Json(LevelOf(rule.severity));
  JsonValue& properties = json["properties"];
  properties["security-severity"] = Json(SecuritySeverity(rule.severity));
  properties["precision"] = "very-high";
  properties["problem.severity"] = Json(LevelOf(rule.severity) == "note" ? "recommendation" : LevelOf(rule.severity));
  properties["tags"].append("security");
  properties["tags"].append("terraform");
  properties["tags"].append(Json(tfseal::Name(rule.topic)));
  return json;
}

// A path as a relative or absolute URI (RFC 3986).
std::string Uri(std::string_view path) {
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain) {
      uri += c;
    } else {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return uri;
}

JsonValue Physical(const Place& place) {
  JsonValue location(Json::objectValue);
  JsonValue& physical = location["physicalLocation"];
  physical["artifactLocation"]["uri"] = Uri(place.file);
  if (!place.file.starts_with('/')) physical["artifactLocation"]["uriBaseId"] = "%SRCROOT%";
  physical["region"]["startLine"] = place.line;
  return location;
}

JsonValue ResultJson(const Assessment& assessment, const Check& check, std::size_t rule_index) {
  JsonValue json(Json::objectValue);
  json["ruleId"] = check.rule;
  json["ruleIndex"] = static_cast<Json::UInt64>(rule_index);
  json["level"] = Json(LevelOf(check));
  json["message"] = Text(Sentence(fmt::format("{}: {}", check.address, StatementWithFix(check))));
  JsonValue location = Physical(PlaceOrDocument(assessment, check));
  JsonValue logical(Json::objectValue);
  logical["fullyQualifiedName"] = check.address;
  logical["kind"] = "resource";
  location["logicalLocations"].append(logical);
  json["locations"].append(location);
  if (!check.inside.file.empty()) {
    JsonValue inside = Physical(check.inside);
    inside["id"] = 1;
    inside["message"] = Text("the block inside the module");
    json["relatedLocations"].append(inside);
  }
  json["partialFingerprints"]["primaryLocationLineHash"] = check.fingerprint.substr(0, 16) + ":1";
  json["partialFingerprints"]["tfseal/v1"] = check.fingerprint;
  if (check.standing == Standing::kWaived) {
    JsonValue suppression(Json::objectValue);
    suppression["kind"] = "external";
    suppression["status"] = "accepted";
    suppression["justification"] = check.waiver;
    json["suppressions"].append(suppression);
  } else {
    json["suppressions"] = JsonValue(Json::arrayValue);  // said for one result, it has to be said for all
  }
  JsonValue& properties = json["properties"];
  properties["standing"] = Json(Name(check.standing));
  properties["verdict"] = Json(tfseal::Name(check.verdict));
  properties["severity"] = Json(tfseal::Name(check.severity));
  properties["topic"] = Json(tfseal::Name(check.topic));
  properties["cause"] = check.cause;
  properties["environment"] = Json(check.EnvironmentName());
  if (!check.change_class.empty()) properties["change_class"] = check.change_class;
  return json;
}

JsonValue Invocation(const Assessment& assessment, std::size_t dropped) {
  JsonValue invocation(Json::objectValue);
  invocation["executionSuccessful"] = assessment.verdict != "unusable";
  invocation["endTimeUtc"] = Timestamp(assessment.now);
  JsonValue notifications(Json::arrayValue);
  const auto notify = [&](std::string_view level, const std::string& text) {
    JsonValue notification(Json::objectValue);
    notification["level"] = Json(level);
    notification["message"] = Text(Sentence(text));
    notifications.append(notification);
  };
  for (const std::string& because : assessment.because) {
    notify(assessment.tone == Tone::kGood ? "note" : "warning", fmt::format("{}: {}", assessment.verdict, because));
  }
  if (dropped > 0) {
    notify("warning", fmt::format("{} results were left out, the least pressing ones: code scanning keeps {}; the JSON "
                                  "report has all",
                                  dropped, kResultsMax));
  }
  for (const std::string& note : assessment.notes) notify("note", note);
  if (!notifications.empty()) invocation["toolExecutionNotifications"] = notifications;
  return invocation;
}

}  // namespace

std::string Sarif(const Assessment& assessment) {
  JsonValue run(Json::objectValue);
  JsonValue& driver = run["tool"]["driver"];
  driver["name"] = "tfseal";
  driver["version"] = assessment.version;
  driver["semanticVersion"] = assessment.version;
  driver["rules"] = JsonValue(Json::arrayValue);
  std::map<std::string_view, std::size_t> index;
  run["results"] = JsonValue(Json::arrayValue);
  std::size_t dropped = 0;
  for (const Check& check : assessment.checks) {
    if (check.standing == Standing::kPasses) continue;
    if (run["results"].size() == kResultsMax) {
      ++dropped;
      continue;
    }
    const auto [rule, added] = index.try_emplace(check.rule, index.size());
    if (added) driver["rules"].append(RuleJson(assessment.RuleOf(check)));
    run["results"].append(ResultJson(assessment, check, rule->second));
  }
  run["invocations"].append(Invocation(assessment, dropped));
  run["columnKind"] = "utf16CodeUnits";
  run["originalUriBaseIds"]["%SRCROOT%"]["description"] = Text("The root of the checkout.");
  // Without --environment the uploader's own category tells one upload from another.
  if (!assessment.scope.empty()) {
    run["automationDetails"]["id"] = fmt::format("tfseal/{}/{}/", assessment.command, assessment.scope);
  }
  run["properties"]["verdict"] = assessment.verdict;
  run["properties"]["results_left_out"] = static_cast<Json::UInt64>(dropped);
  JsonValue sarif(Json::objectValue);
  sarif["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json";
  sarif["version"] = "2.1.0";
  sarif["runs"].append(run);
  return WriteJsonDocument(sarif);
}

}  // namespace tfseal::report

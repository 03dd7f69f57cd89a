// https://docs.gitlab.com/ci/testing/code_quality/ and .../infrastructure/iac/mr_integration/
#include "report/render.h"
#include "report/words.h"

namespace tfseal::report {
namespace {

// info, minor, major, critical or blocker.
std::string_view GitLabSeverity(const Check& check) {
  constexpr std::string_view kFails[] = {"info", "minor", "major", "critical", "blocker"};
  switch (check.standing) {
    case Standing::kFails:
      return kFails[static_cast<int>(check.severity)];
    case Standing::kUndecided:
      return "major";
    case Standing::kAdvice:
      return "minor";
    case Standing::kWaived:
    case Standing::kPasses:
      break;
  }
  return "info";
}

}  // namespace

std::string GitLabCodeQuality(const Assessment& assessment) {
  JsonArray array;
  for (const Check& check : assessment.checks) {
    if (check.standing == Standing::kPasses) continue;
    const Place place = PlaceOrDocument(assessment, check);
    JsonValue item(Json::objectValue);
    item["check_name"] = check.rule;
    item["description"] = check.address + ": " + StatementWithFix(check);
    item["fingerprint"] = check.fingerprint;
    item["severity"] = Json(GitLabSeverity(check));
    item["location"]["path"] = place.file;
    item["location"]["lines"]["begin"] = place.line;
    array.Add(item);
  }
  return array.Finish();
}

std::string GitLabTerraform(const Assessment& assessment) {
  JsonValue counts(Json::objectValue);
  counts["create"] = static_cast<Json::UInt64>(assessment.changes.create);
  counts["update"] = static_cast<Json::UInt64>(assessment.changes.update);
  counts["delete"] = static_cast<Json::UInt64>(assessment.changes.destroy);
  return WriteJsonLine(counts) + "\n";
}

}  // namespace tfseal::report

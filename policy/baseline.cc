#include "policy/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace tfseal {
namespace {

std::string AddressKey(std::string_view control, std::string_view document, std::string_view address) {
  return fmt::format("a\n{}\n{}\n{}", control, document, address);
}

std::string ObjectKey(std::string_view control, std::string_view object) {
  return fmt::format("o\n{}\n{}", control, object);
}

bool OfPlan(std::string_view cause) {
  return cause == "caused" || cause == "worsened";
}

std::string_view Member(const JsonValue& json, const char* name) {
  const JsonValue& value = json[name];
  const char* begin = nullptr;
  const char* end = nullptr;
  if (!value.isString() || !value.getString(&begin, &end)) return {};
  return {begin, static_cast<std::size_t>(end - begin)};
}

Error NotAReport(std::string_view why) {
  return Error{ErrorCode::kInvalidInput, fmt::format("not a report of tfseal: {}", why),
               "write one with `tfseal gate` or `tfseal verify`, --output json=baseline.json"};
}

}  // namespace

std::string_view ObjectOf(const terraform::ResourceInstance& instance) {
  for (const terraform::Value& side : {instance.before, instance.after}) {
    if (!side.is_map()) continue;
    const terraform::Value arn = side.Get("arn");
    if (!arn.sensitive() && arn.text().starts_with("arn:")) return arn.text();
  }
  return {};
}

Result<Baseline> Baseline::Read(std::string_view text) {
  Baseline baseline;
  if (auto whole = ParseJson(text); whole.ok()) {
    // One line of JSON Lines is a document, too: that of a report without findings.
    if (whole->isObject() && !whole->isMember("record")) {
      TFSEAL_TRY(baseline.AddReport(*whole));
      return baseline;
    }
  }
  JsonValue report(Json::objectValue);
  report["findings"] = JsonValue(Json::arrayValue);
  std::set<std::string> documents;
  bool ended = false;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (one.empty()) continue;
    auto record = ParseJson(one);
    if (!record.ok() || !record->isObject()) return NotAReport(fmt::format("line {} is no JSON object", line));
    const std::string_view kind = Member(*record, "record");
    if (kind.empty()) return NotAReport(fmt::format("line {} has no \"record\"", line));
    if (kind == "finding") report["findings"].append(*record);
    if (kind == "document") documents.emplace(Member(*record, "path"));
    ended = kind == "verdict";
    if (ended) report["schema"] = (*record)["schema"];
  }
  if (!ended) return NotAReport("its last line is no verdict, so it is cut short");
  for (const std::string& path : documents) report["documents"].append(path);
  TFSEAL_TRY(baseline.AddReport(report));
  return baseline;
}

Status Baseline::AddReport(const JsonValue& report) {
  const std::string_view schema = Member(report, "schema");
  const bool known =
      schema.starts_with("tfseal/gate/") || schema.starts_with("tfseal/verify/") || schema.starts_with("tfseal/fleet/");
  if (!known) return NotAReport("it names no schema of gate, verify or a fleet");
  if (!report["findings"].isArray()) return NotAReport("it has no findings[]");
  const bool many = report["documents"].isArray() && report["documents"].size() > 1;
  for (const JsonValue& finding : report["findings"]) {
    if (!finding.isObject()) return NotAReport("findings[] holds something that is no object");
    TFSEAL_TRY(AddFinding(finding, Member(finding, "document"), many));
  }
  return {};
}

Status Baseline::AddFinding(const JsonValue& finding, std::string_view document, bool many) {
  const std::string_view control = Member(finding, "control");
  const std::string_view address = Member(finding, "address");
  const std::string_view verdict = Member(finding, "verdict");
  if (control.empty() || address.empty() || verdict.empty()) {
    return NotAReport("a finding has no control, address or verdict");
  }
  if (control.starts_with("TFS-GATE-") || verdict == "pass") return {};
  Known known;
  known.undecided = verdict != "fail";
  known.of_plan = OfPlan(Member(finding, "cause"));
  if (known.of_plan) known.message = Member(finding, "message");
  ++findings_;
  if (const std::string_view object = Member(finding, "object"); !object.empty()) {
    by_key_[ObjectKey(control, object)].push_back(known);
  }
  by_key_[AddressKey(control, many ? document : std::string_view(), address)].push_back(std::move(known));
  return {};
}

bool Baseline::Matches(const std::string& key, const Finding& finding) const {
  const auto at = by_key_.find(key);
  if (at == by_key_.end()) return false;
  const bool of_plan = finding.cause == Cause::kCaused || finding.cause == Cause::kWorsened;
  return std::any_of(at->second.begin(), at->second.end(), [&](const Known& known) {
    if (known.undecided && finding.verdict == Verdict::kFail) return false;
    return !of_plan || (known.of_plan && known.message == finding.message.view());
  });
}

bool Baseline::KnowsAt(const Finding& finding, std::string_view address, std::string_view path) const {
  if (address.empty()) return false;
  const std::string_view control = finding.control.view();
  return Matches(AddressKey(control, "", address), finding) || Matches(AddressKey(control, path, address), finding);
}

bool Baseline::Knows(const Finding& finding, const terraform::ResourceInstance& instance, std::string_view path) const {
  if (finding.control.view().starts_with("TFS-GATE-")) return false;
  if (KnowsAt(finding, instance.address, path) || KnowsAt(finding, instance.rare->previous_address, path)) return true;
  const std::string_view object = ObjectOf(instance);
  return !object.empty() && Matches(ObjectKey(finding.control.view(), object), finding);
}

}  // namespace tfseal

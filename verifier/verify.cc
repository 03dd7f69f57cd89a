#include "verifier/verify.h"

#include <fmt/format.h>

#include "policy/control.h"
#include "policy/judge.h"
#include "policy/world.h"

namespace tfseal {
namespace {

using terraform::Document;
using terraform::ResourceInstance;
using terraform::Value;

// Whether `value` (an ARN, id, name or alias) is one of the identifiers of `target`.
bool Identifies(const ResourceInstance& target, std::string_view value) {
  for (const std::string_view attribute : {"arn", "id", "key_id", "name", "target_key_arn"}) {
    const Value identifier = target.after.Get(attribute);
    if (!identifier.text().empty() && identifier.text() == value) return true;
  }
  return false;
}

// The instances that "aws_kms_key.db", "aws_kms_key.k["a"]" or, for a block with for_each,
// "module.keys.aws_kms_key.this" stand for.
std::vector<const ResourceInstance*> InstancesAt(const World& world, const std::string& address) {
  if (const ResourceInstance* exact = world.At(address); exact != nullptr) return {exact};
  const std::string block = WithoutInstanceKeys(address);
  std::vector<const ResourceInstance*> found;
  for (const ResourceInstance* instance : world.InstancesOf(block)) {
    if (address == block || instance->address.ends_with(std::string_view(address).substr(address.rfind('[')))) {
      found.push_back(instance);
    }
  }
  return found;
}

ClosedObligation Close(const OpenObligation& open, const World& world, const PolicyFile& policy, UnixSeconds now) {
  ClosedObligation closed;
  closed.open = open;
  const ResourceInstance* instance = world.At(open.address);
  if (instance == nullptr) {
    closed.message = fmt::format("{} is not in the state: it was not applied, or it was moved", open.address);
    return closed;
  }
  const Control* control = FindControl(open.control);
  if (control == nullptr) {
    closed.message = fmt::format("{} is not a control of this version", open.control);
    return closed;
  }
  const Environment& environment = EnvironmentOf(policy, world.document(), *instance);
  const Judgement judgement =
      control->evaluate(Subject{*instance, instance->after, world, environment.requirements, now});
  closed.verdict = judgement.verdict;
  closed.message = judgement.message;
  if (judgement.verdict != Verdict::kPass || open.obligation.resolved_to.empty()) return closed;
  const std::string_view value = instance->after.At(open.obligation.attribute).text();
  // A promise that a control makes for its resource as a whole ("default encryption", which stands in a settings
  // object) has no attribute to compare; the control has just passed on what is there, and the object has a promise of
  // its own.
  if (open.obligation.attribute.find(' ') != std::string::npos) return closed;
  for (const ResourceInstance* target : InstancesAt(world, open.obligation.resolved_to)) {
    if (Identifies(*target, value)) {
      closed.message = fmt::format("{} is {}", open.obligation.attribute, target->address);
      return closed;
    }
  }
  closed.verdict = Verdict::kFail;
  closed.message =
      fmt::format("{} is not {}, which the plan promised", open.obligation.attribute, open.obligation.resolved_to);
  return closed;
}

Verdict Fold(Verdict worst, Verdict next) {
  if (worst == Verdict::kFail || next == Verdict::kFail) return Verdict::kFail;
  if (next == Verdict::kUnknown || next == Verdict::kError) return Verdict::kUnknown;
  return worst;
}

Result<OpenObligation> ReadObligation(const JsonValue& json, Json::ArrayIndex index) {
  OpenObligation open;
  const struct {
    const char* name;
    std::string* target;
  } fields[] = {{"address", &open.address},
                {"control", &open.control},
                {"attribute", &open.obligation.attribute},
                {"resolved_to", &open.obligation.resolved_to},
                {"expectation", &open.obligation.expectation}};
  for (const auto& field : fields) {
    if (!json.isObject() || !json[field.name].isString()) {
      return Error{ErrorCode::kInvalidInput, fmt::format("/obligations/{}/{} is not a text", index, field.name), ""};
    }
    *field.target = json[field.name].asString();
  }
  return open;
}

}  // namespace

VerifyReport Verify(std::span<const Document> documents, const PolicyFile& policy,
                    std::span<const OpenObligation> obligations, UnixSeconds now, const Judging& judging, Facts facts) {
  VerifyReport verified;
  verified.verdict = Verdict::kPass;
  for (const Document& document : documents) {
    verified.reports.push_back(Evaluate(document, policy, now, judging, facts));
    for (const Finding& finding : verified.reports.back().findings) {
      if (finding.decides()) verified.verdict = Fold(verified.verdict, finding.verdict);
    }
    if (verified.reports.back().judged == 0) {
      verified.reports.back().notes.push_back("no control applies to anything in this document");
    }
  }
  std::vector<World> worlds;
  worlds.reserve(obligations.empty() ? 0 : documents.size());
  for (const Document& document : documents) {
    if (!obligations.empty()) worlds.emplace_back(document, Side::kAfter);
  }
  for (const OpenObligation& open : obligations) {
    ClosedObligation closed;
    closed.open = open;
    closed.message = "no document was given";
    for (const World& world : worlds) {
      closed = Close(open, world, policy, now);
      if (closed.verdict != Verdict::kUnknown) break;
    }
    verified.verdict = Fold(verified.verdict, closed.verdict);
    verified.obligations.push_back(std::move(closed));
  }
  return verified;
}

std::vector<ClosedObligation> CloseObligations(const Document& document, std::span<const OpenObligation> obligations,
                                               const PolicyFile& policy, UnixSeconds now) {
  std::vector<ClosedObligation> closed;
  if (obligations.empty()) return closed;
  const World world(document, Side::kAfter);
  for (const OpenObligation& open : obligations) closed.push_back(Close(open, world, policy, now));
  return closed;
}

Result<std::vector<OpenObligation>> ReadObligations(std::string_view text) {
  TFSEAL_ASSIGN(const JsonValue json, ParseJson(text));
  if (!json.isObject() || !json["obligations"].isArray()) {
    return Error{ErrorCode::kInvalidInput, "not the output of `tfseal gate --output json`: it has no obligations[]",
                 "tfseal gate PLAN --output json=gate.json"};
  }
  std::vector<OpenObligation> open;
  for (Json::ArrayIndex i = 0; i < json["obligations"].size(); ++i) {
    TFSEAL_ASSIGN(OpenObligation one, ReadObligation(json["obligations"][i], i));
    open.push_back(std::move(one));
  }
  return open;
}

JsonValue ToJson(const VerifyReport& report, std::span<const Document> documents) {
  const auto text = [](std::string_view view) { return JsonValue(view.data(), view.data() + view.size()); };
  JsonValue json(Json::objectValue);
  json["schema"] = "tfseal/verify/v1";
  json["schema_version"] = "1.0";
  json["verdict"] = text(Name(report.verdict));
  json["documents"] = JsonValue(Json::arrayValue);
  json["findings"] = JsonValue(Json::arrayValue);
  for (std::size_t i = 0; i < report.reports.size(); ++i) {
    JsonValue document(Json::objectValue);
    document["path"] = documents[i].path;
    document["sha256"] = documents[i].sha256;
    document["resources_seen"] = static_cast<Json::UInt64>(documents[i].resources_seen);
    document["resources_judged"] = static_cast<Json::UInt64>(report.reports[i].judged);
    document["controls_passed"] = static_cast<Json::UInt64>(report.reports[i].passed);
    document["notes"] = JsonValue(Json::arrayValue);
    for (const std::string& note : report.reports[i].notes) document["notes"].append(note);
    json["documents"].append(document);
    for (const Finding& finding : report.reports[i].findings) {
      JsonValue entry = ToJson(finding);
      entry["document"] = documents[i].path;
      json["findings"].append(entry);
    }
  }
  std::vector<WaiverUse> waivers;
  for (const Report& each : report.reports) MergeWaiverUses(each.waivers, each.waiver_rules.max_findings, waivers);
  for (const WaiverUse& use : waivers) json["waivers"].append(ToJson(use));
  json["obligations"] = JsonValue(Json::arrayValue);
  for (const ClosedObligation& closed : report.obligations) {
    JsonValue entry = ToJson(closed.open);
    entry["verdict"] = text(Name(closed.verdict));
    entry["message"] = closed.message;
    json["obligations"].append(entry);
  }
  return json;
}

}  // namespace tfseal

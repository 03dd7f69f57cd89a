#include "verifier/verify_live.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "aws/observe/observed_type.h"
#include "aws/observe/snapshot_builder.h"
#include "policy/control.h"
#include "policy/resource_catalogue.h"
#include "policy/world.h"

namespace tfseal {
namespace {

using observe::Observation;
using observe::Unread;
using terraform::Document;
using terraform::ResourceInstance;

constexpr std::string_view kUntilApply = "known only after apply";

bool Reads(const Control& control, const std::vector<std::string>& attributes) {
  return std::any_of(attributes.begin(), attributes.end(), [&](const std::string& attribute) {
    return std::find(control.reads.begin(), control.reads.end(), attribute) != control.reads.end();
  });
}

bool Judges(const Control& control, std::string_view type) {
  return std::find(control.types.begin(), control.types.end(), type) != control.types.end();
}

// One report of a live document, with what only a live run can tell.
class LiveFindings {
 public:
  LiveFindings(const Observation& observation, const Document& document, const PolicyFile& policy, UnixSeconds now,
               Report* report)
      : observation_(observation),
        document_(document),
        policy_(policy),
        now_(now),
        report_(report),
        before_(document, Side::kBefore),
        after_(document, Side::kAfter) {}

  void Add() {
    for (const Unread& unread : observation_.unread) CloseOffUnread(unread);
    for (const ResourceInstance& instance : document_.resources) CompareWithTerraform(instance);
    for (const observe::KeyInUse& key : observation_.keys) JudgeKeyInUse(key);
    for (Finding& finding : report_->findings) Explain(&finding);
  }

 private:
  Finding Start(const ResourceInstance& instance, const Control& control) const {
    Finding finding;
    const Environment& environment = EnvironmentOf(policy_, document_, instance);
    finding.control = control.id;
    finding.topic = control.topic;
    finding.severity = control.severity;
    finding.address = instance.address;
    finding.type = instance.type;
    finding.environment = environment.name;
    finding.cause = Cause::kState;
    finding.required = environment.requirements.Requires(control.topic);
    finding.remedy = control.remedy;
    if (const Waiver* waiver = WaiverFor(policy_, control.id, control.topic, instance.address, now_)) {
      finding.waived = true;
      finding.rare.Own().waiver =
          fmt::format("{} ({}, {}, until {})", waiver->reason, waiver->owner, waiver->ticket, waiver->expires_text);
    }
    return finding;
  }

  Finding* Existing(std::string_view address, std::string_view control) {
    for (Finding& finding : report_->findings) {
      if (finding.address == address && finding.control == control) return &finding;
    }
    return nullptr;
  }

  // A control that looks at what could not be read has not passed, even where it did not need it this time.
  void CloseOffUnread(const Unread& unread) {
    const ResourceInstance* instance = after_.At(unread.address);
    if (instance == nullptr) return;
    const Requirements& requirements = EnvironmentOf(policy_, document_, *instance).requirements;
    for (const Control* control : AllControls()) {
      if (!Judges(*control, instance->type) || !Reads(*control, unread.attributes)) continue;
      if (!control->IsAsked(requirements)) continue;
      Finding* finding = Existing(unread.address, control->id);
      if (finding != nullptr && finding->verdict == Verdict::kFail) continue;
      if (finding == nullptr) {
        report_->findings.push_back(Start(*instance, *control));
        finding = &report_->findings.back();
        finding->verdict = Verdict::kUnknown;
      }
      finding->message = fmt::format("cannot be judged: {}", unread.reason);
      if (!unread.hint.empty()) finding->remedy = unread.hint;
    }
  }

  void CompareWithTerraform(const ResourceInstance& instance) {
    if (!instance.has_before() || !instance.has_after()) return;
    const Requirements& requirements = EnvironmentOf(policy_, document_, instance).requirements;
    for (const Control* control : AllControls()) {
      if (!Judges(*control, instance.type)) continue;
      Finding* finding = Existing(instance.address, control->id);
      if (finding == nullptr && !control->lowering_fails) continue;
      const Judgement was = control->evaluate(Subject{instance, instance.before, before_, requirements, now_});
      if (finding != nullptr) {
        if (finding->verdict != Verdict::kFail) continue;
        if (was.verdict == Verdict::kPass) {
          finding->cause = Cause::kDrift;
          finding->evidence.push_back(fmt::format("{} says otherwise: {}", document_.path, was.message));
        }
        continue;
      }
      const Judgement is = control->evaluate(Subject{instance, instance.after, after_, requirements, now_});
      if (is.verdict == Verdict::kPass && was.verdict == Verdict::kPass && is.strength < was.strength) {
        Finding weaker = Start(instance, *control);
        weaker.verdict = Verdict::kFail;
        weaker.cause = Cause::kDrift;
        weaker.message = fmt::format("{}, weaker than {} says ({})", is.message, document_.path, was.message);
        report_->findings.push_back(std::move(weaker));
      }
    }
  }

  // Whoever loses its key loses its data, whoever manages the key.
  void JudgeKeyInUse(const observe::KeyInUse& key) {
    if (key.state.empty() || key.state == "Enabled" || key.state == "Creating" || key.state == "Updating") return;
    const Control* control = FindControl("TFS-KMS-002");
    for (const std::string& address : key.used_by) {
      const ResourceInstance* instance = after_.At(address);
      if (instance == nullptr || control == nullptr) continue;
      Finding finding = Start(*instance, *control);
      finding.verdict = Verdict::kFail;
      finding.message =
          key.state == "gone"
              ? "the key that it is encrypted with does not exist any more"
              : fmt::format("the key that it is encrypted with is {}: nothing under it can be read", key.state);
      finding.evidence.push_back(key.arn.empty() ? key.key : key.arn);
      report_->findings.push_back(std::move(finding));
    }
  }

  // "known only after apply" is a plan's word.
  void Explain(Finding* finding) const {
    if (finding->verdict != Verdict::kUnknown) return;
    std::string message = finding->message;
    for (const Unread& unread : observation_.unread) {
      if (unread.address != finding->address || !unread.attributes.empty()) continue;
      if (message.find(unread.reason) != std::string::npos) continue;
      message = fmt::format("{}: {}", message, unread.reason);
      finding->remedy = unread.hint;
    }
    const std::size_t at = message.find(kUntilApply);
    if (at != std::string::npos) message.replace(at, kUntilApply.size(), "not known from what AWS answered");
    finding->message = message;
  }

  const Observation& observation_;
  const Document& document_;
  const PolicyFile& policy_;
  UnixSeconds now_;
  Report* report_;
  World before_;
  World after_;
};

Finding NoSuchObject(const observe::Gone& gone, const Document& document, const PolicyFile& policy, UnixSeconds now) {
  const ResourceType* type = FindResourceType(gone.type);
  const bool holds = type != nullptr && type->holds != Holds::kNothing;
  Finding finding;
  finding.control = "TFS-LIVE-001";
  finding.topic = Topic::kDataLoss;
  for (const Control* control : AllControls()) {
    if (!holds && Judges(*control, gone.type)) {
      finding.topic = control->topic;
      break;
    }
  }
  finding.verdict = Verdict::kFail;
  finding.severity = holds ? Severity::kCritical : Severity::kHigh;
  finding.address = gone.address;
  finding.type = gone.type;
  finding.cause = Cause::kDrift;
  finding.required = true;  // what is gone protects nothing
  finding.message =
      fmt::format("it is in {} and not in AWS: {} does not find it in {}", document.path, gone.action, gone.region);
  finding.remedy =
      holds ? "find out who deleted it and whether a backup exists before Terraform makes an empty one"
            : "`terraform apply` makes it again; find out who removed it, and take it out of the configuration if it "
              "is not to be there";
  if (const Waiver* waiver = WaiverFor(policy, finding.control, finding.topic, gone.address, now)) {
    finding.waived = true;
    finding.rare.Own().waiver = waiver->reason;
  }
  return finding;
}

// A denied read could hide that it is gone, which would fail whatever the policy requires.
Finding NotSeen(const std::string& address, const std::vector<Document>& documents) {
  Finding finding;
  finding.control = "TFS-LIVE-001";
  finding.topic = Topic::kDataLoss;
  finding.severity = Severity::kHigh;
  finding.address = address;
  finding.cause = Cause::kState;
  finding.required = true;
  for (const Document& document : documents) {
    for (const ResourceInstance& instance : document.resources) {
      if (instance.address == address) finding.type = instance.type;
    }
  }
  finding.message = "whether it is still there is not known: no read of it was answered";
  finding.remedy = "tfseal doctor --iam verify prints the policy that the reads need";
  return finding;
}

Finding NotListed(const observe::Unlisted& unlisted, const PolicyFile& policy) {
  Finding finding;
  finding.control = "TFS-LIVE-002";
  finding.verdict = Verdict::kUnknown;
  finding.severity = Severity::kHigh;
  finding.type = unlisted.type;
  finding.address = fmt::format("live.{}[\"{}/*\"]", unlisted.type, unlisted.region);
  finding.cause = Cause::kState;
  for (const Control* control : AllControls()) {
    if (!Judges(*control, unlisted.type)) continue;
    finding.topic = control->topic;
    finding.required = finding.required || policy.defaults.requirements.Requires(control->topic);
  }
  finding.message = fmt::format("nothing is known about them: {}", unlisted.reason);
  finding.remedy = unlisted.hint;
  return finding;
}

void SortFindings(Report* report) {
  std::stable_sort(report->findings.begin(), report->findings.end(), [](const Finding& a, const Finding& b) {
    const auto key = [](const Finding& f) {
      return std::tuple(f.verdict != Verdict::kFail, !f.required, std::string_view(f.address),
                        std::string_view(f.control));
    };
    return key(a) < key(b);
  });
}

Verdict Fold(Verdict worst, Verdict next) {
  if (worst == Verdict::kFail || next == Verdict::kFail) return Verdict::kFail;
  if (next == Verdict::kUnknown || next == Verdict::kError) return Verdict::kUnknown;
  return worst;
}

Verdict VerdictOf(const LiveReport& report) {
  Verdict verdict = Verdict::kPass;
  for (const Report& each : report.verified.reports) {
    for (const Finding& finding : each.findings) {
      if (finding.required && !finding.waived) verdict = Fold(verdict, finding.verdict);
    }
  }
  for (const ClosedObligation& closed : report.verified.obligations) verdict = Fold(verdict, closed.verdict);
  for (const KeptPromise& promise : report.promises) verdict = Fold(verdict, promise.verdict);
  return verdict;
}

// A promise holds if its control passed; a control that has a finding did not.
KeptPromise Judge(const Action& action, const Condition& condition, const std::vector<Document>& documents,
                  const LiveReport& report) {
  KeptPromise promise;
  promise.action = action.id;
  promise.summary = action.summary;
  promise.control = condition.control;
  promise.address = condition.address;
  promise.message = "it was not observed: give the state that has it";
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const auto at = [&](const auto& each) { return each.address == condition.address; };
    for (const Finding& finding : report.verified.reports[i].findings) {
      if (!at(finding) || (finding.control != condition.control && finding.control != "TFS-LIVE-001")) continue;
      promise.verdict = finding.verdict;
      promise.message = finding.message;
      return promise;
    }
    const auto& resources = documents[i].resources;
    if (std::any_of(resources.begin(), resources.end(), at)) {
      promise.verdict = Verdict::kPass;
      promise.message = "passes";
    }
  }
  return promise;
}

void JudgePromises(const ActionPlan& actions, const std::vector<Document>& documents, LiveReport* report) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const Action& action : actions.actions) {
    for (const Condition& condition : action.postconditions) {
      if (condition.check != "control" || !seen.insert({condition.control, condition.address}).second) continue;
      report->promises.push_back(Judge(action, condition, documents, *report));
    }
  }
}

void MarkJudged(const std::vector<Report>& reports, std::vector<Difference>* differences) {
  for (Difference& difference : *differences) {
    for (const Report& report : reports) {
      for (const Finding& finding : report.findings) {
        const Control* control = FindControl(finding.control);
        if (finding.address != difference.address || finding.verdict != Verdict::kFail || control == nullptr) continue;
        const std::string top(observe::TopLevel(difference.attribute));
        difference.judged = difference.judged || Reads(*control, {top});
      }
    }
  }
}

Error WhatStoppedIt(const Observation& observation) {
  ErrorCode code = ErrorCode::kUnavailable;
  std::string reason = "AWS answered nothing about any of the resources";
  std::string hint = "tfseal doctor --live shows which credentials and region are used";
  if (!observation.unread.empty()) {
    code = observation.unread.front().code;
    reason += fmt::format(": {}", observation.unread.front().reason);
  } else if (!observation.unlisted.empty()) {
    code = observation.unlisted.front().code;
    reason += fmt::format(": {}", observation.unlisted.front().reason);
  }
  if (code == ErrorCode::kPermissionDenied) hint = "tfseal doctor --iam verify prints the policy that the reads need";
  return Error{code, std::move(reason), std::move(hint)};
}

// Advice about what no document manages.
Report JudgeUnmanaged(const observe::Unmanaged& unmanaged, const PolicyFile& policy, UnixSeconds now) {
  Report report;
  for (const Document& document : unmanaged.found.documents) {
    report = Evaluate(document, policy, now, Listing::kFindings, Facts::kLive);
    LiveFindings(unmanaged.found, document, policy, now, &report).Add();
  }
  for (const observe::Unlisted& unlisted : unmanaged.found.unlisted) {
    report.findings.push_back(NotListed(unlisted, policy));
  }
  for (const observe::Unmanaged::Backup& backup : unmanaged.backups) {
    report.notes.push_back(fmt::format("automated backups of {} in {} are {}{}", backup.name, backup.region,
                                       backup.status,
                                       !backup.encryption_known ? ""
                                       : backup.encrypted       ? ", encrypted"
                                                                : ", not encrypted: they stay readable"));
  }
  for (Finding& finding : report.findings) finding.required = false;
  SortFindings(&report);
  return report;
}

}  // namespace

LiveReport VerifyLive(const Observation& observation, const observe::Unmanaged* unmanaged, const PolicyFile& policy,
                      const std::vector<OpenObligation>& obligations, const ActionPlan* actions, UnixSeconds now,
                      Listing listing) {
  LiveReport report;
  report.verified = Verify(observation.documents, policy, obligations, now, listing, Facts::kLive);
  std::set<std::string> present;
  for (std::size_t i = 0; i < observation.documents.size(); ++i) {
    const Document& document = observation.documents[i];
    LiveFindings(observation, document, policy, now, &report.verified.reports[i]).Add();
    for (const ResourceInstance& instance : document.resources) present.insert(std::string(instance.address));
  }
  if (!report.verified.reports.empty()) {
    Report& first = report.verified.reports.front();
    for (const observe::Gone& gone : observation.gone) {
      first.findings.push_back(NoSuchObject(gone, observation.documents.front(), policy, now));
    }
    for (const std::string& address : observation.unseen) {
      first.findings.push_back(NotSeen(address, observation.documents));
    }
    for (const observe::Unlisted& unlisted : observation.unlisted)
      first.findings.push_back(NotListed(unlisted, policy));
  }
  for (Report& each : report.verified.reports) SortFindings(&each);
  report.differences = DifferencesIn(observation.documents);
  MarkJudged(report.verified.reports, &report.differences);
  if (actions != nullptr) JudgePromises(*actions, observation.documents, &report);
  if (unmanaged != nullptr) report.unmanaged = JudgeUnmanaged(*unmanaged, policy, now);
  report.verdict = VerdictOf(report);
  report.verified.verdict = report.verdict;
  const bool asked = observation.objects > 0 || !observation.unlisted.empty();
  const bool unlisted_only = observation.objects == 0 && !observation.unlisted.empty();
  if (asked && observation.answered == 0 && (observation.objects > 0 || unlisted_only)) {
    report.nothing_judged = WhatStoppedIt(observation);
  }
  return report;
}

terraform::Document DocumentOfTargets(const ActionPlan& plan) {
  Document document;
  document.path = "actions";
  document.kind = terraform::DocumentKind::kState;
  document.state_version = 4;
  std::set<std::string> seen;
  for (const Action& action : plan.actions) {
    const Target& target = action.target;
    const observe::ObservedType* type = observe::FindObservedType(target.type);
    if (type == nullptr || type->reads.empty() || target.address.empty() || target.identifier.empty() ||
        !seen.insert(target.address).second) {
      continue;
    }
    JsonValue attributes(Json::objectValue);
    for (const std::string_view name : observe::NamesIn(type->reads.front().parameters)) {
      if (name != "arn" && name != "resource_id") attributes[std::string(name)] = target.identifier;
    }
    if (target.identifier.starts_with("arn:")) attributes["arn"] = target.identifier;
    if (!target.region.empty()) attributes["region"] = target.region;
    ResourceInstance instance;
    instance.SetAddress(document.arena.Copy(target.address));
    instance.type = type->type;
    instance.after = observe::ToValue(attributes, &document.arena);
    document.resources.push_back(std::move(instance));
    ++document.resources_seen;
  }
  return document;
}

JsonValue ToJson(const LiveReport& report, const Observation& observation, const observe::Unmanaged* unmanaged,
                 const LiveRun& run) {
  JsonValue json(Json::objectValue);
  json["account"] = run.account;
  json["credentials"] = run.provider;
  json["regions"] = JsonValue(Json::arrayValue);
  for (const std::string& region : run.regions) json["regions"].append(region);
  Json::UInt64 total = 0;
  json["requests"] = JsonValue(Json::objectValue);
  for (const auto& [operation, count] : run.requests) {
    json["requests"][operation] = static_cast<Json::UInt64>(count);
    total += count;
  }
  json["requests_total"] = total;
  json["resources"] = static_cast<Json::UInt64>(observation.objects);
  json["resources_answered"] = static_cast<Json::UInt64>(observation.answered);
  json["differences"] = JsonValue(Json::arrayValue);
  for (const Difference& difference : report.differences) json["differences"].append(ToJson(difference));
  json["unread"] = JsonValue(Json::arrayValue);
  for (const Unread& unread : observation.unread) {
    JsonValue entry(Json::objectValue);
    entry["address"] = unread.address;
    entry["action"] = unread.action;
    entry["region"] = unread.region;
    entry["reason"] = unread.reason;
    entry["denied"] = unread.code == ErrorCode::kPermissionDenied;
    entry["attributes"] = JsonValue(Json::arrayValue);
    for (const std::string& attribute : unread.attributes) entry["attributes"].append(attribute);
    json["unread"].append(entry);
  }
  json["promises"] = JsonValue(Json::arrayValue);
  for (const KeptPromise& promise : report.promises) {
    JsonValue entry(Json::objectValue);
    entry["action"] = promise.action;
    entry["control"] = promise.control;
    entry["address"] = promise.address;
    entry["verdict"] = std::string(Name(promise.verdict));
    entry["message"] = promise.message;
    json["promises"].append(entry);
  }
  if (unmanaged != nullptr) {
    json["unmanaged"]["findings"] = JsonValue(Json::arrayValue);
    for (const Finding& finding : report.unmanaged.findings) json["unmanaged"]["findings"].append(ToJson(finding));
    json["unmanaged"]["notes"] = JsonValue(Json::arrayValue);
    for (const std::string& note : report.unmanaged.notes) json["unmanaged"]["notes"].append(note);
    json["unmanaged"]["resources"] = JsonValue(Json::arrayValue);
    for (const Document& document : unmanaged->found.documents) {
      for (const ResourceInstance& instance : document.resources) {
        json["unmanaged"]["resources"].append(std::string(instance.address));
      }
    }
  }
  return json;
}

}  // namespace tfseal

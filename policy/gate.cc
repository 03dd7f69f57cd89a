#include "policy/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "policy/change_class.h"
#include "policy/finding_order.h"
#include "policy/gate_verdict.h"
#include "policy/judge.h"
#include "policy/plaintext.h"
#include "policy/resource_catalogue.h"
#include "policy/world.h"

// How to read this file: Judge() runs the controls on one resource and decides how each finding came about; Gate() adds
// what the change destroys, drift, and what makes a plan partial, and then decides the verdict from the findings alone.
namespace tfseal {
namespace {

using terraform::Document;
using terraform::DocumentKind;
using terraform::ResourceInstance;
using terraform::Value;

const std::unordered_map<std::string_view, std::vector<const Control*>>& ControlsByType() {
  static const auto* const by_type = [] {
    auto* map = new std::unordered_map<std::string_view, std::vector<const Control*>>();
    for (const Control* control : AllControls()) {
      for (const std::string_view type : control->types) (*map)[type].push_back(control);
    }
    return map;
  }();
  return *by_type;
}

const std::vector<const Control*>& BuiltInControlsOf(std::string_view type) {
  static const std::vector<const Control*> kNone;
  const auto found = ControlsByType().find(type);
  return found == ControlsByType().end() ? kNone : found->second;
}

void Sort(Report* report) {
  SortFindings(report->findings);
  std::sort(report->destroys.begin(), report->destroys.end(), [](const Destroyed& a, const Destroyed& b) {
    return std::tuple(a.address.view(), a.deposed) < std::tuple(b.address.view(), b.deposed);
  });
  std::sort(report->obligations.begin(), report->obligations.end(),
            [](const OpenObligation& a, const OpenObligation& b) {
              return std::tie(a.address, a.control, a.obligation.attribute) <
                     std::tie(b.address, b.control, b.obligation.attribute);
            });
}

// Controls of environments that look at nothing but settings of the database itself, all of which `verify --live` reads
// (aws/observe/types/databases.cc). What others look at, subnets, alarms, budgets, is not read.
bool IsToldByAws(std::string_view control) {
  constexpr std::string_view kTold[] = {"TFS-ENV-001", "TFS-ENV-002", "TFS-ENV-003", "TFS-ENV-004",
                                        "TFS-ENV-012", "TFS-ENV-013", "TFS-ENV-041", "TFS-ENV-042"};
  return std::find(std::begin(kTold), std::end(kTold), control) != std::end(kTold);
}

// One run over one document.
class Examination {
 public:
  Examination(const Document& document, const PolicyFile& policy, UnixSeconds now, const Judging& judging, Facts facts,
              Report* report)
      : document_(document),
        policy_(policy),
        now_(now),
        judging_(judging),
        waivers_(policy, document, now),
        facts_(facts),
        report_(report),
        before_(document, Side::kBefore),
        after_(document, Side::kAfter) {
    report_->waiver_rules = policy.waiver_rules;
  }

  void ExamineState() {
    for (const ResourceInstance& instance : Instances()) {
      if (instance.after.is_map()) JudgeOneSide(instance, Cause::kState);
    }
    report_->waivers = waivers_.Uses();
  }

  void ExaminePlan() {
    ExamineChanges();
    report_->waivers = waivers_.Uses();
  }

 private:
  void ExamineChanges() {
    for (const ResourceInstance& drifted : document_.drift) ExamineDrift(drifted);
    if (!document_.resource_changes_present) {
      for (const ResourceInstance& instance : document_.prior) {
        if (instance.after.is_map()) JudgeOneSide(instance, Cause::kExisting);
      }
      return;
    }
    for (const ResourceInstance& instance : document_.resources) {
      if (!instance.planned_values_only) ExamineChange(instance);
    }
  }

  // Those of tfseal, and of the policy file where it has some.
  const std::vector<const Control*>& ControlsOf(std::string_view type) {
    // The readers keep the name of a type at the same place most often.
    RecentType& recent = recent_types_[std::hash<const void*>()(type.data()) % recent_types_.size()];
    if (recent.controls == nullptr || recent.name != type.data() || recent.size != type.size()) {
      recent = {type.data(), type.size(), &FindControlsOf(type)};
    }
    return *recent.controls;
  }

  const std::vector<const Control*>& FindControlsOf(std::string_view type) {
    if (policy_.controls.empty()) return BuiltInControlsOf(type);
    const auto [place, is_new] = controls_.try_emplace(std::string(type));
    if (is_new) {
      place->second = BuiltInControlsOf(type);
      for (const auto& rule : policy_.controls) {
        if (std::find(rule->types.begin(), rule->types.end(), type) != rule->types.end()) {
          place->second.push_back(&rule->control);
        }
      }
    }
    return place->second;
  }

  // The policy file may be gone before the report is.
  SharedText TextOf(const Control& control, const std::string_view& text) {
    return control.rule == nullptr ? SharedText::Lasting(text) : texts_.Get(text);
  }

  const std::vector<ResourceInstance>& Instances() const {
    return document_.kind == DocumentKind::kPlan && !document_.resource_changes_present ? document_.prior
                                                                                        : document_.resources;
  }

  Finding Start(const ResourceInstance& instance, const SharedText& control, Topic topic, Severity severity,
                bool passes = false) {
    Finding finding;
    finding.control = control;
    finding.topic = topic;
    finding.severity = severity;
    if (address_of_ != instance.address.data()) {
      address_of_ = instance.address.data();
      address_ = instance.address;
    }
    finding.address = address_;
    finding.type = texts_.Get(instance.type);
    finding.environment = texts_.Get(environment_->name);
    finding.required = environment_->requirements.Requires(topic);
    if (judging_.objects) finding.rare.Own().object = texts_.Get(ObjectOf(instance));
    if (!passes) Excuse(instance, finding);
    if (document_.sources.empty()) return finding;
    if (const auto source = document_.sources.find(WithoutInstanceKeys(instance.address));
        source != document_.sources.end()) {
      finding.rare.Own().file = texts_.Get(source->second.file);
      finding.rare.Own().line = source->second.line;
    }
    return finding;
  }

  void Excuse(const ResourceInstance& instance, Finding& finding) {
    const auto text = [&](const Waiver& waiver, std::string_view until) {
      std::string who = waiver.owner;
      if (!waiver.ticket.empty()) who += ", " + waiver.ticket;
      if (waiver.in_source) who += fmt::format(", in {}:{}", waiver.file, waiver.line);
      return fmt::format("{} ({}, {} {})", waiver.reason, who, until, waiver.expires_text);
    };
    const WaiverBook::Answer answer = waivers_.For(finding.control, finding.topic, instance.address);
    finding.waived = answer.waiver != nullptr;
    if (answer.waiver != nullptr) finding.rare.Own().waiver = texts_.Get(text(*answer.waiver, "until"));
    if (answer.expired != nullptr) finding.rare.Own().waiver = texts_.Get(text(*answer.expired, "expired on"));
  }

  // What is in the baseline is known once it is clear how it came about.
  void Push(const ResourceInstance& instance, Finding finding) {
    if (judging_.baseline != nullptr) finding.known = judging_.baseline->Knows(finding, instance, document_.path);
    report_->findings.push_back(std::move(finding));
  }

  void Add(const ResourceInstance& instance, const Control& control, const Judgement& judgement, Cause cause) {
    const bool may_decide = environment_->requirements.Requires(control.topic);
    if (judging_.listing == Listing::kDeciding && !may_decide && waivers_.empty()) {
      ++report_->unlisted;
      return;
    }
    Finding finding = Start(instance, TextOf(control, control.id), control.topic, control.severity);
    if (judging_.listing == Listing::kDeciding && !finding.decides()) {
      ++report_->unlisted;
      return;
    }
    finding.verdict = judgement.verdict;
    finding.cause = cause;
    if (document_.kind == DocumentKind::kPlan && !change_class_.empty()) {
      finding.change_class = texts_.Get(change_class_);
    }
    finding.message = texts_.Get(judgement.message);
    finding.remedy = judgement.remedy.empty() ? TextOf(control, control.remedy) : texts_.Get(judgement.remedy);
    finding.evidence = FewTexts(judgement.offenders, texts_);
    Push(instance, std::move(finding));
  }

  Judgement JudgeSide(const ResourceInstance& instance, const Control& control, const Value& attributes,
                      const World& world) const {
    return control.evaluate(Subject{instance, attributes, world, environment_->requirements, now_, control.rule});
  }

  void Passed(const ResourceInstance& instance, const Control& control, const Judgement& judgement) {
    ++report_->passed;
    if (judging_.listing == Listing::kEverything) {
      Finding pass = Start(instance, TextOf(control, control.id), control.topic, control.severity, true);
      pass.verdict = Verdict::kPass;
      pass.cause = document_.kind == DocumentKind::kPlan ? Cause::kExisting : Cause::kState;
      pass.message = texts_.Get(judgement.message);
      report_->passes.push_back(std::move(pass));
    }
    for (const Obligation& obligation : judgement.obligations) {
      report_->obligations.push_back({std::string(instance.address), std::string(control.id), obligation});
    }
  }

  void JudgeOneSide(const ResourceInstance& instance, Cause cause) {
    after_.ForgetBlocks();
    environment_ = &EnvironmentOf(policy_, document_, instance);
    if (!instance.rare->deposed.empty()) {
      report_->notes.push_back(
          fmt::format("{}: a deposed object ({}) that an earlier replacement left behind still exists",
                      instance.address, instance.rare->deposed));
    }
    bool judged = false;
    change_class_ = {};
    for (const Control* control : ControlsOf(instance.type)) {
      if (!control->IsAsked(environment_->requirements)) continue;
      Judgement judgement = JudgeSide(instance, *control, instance.after, after_);
      if (judgement.verdict == Verdict::kNotApplicable) continue;
      if (facts_ == Facts::kLive && control->asked != nullptr && !IsToldByAws(control->id)) {
        judgement = Judgement();
        judgement.message = "not read from AWS: it is judged on plans and states";
      }
      judged = true;
      if (judgement.verdict == Verdict::kPass) {
        Passed(instance, *control, judgement);
      } else {
        Add(instance, *control, judgement, drifted_.contains(instance.address) ? Cause::kDrift : cause);
      }
    }
    report_->judged += judged ? 1 : 0;
  }

  void ExamineChange(const ResourceInstance& instance) {
    before_.ForgetBlocks();
    after_.ForgetBlocks();
    environment_ = &EnvironmentOf(policy_, document_, instance);
    const Change change = Classify(instance, before_, after_);
    change_class_ = Name(change.change_class);
    if (change.loses()) AddDestroyed(instance, change);
    if (change.change_class == ChangeClass::kForget) {
      if (FindResourceType(instance.type) != nullptr || ControlsByType().contains(instance.type)) {
        report_->notes.push_back(fmt::format("{}: {}", instance.address, change.reason));
      }
      if (!instance.actions.create) return;  // ["create","forget"] makes a new one that has to be judged
    }
    if (change.change_class == ChangeClass::kApiRejects || change.review ||
        change.change_class == ChangeClass::kIgnoredByProvider) {
      AddReview(instance, change.change_class == ChangeClass::kApiRejects ? "TFS-GATE-002" : "TFS-GATE-003",
                change.reason);
    }
    if (instance.has_after()) FindLostAttribute(instance);
    if (instance.after.unknown()) AddDamage(instance, "all of it is known only after apply, so nothing can be judged");
    if (!instance.rare->deposed.empty()) return;  // its destruction is listed; there is no other side to judge
    bool judged = false;
    for (const Control* control : ControlsOf(instance.type)) {
      judged = (control->IsAsked(environment_->requirements) && JudgeChange(instance, *control)) || judged;
    }
    report_->judged += judged ? 1 : 0;
    if (!judged || policy_.environments.empty()) return;
    const std::string doubt = DoubtAboutEnvironment(policy_, document_, instance, *environment_);
    if (!doubt.empty()) AddReview(instance, "TFS-GATE-003", doubt);
  }

  // Returns whether the control applies.
  bool JudgeChange(const ResourceInstance& instance, const Control& control) {
    const bool has_before = instance.has_before();
    if (!instance.has_after()) return has_before && JudgeRemoval(instance, control);
    after_.TakeConsulted();
    const Judgement after = JudgeSide(instance, control, instance.after, after_);
    if (after.verdict == Verdict::kNotApplicable) return false;
    if (after.verdict == Verdict::kPass) {
      Passed(instance, control, after);
      // What protects an object may be lowered or go while the object stays as it is.
      const bool changes =
          instance.actions.update || instance.actions.replaces() || (control.lowering_fails && after_.TakeConsulted());
      if (has_before && changes) CompareStrength(instance, control, after);
      return true;
    }
    if (!has_before) {
      Add(instance, control, after, Cause::kCaused);
      return true;
    }
    const auto has_revisions = [&] {
      const ResourceType* type = FindResourceType(instance.type);
      return type != nullptr && type->revisions;
    };
    // Also where the old one is forgotten instead of destroyed.
    const bool as_new = instance.actions.create && !has_revisions();
    if (as_new && after.verdict == Verdict::kFail) {
      Add(instance, control, after, Cause::kCaused);
      return true;
    }
    // Nobody asks how advice that is only counted came about.
    const bool counted = judging_.listing == Listing::kDeciding &&
                         !environment_->requirements.Requires(control.topic) &&
                         control.topic != Topic::kPlaintextSecret;
    if (counted) {
      Add(instance, control, after, Cause::kExisting);
      return true;
    }
    // Judging the same attributes again gives the same, unless what is around them was looked at.
    if (!after_.TakeConsulted() && instance.before.IsSameObject(instance.after)) {
      AddCompared(instance, control, after, after);
    } else {
      AddCompared(instance, control, JudgeSide(instance, control, instance.before, before_), after);
    }
    return true;
  }

  void AddCompared(const ResourceInstance& instance, const Control& control, const Judgement& before,
                   const Judgement& after) {
    Cause cause = Cause::kExisting;
    if (after.verdict == Verdict::kFail) {
      if (before.verdict == Verdict::kPass || before.verdict == Verdict::kNotApplicable) {
        cause = Cause::kCaused;
      } else if (before.verdict == Verdict::kFail) {
        if (Worse(before, after)) cause = Cause::kWorsened;
      } else if (!instance.actions.no_op &&
                 !instance.before.At(after.attribute).SameAs(instance.after.At(after.attribute))) {
        cause = Cause::kCaused;
      }
    } else if (before.verdict == Verdict::kPass) {
      cause = Cause::kCaused;
    }
    if (cause == Cause::kExisting && drifted_.contains(instance.address)) cause = Cause::kDrift;
    Add(instance, control, after, cause);
    if (after.verdict != Verdict::kPass && control.topic == Topic::kPlaintextSecret &&
        before.verdict == Verdict::kFail) {
      ExamineCustody(instance, control, before, after);
    }
  }

  static bool Worse(const Judgement& before, const Judgement& after) {
    if (before.strength.has_value() && after.strength.has_value() && *after.strength < *before.strength) return true;
    return std::any_of(after.offenders.begin(), after.offenders.end(), [&](const std::string& offender) {
      return std::find(before.offenders.begin(), before.offenders.end(), offender) == before.offenders.end();
    });
  }

  // Passes, as it is not worse than it was, without anything that could be lost.
  static bool ProtectsNothing(const Control& control, const Judgement& judgement) {
    return control.lowering_fails && judgement.strength == 0.0;
  }

  // After passes: say where it is still less than before, and let it fail where the policy has no number for it.
  void CompareStrength(const ResourceInstance& instance, const Control& control, const Judgement& after) {
    const Judgement before = JudgeSide(instance, control, instance.before, before_);
    if (control.topic == Topic::kPlaintextSecret && before.verdict == Verdict::kFail) {
      ExamineCustody(instance, control, before, after);
    }
    if (control.lowering_fails && instance.actions.replaces() && before.verdict == Verdict::kPass &&
        !ProtectsNothing(control, before)) {
      Judgement gap =
          Fail(fmt::format("{}, but it is replaced: in between there is no protection at all", after.message),
               instance.rare->replace_paths.empty() ? std::string_view() : instance.rare->replace_paths.front());
      Add(instance, control, gap, Cause::kCaused);
      return;
    }
    if (!before.strength.has_value() || !after.strength.has_value() || *after.strength >= *before.strength) return;
    if (control.lowering_fails) {
      Judgement lowered =
          Fail(fmt::format("{}, weaker than before ({})", after.message, before.message), after.attribute);
      lowered.offenders = after.offenders;
      Add(instance, control, lowered, Cause::kCaused);
    } else {
      report_->notes.push_back(fmt::format("{}: lower than before but still enough: {} (before: {})", instance.address,
                                           after.message, before.message));
    }
  }

  // What a trail takes along is the record, not the encryption of its own files; and not that, if another one records.
  bool IsLastTrail(const ResourceInstance& instance, const Control& control) {
    if (control.topic != Topic::kAuditLog) return false;
    const auto trails = after_.OfType(instance.type);
    return std::none_of(trails.begin(), trails.end(), [&](const ResourceInstance* other) {
      return other->has_after() && JudgeSide(*other, control, other->after, after_).verdict == Verdict::kPass;
    });
  }

  // A settings object is destroyed: what it protected stays without it.
  bool JudgeRemoval(const ResourceInstance& instance, const Control& control) {
    if (control.removed != nullptr) {
      const Judgement judgement = control.removed(
          Subject{instance, instance.before, before_, environment_->requirements, now_, control.rule}, after_);
      if (judgement.verdict == Verdict::kNotApplicable || judgement.verdict == Verdict::kPass) return false;
      Add(instance, control, judgement, Cause::kCaused);
      return true;
    }
    const ResourceType* type = FindResourceType(instance.type);
    if (type == nullptr || type->protects.empty()) return false;
    if (!type->protects_attribute.empty()) {
      for (const ResourceInstance* parent :
           before_.Follow(instance, type->protects_attribute, type->protects, {"id", "name", "bucket", "arn"})) {
        if (!parent->has_after()) return false;  // it goes too, and is judged itself
      }
    }
    if (instance.type == "aws_cloudtrail" && !IsLastTrail(instance, control)) return false;
    const Judgement before = JudgeSide(instance, control, instance.before, before_);
    if (before.verdict != Verdict::kPass || ProtectsNothing(control, before)) return false;
    Add(instance, control,
        Fail(fmt::format("the setting is removed while what it protects stays (before: {})", before.message)),
        Cause::kCaused);
    return true;
  }

  // A plaintext key leaves the place it is used from in the same plan that first makes its new home: if the two differ,
  // or the new one cannot be read, the only copy of the key is gone.
  void ExamineCustody(const ResourceInstance& instance, const Control& control, const Judgement& before,
                      const Judgement& after) {
    const bool leaves =
        after.verdict != Verdict::kFail ||
        std::any_of(before.offenders.begin(), before.offenders.end(), [&](const std::string& offender) {
          return std::find(after.offenders.begin(), after.offenders.end(), offender) == after.offenders.end();
        });
    if (!leaves) return;
    for (const std::string_view type : {"aws_secretsmanager_secret_version", "aws_ssm_parameter"}) {
      for (const ResourceInstance* home : after_.OfType(type)) {
        if (!home->actions.create || home->actions.replaces()) continue;
        Finding finding = Start(instance, TextOf(control, control.id), control.topic, Severity::kHigh);
        finding.verdict = Verdict::kUnknown;
        finding.cause = Cause::kCaused;
        finding.required = true;  // losing the only copy of a key is never advice
        finding.change_class = texts_.Get(change_class_);
        finding.message =
            fmt::format("the only place of a key is emptied by the plan that first creates {}", home->address);
        finding.remedy =
            "keep both for one apply, check that the two values are equal and that the tasks read the new one, "
            "then remove the old one";
        report_->findings.push_back(std::move(finding));
        return;
      }
    }
  }

  void AddDestroyed(const ResourceInstance& instance, const Change& change) {
    const Finding where = Start(instance, "TFS-GATE-001", Topic::kDataLoss, Severity::kCritical);
    Destroyed destroyed;
    destroyed.address = where.address;
    destroyed.type = where.type;
    destroyed.cls = texts_.Get(Name(change.change_class));
    destroyed.deposed = !instance.rare->deposed.empty();
    destroyed.paths = change.paths;
    destroyed.protections = Protections(instance);
    destroyed.reason = texts_.Get(change.reason);
    destroyed.file = where.rare->file;
    destroyed.line = where.rare->line;
    destroyed.remedy = texts_.Get(
        change.change_class == ChangeClass::kReplaceDataLoss
            ? fmt::format("do not apply this; `tfseal plan {} --out actions.json` plans the way that keeps the data",
                          document_.path)
            : "do not apply this; if it really is to go, take a verified copy first and destroy it on its own");
    Finding finding = where;
    finding.verdict = Verdict::kFail;
    finding.cause = Cause::kCaused;
    finding.required = true;  // destroying is never advice
    finding.change_class = destroyed.cls;
    finding.message = destroyed.reason.empty() ? texts_.Get("it is destroyed") : destroyed.reason;
    finding.remedy = destroyed.remedy;
    finding.evidence = FewTexts(destroyed.protections, texts_);
    report_->destroys.push_back(std::move(destroyed));
    report_->findings.push_back(std::move(finding));
  }

  // Terraform writes every attribute on each side of a change: unset ones as null, unknown ones in the mask. One that
  // is gone was lost on the way, and a control that takes it for unset could pass.
  void FindLostAttribute(const ResourceInstance& instance) {
    std::string_view name;
    if (instance.has_before() && instance.actions.update) {
      const auto look = [&](std::string_view attribute) {
        if (attribute > name && !after_.Mentions(instance, attribute)) name = attribute;
      };
      // Most often both sides have the very same names.
      const void* const names = instance.before.NamesIdentity();
      if (names == nullptr || names != instance.after.NamesIdentity()) {
        for (const terraform::Member& member : instance.before.members()) look(member.key);
      }
      if (instance.left_out_before.begin() != instance.left_out_after.begin()) {
        for (const std::string_view attribute : instance.left_out_before) look(attribute);
      }
    }
    if (instance.actions.create && name.empty()) name = after_.ConfiguredButAbsent(instance);
    if (name.empty()) return;
    AddDamage(instance, fmt::format("{} is missing on the planned side, where Terraform always writes it", name));
  }

  void AddDamage(const ResourceInstance& instance, std::string message) {
    Finding finding = Start(instance, "TFS-GATE-006", Topic::kDataLoss, Severity::kMedium);
    finding.verdict = Verdict::kUnknown;
    finding.cause = Cause::kCaused;
    finding.required = true;
    finding.change_class = texts_.Get(change_class_);
    finding.message = std::move(message);
    finding.remedy = "the document is damaged or was edited: write it again with `terraform show -json PLANFILE`";
    report_->findings.push_back(std::move(finding));
  }

  void AddReview(const ResourceInstance& instance, const SharedText& control, std::string_view message) {
    Finding finding = Start(instance, control, Topic::kDataLoss, Severity::kMedium);
    finding.verdict = Verdict::kUnknown;
    finding.cause = Cause::kCaused;
    finding.required = true;
    finding.change_class = texts_.Get(change_class_);
    finding.message = texts_.Get(message);
    finding.remedy = "decide whether this is what you want before applying";
    report_->findings.push_back(std::move(finding));
  }

  // Most entries of resource_drift are computed attributes that settled after the apply; only what a control judges
  // differently than before counts.
  void ExamineDrift(const ResourceInstance& drifted) {
    if (!drifted.has_before()) return;
    environment_ = &EnvironmentOf(policy_, document_, drifted);
    if (!drifted.has_after()) {
      ExamineVanished(drifted);
      return;
    }
    for (const Control* control : ControlsOf(drifted.type)) {
      if (!control->IsAsked(environment_->requirements)) continue;
      const Judgement was = JudgeSide(drifted, *control, drifted.before, before_);
      const Judgement is = JudgeSide(drifted, *control, drifted.after, before_);
      if (is.verdict != Verdict::kFail) continue;
      if (was.verdict == Verdict::kFail && !Worse(was, is)) continue;
      drifted_.insert(drifted.address);
      report_->notes.push_back(
          fmt::format("{}: changed outside Terraform: {} (was: {})", drifted.address, is.message, was.message));
    }
  }

  // Gone from AWS, or, for keys, pending deletion: the provider drops both from the state.
  void ExamineVanished(const ResourceInstance& drifted) {
    const ResourceType* type = FindResourceType(drifted.type);
    const Holds holds = type == nullptr ? Holds::kNothing : type->holds;
    if (holds == Holds::kNothing) {
      if (type != nullptr && !type->protects.empty()) {
        report_->notes.push_back(fmt::format("{}: removed outside Terraform", drifted.address));
      }
      return;
    }
    const bool key = holds == Holds::kKey;
    Finding finding = Start(drifted, key ? "TFS-GATE-004" : "TFS-GATE-005", key ? Topic::kKeyState : Topic::kDataLoss,
                            Severity::kCritical);
    finding.verdict = key ? Verdict::kFail : Verdict::kUnknown;
    finding.cause = Cause::kDrift;
    finding.required = finding.required || !key;
    finding.message = key ? "the key is pending deletion or gone: it was scheduled for deletion outside Terraform"
                          : "it was deleted outside Terraform";
    finding.remedy =
        key ? "`aws kms cancel-key-deletion` and `aws kms enable-key` while the waiting period lasts; do not let "
              "Terraform make a new key"
            : "find out who deleted it and whether a backup exists before Terraform makes an empty one";
    report_->findings.push_back(std::move(finding));
  }

  const Document& document_;
  const PolicyFile& policy_;
  UnixSeconds now_;
  const Judging& judging_;
  WaiverBook waivers_;
  Facts facts_;
  Report* report_;
  World before_;
  World after_;
  std::string_view change_class_;
  std::unordered_map<std::string, std::vector<const Control*>> controls_;  // only if the policy has some
  struct RecentType {
    const char* name = nullptr;
    std::size_t size = 0;
    const std::vector<const Control*>* controls = nullptr;
  };
  std::array<RecentType, 61> recent_types_;
  RecentTexts texts_;                         // of findings
  SharedText address_;                        // of the last one
  const char* address_of_ = nullptr;          // the characters that it was made from
  const Environment* environment_ = nullptr;  // of the resource that is being examined
  std::unordered_set<std::string_view> drifted_;
};

}  // namespace

GateReport Gate(const Document& plan, const PolicyFile& policy, UnixSeconds now, const Judging& judging) {
  GateReport report;
  if (plan.kind != DocumentKind::kPlan) {
    report.unusable_because = "a state, not a plan: use `tfseal verify` for states";
    report.because.push_back(report.unusable_because);
    return report;
  }
  // About one for each change in a plan full of them; untouched room costs nothing, moving all of them does.
  report.findings.reserve(plan.resources.size());
  // What it knows of the plan is gone before the report is sorted, which takes memory too.
  Examination(plan, policy, now, judging, Facts::kTerraform, &report).ExaminePlan();
  Sort(&report);
  for (const std::string_view address : plan.failed_checks) {
    report.notes.push_back(fmt::format("{}: a check of the configuration failed", address));
  }
  if (std::string note = UnmatchedEnvironments(policy, plan); !note.empty()) report.notes.push_back(std::move(note));
  const auto is_known = [&](std::string_view type) {
    return ControlsByType().contains(type) || FindResourceType(type) != nullptr ||
           std::any_of(policy.controls.begin(), policy.controls.end(), [&](const auto& rule) {
             return std::find(rule->types.begin(), rule->types.end(), type) != rule->types.end();
           });
  };
  if (std::string note = DestroyedUnjudged(plan, is_known); !note.empty()) report.notes.push_back(std::move(note));
  std::sort(report.notes.begin(), report.notes.end());
  report.notes.erase(std::unique(report.notes.begin(), report.notes.end()), report.notes.end());
  report.unusable_because = WhyUnusable(plan);
  if (!report.unusable_because.empty()) {
    report.because.push_back(report.unusable_because);
    report.verdict = GateVerdict::kUnusable;
    return report;
  }
  DecideVerdict(plan, &report);
  return report;
}

Report Evaluate(const Document& document, const PolicyFile& policy, UnixSeconds now, const Judging& judging,
                Facts facts) {
  Report report;
  Examination(document, policy, now, judging, facts, &report).ExamineState();
  Sort(&report);
  if (std::string note = UnmatchedEnvironments(policy, document); !note.empty())
    report.notes.push_back(std::move(note));
  return report;
}

}  // namespace tfseal

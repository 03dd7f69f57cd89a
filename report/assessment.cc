#include "report/assessment.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "core/check.h"
#include "policy/world.h"
#include "report/clean.h"
#include "report/fingerprint.h"

namespace tfseal::report {
namespace {

using terraform::Document;
using terraform::ResourceInstance;

std::string_view NameOf(Cause cause) {
  constexpr std::string_view kNames[] = {"existing", "caused", "worsened", "drift", "state"};
  return kNames[static_cast<int>(cause)];
}

Standing StandingOf(const Finding& finding) {
  if (finding.verdict == Verdict::kPass) return Standing::kPasses;
  if (finding.waived) return Standing::kWaived;
  if (!finding.required || finding.known) return Standing::kAdvice;
  return finding.verdict == Verdict::kFail ? Standing::kFails : Standing::kUndecided;
}

std::string_view WaiverRule(WaiverState state) {
  switch (state) {
    case WaiverState::kExpired:
      return "TFS-WAIVER-001";
    case WaiverState::kUnused:
      return "TFS-WAIVER-003";
    case WaiverState::kTooBroad:
      return "TFS-WAIVER-004";
    case WaiverState::kForbidden:
      return "TFS-WAIVER-005";
    case WaiverState::kMalformed:
    case WaiverState::kUsed:
      break;
  }
  return "TFS-WAIVER-002";
}

int RankOf(Standing standing) {
  switch (standing) {
    case Standing::kFails:
      return 0;
    case Standing::kUndecided:
      return 1;
    case Standing::kAdvice:
      return 2;
    case Standing::kWaived:
      return 3;
    case Standing::kPasses:
      break;
  }
  return 4;
}

std::vector<std::string> CleanAll(const std::vector<std::string>& texts) {
  std::vector<std::string> clean;
  clean.reserve(texts.size());
  for (const std::string& text : texts) clean.push_back(Clean(text));
  return clean;
}

// A module that `terraform init` fetched: nobody changes it where it lies.
bool IsFetched(std::string_view file) {
  return file.starts_with(".terraform/") || file.find("/.terraform/") != std::string_view::npos;
}

struct Places {
  Place place;
  Place inside;
};

// Where a person can change what is at `address`: its block or, in a fetched module or one without sources, the
// innermost call that is theirs.
Places PlacesOf(const Document& document, std::string_view address) {
  Places places;
  if (document.sources.empty()) return places;
  std::string block = WithoutInstanceKeys(address);
  const auto at = [&](const std::string& name) {
    const auto found = document.sources.find(name);
    return found == document.sources.end() ? Place{} : Place{Clean(found->second.file), found->second.line};
  };
  const Place own = at(block);
  if (!own.file.empty() && !IsFetched(own.file)) return {own, {}};
  places.inside = own;
  for (;;) {
    const std::size_t last = block.rfind(".module.");
    const std::size_t step = last == std::string::npos ? 0 : last + 1;
    if (block.compare(step, 7, "module.") != 0) break;
    const std::size_t end = block.find('.', step + 7);
    const Place call = at(block.substr(0, end));
    if (!call.file.empty() && !IsFetched(call.file)) {
      places.place = call;
      return places;
    }
    if (last == std::string::npos) break;
    block.resize(last);
  }
  return {own, {}};
}

// A promise about a resource, looked up: the control, or what the plan said it would come to.
Check PromiseCheck(const std::string& control, Verdict verdict, const std::string& message) {
  const Rule rule = RuleFor(control);
  Check check;
  check.rule = Clean(control);
  check.verdict = verdict;
  check.standing = verdict == Verdict::kPass   ? Standing::kPasses
                   : verdict == Verdict::kFail ? Standing::kFails
                                               : Standing::kUndecided;
  check.required = true;
  check.severity = rule.severity;
  check.topic = rule.topic;
  check.cause = "promised";
  check.message = Clean("promised by the plan: " + message);
  check.remedy = verdict == Verdict::kPass ? "" : Clean(rule.remedy);
  return check;
}

// Turns findings into checks, one document after the other.
class Collector {
 public:
  Collector(Assessment& assessment, const PolicyFile& policy, const Circumstances& circumstances)
      : assessment_(assessment) {
    assessment_.version = circumstances.version;
    assessment_.scope = Clean(circumstances.scope);
    assessment_.now = circumstances.now;
    assessment_.policy_path = Clean(policy.path);
    assessment_.policy_sha256 = policy.sha256;
    assessment_.profile = Clean(policy.profile);
    assessment_.own_rules = OwnRules(policy);
    scope_ = circumstances.among_many;
    assessment_.among_many = !scope_.empty();
  }

  void Add(const Document& document, const Report& report) {
    AssessedDocument assessed;
    assessed.path = Clean(document.path);
    assessed.sha256 = document.sha256;
    assessed.kind = document.kind == terraform::DocumentKind::kPlan ? "plan" : "state";
    assessed.terraform_version = Clean(document.terraform_version);
    assessed.resources_seen = document.resources_seen;
    assessed.resources_judged = report.judged;
    assessed.passed = report.passed;
    assessment_.documents.push_back(std::move(assessed));
    CountPlaces(document);
    std::set<std::pair<std::string_view, std::string_view>> found;
    for (const Finding& finding : report.findings) {
      found.emplace(finding.control.view(), finding.address.view());
      AddFinding(document, finding);
    }
    for (const Finding& pass : report.passes) {
      // A live run may have taken a pass back: what could not be read has not passed.
      if (!found.contains({pass.control.view(), pass.address.view()})) AddFinding(document, pass);
    }
    for (const std::string& note : report.notes) assessment_.notes.push_back(Clean(note));
    MergeWaiverUses(report.waivers, report.waiver_rules.max_findings, assessment_.waivers);
  }

  void AddFinding(const Document& document, const Finding& finding) {
    Check check;
    check.rule = Clean(finding.control.view());
    check.standing = StandingOf(finding);
    check.verdict = finding.verdict;
    check.severity = finding.severity;
    check.topic = finding.topic;
    check.type = Clean(finding.type.view());
    check.environment = Clean(finding.environment.view());
    check.cause = NameOf(finding.cause);
    check.change_class = Clean(finding.change_class.view());
    check.message = Clean(finding.message.view());
    check.remedy = finding.verdict == Verdict::kPass ? "" : Clean(finding.remedy.view());
    check.waiver = Clean(finding.rare->waiver.view());
    check.required = finding.required;
    check.known = finding.known;
    check.object = Clean(finding.rare->object.view());
    check.evidence = CleanAll(finding.evidence);
    Places places = PlacesOf(document, finding.address.view());
    check.place = std::move(places.place);
    check.inside = std::move(places.inside);
    Push(std::move(check), finding.address.view());
  }

  void AddPromise(const std::string& control, const std::string& address, Verdict verdict, const std::string& message) {
    Push(PromiseCheck(control, verdict, message), address);
  }

  // A verdict that is not good must be seen in every format, even where no resource explains it.
  void Finish() {
    if (!assessment_.among_many) AddWaiverProblems(assessment_);
    const bool explained = assessment_.Count(Standing::kFails) > 0 || assessment_.Count(Standing::kUndecided) > 0 ||
                           assessment_.tone == Tone::kGood;
    if (!explained) {
      const Rule rule = RuleFor(kDocumentRule);
      Check check;
      check.rule = rule.id;
      const bool bad = assessment_.tone == Tone::kBad;
      check.verdict = bad ? Verdict::kFail : Verdict::kUnknown;
      check.standing = bad ? Standing::kFails : Standing::kUndecided;
      check.severity = bad ? Severity::kCritical : rule.severity;
      check.topic = rule.topic;
      check.cause = "existing";
      check.message = fmt::format("{}", fmt::join(assessment_.because, "; "));
      check.remedy = rule.remedy;
      document_ = 0;
      Push(std::move(check), assessment_.documents.empty() ? "-" : assessment_.documents.front().path);
    }
    Arrange(assessment_);
    const auto most = [](const std::map<std::string, std::size_t, std::less<>>& counts) {
      const auto at = std::max_element(counts.begin(), counts.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
      return at == counts.end() ? std::string() : at->first;
    };
    if (assessment_.account.empty()) assessment_.account = most(accounts_);
    if (assessment_.region.empty()) assessment_.region = most(regions_);
  }

  // The document that the next findings are about.
  void Select(std::size_t document) { document_ = document; }

 private:
  void Push(Check check, std::string_view address) {
    const std::size_t before = seen_[{check.rule, std::string(address)}]++;
    check.fingerprint = scope_.empty() ? Fingerprint(check.rule, address, before)
                                       : Fingerprint(check.rule, fmt::format("{}\n{}", scope_, address), before);
    check.address = Clean(address);
    check.document = document_;
    assessment_.checks.push_back(std::move(check));
  }

  void CountPlaces(const Document& document) {
    for (const ResourceInstance& instance : document.resources) {
      if (const std::string_view account = AccountOf(document, instance); account.size() == 12) {
        ++accounts_[std::string(account)];
      }
      if (const std::string_view region = RegionOf(document, instance); !region.empty()) ++regions_[Clean(region)];
    }
  }

  Assessment& assessment_;
  std::size_t document_ = 0;
  std::string scope_;
  std::map<std::pair<std::string, std::string>, std::size_t> seen_;
  std::map<std::string, std::size_t, std::less<>> accounts_;
  std::map<std::string, std::size_t, std::less<>> regions_;
};

ChangeCounts CountChanges(const Document& plan) {
  ChangeCounts counts;
  for (const ResourceInstance& instance : plan.resources) {
    if (instance.planned_values_only) continue;
    counts.create += instance.actions.create ? 1 : 0;
    counts.update += instance.actions.update ? 1 : 0;
    counts.destroy += instance.actions.destroy ? 1 : 0;
  }
  return counts;
}

void SetVerdict(Verdict verdict, Assessment& assessment) {
  const std::size_t fails = assessment.Count(Standing::kFails);
  const std::size_t undecided = assessment.Count(Standing::kUndecided);
  assessment.verdict = verdict == Verdict::kPass   ? "compliant"
                       : verdict == Verdict::kFail ? "not compliant"
                                                   : "unknown";
  assessment.tone = verdict == Verdict::kPass ? Tone::kGood : verdict == Verdict::kFail ? Tone::kBad : Tone::kLook;
  const auto because = [&](std::size_t count, std::string_view one, std::string_view many) {
    if (count > 0) assessment.because.push_back(fmt::format("{} {}", count, count == 1 ? one : many));
  };
  because(fails, "required control fails", "required controls fail");
  because(undecided, "required control cannot be decided", "required controls cannot be decided");
  if (assessment.because.empty() && verdict == Verdict::kPass) {
    assessment.because.push_back(
        fmt::format("every required control passes on the {} resources judged", assessment.Judged()));
  } else if (assessment.because.empty()) {
    assessment.because.emplace_back("not everything could be judged");
  }
}

}  // namespace

void Arrange(Assessment& assessment) {
  std::stable_sort(assessment.checks.begin(), assessment.checks.end(), [](const Check& a, const Check& b) {
    return std::tuple(RankOf(a.standing), -static_cast<int>(a.severity), std::string_view(a.address),
                      std::string_view(a.rule),
                      a.document) < std::tuple(RankOf(b.standing), -static_cast<int>(b.severity),
                                               std::string_view(b.address), std::string_view(b.rule), b.document);
  });
  std::set<std::string_view> ids;
  for (const Check& check : assessment.checks) ids.insert(check.rule);
  for (const std::string_view id : ids) assessment.rules.push_back(RuleFor(id, assessment.own_rules));
}

void AddPromise(const ClosedObligation& closed, Assessment& assessment) {
  Check check = PromiseCheck(closed.open.control, closed.verdict, closed.message);
  check.address = Clean(closed.open.address);
  const auto before = static_cast<std::size_t>(
      std::count_if(assessment.checks.begin(), assessment.checks.end(), [&](const Check& other) {
        return other.cause == check.cause && other.rule == check.rule && other.address == check.address;
      }));
  check.fingerprint = Fingerprint(check.rule, fmt::format("promised\n{}", closed.open.address), before);
  assessment.checks.push_back(std::move(check));
}

void AddWaiverProblems(Assessment& assessment) {
  for (const WaiverUse& use : assessment.waivers) {
    if (use.problem.empty()) continue;
    const Rule rule = RuleFor(WaiverRule(use.state));
    Check check;
    check.rule = rule.id;
    check.standing = Standing::kAdvice;
    check.verdict = Verdict::kFail;
    check.severity = rule.severity;
    check.topic = rule.topic;
    check.cause = "existing";
    check.message = Clean(use.problem);
    check.remedy = Clean(rule.remedy);
    check.place = {Clean(use.waiver.file), use.waiver.line};
    check.address = Clean(use.waiver.address.empty() ? use.waiver.file : use.waiver.address);
    // Without the line, so that it stays the same one when the comment moves.
    const auto before = static_cast<std::size_t>(
        std::count_if(assessment.checks.begin(), assessment.checks.end(),
                      [&](const Check& other) { return other.rule == check.rule && other.address == check.address; }));
    check.fingerprint =
        Fingerprint(check.rule, fmt::format("{}\n{}\n{}", use.waiver.file, use.waiver.control, check.address), before);
    assessment.checks.push_back(std::move(check));
  }
}

std::string_view Name(Standing standing) {
  constexpr std::string_view kNames[] = {"undecided", "fails", "advice", "waived", "passes"};
  return kNames[static_cast<int>(standing)];
}

std::string_view Assessment::Among(std::size_t document) const {
  return documents.size() > 1 && document < documents.size() ? std::string_view(documents[document].path)
                                                             : std::string_view();
}

const Rule& Assessment::RuleOf(const Check& check) const {
  const auto at = std::lower_bound(rules.begin(), rules.end(), check.rule,
                                   [](const Rule& rule, const std::string& id) { return rule.id < id; });
  TFSEAL_CHECK(at != rules.end() && at->id == check.rule);
  return *at;
}

std::size_t Assessment::Count(Standing standing) const {
  return static_cast<std::size_t>(
      std::count_if(checks.begin(), checks.end(), [&](const Check& check) { return check.standing == standing; }));
}

std::uint64_t Assessment::Judged() const {
  std::uint64_t judged = 0;
  for (const AssessedDocument& document : documents) judged += document.resources_judged;
  return judged;
}

Assessment AssessGate(const GateReport& report, const Document& plan, const PolicyFile& policy,
                      const Circumstances& circumstances) {
  Assessment assessment;
  assessment.command = "gate";
  assessment.verdict = tfseal::Name(report.verdict);
  assessment.tone = report.verdict == GateVerdict::kAllow    ? Tone::kGood
                    : report.verdict == GateVerdict::kReview ? Tone::kLook
                                                             : Tone::kBad;
  assessment.because = CleanAll(report.because);
  Collector collector(assessment, policy, circumstances);
  collector.Add(plan, report);
  for (const Destroyed& destroyed : report.destroys) {
    DestroyedObject object;
    object.address = Clean(destroyed.address);
    object.cls = Clean(destroyed.cls);
    object.reason = Clean(destroyed.reason);
    object.remedy = Clean(destroyed.remedy);
    object.deposed = destroyed.deposed;
    object.paths = CleanAll(destroyed.paths);
    object.protections = CleanAll(destroyed.protections);
    object.place = PlacesOf(plan, destroyed.address).place;
    assessment.destroys.push_back(std::move(object));
  }
  for (const OpenObligation& open : report.obligations) {
    assessment.promises.push_back({Clean(open.control), Clean(open.address), Clean(open.obligation.expectation),
                                   Clean(open.obligation.attribute), Clean(open.obligation.resolved_to), 0});
  }
  assessment.changes = CountChanges(plan);
  collector.Finish();
  return assessment;
}

Assessment AssessVerify(const VerifyReport& report, std::span<const Document> documents, const PolicyFile& policy,
                        const Circumstances& circumstances) {
  Assessment assessment;
  assessment.command = "verify";
  Collector collector(assessment, policy, circumstances);
  for (std::size_t i = 0; i < report.reports.size(); ++i) {
    collector.Select(i);
    collector.Add(documents[i], report.reports[i]);
  }
  collector.Select(0);
  for (const ClosedObligation& closed : report.obligations) {
    collector.AddPromise(closed.open.control, closed.open.address, closed.verdict, closed.message);
  }
  SetVerdict(report.verdict, assessment);
  collector.Finish();
  return assessment;
}

Assessment AssessLive(const LiveReport& report, std::span<const Document> documents, const LiveRun& run,
                      const PolicyFile& policy, const Circumstances& circumstances) {
  Assessment assessment;
  assessment.command = "verify --live";
  assessment.account = run.account;
  if (!run.regions.empty()) assessment.region = run.regions.front();
  Collector collector(assessment, policy, circumstances);
  for (std::size_t i = 0; i < report.verified.reports.size(); ++i) {
    collector.Select(i);
    collector.Add(documents[i], report.verified.reports[i]);
  }
  collector.Select(0);
  for (const ClosedObligation& closed : report.verified.obligations) {
    collector.AddPromise(closed.open.control, closed.open.address, closed.verdict, closed.message);
  }
  for (const KeptPromise& promise : report.promises) {
    collector.AddPromise(promise.control, promise.address, promise.verdict, promise.message);
  }
  const Document unmanaged;  // without sources: nobody wrote them down
  for (const Finding& finding : report.unmanaged.findings) collector.AddFinding(unmanaged, finding);
  for (const Difference& difference : report.differences) {
    std::string sides;
    for (const Said& said : difference.said) {
      sides += fmt::format("{}{} says {}", sides.empty() ? "" : ", ", said.document, said.text);
    }
    assessment.notes.push_back(Clean(fmt::format("{} {}: {}", difference.address, difference.attribute, sides)));
  }
  SetVerdict(report.verdict, assessment);
  collector.Finish();
  return assessment;
}

}  // namespace tfseal::report

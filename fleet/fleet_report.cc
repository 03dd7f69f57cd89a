#include "fleet/fleet_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/words.h"

namespace tfseal::fleet {
namespace {

using report::Standing;

Outcome OutcomeOf(const JudgedDocument& judged) {
  if (!judged.error.empty()) return Outcome::kNotJudged;
  switch (judged.assessment.tone) {
    case report::Tone::kGood:
      return Outcome::kGood;
    case report::Tone::kLook:
      return Outcome::kLook;
    case report::Tone::kBad:
      break;
  }
  return Outcome::kBad;
}

JsonValue Number(std::uint64_t value) {
  return JsonValue(static_cast<Json::UInt64>(value));
}

std::string Counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

}  // namespace

void Totals::Add(const Totals& other) {
  for (std::size_t i = 0; i < std::size(documents); ++i) documents[i] += other.documents[i];
  fails += other.fails;
  undecided += other.undecided;
  advice += other.advice;
  known += other.known;
  waived += other.waived;
  passes += other.passes;
  resources_seen += other.resources_seen;
  resources_judged += other.resources_judged;
  destroys += other.destroys;
}

std::uint64_t Totals::Documents() const {
  std::uint64_t all = 0;
  for (const std::uint64_t some : documents) all += some;
  return all;
}

Kept Keep(const JudgedDocument& judged) {
  Kept kept;
  kept.lines = LinesOf(judged);
  kept.waivers = judged.assessment.waivers;
  kept.closed = judged.closed;
  Totals& totals = kept.totals;
  totals.documents[static_cast<std::size_t>(OutcomeOf(judged))] = 1;
  totals.destroys = judged.assessment.destroys.size();
  for (const report::AssessedDocument& document : judged.assessment.documents) {
    totals.resources_seen += document.resources_seen;
    totals.resources_judged += document.resources_judged;
  }
  for (const report::Check& check : judged.assessment.checks) {
    std::uint64_t* const counts[] = {&totals.undecided, &totals.fails, &totals.advice, &totals.waived, &totals.passes};
    ++*counts[static_cast<std::size_t>(check.standing)];
    if (check.known && check.standing == Standing::kAdvice) ++totals.known;
  }
  return kept;
}

Status FleetReport::Add(const Kept& kept) {
  totals_.Add(kept.totals);
  MergeWaiverUses(kept.waivers, run_.waiver_findings_max, waivers_);
  if (closed_.empty()) {
    closed_ = kept.closed;
  } else {
    for (std::size_t i = 0; i < std::min(closed_.size(), kept.closed.size()); ++i) {
      if (closed_[i].verdict == Verdict::kUnknown) closed_[i] = kept.closed[i];
    }
  }
  return spool_.Append(kept.lines);
}

Status FleetReport::Finish() {
  for (WaiverUse& use : waivers_) {
    SettleWaiverUse(run_.waiver_findings_max, use);
    // Whoever judges a part cannot know what the others use.
    if (run_.shard.count > 1 && use.state == WaiverState::kUnused) use.problem.clear();
  }
  std::string lines;
  for (const ClosedObligation& closed : closed_) lines += LineOf(closed);
  return spool_.Append(lines);
}

Outcome FleetReport::outcome() const {
  Outcome worst = Outcome::kGood;
  for (std::size_t i = 0; i < std::size(totals_.documents); ++i) {
    if (totals_.documents[i] > 0) worst = static_cast<Outcome>(i);
  }
  for (const ClosedObligation& closed : closed_) {
    if (closed.verdict == Verdict::kFail) worst = std::max(worst, Outcome::kBad);
    if (closed.verdict != Verdict::kPass) worst = std::max(worst, Outcome::kLook);
  }
  return worst;
}

std::string_view FleetReport::verdict() const {
  if (run_.command == "gate") {
    constexpr std::string_view kWords[] = {"allow", "review", "deny", "unusable"};
    return kWords[static_cast<std::size_t>(outcome())];
  }
  const bool fails = totals_.documents[static_cast<std::size_t>(Outcome::kBad)] > 0 ||
                     std::any_of(closed_.begin(), closed_.end(),
                                 [](const ClosedObligation& closed) { return closed.verdict == Verdict::kFail; });
  return fails ? "fail" : outcome() == Outcome::kGood ? "pass" : "unknown";
}

std::vector<std::string> FleetReport::Because() const {
  const bool gate = run_.command == "gate";
  std::vector<std::string> because;
  const auto say = [&](std::uint64_t count, std::string_view one, std::string_view many) {
    if (count > 0) because.push_back(Counted(count, one, many));
  };
  say(totals_.documents[3], "document could not be judged", "documents could not be judged");
  say(totals_.documents[2], gate ? "plan is denied" : "document does not comply",
      gate ? "plans are denied" : "documents do not comply");
  say(totals_.documents[1], gate ? "plan needs a person's decision" : "document cannot be decided",
      gate ? "plans need a person's decision" : "documents cannot be decided");
  const auto open = static_cast<std::uint64_t>(std::count_if(
      closed_.begin(), closed_.end(), [](const ClosedObligation& closed) { return closed.verdict != Verdict::kPass; }));
  say(open, "promise of a plan is not kept or not found", "promises of a plan are not kept or not found");
  if (because.empty()) {
    because.push_back(
        fmt::format("{}: every required control passes", Counted(totals_.Documents(), "document", "documents")));
  }
  return because;
}

JsonValue FleetReport::About() const {
  const bool gate = run_.command == "gate";
  JsonValue about(Json::objectValue);
  about["schema"] = gate ? "tfseal/fleet/v1" : "tfseal/verify/v1";
  about["schema_version"] = gate ? "1.0" : "1.1";
  about["command"] = run_.command;
  about["tfseal_version"] = run_.version;
  about["verdict"] = report::Json(verdict());
  for (const std::string& why : Because()) about["because"].append(why);
  about["now"] = report::Timestamp(run_.now);
  about["environment"] = run_.scope;
  about["policy"]["path"] = run_.policy_path;
  about["policy"]["sha256"] = run_.policy_sha256;
  about["policy"]["profile"] = run_.profile;
  about["policy"]["waivers_refused"] = run_.waivers_refused;
  about["policy"]["waiver_findings_max"] = run_.waiver_findings_max;
  for (const report::Rule& rule : run_.own_rules) {
    JsonValue& own = about["policy"]["controls"].append(JsonValue(Json::objectValue));
    own["id"] = rule.id;
    own["title"] = rule.title;
    own["why"] = rule.why;
    own["remedy"] = rule.remedy;
    own["basis"] = rule.basis;
    own["topic"] = report::Json(Name(rule.topic));
    own["severity"] = report::Json(Name(rule.severity));
  }
  if (run_.shard.count > 0) {
    about["shard"]["index"] = run_.shard.index;
    about["shard"]["count"] = run_.shard.count;
  }
  JsonValue& summary = about["summary"];
  constexpr const char* kGate[] = {"allow", "review", "deny", "unusable"};
  constexpr const char* kVerify[] = {"pass", "unknown", "fail", "error"};
  for (std::size_t i = 0; i < 4; ++i) {
    summary["documents_by_verdict"][gate ? kGate[i] : kVerify[i]] = Number(totals_.documents[i]);
  }
  summary["documents"] = Number(totals_.Documents());
  summary["fails"] = Number(totals_.fails);
  summary["undecided"] = Number(totals_.undecided);
  summary["advice"] = Number(totals_.advice);
  summary["known"] = Number(totals_.known);
  summary["waived"] = Number(totals_.waived);
  summary["controls_passed"] = Number(totals_.passes);
  summary["resources_seen"] = Number(totals_.resources_seen);
  summary["resources_judged"] = Number(totals_.resources_judged);
  summary["destroys"] = Number(totals_.destroys);
  return about;
}

Status FleetReport::WriteJson(const Sink& sink) const {
  const std::string about = WriteJsonLine(About());
  sink(std::string_view(about).substr(0, about.size() - 1));
  const std::pair<const char*, Record> lists[] = {{"documents", Record::kDocument},
                                                  {"findings", Record::kFinding},
                                                  {"destroys", Record::kDestroy},
                                                  {"obligations", Record::kObligation},
                                                  {"passes", Record::kPass}};
  for (const auto& [name, record] : lists) {
    bool first = true;
    sink(fmt::format(",\n\"{}\":[", name));
    TFSEAL_TRY(spool_.Read([&, wanted = static_cast<char>(record)](std::string_view line) {
      if (line.front() != wanted) return;
      sink(first ? "\n" : ",\n");
      sink(line.substr(1));
      first = false;
    }));
    sink("]");
  }
  sink(",\n\"waivers\":[");
  for (std::size_t i = 0; i < waivers_.size(); ++i) {
    sink(i == 0 ? "\n" : ",\n");
    sink(WriteJsonLine(ToJson(waivers_[i])));
  }
  sink("]}\n");
  return {};
}

Status FleetReport::WriteJsonLines(const Sink& sink) const {
  TFSEAL_TRY(spool_.Read([&](std::string_view line) {
    sink(fmt::format("{{\"record\":\"{}\",", Name(static_cast<Record>(line.front()))));
    sink(line.substr(2));
    sink("\n");
  }));
  for (const WaiverUse& use : waivers_) {
    JsonValue json = ToJson(use);
    json["record"] = "waiver";
    sink(WriteJsonLine(json) + "\n");
  }
  JsonValue last = About();
  last["record"] = "verdict";
  sink(WriteJsonLine(last) + "\n");
  return {};
}

Result<report::Assessment> FleetReport::Assess() const {
  report::Assessment assessment;
  assessment.among_many = true;
  assessment.command = run_.command;
  assessment.version = run_.version;
  assessment.now = run_.now;
  assessment.scope = run_.scope;
  assessment.policy_path = run_.policy_path;
  assessment.policy_sha256 = run_.policy_sha256;
  assessment.profile = run_.profile;
  assessment.own_rules = run_.own_rules;
  assessment.waivers = waivers_;
  const Outcome worst = outcome();
  assessment.tone = worst == Outcome::kGood   ? report::Tone::kGood
                    : worst == Outcome::kLook ? report::Tone::kLook
                                              : report::Tone::kBad;
  const std::string_view word = verdict();
  assessment.verdict = word == "pass" ? "compliant" : word == "fail" ? "not compliant" : word;
  assessment.because = Because();
  std::map<std::string, std::size_t, std::less<>> documents;
  Status read;
  TFSEAL_TRY(spool_.Read([&](std::string_view line) {
    if (read.ok()) read = ReadLine(line, documents, assessment);
  }));
  TFSEAL_TRY(read);
  report::AddWaiverProblems(assessment);
  report::Arrange(assessment);
  return assessment;
}

}  // namespace tfseal::fleet

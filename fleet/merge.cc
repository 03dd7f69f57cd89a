#include "fleet/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/time_text.h"

namespace tfseal::fleet {
namespace {

constexpr std::pair<const char*, Record> kLists[] = {{"findings", Record::kFinding},
                                                     {"passes", Record::kPass},
                                                     {"destroys", Record::kDestroy},
                                                     {"obligations", Record::kObligation},
                                                     {"documents", Record::kDocument}};

// What a part says, sorted by what it is about.
struct Taken {
  JsonValue about;
  std::map<std::string, std::string, std::less<>> lines;         // by document, that of the document itself last
  std::map<std::string, JudgedDocument, std::less<>> documents;  // for their totals
  std::vector<WaiverUse> waivers;
  std::vector<ClosedObligation> closed;
};

Error Wrong(const Part& part, std::string_view what) {
  return Error{ErrorCode::kInvalidInput, fmt::format("{}: {}", part.path, what),
               "merge what `tfseal gate` or `tfseal verify` wrote with --output json or jsonl over many files or with "
               "--shard"};
}

class Reader {
 public:
  explicit Reader(const Part& part) : part_(part) {}

  Result<Taken> Read() {
    auto whole = ParseJson(part_.text);
    if (whole.ok() && whole->isObject() && !whole->isMember("record")) {
      TFSEAL_TRY(TakeDocument(*whole));
    } else {
      TFSEAL_TRY(TakeLines());
    }
    const std::string schema = TextOf(taken_.about, "schema");
    const bool known =
        schema == "tfseal/fleet/v1" || (schema == "tfseal/verify/v1" && taken_.about.isMember("summary"));
    if (!known) return Wrong(part_, "not a report over many documents");
    for (auto& [path, judged] : taken_.documents) {
      if (judged.path.empty()) return Wrong(part_, fmt::format("names {} and does not list it", path));
    }
    const JsonValue& count = taken_.about["summary"]["documents"];
    if (!count.isUInt64() || count.asUInt64() != taken_.documents.size()) {
      return Wrong(part_, "its number of documents is not the one it says: it is damaged");
    }
    return std::move(taken_);
  }

 private:
  Status TakeDocument(const JsonValue& report) {
    taken_.about = report;
    for (const auto& [name, record] : kLists) {
      if (!report[name].isArray()) return Wrong(part_, fmt::format("not a report over many documents: no {}[]", name));
      for (const JsonValue& json : report[name]) TFSEAL_TRY(Take(record, json));
      taken_.about.removeMember(name);
    }
    for (const JsonValue& json : report["waivers"]) {
      if (json.isObject()) taken_.waivers.push_back(ReadWaiverUse(json));
    }
    return {};
  }

  Status TakeLines() {
    std::string_view text = part_.text;
    for (std::size_t number = 1; !text.empty(); ++number) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      const auto json = ParseJson(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
      if (!json.ok() || !json->isObject()) return Wrong(part_, fmt::format("line {} is no JSON object", number));
      if (!taken_.about.isNull()) return Wrong(part_, fmt::format("line {} comes after the verdict", number));
      const std::string kind = TextOf(*json, "record");
      if (kind == "verdict") {
        taken_.about = *json;
      } else if (kind == "waiver") {
        taken_.waivers.push_back(ReadWaiverUse(*json));
      } else {
        const auto list = std::find_if(std::begin(kLists), std::end(kLists),
                                       [&](const auto& each) { return Name(each.second) == kind; });
        if (list == std::end(kLists)) return Wrong(part_, fmt::format("line {} is no record of a report", number));
        TFSEAL_TRY(Take(list->second, *json));
      }
    }
    return taken_.about.isNull() ? Wrong(part_, "its last line is no verdict, so it is cut short") : Status();
  }

  Status Take(Record record, const JsonValue& json) {
    if (!json.isObject()) return Wrong(part_, fmt::format("a {} is no object", Name(record)));
    if (record == Record::kObligation && json.isMember("verdict")) return TakeClosed(json);
    const std::string path = TextOf(json, record == Record::kDocument ? "path" : "document");
    if (path.empty()) return Wrong(part_, fmt::format("a {} does not say its document", Name(record)));
    JudgedDocument& judged = taken_.documents[path];
    if (!judged.path.empty()) return Wrong(part_, fmt::format("{} is there twice, or not in one piece", path));
    std::map<std::string, std::size_t, std::less<>> index;
    for (std::size_t i = 0; i < judged.assessment.documents.size(); ++i) {
      index[judged.assessment.documents[i].path] = i;
    }
    if (const Status read = ReadRecord(record, json, index, judged.assessment); !read.ok()) {
      return Wrong(part_, read.error().message);
    }
    taken_.lines[path] += LineFrom(record, json);
    if (record != Record::kDocument) return {};
    judged.path = path;
    judged.error = TextOf(json, "error");
    const std::string verdict = TextOf(json, "verdict");
    judged.assessment.tone = verdict == "allow" || verdict == "pass"       ? report::Tone::kGood
                             : verdict == "review" || verdict == "unknown" ? report::Tone::kLook
                                                                           : report::Tone::kBad;
    return {};
  }

  Status TakeClosed(const JsonValue& json) {
    ClosedObligation closed;
    closed.open.address = TextOf(json, "address");
    closed.open.control = TextOf(json, "control");
    closed.open.obligation.attribute = TextOf(json, "attribute");
    closed.open.obligation.resolved_to = TextOf(json, "resolved_to");
    closed.open.obligation.expectation = TextOf(json, "expectation");
    const std::string verdict = TextOf(json, "verdict");
    closed.verdict = verdict == "pass" ? Verdict::kPass : verdict == "fail" ? Verdict::kFail : Verdict::kUnknown;
    closed.message = TextOf(json, "message");
    taken_.closed.push_back(std::move(closed));
    return {};
  }

  const Part& part_;
  Taken taken_;
};

// What all parts must agree in.
std::string Common(const JsonValue& about) {
  JsonValue common(Json::objectValue);
  for (const char* name : {"command", "environment", "now", "tfseal_version"}) common[name] = about[name];
  common["policy"] = about["policy"]["sha256"];
  return WriteJsonLine(common);
}

Status CheckShards(const std::vector<Part>& parts, const std::vector<Taken>& taken) {
  std::set<int> seen;
  int count = 0;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const JsonValue& shard = taken[i].about["shard"];
    const int of = shard.isObject() && shard["count"].isInt() ? shard["count"].asInt() : 0;
    if (i > 0 && of != count) return Wrong(parts[i], fmt::format("not a shard of {} as {} is", count, parts[0].path));
    count = of;
    if (of > 0 && !(shard["index"].isInt() && seen.insert(shard["index"].asInt()).second)) {
      return Wrong(parts[i], "the same shard is there twice");
    }
  }
  for (int index = 1; index <= count; ++index) {
    if (seen.contains(index)) continue;
    return Error{ErrorCode::kInvalidInput,
                 fmt::format("shard {}/{} is missing: what is in it was not judged", index, count),
                 fmt::format("name its report too; it comes from --shard {}/{}", index, count)};
  }
  return {};
}

Run RunOf(const JsonValue& about) {
  Run run;
  run.command = TextOf(about, "command");
  run.version = TextOf(about, "tfseal_version");
  run.scope = TextOf(about, "environment");
  if (const auto now = ParseTime(TextOf(about, "now"))) {
    run.now = std::chrono::duration_cast<std::chrono::seconds>(now->time_since_epoch()).count();
  }
  const JsonValue& policy = about["policy"];
  run.policy_path = TextOf(policy, "path");
  run.policy_sha256 = TextOf(policy, "sha256");
  run.profile = TextOf(policy, "profile");
  run.waivers_refused = policy["waivers_refused"].isBool() && policy["waivers_refused"].asBool();
  if (policy["waiver_findings_max"].isInt()) run.waiver_findings_max = policy["waiver_findings_max"].asInt();
  for (const JsonValue& own : policy["controls"]) {
    if (!own.isObject()) continue;
    report::Rule& rule = run.own_rules.emplace_back();
    rule.id = TextOf(own, "id");
    rule.title = TextOf(own, "title");
    rule.why = TextOf(own, "why");
    rule.remedy = TextOf(own, "remedy");
    rule.basis = TextOf(own, "basis");
    rule.topic = TopicNamed(TextOf(own, "topic")).value_or(Topic::kCustom);
    rule.severity = SeverityFrom(TextOf(own, "severity"));
  }
  return run;
}

}  // namespace

Result<std::unique_ptr<FleetReport>> Merge(const std::vector<Part>& parts) {
  std::vector<Taken> taken;
  for (const Part& part : parts) {
    TFSEAL_ASSIGN(Taken one, Reader(part).Read());
    taken.push_back(std::move(one));
    if (Common(taken.back().about) != Common(taken.front().about)) {
      return Wrong(part, fmt::format("made by another command, version, policy, environment or --now than {}",
                                     parts.front().path));
    }
  }
  TFSEAL_TRY(CheckShards(parts, taken));
  std::map<std::string_view, std::size_t> from;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    for (const auto& [path, judged] : taken[i].documents) {
      if (!from.emplace(path, i).second) return Wrong(parts[i], fmt::format("{} is in another report, too", path));
    }
  }
  auto merged = std::make_unique<FleetReport>(RunOf(taken.front().about));
  for (const auto& [path, i] : from) {
    Kept kept = Keep(taken[i].documents.find(path)->second);
    kept.lines = taken[i].lines.find(path)->second;
    TFSEAL_TRY(merged->Add(kept));
  }
  for (const Taken& one : taken) {
    Kept rest;
    rest.waivers = one.waivers;
    rest.closed = one.closed;
    TFSEAL_TRY(merged->Add(rest));
  }
  TFSEAL_TRY(merged->Finish());
  return merged;
}

}  // namespace tfseal::fleet

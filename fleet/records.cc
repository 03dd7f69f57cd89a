#include "fleet/records.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/json_text.h"
#include "report/clean.h"
#include "report/fingerprint.h"
#include "report/words.h"

namespace tfseal::fleet {
namespace {

using report::Check;
using report::Standing;

// One object a line, keys in alphabetical order.
class Line {
 public:
  explicit Line(Record record) : record_(record) { json_.BeginObject(); }

  Line& Text(std::string_view key, std::string_view value) {
    json_.Key(key);
    json_.String(value);
    return *this;
  }
  Line& TextIf(std::string_view key, std::string_view value) { return value.empty() ? *this : Text(key, value); }
  Line& Number(std::string_view key, std::uint64_t value) {
    json_.Key(key);
    json_.Number(value);
    return *this;
  }
  Line& Flag(std::string_view key, bool value) {
    json_.Key(key);
    json_.Bool(value);
    return *this;
  }
  Line& Texts(std::string_view key, const std::vector<std::string>& values) {
    json_.Key(key);
    json_.Strings(values);
    return *this;
  }
  Line& Place(std::string_view key, const report::Place& place) {
    if (place.file.empty()) return *this;
    json_.Key(key);
    json_.BeginObject();
    Text("file", place.file).Number("line", static_cast<std::uint64_t>(place.line));
    json_.EndObject();
    return *this;
  }
  std::string Finish() {
    json_.EndObject();
    return static_cast<char>(record_) + json_.Finish();
  }

 private:
  Record record_;
  JsonText json_{JsonText::Layout::kOneLine};
};

void PlaceOf(const Check& check, Line& line) {
  if (check.place.file.empty()) return;
  line.Text("file", check.place.file);
}

std::string PassLine(const Check& check, std::string_view path) {
  Line line(Record::kPass);
  line.Text("address", check.address).Text("cause", check.cause).Text("control", check.rule).Text("document", path);
  line.Text("environment", check.environment);
  PlaceOf(check, line);
  line.Text("fingerprint", check.fingerprint).Place("inside", check.inside);
  if (!check.place.file.empty()) line.Number("line", static_cast<std::uint64_t>(check.place.line));
  line.Text("message", check.message).Text("type", check.type);
  return line.Finish();
}

std::string FindingLine(const Check& check, std::string_view path) {
  Line line(Record::kFinding);
  line.Text("address", check.address).Text("cause", check.cause).Text("change_class", check.change_class);
  line.Text("control", check.rule).Text("document", path).Text("environment", check.environment);
  line.Texts("evidence", check.evidence);
  PlaceOf(check, line);
  line.Text("fingerprint", check.fingerprint).Place("inside", check.inside);
  if (check.known) line.Flag("known", true);
  if (!check.place.file.empty()) line.Number("line", static_cast<std::uint64_t>(check.place.line));
  line.Text("message", check.message).TextIf("object", check.object).Text("remedy", check.remedy);
  line.Flag("required", check.required).Text("severity", tfseal::Name(check.severity));
  line.Text("topic", tfseal::Name(check.topic)).Text("type", check.type);
  line.Text("verdict", tfseal::Name(check.verdict)).Flag("waived", check.standing == Standing::kWaived);
  line.TextIf("waiver", check.waiver);
  return line.Finish();
}

std::string DocumentLine(const JudgedDocument& judged) {
  const report::Assessment& assessment = judged.assessment;
  const report::AssessedDocument none;
  const report::AssessedDocument& document = assessment.documents.empty() ? none : assessment.documents.front();
  Line line(Record::kDocument);
  line.TextIf("account", assessment.account).Texts("because", assessment.because);
  line.Number("controls_passed", document.passed).Number("creates", assessment.changes.create);
  line.Number("deletes", assessment.changes.destroy).TextIf("error", judged.error).TextIf("hint", judged.hint);
  line.Text("kind", document.kind).Texts("notes", assessment.notes).Text("path", judged.path);
  line.TextIf("region", assessment.region).Number("resources_judged", document.resources_judged);
  line.Number("resources_seen", document.resources_seen).Text("sha256", document.sha256);
  line.Text("terraform_version", document.terraform_version).Number("updates", assessment.changes.update);
  const std::string& verdict = assessment.verdict;
  line.Text("verdict", verdict == "compliant" ? "pass" : verdict == "not compliant" ? "fail" : verdict);
  return line.Finish();
}

std::uint64_t CountOf(const JsonValue& json, const char* name) {
  return json[name].isUInt64() ? json[name].asUInt64() : 0;
}

std::vector<std::string> TextsOf(const JsonValue& json, const char* name) {
  std::vector<std::string> texts;
  if (!json[name].isArray()) return texts;
  for (const JsonValue& text : json[name]) {
    if (text.isString()) texts.push_back(text.asString());
  }
  return texts;
}

report::Place PlaceFrom(const JsonValue& json) {
  if (!json.isObject()) return {};
  return {TextOf(json, "file"), static_cast<int>(std::min<std::uint64_t>(CountOf(json, "line"), INT32_MAX))};
}

// What is not one of the words is the worst that it can be.
Verdict VerdictFrom(std::string_view word) {
  return word == "pass" ? Verdict::kPass : word == "fail" ? Verdict::kFail : Verdict::kUnknown;
}

Standing StandingFrom(const Check& check, bool waived) {
  if (check.verdict == Verdict::kPass) return Standing::kPasses;
  if (waived) return Standing::kWaived;
  if (!check.required || check.known) return Standing::kAdvice;
  return check.verdict == Verdict::kFail ? Standing::kFails : Standing::kUndecided;
}

using Documents = std::map<std::string, std::size_t, std::less<>>;

std::size_t DocumentAt(const std::string& path, Documents& documents, report::Assessment& assessment) {
  const auto [at, is_new] = documents.try_emplace(path, assessment.documents.size());
  if (is_new) {
    assessment.documents.emplace_back();
    assessment.documents.back().path = path;
  }
  return at->second;
}

Check CheckFrom(Record record, const JsonValue& json) {
  Check check;
  check.rule = TextOf(json, "control");
  check.address = TextOf(json, "address");
  check.type = TextOf(json, "type");
  check.environment = TextOf(json, "environment");
  check.cause = TextOf(json, "cause");
  check.message = TextOf(json, "message");
  check.fingerprint = TextOf(json, "fingerprint");
  check.place = PlaceFrom(json);
  check.inside = PlaceFrom(json["inside"]);
  if (record == Record::kPass) {
    const report::Rule rule = report::RuleFor(check.rule);
    check.verdict = Verdict::kPass;
    check.standing = Standing::kPasses;
    check.severity = rule.severity;
    check.topic = rule.topic;
    return check;
  }
  check.change_class = TextOf(json, "change_class");
  check.evidence = TextsOf(json, "evidence");
  check.remedy = TextOf(json, "remedy");
  check.waiver = TextOf(json, "waiver");
  check.object = TextOf(json, "object");
  check.required = json["required"].isBool() && json["required"].asBool();
  check.known = json["known"].isBool() && json["known"].asBool();
  check.verdict = VerdictFrom(TextOf(json, "verdict"));
  check.severity = SeverityFrom(TextOf(json, "severity"));
  check.topic = TopicNamed(TextOf(json, "topic")).value_or(Topic::kDataLoss);
  check.standing = StandingFrom(check, json["waived"].isBool() && json["waived"].asBool());
  return check;
}

void ReadDocumentRecord(const JsonValue& json, Documents& documents, report::Assessment& assessment) {
  const std::size_t at = DocumentAt(TextOf(json, "path"), documents, assessment);
  report::AssessedDocument& document = assessment.documents[at];
  document.sha256 = TextOf(json, "sha256");
  document.kind = TextOf(json, "kind");
  document.terraform_version = TextOf(json, "terraform_version");
  document.resources_seen = CountOf(json, "resources_seen");
  document.resources_judged = CountOf(json, "resources_judged");
  document.passed = CountOf(json, "controls_passed");
  assessment.changes.create += CountOf(json, "creates");
  assessment.changes.update += CountOf(json, "updates");
  assessment.changes.destroy += CountOf(json, "deletes");
  for (const std::string& note : TextsOf(json, "notes")) {
    assessment.notes.push_back(fmt::format("{}: {}", document.path, note));
  }
  if (assessment.account.empty()) assessment.account = TextOf(json, "account");
  if (assessment.region.empty()) assessment.region = TextOf(json, "region");
}

report::DestroyedObject DestroyedFrom(const JsonValue& json) {
  report::DestroyedObject object;
  object.address = TextOf(json, "address");
  object.cls = TextOf(json, "class");
  object.reason = TextOf(json, "reason");
  object.remedy = TextOf(json, "remedy");
  object.deposed = json["deposed"].isBool() && json["deposed"].asBool();
  object.paths = TextsOf(json, "paths");
  object.protections = TextsOf(json, "protections");
  object.place = PlaceFrom(json);
  return object;
}

void ReadObligation(const JsonValue& json, report::Assessment& assessment) {
  if (!json.isMember("verdict")) {
    assessment.promises.push_back({TextOf(json, "control"), TextOf(json, "address"), TextOf(json, "expectation"),
                                   TextOf(json, "attribute"), TextOf(json, "resolved_to"), 0});
    return;
  }
  ClosedObligation closed;
  closed.open.address = TextOf(json, "address");
  closed.open.control = TextOf(json, "control");
  closed.open.obligation.attribute = TextOf(json, "attribute");
  closed.open.obligation.resolved_to = TextOf(json, "resolved_to");
  closed.open.obligation.expectation = TextOf(json, "expectation");
  closed.verdict = VerdictFrom(TextOf(json, "verdict"));
  closed.message = TextOf(json, "message");
  report::AddPromise(closed, assessment);
}

std::string Whole(Record record, const JsonValue& json) {
  JsonValue rest = json;
  rest.removeMember("record");
  return static_cast<char>(record) + WriteJsonLine(rest) + '\n';
}

}  // namespace

std::string_view Name(Record record) {
  switch (record) {
    case Record::kFinding:
      return "finding";
    case Record::kPass:
      return "pass";
    case Record::kDestroy:
      return "destroy";
    case Record::kObligation:
      return "obligation";
    case Record::kDocument:
      break;
  }
  return "document";
}

Severity SeverityFrom(std::string_view word) {
  for (const Severity severity :
       {Severity::kInfo, Severity::kLow, Severity::kMedium, Severity::kHigh, Severity::kCritical}) {
    if (tfseal::Name(severity) == word) return severity;
  }
  return Severity::kCritical;
}

std::string TextOf(const JsonValue& json, const char* name) {
  const JsonValue& value = json[name];
  return value.isString() ? value.asString() : std::string();
}

JudgedDocument NotJudged(std::string path, const Error& error, const report::Circumstances& circumstances,
                         std::string_view command) {
  JudgedDocument judged;
  judged.path = report::Clean(path);
  judged.error = report::Clean(error.message);
  judged.hint = report::Clean(error.hint);
  report::Assessment& assessment = judged.assessment;
  assessment.command = command;
  assessment.version = circumstances.version;
  assessment.now = circumstances.now;
  assessment.among_many = true;
  assessment.verdict = command == "gate" ? "unusable" : "unknown";
  assessment.because = {"it could not be judged: " + judged.error};
  assessment.documents.emplace_back();
  assessment.documents.front().path = judged.path;
  const report::Rule rule = report::RuleFor(report::kDocumentRule);
  Check check;
  check.rule = rule.id;
  check.required = true;
  check.severity = Severity::kCritical;
  check.topic = rule.topic;
  check.cause = "existing";
  check.address = judged.path;
  check.message = assessment.because.front();
  check.remedy = judged.hint.empty() ? rule.remedy : judged.hint;
  check.fingerprint = report::Fingerprint(check.rule, fmt::format("{}\n{}", judged.path, judged.path), 0);
  assessment.checks.push_back(std::move(check));
  return judged;
}

std::string LinesOf(const JudgedDocument& judged) {
  const std::string& path = judged.path;
  std::string lines;
  for (const Check& check : judged.assessment.checks) {
    lines += check.standing == Standing::kPasses ? PassLine(check, path) : FindingLine(check, path);
  }
  for (const report::DestroyedObject& object : judged.assessment.destroys) {
    Line line(Record::kDestroy);
    line.Text("address", object.address).Text("class", object.cls);
    if (object.deposed) line.Flag("deposed", true);
    line.Text("document", path).TextIf("file", object.place.file);
    if (!object.place.file.empty()) line.Number("line", static_cast<std::uint64_t>(object.place.line));
    line.Texts("paths", object.paths).Texts("protections", object.protections).Text("reason", object.reason);
    lines += line.Text("remedy", object.remedy).Finish();
  }
  for (const report::OpenPromise& promise : judged.assessment.promises) {
    Line line(Record::kObligation);
    line.Text("address", promise.address).Text("attribute", promise.attribute).Text("control", promise.rule);
    line.Text("document", path).Text("expectation", promise.expectation);
    lines += line.Text("resolved_to", promise.resolved_to).Finish();
  }
  return lines + DocumentLine(judged);
}

std::string LineOf(const ClosedObligation& closed) {
  Line line(Record::kObligation);
  line.Text("address", report::Clean(closed.open.address));
  line.Text("attribute", report::Clean(closed.open.obligation.attribute));
  line.Text("control", report::Clean(closed.open.control));
  line.Text("expectation", report::Clean(closed.open.obligation.expectation));
  line.Text("message", report::Clean(closed.message));
  line.Text("resolved_to", report::Clean(closed.open.obligation.resolved_to));
  return line.Text("verdict", tfseal::Name(closed.verdict)).Finish();
}

Status ReadRecord(Record record, const JsonValue& json, Documents& documents, report::Assessment& assessment) {
  const auto wrong = [&](const char* what) {
    return Error{ErrorCode::kInvalidInput, fmt::format("a {} has no {}", Name(record), what), ""};
  };
  if (!json.isObject()) return wrong("members");
  if (record == Record::kDocument) {
    if (TextOf(json, "path").empty()) return wrong("path");
    ReadDocumentRecord(json, documents, assessment);
    return {};
  }
  if (TextOf(json, "address").empty()) return wrong("address");
  if (record == Record::kDestroy) {
    assessment.destroys.push_back(DestroyedFrom(json));
    assessment.destroys.back().document = DocumentAt(TextOf(json, "document"), documents, assessment);
    return {};
  }
  if (TextOf(json, "control").empty()) return wrong("control");
  if (record == Record::kObligation) {
    const std::size_t open = assessment.promises.size();
    ReadObligation(json, assessment);
    if (assessment.promises.size() > open) {
      assessment.promises.back().document = DocumentAt(TextOf(json, "document"), documents, assessment);
    }
    return {};
  }
  if (TextOf(json, "fingerprint").empty()) return wrong("fingerprint");
  Check check = CheckFrom(record, json);
  check.document = DocumentAt(TextOf(json, "document"), documents, assessment);
  assessment.checks.push_back(std::move(check));
  return {};
}

Status ReadLine(std::string_view line, Documents& documents, report::Assessment& assessment) {
  TFSEAL_ASSIGN(const JsonValue json, ParseJson(line.substr(1)));
  return ReadRecord(static_cast<Record>(line.front()), json, documents, assessment);
}

std::string LineFrom(Record record, const JsonValue& json) {
  return Whole(record, json);
}

WaiverUse ReadWaiverUse(const JsonValue& json) {
  WaiverUse use;
  use.waiver.address = TextOf(json, "address");
  use.waiver.control = TextOf(json, "control");
  use.waiver.expires_text = TextOf(json, "expires");
  use.waiver.file = TextOf(json, "file");
  use.waiver.line = static_cast<int>(std::min<std::uint64_t>(CountOf(json, "line"), INT32_MAX));
  use.waiver.owner = TextOf(json, "owner");
  use.waiver.reason = TextOf(json, "reason");
  use.waiver.ticket = TextOf(json, "ticket");
  use.waiver.in_source = json["in_source"].isBool() && json["in_source"].asBool();
  use.findings = CountOf(json, "findings");
  use.problem = TextOf(json, "problem");
  const std::string state = TextOf(json, "state");
  for (const WaiverState each : {WaiverState::kExpired, WaiverState::kForbidden, WaiverState::kUnused,
                                 WaiverState::kTooBroad, WaiverState::kUsed}) {
    if (tfseal::Name(each) == state) use.state = each;
  }
  return use;
}

}  // namespace tfseal::fleet

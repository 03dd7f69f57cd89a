#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "policy/controls/declarations.h"
#include "policy/plaintext.h"
#include "terraform/json_text_reader.h"

// Secrets in clear in what is handed to other services as a whole: templates, documents, events, configurations.
namespace tfseal {
namespace {

using terraform::Member;
using terraform::Value;
using terraform::ValueKind;

// Valid until the next call.
Result<Value> ReadJsonDocument(std::string_view text) {
  static thread_local terraform::JsonTextReader reader;
  return reader.Read(text);
}

bool IsProse(std::string_view name) {
  constexpr std::string_view kProse[] = {"description", "Description", "ConstraintDescription", "Metadata", "title",
                                         "comment",     "Comment",     "AllowedPattern"};
  return std::find(std::begin(kProse), std::end(kProse), name) != std::end(kProse);
}

// {"name": "DB_PASSWORD", "value": "..."}, as containers, runs and events have it.
bool ScanPair(const Value& object, std::string_view where, PlaintextScan* scan) {
  for (const auto& [name, value] :
       {std::pair("name", "value"), {"Name", "Value"}, {"Key", "Value"}, {"key", "value"}}) {
    if (object.Get(name).text().empty() || object.Get(value).kind() != ValueKind::kString) continue;
    scan->Setting(where, object.Get(name).text(), object.Get(value));
    return true;
  }
  return false;
}

void ScanTree(const Value& value, std::string_view where, std::string_view name, PlaintextScan* scan) {
  if (value.kind() == ValueKind::kString) {
    scan->Setting(where, name, value);
    // A script or another document inside this one.
    if (value.text().find_first_of(" \n{=") != std::string_view::npos) scan->Text(where, value.text());
    return;
  }
  for (const Value& item : value.items()) ScanTree(item, where, name, scan);
  if (!value.is_map()) return;
  const bool pair = ScanPair(value, where, scan);
  for (const Member& member : value.members()) {
    if (IsProse(member.key) || (pair && member.value.kind() == ValueKind::kString)) continue;
    ScanTree(member.value, where, member.key, scan);
  }
}

// A document in JSON or YAML, a script, or any other text; one that is known only after apply could hold anything.
void ScanDocument(const Value& text, std::string_view where, PlaintextScan* scan) {
  if (text.unknown()) {
    scan->Text(where, text);
    return;
  }
  if (text.empty()) return;
  const Result<Value> document = ReadJsonDocument(text.text());
  if (document.ok()) {
    ScanTree(*document, where, "", scan);
  } else {
    scan->Text(where, text.text());
  }
}

// --- templates

struct TemplateParameter {
  std::string name;
  std::string initial;  // the Default
  bool no_echo = false;
};

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kAround = " \t\r\"'";
  const std::size_t first = text.find_first_not_of(kAround);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kAround) - first + 1);
}

// CloudFormation's YAML has tags of its own, so only what is looked for is read: the members of Parameters, each with
// its settings on lines of their own.
std::vector<TemplateParameter> ParametersOfYaml(std::string_view text) {
  std::vector<TemplateParameter> parameters;
  bool inside = false;
  std::size_t depth = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t indent = line.find_first_not_of(' ');
    const std::size_t colon = line.find(':');
    if (indent == std::string_view::npos || line[indent] == '#' || colon == std::string_view::npos) continue;
    const std::string_view key = Trimmed(line.substr(0, colon));
    const std::string_view value = Trimmed(line.substr(colon + 1));
    if (indent == 0) {
      inside = key == "Parameters";
      depth = 0;
    } else if (inside && (depth == 0 || indent <= depth)) {
      depth = indent;
      parameters.push_back({std::string(key), {}, false});
    } else if (inside && key == "NoEcho") {
      parameters.back().no_echo = value.starts_with("true");
    } else if (inside && key == "Default") {
      parameters.back().initial = value;
    }
  }
  return parameters;
}

std::vector<TemplateParameter> ParametersOf(std::string_view text) {
  const Result<Value> document = ReadJsonDocument(text);
  if (!document.ok()) return ParametersOfYaml(text);
  std::vector<TemplateParameter> parameters;
  for (const Member& member : document->Get("Parameters").members()) {
    const Value no_echo = member.value.Get("NoEcho");
    parameters.push_back({std::string(member.key), std::string(member.value.Get("Default").text()),
                          no_echo.AsBool() == true || no_echo.text() == "true"});
  }
  return parameters;
}

Judgement JudgeTemplate(const Subject& subject) {
  const Value body = subject.At("template_body");
  const bool is_readable = body.known() && !body.empty();
  const auto declared = is_readable ? ParametersOf(body.text()) : std::vector<TemplateParameter>();
  PlaintextScan in_template(subject, "template_body");
  for (const TemplateParameter& parameter : declared) in_template.Setting("", parameter.name, parameter.initial);
  if (is_readable || !subject.world.OriginOf(subject.instance, "template_body").LeftToProvider()) {
    ScanDocument(body, "template", &in_template);
  }
  Judgement judgement = in_template.Result();
  const Value parameters = subject.At("parameters");
  if (judgement.verdict == Verdict::kFail || parameters.unset()) return judgement;
  PlaintextScan scan(subject, "parameters");
  if (parameters.unknown()) {
    const bool written = !subject.world.OriginOf(subject.instance, "parameters").LeftToProvider();
    if (written) scan.Setting("", "parameters", parameters);
  }
  for (const Member& member : parameters.members()) {
    // AWS never answers with these; what is left of them in clear is Terraform's own state, as of any password.
    const bool hidden = std::any_of(declared.begin(), declared.end(), [&](const TemplateParameter& parameter) {
      return parameter.no_echo && parameter.name == member.key;
    });
    if (!hidden) scan.Setting("", member.key, member.value);
  }
  Judgement given = scan.Result();
  if (given.verdict == Verdict::kFail && !is_readable) {
    Judgement unknown = UnknownUntilApply("parameters");
    unknown.message =
        fmt::format("{} is in clear unless the template, which is not in this document, has NoEcho for it",
                    given.offenders.front());
    unknown.offenders = std::move(given.offenders);
    return unknown;
  }
  return given.verdict == Verdict::kPass ? judgement : given;
}

// --- what runs later

void ScanWords(const Value& words, std::string_view where, PlaintextScan* scan) {
  std::string line;
  for (const Value& word : words.items()) {
    if (!line.empty()) line += ' ';
    line += word.text();
  }
  scan->Text(where, line);
}

// Properties by their classification, one inside another.
void ScanClassifications(const Value& list, PlaintextScan* scan) {
  for (const Value& each : list.items()) {
    scan->Settings(each.Get("Classification").text(), each.Get("Properties"));
    ScanClassifications(each.Get("Configurations"), scan);
  }
}

Judgement JudgeEmr(const Subject& subject) {
  constexpr std::string_view kConfigurations = "configurations_json";
  Judgement worst = NotApplicable("there are no configurations, steps or bootstrap actions");
  const auto take = [&](const PlaintextScan& scan) {
    Judgement judgement = scan.Result();
    if (worst.verdict == Verdict::kNotApplicable || judgement.verdict == Verdict::kFail ||
        (judgement.verdict == Verdict::kUnknown && worst.verdict == Verdict::kPass)) {
      worst = std::move(judgement);
    }
    return worst.verdict == Verdict::kFail;
  };
  for (const std::string_view attribute : {kConfigurations, std::string_view("configurations")}) {
    const Value text = subject.At(attribute);
    if (text.unset() || (text.known() && text.empty())) continue;
    PlaintextScan scan(subject, attribute);
    const Result<Value> list = ReadJsonDocument(text.known() ? text.text() : std::string_view());
    if (list.ok()) {
      ScanClassifications(*list, &scan);
    } else {
      ScanDocument(text, attribute, &scan);
    }
    if (take(scan)) return worst;
  }
  PlaintextScan steps(subject, "step");
  for (const Value& step : subject.At("step").items()) {
    ScanWords(step.At("hadoop_jar_step[0].args"), step.Get("name").text(), &steps);
    const Value properties = step.At("hadoop_jar_step[0].properties");
    if (properties.known()) steps.Settings(step.Get("name").text(), properties);
  }
  if (!subject.At("step").items().empty() && take(steps)) return worst;
  PlaintextScan actions(subject, "bootstrap_action");
  for (const Value& action : subject.At("bootstrap_action").items()) {
    ScanWords(action.Get("args"), action.Get("name").text(), &actions);
  }
  if (!subject.At("bootstrap_action").items().empty()) take(actions);
  return worst;
}

// What EventBridge keeps in a secret of its own is no more in clear than a database's password; what the configuration
// calls not secret is answered by DescribeConnection.
Judgement JudgeConnection(const Subject& subject) {
  const Value given = subject.At("auth_parameters");
  if (given.unknown()) return UnknownUntilApply("auth_parameters");
  PlaintextScan scan(subject, "auth_parameters");
  bool any = false;
  for (const std::string_view parameters :
       {"auth_parameters[0].invocation_http_parameters[0]", "auth_parameters[0].oauth[0].oauth_http_parameters[0]"}) {
    for (const std::string_view part : {"body", "header", "query_string"}) {
      for (const Value& each : subject.At(parameters).Get(part).items()) {
        if (each.Get("is_value_secret").AsBool() == true) continue;
        any = true;
        scan.Setting(part, each.Get("key").text(), each.Get("value"));
      }
    }
  }
  return any ? scan.Result() : NotApplicable("it has no parameters that are not kept as secrets");
}

Judgement JudgeEventTarget(const Subject& subject) {
  PlaintextScan scan(subject, "input");
  ScanDocument(subject.At("input"), "input", &scan);
  Judgement judgement = scan.Result();
  if (judgement.verdict == Verdict::kFail) return judgement;
  PlaintextScan transformed(subject, "input_transformer");
  ScanDocument(subject.At("input_transformer[0].input_template"), "input_template", &transformed);
  Judgement second = transformed.Result();
  if (second.verdict == Verdict::kFail) return second;
  PlaintextScan sent(subject, "http_target");
  for (const std::string_view part : {"header_parameters", "query_string_parameters"}) {
    const Value map = subject.At("http_target[0]").Get(part);
    if (!map.unset() && !map.unknown()) sent.Settings(part, map);
  }
  Judgement third = sent.Result();
  if (third.verdict == Verdict::kFail) return third;
  for (Judgement* each : {&second, &third}) {
    if (judgement.verdict == Verdict::kPass) judgement = std::move(*each);
  }
  return judgement;
}

Judgement JudgeText(const Subject& subject, std::string_view path) {
  const Value text = subject.At(path);
  if (text.unset() || (text.known() && text.empty())) return NotApplicable("there is no text");
  const std::string_view top = path.substr(0, path.find('['));
  if (text.unknown() && subject.world.OriginOf(subject.instance, path).LeftToProvider()) {
    return NotApplicable("AWS fills it in");
  }
  PlaintextScan scan(subject, top);
  ScanDocument(text, top, &scan);
  return scan.Result();
}

constexpr std::string_view kDocumentTypes[] = {"aws_cloudformation_stack",
                                               "aws_cloudformation_stack_set",
                                               "aws_cloudwatch_event_connection",
                                               "aws_cloudwatch_event_target",
                                               "aws_emr_cluster",
                                               "aws_imagebuilder_component",
                                               "aws_scheduler_schedule",
                                               "aws_ssm_document"};
constexpr std::string_view kDocumentReads[] = {"auth_parameters",
                                               "bootstrap_action",
                                               "configurations",
                                               "configurations_json",
                                               "content",
                                               "data",
                                               "http_target",
                                               "input",
                                               "input_transformer",
                                               "parameters",
                                               "step",
                                               "target",
                                               "template_body",
                                               TFSEAL_SECRET_SOURCE_ATTRIBUTES};

Judgement JudgeDocument(const Subject& subject) {
  const std::string_view type = subject.instance.type;
  if (type.starts_with("aws_cloudformation_")) return JudgeTemplate(subject);
  if (type == "aws_cloudwatch_event_connection") return JudgeConnection(subject);
  if (type == "aws_cloudwatch_event_target") return JudgeEventTarget(subject);
  if (type == "aws_emr_cluster") return JudgeEmr(subject);
  if (type == "aws_imagebuilder_component") return JudgeText(subject, "data");
  if (type == "aws_scheduler_schedule") return JudgeText(subject, "target[0].input");
  return JudgeText(subject, "content");
}

}  // namespace

const Control kDocumentPlaintext{
    .id = "TFS-SETTINGS-002",
    .topic = Topic::kPlaintextSecret,
    .severity = Severity::kCritical,
    .title = "templates, documents, events and configurations hold no secrets in clear",
    .types = kDocumentTypes,
    .reads = kDocumentReads,
    .evaluate = JudgeDocument,
    .why =
        "Everybody who may describe the stack, the document, the rule or the cluster, or read Terraform's state, sees "
        "the value.",
    .remedy =
        "put the value into Secrets Manager and refer to it: {{resolve:secretsmanager:...}} in templates, NoEcho for "
        "parameters, is_value_secret for connections, a look-up at run time elsewhere. Then change the exposed value",
    .basis =
        "AWS CloudFormation: security best practices (dynamic references, NoEcho); AWS Systems Manager: documents are "
        "no place for secrets; organisation.",
};

}  // namespace tfseal

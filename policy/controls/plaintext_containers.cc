#include <fmt/format.h>

#include "core/json.h"
#include "policy/controls/declarations.h"
#include "policy/plaintext.h"

// Secrets in clear in what containers are started with.
namespace tfseal {
namespace {

using terraform::Value;

constexpr std::string_view kTaskTypes[] = {"aws_ecs_task_definition"};
constexpr std::string_view kTaskReads[] = {"container_definitions", TFSEAL_SECRET_SOURCE_ATTRIBUTES};

// The ECS API and the provider read member names without regard to the first letter's case.
const JsonValue& MemberOf(const JsonValue& object, std::string name) {
  if (!object.isObject()) return JsonValue::nullSingleton();
  const JsonValue& member = object[name];
  if (!member.isNull()) return member;
  name[0] = static_cast<char>(name[0] - 'a' + 'A');
  return object[name];
}

void ScanNamedValues(const JsonValue& list, const std::string& where, PlaintextScan* scan) {
  if (!list.isArray()) return;
  for (const JsonValue& entry : list) {
    const JsonValue& name = MemberOf(entry, "name");
    const JsonValue& value = MemberOf(entry, "value");
    if (name.isString() && value.isConvertibleTo(Json::stringValue))
      scan->Setting(where, name.asString(), value.asString());
  }
}

void ScanMap(const JsonValue& map, const std::string& where, PlaintextScan* scan) {
  if (!map.isObject()) return;
  for (const std::string& name : map.getMemberNames()) {
    if (map[name].isString()) scan->Setting(where, name, map[name].asString());
  }
}

// An argument list, joined so that ["--password", "x"] is seen as what it is.
void ScanCommand(const JsonValue& command, const std::string& where, PlaintextScan* scan) {
  std::string text;
  if (command.isString()) text = command.asString();
  if (command.isArray()) {
    for (const JsonValue& argument : command) {
      if (argument.isString()) text += argument.asString() + "\n";
    }
  }
  if (!text.empty()) scan->Text(where, text);
}

void ScanContainer(const JsonValue& container, PlaintextScan* scan) {
  const JsonValue& name = MemberOf(container, "name");
  const std::string where = name.isString() ? name.asString() : "container";
  ScanNamedValues(MemberOf(container, "environment"), where, scan);
  ScanMap(MemberOf(container, "dockerLabels"), where, scan);
  ScanMap(MemberOf(MemberOf(container, "logConfiguration"), "options"), where, scan);
  ScanMap(MemberOf(MemberOf(container, "firelensConfiguration"), "options"), where, scan);
  ScanCommand(MemberOf(container, "command"), where, scan);
  ScanCommand(MemberOf(container, "entryPoint"), where, scan);
  ScanCommand(MemberOf(MemberOf(container, "healthCheck"), "command"), where, scan);
}

Judgement NotReadable(std::string_view attribute) {
  Judgement judgement = UnknownUntilApply(attribute);
  judgement.message = fmt::format("{} is not JSON of the form that AWS documents", attribute);
  return judgement;
}

Judgement JudgeTaskDefinition(const Subject& subject) {
  constexpr std::string_view kDefinitions = "container_definitions";
  const Value text = subject.At(kDefinitions);
  if (text.unknown()) return UnknownUntilApply(kDefinitions);
  if (text.empty()) return NotApplicable("there are no container definitions");
  const Result<JsonValue> containers = ParseJson(text.text());
  if (!containers.ok() || !containers->isArray()) return NotReadable(kDefinitions);
  PlaintextScan scan(subject, kDefinitions);
  for (const JsonValue& container : *containers) ScanContainer(container, &scan);
  return scan.Result();
}

constexpr std::string_view kBatchTypes[] = {"aws_batch_job_definition"};
constexpr std::string_view kBatchReads[] = {"container_properties", "ecs_properties", "node_properties",
                                            TFSEAL_SECRET_SOURCE_ATTRIBUTES};

// Container properties stand in different depths of the three documents; "environment" and "command" mean the same in
// all of them.
void ScanBatch(const JsonValue& value, const std::string& where, PlaintextScan* scan) {
  if (value.isArray()) {
    for (const JsonValue& item : value) ScanBatch(item, where, scan);
    return;
  }
  if (!value.isObject()) return;
  const JsonValue& name = MemberOf(value, "name");
  const std::string here = name.isString() ? name.asString() : where;
  ScanNamedValues(MemberOf(value, "environment"), here, scan);
  ScanCommand(MemberOf(value, "command"), here, scan);
  ScanMap(MemberOf(MemberOf(value, "logConfiguration"), "options"), here, scan);
  for (const std::string& member : value.getMemberNames()) {
    if (member == "environment" || member == "Environment" || member == "secrets" || member == "Secrets") continue;
    ScanBatch(value[member], here, scan);
  }
}

Judgement JudgeBatchJob(const Subject& subject) {
  Judgement worst = NotApplicable("the job definition has no containers");
  for (const std::string_view attribute : {"container_properties", "ecs_properties", "node_properties"}) {
    const Value text = subject.At(attribute);
    if (text.unset() || (text.known() && text.empty())) continue;
    Judgement judgement = UnknownUntilApply(attribute);
    if (text.known()) {
      const Result<JsonValue> properties = ParseJson(text.text());
      PlaintextScan scan(subject, attribute);
      if (properties.ok()) ScanBatch(*properties, "container", &scan);
      judgement = properties.ok() ? scan.Result() : NotReadable(attribute);
    }
    if (judgement.verdict == Verdict::kFail) return judgement;
    if (worst.verdict != Verdict::kUnknown) worst = std::move(judgement);
  }
  return worst;
}

constexpr std::string_view kAppRunnerTypes[] = {"aws_apprunner_service"};
constexpr std::string_view kAppRunnerReads[] = {"source_configuration", TFSEAL_SECRET_SOURCE_ATTRIBUTES};

Judgement JudgeAppRunner(const Subject& subject) {
  if (subject.At("source_configuration").unknown()) return UnknownUntilApply("source_configuration");
  PlaintextScan scan(subject, "source_configuration");
  for (const Value& source : subject.At("source_configuration").items()) {
    scan.Settings("", source.At("image_repository[0].image_configuration[0].runtime_environment_variables"));
    const Value code = source.At("code_repository[0].code_configuration[0].code_configuration_values[0]");
    scan.Settings("", code.At("runtime_environment_variables"));
    scan.Text("start_command", code.At("start_command").text());
    scan.Text("build_command", code.At("build_command").text());
  }
  return scan.Result();
}

constexpr std::string_view kLightsailTypes[] = {"aws_lightsail_container_service_deployment_version"};
constexpr std::string_view kLightsailReads[] = {"container", TFSEAL_SECRET_SOURCE_ATTRIBUTES};

Judgement JudgeLightsailContainers(const Subject& subject) {
  if (subject.At("container").unknown()) return UnknownUntilApply("container");
  PlaintextScan scan(subject, "container");
  for (const Value& container : subject.At("container").items()) {
    scan.Settings(container.Get("container_name").text(), container.Get("environment"));
    for (const Value& argument : container.Get("command").items())
      scan.Text(container.Get("container_name").text(), argument.text());
  }
  return scan.Result();
}

constexpr std::string_view kContainerWhy =
    "Everybody who may describe the task or read Terraform's state sees the value; old revisions keep it after it is "
    "gone from "
    "the current one.";
constexpr std::string_view kContainerBasis =
    "AWS: pass sensitive data to an ECS container (valueFrom); vendor benchmark: AWS Security Hub ECS.8.";

}  // namespace

const Control kTaskDefinitionPlaintext{
    .id = "TFS-ECS-001",
    .topic = Topic::kPlaintextSecret,
    .severity = Severity::kCritical,
    .title = "ECS task definitions hold no secrets in clear",
    .types = kTaskTypes,
    .reads = kTaskReads,
    .evaluate = JudgeTaskDefinition,
    .why = kContainerWhy,
    .remedy =
        "put the value into Secrets Manager, let the execution role read it (secretsmanager:GetSecretValue, "
        "kms:Decrypt for a "
        "key of your own), register a revision with secrets/valueFrom instead of environment, deploy, verify, then "
        "change "
        "the exposed value and delete the old revisions",
    .basis = kContainerBasis,
};

const Control kBatchJobPlaintext{
    .id = "TFS-BATCH-001",
    .topic = Topic::kPlaintextSecret,
    .severity = Severity::kCritical,
    .title = "Batch job definitions hold no secrets in clear",
    .types = kBatchTypes,
    .reads = kBatchReads,
    .evaluate = JudgeBatchJob,
    .why = kContainerWhy,
    .remedy =
        "name the secret in containerProperties.secrets with valueFrom, then change the exposed value and deregister "
        "the old "
        "revisions",
    .basis = kContainerBasis,
};

const Control kAppRunnerPlaintext{
    .id = "TFS-APPRUNNER-001",
    .topic = Topic::kPlaintextSecret,
    .severity = Severity::kCritical,
    .title = "app Runner services hold no secrets in clear",
    .types = kAppRunnerTypes,
    .reads = kAppRunnerReads,
    .evaluate = JudgeAppRunner,
    .why = kContainerWhy,
    .remedy = "use runtime_environment_secrets with the ARN of the secret, then change the exposed value",
    .basis = kContainerBasis,
};

const Control kLightsailPlaintext{
    .id = "TFS-LIGHTSAIL-010",
    .topic = Topic::kPlaintextSecret,
    .severity = Severity::kHigh,
    .title = "Lightsail containers hold no secrets in clear",
    .types = kLightsailTypes,
    .reads = kLightsailReads,
    .evaluate = JudgeLightsailContainers,
    .why = kContainerWhy,
    .remedy = "let the application fetch the value from Secrets Manager, then change the exposed value",
    .basis = kContainerBasis,
};

}  // namespace tfseal

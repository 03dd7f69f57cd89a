#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "policy/controls/declarations.h"
#include "policy/plaintext.h"
#include "terraform/json_text_reader.h"

// Secrets in clear in what containers are started with.
namespace tfseal {
namespace {

using terraform::Member;
using terraform::Value;
using terraform::ValueKind;

constexpr std::string_view kTaskTypes[] = {"aws_ecs_task_definition"};
constexpr std::string_view kTaskReads[] = {"container_definitions", TFSEAL_SECRET_SOURCE_ATTRIBUTES};

bool SameIgnoringCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  // Most names differ in their length or in their first letter.
  if (a.size() != b.size() || (!a.empty() && lower(a.front()) != lower(b.front()))) return false;
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

// The provider decodes these documents as Go does: member names without regard to case.
Value MemberOf(const Value& object, std::string_view name) {
  for (const Member& member : object.members()) {
    if (!member.value.unset() && SameIgnoringCase(member.key, name)) return member.value;
  }
  return {};
}

// Amazon ECS API, ContainerDefinition. A name that is not one of them may be a damaged or misspelt "environment", and
// then what it holds was not looked at.
constexpr std::string_view kContainerKeys[] = {"name",
                                               "image",
                                               "repositoryCredentials",
                                               "cpu",
                                               "memory",
                                               "memoryReservation",
                                               "links",
                                               "portMappings",
                                               "essential",
                                               "restartPolicy",
                                               "entryPoint",
                                               "command",
                                               "environment",
                                               "environmentFiles",
                                               "mountPoints",
                                               "volumesFrom",
                                               "linuxParameters",
                                               "secrets",
                                               "dependsOn",
                                               "startTimeout",
                                               "stopTimeout",
                                               "versionConsistency",
                                               "hostname",
                                               "user",
                                               "workingDirectory",
                                               "disableNetworking",
                                               "privileged",
                                               "readonlyRootFilesystem",
                                               "dnsServers",
                                               "dnsSearchDomains",
                                               "extraHosts",
                                               "dockerSecurityOptions",
                                               "interactive",
                                               "pseudoTerminal",
                                               "dockerLabels",
                                               "ulimits",
                                               "logConfiguration",
                                               "healthCheck",
                                               "systemControls",
                                               "resourceRequirements",
                                               "firelensConfiguration",
                                               "credentialSpecs"};
constexpr std::string_view kSettingKeys[] = {"name", "value"};

bool HasOnly(const Value& object, std::span<const std::string_view> names) {
  const auto members = object.members();
  return object.is_map() && std::all_of(members.begin(), members.end(), [&](const Member& member) {
           return std::any_of(names.begin(), names.end(),
                              [&](std::string_view name) { return SameIgnoringCase(member.key, name); });
         });
}

bool IsUnderstood(const Value& container) {
  const Value environment = MemberOf(container, "environment");
  const auto settings = environment.items();
  return HasOnly(container, kContainerKeys) && (environment.unset() || environment.is_list()) &&
         std::all_of(settings.begin(), settings.end(),
                     [](const Value& setting) { return HasOnly(setting, kSettingKeys); });
}

// By name, so that what is named first does not depend on the order of the document.
std::vector<Member> SortedMembers(const Value& map) {
  std::vector<Member> sorted;
  for (const Member& member : map.members()) sorted.push_back(member);
  std::sort(sorted.begin(), sorted.end(), [](const Member& a, const Member& b) { return a.key < b.key; });
  return sorted;
}

void ScanNamedValues(const Value& list, const std::string& where, PlaintextScan* scan) {
  for (const Value& entry : list.items()) {
    const Value name = MemberOf(entry, "name");
    const Value value = MemberOf(entry, "value");
    if (name.kind() != ValueKind::kString || value.is_list() || value.is_map()) continue;
    const auto flag = value.kind() == ValueKind::kBool ? value.AsBool() : std::nullopt;
    scan->Setting(where, name.text(), flag.has_value() ? std::string_view(*flag ? "true" : "false") : value.text());
  }
}

void ScanMap(const Value& map, const std::string& where, PlaintextScan* scan) {
  for (const Member& member : SortedMembers(map)) {
    if (member.value.kind() == ValueKind::kString) scan->Setting(where, member.key, member.value.text());
  }
}

// An argument list, joined so that ["--password", "x"] is seen as what it is. An argument that nobody knows yet is
// called by the option before it.
void ScanCommand(const Value& command, const std::string& where, PlaintextScan* scan) {
  std::string text;
  if (command.kind() == ValueKind::kString) text = command.text();
  if (command.unknown()) scan->Setting(where, "command", command);
  std::string_view option = "command";
  for (const Value& argument : command.items()) {
    if (argument.unknown()) scan->Setting(where, option, argument);
    if (argument.kind() != ValueKind::kString) continue;
    text.append(argument.text()).append("\n");
    const std::string_view word = argument.text();
    option = word.starts_with('-') && word.find_first_not_of('-') != std::string_view::npos
                 ? word.substr(word.find_first_not_of('-'))
                 : "command";
  }
  if (!text.empty()) scan->Text(where, text);
}

void ScanContainer(const Value& container, PlaintextScan* scan) {
  const Value name = MemberOf(container, "name");
  const std::string where(name.kind() == ValueKind::kString ? name.text() : "container");
  ScanNamedValues(MemberOf(container, "environment"), where, scan);
  ScanMap(MemberOf(container, "dockerLabels"), where, scan);
  ScanMap(MemberOf(MemberOf(container, "logConfiguration"), "options"), where, scan);
  ScanMap(MemberOf(MemberOf(container, "firelensConfiguration"), "options"), where, scan);
  ScanCommand(MemberOf(container, "command"), where, scan);
  ScanCommand(MemberOf(container, "entryPoint"), where, scan);
  ScanCommand(MemberOf(MemberOf(container, "healthCheck"), "command"), where, scan);
}

// Valid until the next call.
Result<Value> ReadJsonText(std::string_view text) {
  static thread_local terraform::JsonTextReader reader;
  return reader.Read(text);
}

Judgement NotReadable(std::string_view attribute) {
  Judgement judgement = UnknownUntilApply(attribute);
  judgement.message = fmt::format("{} is not JSON of the form that AWS documents", attribute);
  return judgement;
}

Judgement JudgeTaskDefinition(const Subject& subject) {
  constexpr std::string_view kDefinitions = "container_definitions";
  const Value text = subject.At(kDefinitions);
  // The attribute is required, so a document without it has lost it.
  if (text.unknown() || text.absent()) return UnknownUntilApply(kDefinitions);
  if (text.empty()) return NotApplicable("there are no container definitions");
  const Result<Value> containers = ReadJsonText(text.text());
  if (!containers.ok() || !containers->is_list()) return NotReadable(kDefinitions);
  // What the provider makes of an empty text.
  if (containers->items().empty()) return NotApplicable("there are no container definitions");
  PlaintextScan scan(subject, kDefinitions);
  bool understood = true;
  for (const Value& container : containers->items()) {
    ScanContainer(container, &scan);
    understood = understood && IsUnderstood(container);
  }
  Judgement judgement = scan.Result();
  return judgement.verdict == Verdict::kFail || understood ? judgement : NotReadable(kDefinitions);
}

constexpr std::string_view kBatchTypes[] = {"aws_batch_job_definition"};
constexpr std::string_view kBatchReads[] = {"container_properties", "ecs_properties", "node_properties",
                                            "eks_properties", TFSEAL_SECRET_SOURCE_ATTRIBUTES};

// Container properties stand in different depths of the three documents; "environment" and "command" mean the same in
// all of them.
void ScanBatch(const Value& value, const std::string& where, PlaintextScan* scan) {
  for (const Value& item : value.items()) ScanBatch(item, where, scan);
  if (!value.is_map()) return;
  const Value name = MemberOf(value, "name");
  const std::string here = name.kind() == ValueKind::kString ? std::string(name.text()) : where;
  ScanNamedValues(MemberOf(value, "environment"), here, scan);
  ScanCommand(MemberOf(value, "command"), here, scan);
  ScanMap(MemberOf(MemberOf(value, "logConfiguration"), "options"), here, scan);
  for (const Member& member : SortedMembers(value)) {
    const std::string_view key = member.key;
    if (key == "environment" || key == "Environment" || key == "secrets" || key == "Secrets") continue;
    ScanBatch(member.value, here, scan);
  }
}

// Pods are written in blocks instead of JSON.
Judgement JudgeBatchPods(const Subject& subject) {
  constexpr std::string_view kPods = "eks_properties";
  PlaintextScan scan(subject, kPods);
  for (const std::string_view kind : {"containers", "init_containers"}) {
    for (const Value& container : subject.At("eks_properties[0].pod_properties[0]").Get(kind).items()) {
      const std::string_view name = container.Get("name").text();
      const std::string where(name.empty() ? "container" : name);
      for (const Value& setting : container.Get("env").items()) {
        scan.Setting(where, setting.Get("name").text(), setting.Get("value"));
      }
      for (const std::string_view list : {"command", "args"}) ScanCommand(container.Get(list), where, &scan);
    }
  }
  return scan.Result();
}

Judgement JudgeBatchJob(const Subject& subject) {
  Judgement worst = NotApplicable("the job definition has no containers");
  for (const std::string_view attribute : {"container_properties", "ecs_properties", "node_properties"}) {
    const Value text = subject.At(attribute);
    if (text.unset() || (text.known() && text.empty())) continue;
    Judgement judgement = UnknownUntilApply(attribute);
    if (text.known()) {
      const Result<Value> properties = ReadJsonText(text.text());
      PlaintextScan scan(subject, attribute);
      if (properties.ok()) ScanBatch(*properties, "container", &scan);
      judgement = properties.ok() ? scan.Result() : NotReadable(attribute);
    }
    if (judgement.verdict == Verdict::kFail) return judgement;
    if (worst.verdict != Verdict::kUnknown) worst = std::move(judgement);
  }
  const Value pods = subject.At("eks_properties");
  if (pods.unset() || (pods.known() && pods.empty())) return worst;
  Judgement judgement = pods.unknown() ? UnknownUntilApply("eks_properties") : JudgeBatchPods(subject);
  return judgement.verdict == Verdict::kFail || worst.verdict != Verdict::kUnknown ? judgement : worst;
}

constexpr std::string_view kAppRunnerTypes[] = {"aws_apprunner_service"};
constexpr std::string_view kAppRunnerReads[] = {"source_configuration", TFSEAL_SECRET_SOURCE_ATTRIBUTES};

Judgement JudgeAppRunner(const Subject& subject) {
  if (subject.At("source_configuration").unknown()) return UnknownUntilApply("source_configuration");
  PlaintextScan scan(subject, "source_configuration");
  for (const Value& source : subject.At("source_configuration").items()) {
    const Value image = source.At("image_repository[0].image_configuration[0]");
    scan.Settings("", image.Get("runtime_environment_variables"));
    scan.Text("start_command", image.Get("start_command"));
    const Value code = source.At("code_repository[0].code_configuration[0].code_configuration_values[0]");
    scan.Settings("", code.Get("runtime_environment_variables"));
    scan.Text("start_command", code.Get("start_command"));
    scan.Text("build_command", code.Get("build_command"));
  }
  return scan.Result();
}

constexpr std::string_view kLightsailTypes[] = {"aws_lightsail_container_service_deployment_version"};
constexpr std::string_view kLightsailReads[] = {"container", TFSEAL_SECRET_SOURCE_ATTRIBUTES};

Judgement JudgeLightsailContainers(const Subject& subject) {
  if (subject.At("container").unknown()) return UnknownUntilApply("container");
  PlaintextScan scan(subject, "container");
  for (const Value& container : subject.At("container").items()) {
    const std::string where(container.Get("container_name").text());
    scan.Settings(where, container.Get("environment"));
    ScanCommand(container.Get("command"), where, &scan);
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
    .title = "App Runner services hold no secrets in clear",
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

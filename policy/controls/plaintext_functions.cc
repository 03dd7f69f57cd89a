#include <fmt/format.h>

#include "policy/controls/declarations.h"
#include "policy/plaintext.h"

// Secrets in clear in the settings of functions, builds, jobs and platforms.
namespace tfseal {
namespace {

using terraform::Value;

// Attributes that hold known secrets (plaintext.h, SecretSources) are read beside the control's own.
constexpr std::string_view kFunctionTypes[] = {"aws_lambda_function"};
constexpr std::string_view kFunctionReads[] = {"environment", TFSEAL_SECRET_SOURCE_ATTRIBUTES};

Judgement JudgeFunction(const Subject& subject) {
  const Value environment = subject.At("environment");
  if (environment.unknown()) return UnknownUntilApply("environment");
  if (environment.empty()) return NotApplicable("the function has no environment");
  PlaintextScan scan(subject, "environment");
  scan.Settings("", subject.At("environment[0].variables"));
  Judgement judgement = scan.Result();
  return judgement;
}

constexpr std::string_view kBuildTypes[] = {"aws_codebuild_project"};
constexpr std::string_view kBuildReads[] = {"environment", "source", "secondary_sources",
                                            TFSEAL_SECRET_SOURCE_ATTRIBUTES};

Judgement JudgeBuild(const Subject& subject) {
  if (subject.At("environment").unknown()) return UnknownUntilApply("environment");
  const Value variables = subject.At("environment[0].environment_variable");
  if (variables.unknown()) return UnknownUntilApply("environment[0].environment_variable");
  PlaintextScan scan(subject, "environment");
  for (const Value& variable : variables.items()) {
    const std::string_view type = variable.Get("type").text();
    if (!type.empty() && type != "PLAINTEXT") continue;  // PARAMETER_STORE, SECRETS_MANAGER: a reference
    scan.Setting("", variable.Get("name").text(), variable.Get("value"));
  }
  for (const std::string_view sources : {"source", "secondary_sources"}) {
    for (const Value& source : subject.At(sources).items()) scan.Text("buildspec", source.Get("buildspec"));
  }
  return scan.Result();
}

struct SettingsMap {
  std::string_view type;
  std::string_view path;
};

// Maps of name to value.
constexpr SettingsMap kMaps[] = {
    {"aws_glue_job", "default_arguments"},
    {"aws_glue_job", "non_overridable_arguments"},
    {"aws_glue_connection", "connection_properties"},         // GetConnection answers the password
    {"aws_mskconnect_connector", "connector_configuration"},  // as DescribeConnector does that of a connector
    {"aws_api_gateway_stage", "variables"},
    {"aws_apigatewayv2_stage", "stage_variables"},
    {"aws_amplify_app", "environment_variables"},
    {"aws_amplify_branch", "environment_variables"},
    {"aws_mwaa_environment", "airflow_configuration_options"},
    {"aws_synthetics_canary", "run_config[0].environment_variables"},
    {"aws_sagemaker_model", "primary_container[0].environment"},
};
constexpr std::string_view kMapTypes[] = {"aws_glue_job",
                                          "aws_glue_connection",
                                          "aws_mskconnect_connector",
                                          "aws_api_gateway_stage",
                                          "aws_apigatewayv2_stage",
                                          "aws_amplify_app",
                                          "aws_amplify_branch",
                                          "aws_mwaa_environment",
                                          "aws_synthetics_canary",
                                          "aws_sagemaker_model",
                                          "aws_kinesisanalyticsv2_application"};
constexpr std::string_view kMapReads[] = {"default_arguments",
                                          "connection_properties",
                                          "connector_configuration",
                                          "variables",
                                          "stage_variables",
                                          "application_configuration",
                                          "non_overridable_arguments",
                                          "environment_variables",
                                          "airflow_configuration_options",
                                          "run_config",
                                          "primary_container",
                                          "container",
                                          TFSEAL_SECRET_SOURCE_ATTRIBUTES};

// A model of several containers has them instead of the primary one.
Judgement JudgeModelContainers(const Subject& subject) {
  const Value containers = subject.At("container");
  if (containers.unknown()) return UnknownUntilApply("container");
  PlaintextScan scan(subject, "container");
  bool settings = false;
  for (const Value& container : containers.items()) {
    const Value environment = container.Get("environment");
    settings = settings || !environment.unset();
    if (!environment.unset()) scan.Settings("", environment);
  }
  return settings ? scan.Result() : NotApplicable("there are no settings");
}

// Groups of properties, which the application reads when it starts.
Judgement JudgeApplicationProperties(const Subject& subject) {
  constexpr std::string_view kGroups = "application_configuration[0].environment_properties[0].property_group";
  const Value groups = subject.At(kGroups);
  if (groups.unknown()) return UnknownUntilApply("application_configuration");
  if (groups.items().empty()) return NotApplicable("there are no settings");
  PlaintextScan scan(subject, "application_configuration");
  for (const Value& group : groups.items()) {
    scan.Settings(group.Get("property_group_id").text(), group.Get("property_map"));
  }
  return scan.Result();
}

Judgement JudgeSettingsMaps(const Subject& subject) {
  if (subject.instance.type == "aws_kinesisanalyticsv2_application") return JudgeApplicationProperties(subject);
  Judgement worst = NotApplicable("there are no settings");
  for (const SettingsMap& map : kMaps) {
    if (map.type != subject.instance.type) continue;
    const Value settings = subject.At(map.path);
    if (settings.unset()) continue;
    PlaintextScan scan(subject, map.path);
    scan.Settings("", settings);
    Judgement judgement = scan.Result();
    if (judgement.verdict == Verdict::kFail) return judgement;
    if (worst.verdict != Verdict::kUnknown) worst = std::move(judgement);
  }
  if (subject.instance.type != "aws_sagemaker_model" || worst.verdict == Verdict::kUnknown) return worst;
  Judgement judgement = JudgeModelContainers(subject);
  return judgement.verdict == Verdict::kNotApplicable ? worst : judgement;
}

constexpr std::string_view kBeanstalkTypes[] = {"aws_elastic_beanstalk_environment",
                                                "aws_elastic_beanstalk_configuration_template"};
constexpr std::string_view kBeanstalkReads[] = {"setting", TFSEAL_SECRET_SOURCE_ATTRIBUTES};

Judgement JudgeBeanstalk(const Subject& subject) {
  const Value settings = subject.At("setting");
  if (settings.unknown()) return UnknownUntilApply("setting");
  PlaintextScan scan(subject, "setting");
  for (const Value& setting : settings.items()) {
    const std::string_view space = setting.Get("namespace").text();
    // The second has the password of the database that an environment makes for itself.
    if (space != "aws:elasticbeanstalk:application:environment" && space != "aws:rds:dbinstance") continue;
    scan.Setting("", setting.Get("name").text(), setting.Get("value"));
  }
  return scan.Result();
}

constexpr std::string_view kFunctionWhy =
    "Everybody who may describe the resource or read Terraform's state sees the value.";
constexpr std::string_view kFunctionBasis = "AWS Secrets Manager best practices; organisation.";

}  // namespace

const Control kFunctionPlaintext{
    .id = "TFS-LAMBDA-001",
    .topic = Topic::kPlaintextSecret,
    .severity = Severity::kCritical,
    .title = "Lambda functions hold no secrets in clear",
    .types = kFunctionTypes,
    .reads = kFunctionReads,
    .evaluate = JudgeFunction,
    .why = kFunctionWhy,
    .remedy =
        "put the value into Secrets Manager, give the function the secret's ARN and let it read the value (the AWS "
        "Parameters "
        "and Secrets extension caches it), then change the exposed value",
    .basis = kFunctionBasis,
};

const Control kBuildPlaintext{
    .id = "TFS-CODEBUILD-001",
    .topic = Topic::kPlaintextSecret,
    .severity = Severity::kCritical,
    .title = "CodeBuild projects hold no secrets in clear",
    .types = kBuildTypes,
    .reads = kBuildReads,
    .evaluate = JudgeBuild,
    .why = kFunctionWhy,
    .remedy = "use type = \"SECRETS_MANAGER\" or \"PARAMETER_STORE\" for the variable, then change the exposed value",
    .basis = "Vendor benchmark: AWS Security Hub CodeBuild.2.",
};

const Control kSettingsMapPlaintext{
    .id = "TFS-SETTINGS-001",
    .topic = Topic::kPlaintextSecret,
    .severity = Severity::kCritical,
    .title = "settings of jobs, models and platforms hold no secrets in clear",
    .types = kMapTypes,
    .reads = kMapReads,
    .evaluate = JudgeSettingsMaps,
    .why = kFunctionWhy,
    .remedy = "give the ARN of the secret instead, let the code fetch the value, then change the exposed value",
    .basis = kFunctionBasis,
};

const Control kBeanstalkPlaintext{
    .id = "TFS-BEANSTALK-001",
    .topic = Topic::kPlaintextSecret,
    .severity = Severity::kCritical,
    .title = "Elastic Beanstalk environments hold no secrets in clear",
    .types = kBeanstalkTypes,
    .reads = kBeanstalkReads,
    .evaluate = JudgeBeanstalk,
    .why = kFunctionWhy,
    .remedy =
        "use the namespace aws:elasticbeanstalk:application:environmentsecrets with the secret's ARN, then change the "
        "exposed "
        "value",
    .basis = kFunctionBasis,
};

}  // namespace tfseal

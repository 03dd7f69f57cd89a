#include "tests/policy/control_cases.h"

namespace tfseal {
namespace {
using enum Verdict;

constexpr std::string_view kTask = "aws_ecs_task_definition";
constexpr TestResource kStored{"aws_secretsmanager_secret_version.v",
                               R"({"secret_string": "CANARY of an odd form, not to be told by looking at it"})"};

}  // namespace

std::vector<ControlCase> PlaintextCases() {
  return {
      {"TFS-ECS-001", kTask,
       R"({"container_definitions": "[{\"name\": \"app\", \"environment\": [{\"name\": \"MODE\", \"value\": \"fast\"}], \"secrets\": [{\"name\": \"DB_PASSWORD\", \"valueFrom\": \"arn:aws:secretsmanager:eu-west-1:1:secret:x\"}]}]"})",
       kPass},
      {"TFS-ECS-001", kTask,
       R"({"container_definitions": "[{\"name\": \"app\", \"environment\": [{\"name\": \"DB_PASSWORD\", \"value\": \"CANARY-1\"}]}]"})",
       kFail},
      {"TFS-ECS-001", kTask,
       R"({"container_definitions": "[{\"Name\": \"app\", \"Environment\": [{\"Name\": \"DB_PASSWORD\", \"Value\": \"CANARY-1\"}]}]"})",
       kFail},
      {"TFS-ECS-001",
       kTask,
       R"({"container_definitions": "[{\"name\": \"app\", \"environment\": [{\"name\": \"COLOUR\", \"value\": \"CANARY of an odd form, not to be told by looking at it\"}]}]"})",
       kFail,
       {},
       {kStored}},
      {"TFS-ECS-001", kTask,
       R"({"container_definitions": "[{\"name\": \"app\", \"command\": [\"run\", \"--password\", \"CANARY-1\"]}]"})",
       kFail},
      {"TFS-ECS-001", kTask,
       R"({"container_definitions": "[{\"name\": \"app\", \"logConfiguration\": {\"options\": {\"splunk-token\": \"CANARY-1\"}}}]"})",
       kFail},
      {"TFS-ECS-001", kTask, R"({"container_definitions": "<unknown>"})", kUnknown},
      {"TFS-ECS-001", kTask, R"({"container_definitions": "{}"})", kUnknown},
      {"TFS-ECS-001", kTask, R"({"container_definitions": ""})", kNotApplicable},

      {"TFS-BATCH-001", "aws_batch_job_definition",
       R"({"container_properties": "{\"image\": \"x\", \"environment\": [{\"name\": \"DB_PASSWORD\", \"value\": \"CANARY-1\"}]}"})",
       kFail},
      {"TFS-BATCH-001", "aws_batch_job_definition",
       R"({"ecs_properties": "{\"taskProperties\": [{\"containers\": [{\"name\": \"a\", \"environment\": [{\"name\": \"API_TOKEN\", \"value\": \"CANARY-1\"}]}]}]}"})",
       kFail},
      {"TFS-BATCH-001", "aws_batch_job_definition",
       R"({"container_properties": "{\"image\": \"x\", \"secrets\": [{\"name\": \"DB_PASSWORD\", \"valueFrom\": \"arn:aws:x\"}]}"})",
       kPass},
      {"TFS-BATCH-001", "aws_batch_job_definition", R"({"container_properties": "<unknown>"})", kUnknown},
      {"TFS-BATCH-001", "aws_batch_job_definition", R"({"container_properties": null})", kNotApplicable},

      {"TFS-APPRUNNER-001", "aws_apprunner_service",
       R"({"source_configuration": [{"image_repository": [{"image_configuration": [{"runtime_environment_variables": {"DB_PASSWORD": "CANARY-1"}}]}]}]})",
       kFail},
      {"TFS-APPRUNNER-001", "aws_apprunner_service",
       R"({"source_configuration": [{"code_repository": [{"code_configuration": [{"code_configuration_values": [{"start_command": "run --token CANARY-1"}]}]}]}]})",
       kFail},
      {"TFS-APPRUNNER-001", "aws_apprunner_service",
       R"({"source_configuration": [{"image_repository": [{"image_configuration": [{"runtime_environment_variables": {"MODE": "fast"}}]}]}]})",
       kPass},
      {"TFS-APPRUNNER-001", "aws_apprunner_service", R"({"source_configuration": "<unknown>"})", kUnknown},

      {"TFS-LIGHTSAIL-001", "aws_lightsail_container_service_deployment_version",
       R"({"container": [{"container_name": "web", "environment": {"DB_PASSWORD": "CANARY-1"}}]})", kFail},
      {"TFS-LIGHTSAIL-001", "aws_lightsail_container_service_deployment_version",
       R"({"container": [{"container_name": "web", "environment": {"MODE": "fast"}}]})", kPass},
      {"TFS-LIGHTSAIL-001", "aws_lightsail_container_service_deployment_version", R"({"container": "<unknown>"})",
       kUnknown},
  };
}

}  // namespace tfseal

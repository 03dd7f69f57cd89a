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

      {"TFS-LIGHTSAIL-010", "aws_lightsail_container_service_deployment_version",
       R"({"container": [{"container_name": "web", "environment": {"DB_PASSWORD": "CANARY-1"}}]})", kFail},
      {"TFS-LIGHTSAIL-010", "aws_lightsail_container_service_deployment_version",
       R"({"container": [{"container_name": "web", "environment": {"MODE": "fast"}}]})", kPass},
      {"TFS-LIGHTSAIL-010", "aws_lightsail_container_service_deployment_version", R"({"container": "<unknown>"})",
       kUnknown},
      // A command is read as a whole: the option says what its argument is.
      {"TFS-LIGHTSAIL-010", "aws_lightsail_container_service_deployment_version",
       R"({"container": [{"container_name": "web", "command": ["serve", "--password", "CANARY-1"]}]})", kFail},
      {"TFS-LIGHTSAIL-010", "aws_lightsail_container_service_deployment_version",
       R"({"container": [{"container_name": "web", "command": ["serve", "--password", "<unknown>"]}]})", kUnknown},
      {"TFS-LIGHTSAIL-010", "aws_lightsail_container_service_deployment_version",
       R"({"container": [{"container_name": "web", "command": "<unknown>"}]})", kUnknown},
      {"TFS-LIGHTSAIL-010", "aws_lightsail_container_service_deployment_version",
       R"({"container": [{"container_name": "web", "command": ["serve", "--fast"]}]})", kPass},
      {"TFS-LAMBDA-001", "aws_lambda_function", R"({"environment": [{"variables": {"MODE": "fast"}}]})", kPass},
      {"TFS-LAMBDA-001", "aws_lambda_function", R"({"environment": [{"variables": {"DB_PASSWORD": "CANARY-1"}}]})",
       kFail},
      {"TFS-LAMBDA-001", "aws_lambda_function", R"({"environment": []})", kNotApplicable},
      {"TFS-LAMBDA-001", "aws_lambda_function", R"({"environment": [{"variables": {"QUEUE_URL": "<unknown>"}}]})",
       kPass, R"({"environment": ["aws_sqs_queue.q.url", "aws_sqs_queue.q"]})"},
      {"TFS-LAMBDA-001", "aws_lambda_function", R"({"environment": [{"variables": {"QUEUE_URL": "<unknown>"}}]})",
       kUnknown, R"({"environment": ["local.settings"]})"},
      {"TFS-LAMBDA-001", "aws_lambda_function", R"({"environment": [{"variables": {"X": "<unknown>"}}]})", kUnknown,
       R"({"environment": ["random_password.p.result", "random_password.p"]})"},
      {"TFS-LAMBDA-001", "aws_lambda_function", R"({"environment": [{"variables": "<unknown>"}]})", kUnknown},
      // The name of a secret is how the function finds it.
      {"TFS-LAMBDA-001",
       "aws_lambda_function",
       R"({"environment": [{"variables": {"DB_SECRET": "lumen-db-2025"}}]})",
       kPass,
       {},
       {{"aws_secretsmanager_secret.s", R"({"name": "lumen-db-2025"})"}}},

      {"TFS-CODEBUILD-001", "aws_codebuild_project",
       R"({"environment": [{"environment_variable": [{"name": "NPM_TOKEN", "value": "CANARY-1", "type": "PLAINTEXT"}]}]})",
       kFail},
      {"TFS-CODEBUILD-001", "aws_codebuild_project",
       R"({"environment": [{"environment_variable": [{"name": "NPM_TOKEN", "value": "npm/token", "type": "SECRETS_MANAGER"}]}]})",
       kPass},
      {"TFS-CODEBUILD-001", "aws_codebuild_project", R"({"environment": "<unknown>"})", kUnknown},

      {"TFS-SETTINGS-001", "aws_glue_job", R"({"default_arguments": {"--db-password": "CANARY-1"}})", kFail},
      {"TFS-SETTINGS-001", "aws_glue_job", R"({"default_arguments": {"--job-language": "python"}})", kPass},
      {"TFS-SETTINGS-001", "aws_glue_job", R"({"default_arguments": null})", kNotApplicable},
      {"TFS-SETTINGS-001", "aws_glue_job", R"({"default_arguments": "<unknown>"})", kUnknown},
      {"TFS-SETTINGS-001", "aws_sagemaker_model", R"({"container": [{"environment": {"HF_TOKEN": "CANARY-1"}}]})",
       kFail},
      {"TFS-SETTINGS-001", "aws_sagemaker_model", R"({"container": [{"environment": {"LOG_LEVEL": "info"}}]})", kPass},
      {"TFS-SETTINGS-001", "aws_sagemaker_model", R"({"container": [{"environment": null}]})", kNotApplicable},
      {"TFS-SETTINGS-001", "aws_sagemaker_model", R"({"container": [{"environment": "<unknown>"}]})", kUnknown},
      {"TFS-SETTINGS-001", "aws_sagemaker_model", R"({"container": "<unknown>"})", kUnknown},
      {"TFS-SETTINGS-001", "aws_synthetics_canary",
       R"({"run_config": [{"environment_variables": {"LOGIN_PASSWORD": "CANARY-1"}}]})", kFail},

      {"TFS-BEANSTALK-001", "aws_elastic_beanstalk_environment",
       R"({"setting": [{"namespace": "aws:elasticbeanstalk:application:environment", "name": "DB_PASSWORD", "value": "CANARY-1"}]})",
       kFail},
      {"TFS-BEANSTALK-001", "aws_elastic_beanstalk_environment",
       R"({"setting": [{"namespace": "aws:autoscaling:asg", "name": "MinSize", "value": "2"}]})", kPass},
      {"TFS-BEANSTALK-001", "aws_elastic_beanstalk_environment", R"({"setting": "<unknown>"})", kUnknown},

      {"TFS-EC2-004", "aws_instance", R"({"user_data": "#!/bin/bash\nexport DB_PASSWORD=CANARY-1\n"})", kFail},
      {"TFS-EC2-004", "aws_launch_template", R"({"user_data": "ZXhwb3J0IERCX1BBU1NXT1JEPUNBTkFSWS0xCg=="})", kFail},
      {"TFS-EC2-004", "aws_launch_template", R"({"user_data": "IyEvYmluL2Jhc2gKZG5mIGluc3RhbGwgLXkgbmdpbngK"})", kPass},
      {"TFS-EC2-004", "aws_instance", R"({"user_data": "9fceb02d0ae598e95dc970b74767f19372d61af8"})", kNotApplicable},
      {"TFS-EC2-004", "aws_instance", R"({"user_data": "<unknown>"})", kUnknown},
      {"TFS-EC2-004", "aws_instance", R"({"user_data": null})", kNotApplicable},
  };
}

}  // namespace tfseal

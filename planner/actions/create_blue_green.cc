#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCreateBlueGreenFields[] = {
    {"deployment", FieldType::kText, true, "name"},
    {"source_arn", FieldType::kText, true, "ARN of the database"},
    {"key", FieldType::kValue, true, "key as ARN"},
};

void DeriveCreateBlueGreen(Action& action) {
  JsonValue targets(Json::arrayValue);
  targets.append(Object({{"SourceArn", Field(action, "source_arn")}, {"TargetKmsKeyId", Field(action, "key")}}));
  action.summary = "create an encrypted green copy of " + action.target.identifier;
  action.calls.push_back(Change("rds", "CreateBlueGreenDeployment",
                                Object({{"BlueGreenDeploymentName", Field(action, "deployment")},
                                        {"Source", Field(action, "source_arn")},
                                        {"TargetResourceConfigurations", targets}})));
  JsonValue names(Json::arrayValue);
  names.append(Field(action, "deployment"));
  JsonValue filters(Json::arrayValue);
  filters.append(Object({{"Name", "blue-green-deployment-name"}, {"Values", names}}));
  action.poll = PollRule{.call = Read("rds", "DescribeBlueGreenDeployments", Object({{"Filters", filters}})),
                         .field = "BlueGreenDeployments[0].Status",
                         .success = {"AVAILABLE"},
                         .failure = {"INVALID_CONFIGURATION", "PROVISIONING_FAILED"},
                         .interval_seconds = 60,
                         .deadline_seconds = 48 * 60 * 60};
  action.preconditions.push_back(Check(
      "blue_green_takes_a_key",
      "engine and region accept TargetKmsKeyId; an API that does not know it fails here, before anything is changed"));
  action.postconditions.push_back(Check("encrypted_under_key", "the green database is encrypted under the key"));
  action.rollback.text = "delete the deployment; the blue database was not changed";
  action.risk = Risk::kLow;
  action.downtime.basis = "the blue database goes on serving";
}

}  // namespace

const ActionKind kCreateBlueGreen = {
    .name = "create_blue_green",
    .phase = "copy",
    .does = "creates an encrypted green copy that follows the database until the switchover",
    .fields = kCreateBlueGreenFields,
    .derive = DeriveCreateBlueGreen,
};

}  // namespace tfseal

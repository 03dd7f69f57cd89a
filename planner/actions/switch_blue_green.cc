#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kSwitchBlueGreenFields[] = {
    {"deployment", FieldType::kText, true, "name"},
    {"deployment_id", FieldType::kValue, true, "BlueGreenDeploymentIdentifier"},
    {"attributes", FieldType::kObject, true, "what the address has afterwards"},
    {"members", FieldType::kObject, false, "address of an instance -> what it has afterwards"},
};

void DeriveSwitchBlueGreen(Action& action) {
  action.summary = "switch " + action.target.identifier + " to the encrypted copy";
  action.calls.push_back(
      Change("rds", "SwitchoverBlueGreenDeployment",
             Object({{"BlueGreenDeploymentIdentifier", Field(action, "deployment_id")}, {"SwitchoverTimeout", 300}})));
  action.poll = PollRule{.call = Read("rds", "DescribeBlueGreenDeployments",
                                      Object({{"BlueGreenDeploymentIdentifier", Field(action, "deployment_id")}})),
                         .field = "BlueGreenDeployments[0].Status",
                         .success = {"SWITCHOVER_COMPLETED"},
                         .failure = {"SWITCHOVER_FAILED"},
                         .interval_seconds = 15,
                         .deadline_seconds = 60 * 60};
  action.rollback.possible = false;
  action.rollback.text =
      "within the timeout AWS rolls back by itself; afterwards writes exist that the blue database does not have";
  action.risk = Risk::kHigh;
  action.point_of_no_return = true;
  action.downtime.impact = Downtime::Impact::kReconnect;
  action.downtime.seconds = 300;
  action.downtime.basis = "at most the switchover timeout, else AWS rolls back";
  SetsAttributes(action, action.payload["attributes"]);
  const JsonValue& members = Field(action, "members");
  for (const std::string& address : members.getMemberNames()) {
    action.effects.push_back({Effect::What::kSet, address, "", members[address]});
  }
}

}  // namespace

const ActionKind kSwitchBlueGreen = {
    .name = "switch_blue_green",
    .phase = "cut_over",
    .does = "switches the names of blue and green",
    .fields = kSwitchBlueGreenFields,
    .derive = DeriveSwitchBlueGreen,
};

}  // namespace tfseal

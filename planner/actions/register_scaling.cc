#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kRegisterScalingFields[] = {
    {"resource_id", FieldType::kText, true, "cluster:..."},
    {"dimension", FieldType::kText, true, "scalable dimension"},
    {"min_capacity", FieldType::kNumber, false, "readers"},
    {"max_capacity", FieldType::kNumber, false, "readers"},
    {"policies", FieldType::kList, true, "scaling policies"},
};

void DeriveRegisterScaling(Action& action) {
  const JsonValue resource = Field(action, "resource_id");
  action.summary = "register auto scaling of " + resource.asString();
  action.calls.push_back(Change("application-autoscaling", "RegisterScalableTarget",
                                Object({{"ServiceNamespace", "rds"},
                                        {"ResourceId", resource},
                                        {"ScalableDimension", Field(action, "dimension")},
                                        {"MinCapacity", Field(action, "min_capacity")},
                                        {"MaxCapacity", Field(action, "max_capacity")}})));
  for (const JsonValue& policy : action.payload["policies"]) {
    action.calls.push_back(Change("application-autoscaling", "PutScalingPolicy",
                                  Object({{"ServiceNamespace", "rds"},
                                          {"ResourceId", resource},
                                          {"ScalableDimension", Field(action, "dimension")},
                                          {"PolicyName", policy["name"]},
                                          {"PolicyType", policy["type"]},
                                          {"TargetTrackingScalingPolicyConfiguration", policy["target_tracking"]}})));
  }
  action.rollback.text = "the target follows the name of the cluster";
}

}  // namespace

const ActionKind kRegisterScaling = {
    .name = "register_scaling",
    .phase = "cut_over",
    .does = "registers auto scaling of readers for the new cluster",
    .fields = kRegisterScalingFields,
    .derive = DeriveRegisterScaling,
};

}  // namespace tfseal

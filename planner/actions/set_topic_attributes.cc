#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kSetTopicAttributesFields[] = {
    {"settings", FieldType::kObject, true, "parameters of the call"},
    {"attributes", FieldType::kObject, true, "the same as Terraform names them"},
    {"previous", FieldType::kObject, false, "the values before, where they are known and not secret"},
    {"topic_arn", FieldType::kText, true, "ARN of the topic"},
};

void DeriveSetTopicAttributes(Action& action) {
  DeriveInPlace(action, "sns", "SetTopicAttributes", Object({{"TopicArn", Field(action, "topic_arn")}}));
  action.preconditions.push_back(
      Check("producers_admitted", "the key's policy admits every publisher of the topic, also AWS services"));
  action.postconditions.push_back(
      Check("only_under_old_key", "messages that are being delivered at this moment: a topic keeps none"));
}

}  // namespace

const ActionKind kSetTopicAttributes = {
    .name = "set_topic_attributes",
    .phase = "protect",
    .does = "sets the key of a topic",
    .fields = kSetTopicAttributesFields,
    .derive = DeriveSetTopicAttributes,
};

}  // namespace tfseal

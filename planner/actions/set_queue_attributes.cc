#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kSetQueueAttributesFields[] = {
    {"settings", FieldType::kObject, true, "parameters of the call"},
    {"attributes", FieldType::kObject, true, "the same as Terraform names them"},
    {"previous", FieldType::kObject, false, "the values before, where they are known and not secret"},
    {"queue_url", FieldType::kText, true, "URL of the queue"},
};

void DeriveSetQueueAttributes(Action& action) {
  DeriveInPlace(action, "sqs", "SetQueueAttributes", Object({{"QueueUrl", Field(action, "queue_url")}}));
  action.preconditions.push_back(Check(
      "producers_admitted", "the key's policy admits every producer and consumer of the queue, also AWS services"));
}

}  // namespace

const ActionKind kSetQueueAttributes = {
    .name = "set_queue_attributes",
    .phase = "protect",
    .does = "sets the key of a queue; messages already in it stay as they are",
    .fields = kSetQueueAttributesFields,
    .derive = DeriveSetQueueAttributes,
};

}  // namespace tfseal

#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kSetQueueAttributesFields[] = {
    {"settings", FieldType::kObject, true, "parameters of the call"},
    {"attributes", FieldType::kObject, true, "the same as Terraform names them"},
    {"previous", FieldType::kObject, false, "the values before, where they are known and not secret"},
    {"drain_seconds", FieldType::kNumber, false, "how long the queue keeps a message"},
    {"queue_url", FieldType::kText, true, "URL of the queue"},
};

void DeriveSetQueueAttributes(Action& action) {
  DeriveInPlace(action, "sqs", "SetQueueAttributes", Object({{"QueueUrl", Field(action, "queue_url")}}));
  action.preconditions.push_back(Check(
      "producers_admitted", "the key's policy admits every producer and consumer of the queue, also AWS services"));
  const JsonValue& drain = Field(action, "drain_seconds");
  action.postconditions.push_back(Check(
      "only_under_old_key",
      "messages that were queued before, until they are received or " +
          (drain.isNumeric() ? std::to_string(drain.asInt()) + " seconds have passed" : "the retention has passed") +
          ": the key that the queue had stays usable for so long"));
  action.rollback.text = "set the previous key again, or none: messages queued meanwhile need this key until then";
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

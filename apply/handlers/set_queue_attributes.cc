#include "apply/handlers/calls.h"
#include "apply/handlers/in_place.h"
#include "apply/handlers/keys.h"
#include "apply/handlers/list.h"
#include "apply/handlers/producers.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

Result<JsonValue> AttributesOf(const Action& action, RunContext& context) {
  JsonValue names(Json::arrayValue);
  names.append("All");
  TFSEAL_ASSIGN(
      const JsonValue answer,
      ReadWorld("sqs", "GetQueueAttributes",
                Object({{"QueueUrl", action.payload["queue_url"]}, {"AttributeNames", names}}), action, context));
  return answer["Attributes"];
}

Result<Probe> ProbeQueue(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue attributes, AttributesOf(action, context));
  return JudgeSettings(
      action, context,
      {{"Attributes.KmsMasterKeyId", attributes["KmsMasterKeyId"], "kms_master_key_id", /*names_key=*/true}});
}

Status SetQueueAttributes(const Action& action, RunContext& context) {
  TFSEAL_TRY(RequireUnchanged(action, context, ProbeQueue));
  TFSEAL_ASSIGN(const std::string key, WantedKey(action, "Attributes.KmsMasterKeyId", context));
  TFSEAL_ASSIGN(const JsonValue attributes, AttributesOf(action, context));
  if (!key.empty()) TFSEAL_TRY(RequireProducersAdmitted(key, TextAt(attributes, "Policy"), action, context));
  TFSEAL_TRY(SendCall(CallOf(action, "SetQueueAttributes"), action, context));
  return {};
}

}  // namespace

const Handler kSetQueueAttributesHandler = {
    .kind = "set_queue_attributes", .probe = ProbeQueue, .execute = SetQueueAttributes};

}  // namespace tfseal

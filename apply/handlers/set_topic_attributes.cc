#include "apply/handlers/calls.h"
#include "apply/handlers/in_place.h"
#include "apply/handlers/keys.h"
#include "apply/handlers/list.h"
#include "apply/handlers/producers.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

Result<JsonValue> AttributesOf(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(
      const JsonValue answer,
      ReadWorld("sns", "GetTopicAttributes", Object({{"TopicArn", action.payload["topic_arn"]}}), action, context));
  return answer["Attributes"];
}

Result<Probe> ProbeTopic(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue attributes, AttributesOf(action, context));
  return JudgeSettings(action, context,
                       {{"AttributeValue", attributes["KmsMasterKeyId"], "kms_master_key_id", /*names_key=*/true}});
}

Status SetTopicAttributes(const Action& action, RunContext& context) {
  TFSEAL_TRY(RequireUnchanged(action, context, ProbeTopic));
  TFSEAL_ASSIGN(const std::string key, WantedKey(action, "AttributeValue", context));
  TFSEAL_ASSIGN(const JsonValue attributes, AttributesOf(action, context));
  TFSEAL_TRY(RequireProducersAdmitted(key, TextAt(attributes, "Policy"), action, context));
  TFSEAL_TRY(SendCall(CallOf(action, "SetTopicAttributes"), action, context));
  return {};
}

}  // namespace

const Handler kSetTopicAttributesHandler = {
    .kind = "set_topic_attributes", .probe = ProbeTopic, .execute = SetTopicAttributes};

}  // namespace tfseal

#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCreateKeyFields[] = {
    {"purpose", FieldType::kText, true, "what the key protects"},
    {"token", FieldType::kText, true, "value of the tag tfseal:key, by which a repeated run finds the key"},
    {"policy", FieldType::kAny, false, "key policy beside the default one"},
};

void DeriveCreateKey(Action& action) {
  JsonValue tags(Json::arrayValue);
  tags.append(Object({{"TagKey", "tfseal:key"}, {"TagValue", Field(action, "token")}}));
  action.summary = "create a customer-managed key for " + TextField(action, "purpose");
  JsonValue parameters = Object({{"Description", Field(action, "purpose")},
                                 {"KeySpec", "SYMMETRIC_DEFAULT"},
                                 {"KeyUsage", "ENCRYPT_DECRYPT"},
                                 {"MultiRegion", false},
                                 {"Tags", tags}});
  if (!Field(action, "policy").isNull()) parameters["Policy"] = WriteJsonLine(Field(action, "policy"));
  action.calls.push_back(Change("kms", "CreateKey", parameters));
  action.preconditions.push_back(Check("no_key_with_token", "no key carries the tag yet; if one does, it is used"));
  action.rollback.text =
      "an unused key costs little and harms nobody; it is left for a person to schedule for deletion";
  action.rollback.possible = false;
  action.risk = Risk::kLow;
  action.downtime.basis = "nothing uses the key yet";
  // The simulation knows the key by an ARN that no real key can have.
  const std::string id = "00000000-0000-4000-8000-" + action.id.substr(0, 12);
  const std::string arn = "arn:aws:kms:" + action.target.region + ":" + action.target.account + ":key/" + id;
  action.effects.push_back({Effect::What::kAdd, action.target.address, "aws_kms_key",
                            Object({{"arn", Text(arn)},
                                    {"id", Text(id)},
                                    {"key_id", Text(id)},
                                    {"is_enabled", true},
                                    {"enable_key_rotation", false},
                                    {"customer_master_key_spec", "SYMMETRIC_DEFAULT"},
                                    {"key_usage", "ENCRYPT_DECRYPT"},
                                    {"deletion_window_in_days", 30},
                                    {"multi_region", false}})});
}

}  // namespace

const ActionKind kCreateKey = {
    .name = "create_key",
    .phase = "prepare",
    .does = "creates a customer-managed key",
    .fields = kCreateKeyFields,
    .derive = DeriveCreateKey,
};

}  // namespace tfseal

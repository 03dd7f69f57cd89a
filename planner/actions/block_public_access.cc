#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kBlockPublicAccessFields[] = {
    {"settings", FieldType::kObject, true, "parameters of the call"},
    {"attributes", FieldType::kObject, true, "the same as Terraform names them"},
    {"previous", FieldType::kObject, false, "the values before, where they are known and not secret"},
    {"bucket", FieldType::kText, true, "name of the bucket"},
    {"creates", FieldType::kText, false, "address of the configuration resource to add"},
};

void DeriveBlockPublicAccess(Action& action) {
  const JsonValue attributes = action.payload["attributes"];
  DeriveInPlace(action, "s3", "PutPublicAccessBlock", Object({{"Bucket", Field(action, "bucket")}}));
  action.summary = "block public access to " + TextField(action, "bucket");
  action.preconditions.push_back(Check("not_a_website", "nobody reads the bucket anonymously on purpose"));
  action.risk = Risk::kMedium;
  if (const std::string address = TextField(action, "creates"); !address.empty()) {
    action.effects.clear();
    action.effects.push_back({Effect::What::kAdd, address, "aws_s3_bucket_public_access_block", attributes});
  }
}

}  // namespace

const ActionKind kBlockPublicAccess = {
    .name = "block_public_access",
    .phase = "protect",
    .does = "blocks public access to a bucket",
    .fields = kBlockPublicAccessFields,
    .derive = DeriveBlockPublicAccess,
};

}  // namespace tfseal

#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kEnableBucketVersioningFields[] = {
    {"settings", FieldType::kObject, true, "parameters of the call"},
    {"attributes", FieldType::kObject, true, "the same as Terraform names them"},
    {"previous", FieldType::kObject, false, "the values before"},
    {"bucket", FieldType::kText, true, "name of the bucket"},
    {"creates", FieldType::kText, false, "address of the configuration resource to add"},
};

void DeriveEnableBucketVersioning(Action& action) {
  const JsonValue attributes = action.payload["attributes"];
  DeriveInPlace(action, "s3", "PutBucketVersioning", Object({{"Bucket", Field(action, "bucket")}}));
  action.summary = "keep old versions of the objects of " + TextField(action, "bucket");
  action.rollback.text = "versioning can be suspended, never removed; versions made meanwhile stay";
  if (const std::string address = TextField(action, "creates"); !address.empty()) {
    action.effects.clear();
    action.effects.push_back({Effect::What::kAdd, address, "aws_s3_bucket_versioning", attributes});
  }
}

}  // namespace

const ActionKind kEnableBucketVersioning = {
    .name = "enable_bucket_versioning",
    .phase = "protect",
    .does = "keeps old versions of objects",
    .fields = kEnableBucketVersioningFields,
    .derive = DeriveEnableBucketVersioning,
};

}  // namespace tfseal

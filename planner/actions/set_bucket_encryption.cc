#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kSetBucketEncryptionFields[] = {
    {"settings", FieldType::kObject, true, "parameters of the call"},
    {"attributes", FieldType::kObject, true, "the same as Terraform names them"},
    {"previous", FieldType::kObject, false, "the values before, where they are known and not secret"},
    {"bucket", FieldType::kText, true, "name of the bucket"},
    {"creates", FieldType::kText, false, "address of the configuration resource to add"},
};

void DeriveSetBucketEncryption(Action& action) {
  const JsonValue attributes = action.payload["attributes"];
  DeriveInPlace(action, "s3", "PutBucketEncryption", Object({{"Bucket", Field(action, "bucket")}}));
  action.summary = "encrypt new objects of " + TextField(action, "bucket") + " under the key";
  action.postconditions.push_back(
      Check("only_under_old_key",
            "every object and version that is there already, its replicas and backups: the setting is for new objects. "
            "A key that one of them has is kept until none has it any more"));
  action.rollback.text = "objects written meanwhile stay under the key; older objects were not touched";
  if (const std::string address = TextField(action, "creates"); !address.empty()) {
    action.effects.clear();
    action.effects.push_back(
        {Effect::What::kAdd, address, "aws_s3_bucket_server_side_encryption_configuration", attributes});
  }
}

}  // namespace

const ActionKind kSetBucketEncryption = {
    .name = "set_bucket_encryption",
    .phase = "protect",
    .does = "encrypts new objects of a bucket under a key",
    .fields = kSetBucketEncryptionFields,
    .derive = DeriveSetBucketEncryption,
};

}  // namespace tfseal

#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kSetSecretKeyFields[] = {
    {"settings", FieldType::kObject, true, "parameters of the call"},
    {"attributes", FieldType::kObject, true, "the same as Terraform names them"},
    {"previous", FieldType::kObject, false, "the values before, where they are known and not secret"},
    {"secret", FieldType::kText, true, "ARN of the secret"},
};

void DeriveSetSecretKey(Action& action) {
  DeriveInPlace(action, "secretsmanager", "UpdateSecret", Object({{"SecretId", Field(action, "secret")}}));
  action.preconditions.push_back(
      Check("old_key_readable", "the caller may decrypt with the old key and encrypt with the new one"));
  action.preconditions.push_back(Check("no_rotation_in_flight", "no version is labelled AWSPENDING beside AWSCURRENT"));
  action.preconditions.push_back(
      Check("readers_admitted", "every role that reads the secret may decrypt with the new key"));
  action.postconditions.push_back(Check(
      "only_under_old_key",
      "versions without the label AWSCURRENT, AWSPENDING or AWSPREVIOUS: AWS re-encrypts only these three, so the "
      "old key is kept until no other version is needed"));
  action.rollback.text = "the old key stays, versions without a label still need it";
  action.risk = Risk::kMedium;
}

}  // namespace

const ActionKind kSetSecretKey = {
    .name = "set_secret_key",
    .phase = "protect",
    .does = "re-encrypts a secret under a key",
    .fields = kSetSecretKeyFields,
    .derive = DeriveSetSecretKey,
};

}  // namespace tfseal

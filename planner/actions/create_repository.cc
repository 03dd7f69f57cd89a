#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCreateRepositoryFields[] = {
    {"repository", FieldType::kText, true, "repository that is kept"},
    {"new_repository", FieldType::kText, true, "name of the new one"},
    {"key", FieldType::kValue, true, "key as ARN"},
    {"mutability", FieldType::kText, true, "whether tags can be moved"},
    {"scan_on_push", FieldType::kBool, true, "whether images are scanned when they are pushed"},
    {"tags", FieldType::kList, false, "tags"},
    {"attributes", FieldType::kObject, true, "what the address has then"},
};

void DeriveCreateRepository(Action& action) {
  const JsonValue name = Field(action, "new_repository");
  const JsonValue as_before = Object({{"as_before_except", Object({{"of", Field(action, "repository")}})}});
  JsonValue names(Json::arrayValue);
  names.append(name);
  action.summary = "make the repository " + name.asString() + " under the key";
  action.calls.push_back(
      Change("ecr", "CreateRepository",
             Object({{"repositoryName", name},
                     {"imageTagMutability", Field(action, "mutability")},
                     {"imageScanningConfiguration", Object({{"scanOnPush", Field(action, "scan_on_push")}})},
                     {"encryptionConfiguration", Object({{"encryptionType", "KMS"}, {"kmsKey", Field(action, "key")}})},
                     {"tags", Field(action, "tags")}})));
  action.calls.push_back(
      Change("ecr", "SetRepositoryPolicy", Object({{"repositoryName", name}, {"policyText", as_before}})));
  action.calls.push_back(
      Change("ecr", "PutLifecyclePolicy", Object({{"repositoryName", name}, {"lifecyclePolicyText", as_before}})));
  action.poll = PollRule{.call = Read("ecr", "DescribeRepositories", Object({{"repositoryNames", names}})),
                         .field = "repositories[0].repositoryName",
                         .success = {name.asString()},
                         .failure = {},
                         .interval_seconds = 15,
                         .deadline_seconds = 60 * 60};
  action.preconditions.push_back(Check("identifier_free", "no repository has the name"));
  action.postconditions.push_back(
      Check("encrypted_under_key", "encryptionType is KMS and kmsKey is the ARN of the key"));
  action.postconditions.push_back(Check("same", "repository policy and lifecycle policy are those of the old one"));
  action.postconditions.push_back(
      Check("only_under_old_key", "the images in the old repository, which is kept: until somebody deletes it"));
  action.rollback.text = "the new repository is left for a person to delete";
  action.risk = Risk::kLow;
  action.downtime.basis = "nothing uses the repository yet";
  SetsAttributes(action, Field(action, "attributes"));
}

}  // namespace

const ActionKind kCreateRepository = {
    .name = "create_repository",
    .phase = "build",
    .does = "makes an image repository under a key, with the policies of the old one",
    .fields = kCreateRepositoryFields,
    .derive = DeriveCreateRepository,
};

}  // namespace tfseal

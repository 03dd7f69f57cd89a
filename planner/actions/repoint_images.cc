#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kRepointImagesFields[] = {
    {"repository", FieldType::kText, true, "repository that is kept"},
    {"new_repository", FieldType::kText, true, "repository under the key"},
    {"registry", FieldType::kText, true, "host name of the registry"},
    {"users", FieldType::kTexts, true, "what names the old repository, as far as the documents say"},
};

void DeriveRepointImages(Action& action) {
  const JsonValue from = Field(action, "repository");
  const JsonValue to = Field(action, "new_repository");
  action.summary = "pull from " + to.asString() + ", and push to it";
  action.calls.push_back(Read("ecr", "DescribeImages", Object({{"repositoryName", from}})));
  action.calls.push_back(Read("ecr", "DescribeImages", Object({{"repositoryName", to}})));
  action.preconditions.push_back(Check(
      "by_hand", "a person changes the name in pipelines, task definitions, functions and manifests, and deploys"));
  for (const JsonValue& user : action.payload["users"]) {
    action.preconditions.push_back(Check("by_hand", "change the image of " + user.asString()));
  }
  action.postconditions.push_back(
      Check("same", "nothing was pushed to the old repository that is not in the new one, too"));
  action.rollback.text = "name the old repository again; it is complete but for what was pushed since";
  action.risk = Risk::kLow;
  action.downtime.basis = "a deployment as any other";
}

}  // namespace

const ActionKind kRepointImages = {
    .name = "repoint_images",
    .phase = "cut_over",
    .does = "waits until a person has pointed everything at the new repository",
    .fields = kRepointImagesFields,
    .derive = DeriveRepointImages,
};

}  // namespace tfseal

#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCopyImagesFields[] = {
    {"repository", FieldType::kText, true, "repository that is kept"},
    {"new_repository", FieldType::kText, true, "repository under the key"},
    {"registry", FieldType::kText, true, "host name of the registry"},
};

void DeriveCopyImages(Action& action) {
  const JsonValue from = Field(action, "repository");
  const JsonValue to = Field(action, "new_repository");
  action.summary = "copy the images of " + from.asString() + " to " + to.asString() + ", by digest";
  action.calls.push_back(Read("ecr", "DescribeImages", Object({{"repositoryName", from}})));
  action.calls.push_back(Read("ecr", "DescribeImages", Object({{"repositoryName", to}})));
  action.preconditions.push_back(
      Check("by_hand", "a person or a job copies them: layers are gigabytes that pass through whoever copies them"));
  action.postconditions.push_back(
      Check("same", "every digest of the old repository, with its tags, is in the new one"));
  action.rollback.text = "the copies are kept";
  action.risk = Risk::kLow;
  action.downtime.basis = "the old repository goes on serving";
}

}  // namespace

const ActionKind kCopyImages = {
    .name = "copy_images",
    .phase = "build",
    .does = "waits until every image is in the new repository, with its digest and its tags",
    .fields = kCopyImagesFields,
    .derive = DeriveCopyImages,
};

}  // namespace tfseal

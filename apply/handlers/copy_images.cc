#include <fmt/format.h>

#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/images.h"
#include "apply/handlers/list.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const auto missing, MissingImages(action, context));
  const std::string from = TextOf(action.payload, "repository");
  const std::string to = TextOf(action.payload, "new_repository");
  if (missing.empty()) {
    JsonValue evidence(Json::objectValue);
    evidence["repository"] = to;
    return Done("every image of " + from + " is in " + to + ", with its digest and tags", evidence, evidence);
  }
  const std::string registry = TextOf(action.payload, "registry");
  return Waiting(
      fmt::format("{} images of {} are not in {} yet, {} first", missing.size(), from, to, *missing.begin()),
      fmt::format("crane copy --all-tags {0}/{1} {0}/{2} (and crane copy {0}/{1}@DIGEST {0}/{2} for images without a "
                  "tag); then tfseal resume",
                  registry, from, to));
}

}  // namespace

const Handler kCopyImagesHandler = {.kind = "copy_images", .probe = Look};

}  // namespace tfseal

#include <fmt/format.h>

#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/images.h"
#include "apply/handlers/list.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string from = TextOf(action.payload, "repository");
  const std::string to = TextOf(action.payload, "new_repository");
  const auto by = context.settings.approvals.find(action.id);
  if (by == context.settings.approvals.end()) {
    std::string users;
    for (const JsonValue& user : action.payload["users"]) users += (users.empty() ? "" : ", ") + user.asString();
    return Waiting(
        fmt::format("a person does this: name {0}/{2} instead of {0}/{1} in pipelines and wherever images are "
                    "named, and deploy{3}{4}",
                    TextOf(action.payload, "registry"), from, to, users.empty() ? "" : "; the documents name ", users),
        ApproveCommand(action) + " once it is done");
  }
  TFSEAL_ASSIGN(const auto missing, MissingImages(action, context));
  if (!missing.empty()) {
    return Waiting(fmt::format("{} images were pushed to {} meanwhile that are not in {}", missing.size(), from, to),
                   "copy them, too, and find out who still pushes there; then tfseal resume");
  }
  JsonValue evidence(Json::objectValue);
  evidence["approved_by"] = by->second;
  return Done("everything uses " + to + ", as " + by->second + " says, and nothing new is in " + from,
              JsonValue(Json::objectValue), evidence);
}

}  // namespace

const Handler kRepointImagesHandler = {.kind = "repoint_images", .probe = Look};

}  // namespace tfseal

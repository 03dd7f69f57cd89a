#include <algorithm>

#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"
#include "apply/handlers/revisions_in_use.h"
#include "apply/handlers/task_definition.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

constexpr std::size_t kDeletedAtOnce = 10;

bool Shows(const JsonValue& definition, const JsonValue& exposed) {
  for (const std::string& container : exposed.getMemberNames()) {
    for (const JsonValue& variable : exposed[container]) {
      if (ShowsVariable(definition, container, variable.asString())) return true;
    }
  }
  return false;
}

struct Standing {
  std::string keep;
  std::vector<std::string> active;    // that show a value, oldest first
  std::vector<std::string> inactive;  // the same
  std::size_t deleting = 0;
  std::string used;  // "family:3 by service a/b"; empty if nobody uses one
};

Result<Standing> Look(const Action& action, RunContext& context) {
  Standing standing;
  const std::string family = TextAt(action.payload, "family");
  TFSEAL_ASSIGN(standing.keep, ResolvedText(action, "keep", context));
  TFSEAL_ASSIGN(const std::vector<Revision> revisions, ReadRevisions(family, action, context));
  TFSEAL_ASSIGN(const RevisionsInUse in_use, RevisionsInUse::Look(action, context));
  bool newest = true;
  for (const Revision& revision : revisions) {
    const bool is_newest = revision.active && newest;
    newest = newest && !revision.active;
    if (revision.arn == standing.keep || !Shows(revision.definition, action.payload["exposed"])) continue;
    (revision.active ? standing.active : standing.inactive).push_back(revision.arn);
    const auto users = in_use.UsersOf(revision.arn, is_newest);
    if (!users.empty()) standing.used = RevisionName(revision.arn) + " by " + users.front();
  }
  std::reverse(standing.active.begin(), standing.active.end());
  std::reverse(standing.inactive.begin(), standing.inactive.end());
  TFSEAL_ASSIGN(const std::vector<std::string> deleting, ListRevisions(family, "DELETE_IN_PROGRESS", action, context));
  TFSEAL_ASSIGN(const std::vector<Revision> going, ReadRevisions(deleting, action, context));
  for (const Revision& revision : going) {
    standing.deleting += Shows(revision.definition, action.payload["exposed"]) ? 1U : 0U;
  }
  return standing;
}

Result<Probe> ProbeRevisionsGone(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Standing standing, Look(action, context));
  const std::string family = TextAt(action.payload, "family");
  if (!standing.used.empty()) {
    return Conflict("a revision that shows the value is in use: " + standing.used,
                    "deploy " + RevisionName(standing.keep) + " there first");
  }
  if (!standing.active.empty()) {
    return NotDone(std::to_string(standing.active.size()) + " ACTIVE revisions of " + family + " show the value");
  }
  if (!standing.inactive.empty()) {
    return NotDone(std::to_string(standing.inactive.size()) + " INACTIVE revisions of " + family + " show the value");
  }
  if (standing.deleting > 0) {
    return Underway("AWS deletes " + std::to_string(standing.deleting) + " revisions of " + family);
  }
  return Done("no revision of " + family + " shows the value any more", JsonValue(Json::objectValue),
              Object({{"family", Text(family)}, {"kept", Text(standing.keep)}}));
}

Status RemoveRevisions(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Standing standing, Look(action, context));
  if (!standing.used.empty()) return InTheWay("a revision that shows the value is in use: " + standing.used, "");
  if (!standing.active.empty()) {
    TFSEAL_TRY(SendCall(CallOf(action, "DeregisterTaskDefinition"),
                        Object({{"taskDefinition", Text(standing.active.front())}}), action, context));
    return {};
  }
  std::vector<std::string> some(
      standing.inactive.begin(),
      standing.inactive.begin() + static_cast<std::ptrdiff_t>(std::min(standing.inactive.size(), kDeletedAtOnce)));
  if (some.empty()) return {};
  TFSEAL_ASSIGN(const JsonValue answer, SendCall(CallOf(action, "DeleteTaskDefinitions"),
                                                 Object({{"taskDefinitions", Texts(some)}}), action, context));
  if (!answer["failures"].empty()) {
    return InTheWay("ECS does not delete " + RevisionName(TextAt(answer["failures"][0], "arn")) + ": " +
                        TextAt(answer["failures"][0], "reason"),
                    "look at it with aws ecs describe-task-definition");
  }
  return {};
}

}  // namespace

const Handler kDeregisterTaskDefinitionsHandler = {
    .kind = "deregister_task_definitions", .probe = ProbeRevisionsGone, .execute = RemoveRevisions};

}  // namespace tfseal

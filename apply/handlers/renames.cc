#include "apply/handlers/renames.h"

#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"

namespace tfseal {
namespace {

// AWS makes the host of the main endpoint from the identifier. One that still has the old name is on its way. An
// endpoint that does not follow the scheme (an emulator's) says nothing.
bool EndpointFollows(const JsonValue& described, const std::string& from) {
  const JsonValue& endpoint = described["Endpoint"];
  const std::string host = endpoint.isString() ? endpoint.asString() : TextOf(endpoint, "Address");
  return !host.starts_with(from + ".");
}

// Where a rename of the database with the payload's resource id stands, from `from` to `to`.
Result<Probe> LookBetween(const Action& action, RunContext& context, bool cluster, const std::string& from,
                          const std::string& to) {
  const DatabaseName before{TextOf(action.payload, "service"), cluster, from};
  const DatabaseName after{before.service, cluster, to};
  if (!action.payload.isMember("resource")) {
    return Error{ErrorCode::kInvalidInput, "the plan does not say which database is renamed to " + to,
                 "write the plan again with tfseal plan"};
  }
  TFSEAL_ASSIGN(const std::string resource, ResolvedText(action, "resource", context));
  TFSEAL_ASSIGN(const auto at_new_name, FindDatabase(after, action, context));
  if (at_new_name && ResourceOf(*at_new_name) == resource) {
    if (const auto waiting = NotAvailable(after, *at_new_name)) return *waiting;
    if (!EndpointFollows(*at_new_name, from)) return Underway(after.Text() + " still has its old endpoint");
    JsonValue output(Json::objectValue);
    output[cluster ? "DBCluster" : "DBInstance"] = Essentials(*at_new_name);
    return Done(resource + " is called " + to, output, Essentials(*at_new_name));
  }
  TFSEAL_ASSIGN(const auto at_old_name, FindDatabase(before, action, context));
  const bool is_there = at_old_name && ResourceOf(*at_old_name) == resource;
  // While it is renamed, it may be under either name, or for a moment under none.
  if (is_there && StatusOf(*at_old_name) == "renaming") return Underway(before.Text() + " is being renamed to " + to);
  if (at_new_name) {
    return Conflict(after.Text() + " is " + ResourceOf(*at_new_name) + ", not " + resource,
                    "another database has this name; move it out of the way, then run tfseal resume");
  }
  if (is_there) {
    if (const auto waiting = NotAvailable(before, *at_old_name)) return *waiting;
    return NotDone(before.Text() + " has its name still");
  }
  TFSEAL_ASSIGN(const auto anywhere, FindByResource(before, resource, action, context));
  if (!anywhere) {
    return Conflict(before.Text() + " (" + resource + ") is not there under any name",
                    "find out who deleted it; nothing further is changed");
  }
  const std::string name = IdentifierOf(*anywhere);
  if (name == from || name == to || StatusOf(*anywhere) == "renaming") {
    return Underway(resource + " is being renamed to " + to);
  }
  return Conflict(resource + " is called " + name + ", neither " + from + " nor " + to,
                  "find out who renamed it, and give it one of these names");
}

}  // namespace

Result<Probe> LookAtRename(const Action& action, RunContext& context, bool cluster) {
  return LookBetween(action, context, cluster, TextOf(action.payload, "from"), TextOf(action.payload, "to"));
}

Status Rename(const Action& action, RunContext& context, bool cluster) {
  // The name alone would rename whatever has it at that moment.
  TFSEAL_ASSIGN(const std::string resource, ResolvedText(action, "resource", context));
  const DatabaseName before{TextOf(action.payload, "service"), cluster, TextOf(action.payload, "from")};
  TFSEAL_ASSIGN(const JsonValue found, GetDatabase(before, action, context));
  if (ResourceOf(found) != resource) {
    return InTheWay(before.Text() + " is " + ResourceOf(found) + ", not " + resource, "find out who renamed it");
  }
  return SendChange(CallOf(action, cluster ? "ModifyDBCluster" : "ModifyDBInstance"), action, context);
}

Result<Probe> LookAtRenameBack(const Action& action, RunContext& context, bool cluster) {
  TFSEAL_ASSIGN(Probe back,
                LookBetween(action, context, cluster, TextOf(action.payload, "to"), TextOf(action.payload, "from")));
  // Seen from the rename: done means that it has its new name still.
  if (back.state == ProbeState::kDone) {
    back.state = ProbeState::kNotDone;
  } else if (back.state == ProbeState::kNotDone) {
    back.state = ProbeState::kDone;
  }
  return back;
}

Status RenameBack(const Action& action, RunContext& context, bool cluster) {
  TFSEAL_ASSIGN(const std::string resource, ResolvedText(action, "resource", context));
  const DatabaseName after{TextOf(action.payload, "service"), cluster, TextOf(action.payload, "to")};
  TFSEAL_ASSIGN(const JsonValue found, GetDatabase(after, action, context));
  if (ResourceOf(found) != resource) {
    return InTheWay(after.Text() + " is " + ResourceOf(found) + ", not " + resource, "find out who renamed it");
  }
  return SendChange(RollbackCallOf(action, cluster ? "ModifyDBCluster" : "ModifyDBInstance"), action, context);
}

}  // namespace tfseal

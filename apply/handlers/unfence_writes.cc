#include "apply/handlers/calls.h"
#include "apply/handlers/database_content.h"
#include "apply/handlers/list.h"

namespace tfseal {
namespace {

DatabaseName NameOf(const Action& action) {
  return NameIn(action, "identifier", action.payload["cluster"].asBool());
}

std::set<std::string> Groups(const Action& action) {
  std::set<std::string> groups;
  for (const JsonValue& group : action.payload["security_groups"]) groups.insert(group.asString());
  return groups;
}

// Which database it is that would be opened.
Status IsTheCopy(const DatabaseName& name, const JsonValue& database, const Action& action, RunContext& context) {
  const char* hint = "nothing was opened; find out which database has this name";
  TFSEAL_ASSIGN(const std::string resource, ResolvedText(action, "resource", context));
  if (resource.empty() || ResourceOf(database) != resource) {
    return InTheWay(name.Text() + " is " + ResourceOf(database) + ", not the copy " + resource + " that was compared",
                    hint);
  }
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  if (const std::string wrong = WrongKey(database, key); !wrong.empty()) {
    return InTheWay(name.Text() + " " + wrong, hint);
  }
  return {};
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const DatabaseName name = NameOf(action);
  TFSEAL_ASSIGN(const JsonValue database, GetDatabase(name, action, context));
  if (const Status copy = IsTheCopy(name, database, action, context); !copy.ok()) {
    if (copy.error().code != ErrorCode::kConflict) return copy.error();
    return Conflict(copy.error().message, copy.error().hint);
  }
  if (const auto waiting = NotAvailable(name, database)) return *waiting;
  if (SecurityGroupsOf(database).empty())
    return Underway("the security groups of " + name.Text() + " are being changed");
  if (SecurityGroupsOf(database) != Groups(action)) return NotDone(name.Text() + " is closed");
  JsonValue evidence = Essentials(database);
  evidence["opened_at"] = FormatTime(context.clock.Now());
  return Done(name.Text() + " is open for writes", evidence, evidence);
}

// The last moment at which nothing is lost yet: what was compared must still be all there is.
Status NothingIsLost(const JsonValue& copy, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string verified, ResolvedText(action, "verified", context));
  TFSEAL_ASSIGN(const std::string silent, ResolvedText(action, "silent", context));
  TFSEAL_ASSIGN(const std::string quarantine, ResolvedText(action, "quarantine", context));
  if (verified.empty() || silent.empty()) {
    return InTheWay("copy and original were not compared in this run", "resume the run that compared them");
  }
  const DatabaseName original_name = NameIn(action, "original", action.payload["cluster"].asBool());
  TFSEAL_ASSIGN(const JsonValue original, GetDatabase(original_name, action, context));
  if (SecurityGroupsOf(original) != std::set<std::string>{quarantine}) {
    return InTheWay("the original " + original_name.Text() + " is not fenced any more",
                    "nothing was opened; give it the security group " + quarantine + " alone, then run tfseal resume");
  }
  if (!SpeaksPostgres(TextOf(action.payload, "engine"))) return {};
  TFSEAL_ASSIGN(const Reached to_original, Reach(action, original, context));
  TFSEAL_ASSIGN(const Reached to_copy, Reach(action, copy, context));
  for (const Reached* reached : {&to_original, &to_copy}) {
    if (reached->waiting) return InTheWay(reached->waiting->text, reached->waiting->hint);
  }
  TFSEAL_ASSIGN(const ContentVerdict verdict, StillTheSame(*to_original.url, *to_copy.url, silent, context));
  if (!verdict.same) {
    return InTheWay("the original was written to after it was compared: " + verdict.text,
                    "nothing was opened; stop who writes, then go back with tfseal rollback and apply the plan again");
  }
  return {};
}

Status Act(const Action& action, RunContext& context) {
  const DatabaseName name = NameOf(action);
  TFSEAL_ASSIGN(const JsonValue copy, GetDatabase(name, action, context));
  TFSEAL_TRY(IsTheCopy(name, copy, action, context));
  TFSEAL_TRY(NothingIsLost(copy, action, context));
  return SendChange(CallOf(action, name.cluster ? "ModifyDBCluster" : "ModifyDBInstance"), action, context);
}

}  // namespace

const Handler kUnfenceWritesHandler = {.kind = "unfence_writes", .probe = Look, .execute = Act};

}  // namespace tfseal

#include "apply/handlers/calls.h"
#include "apply/handlers/database_content.h"
#include "apply/handlers/list.h"

namespace tfseal {
namespace {

DatabaseName NameOf(const Action& action) {
  return NameIn(action, "identifier", action.payload["cluster"].asBool());
}

std::string LastSample(const postgres::Quiescence& seen, const char* member) {
  const JsonValue& samples = seen.proof["samples"];
  return samples.empty() ? std::string() : TextOf(samples[samples.size() - 1], member);
}

// For engines that are not PostgreSQL a person says so.
Probe Approved(const DatabaseName& name, RunContext& context) {
  JsonValue output(Json::objectValue);
  output["quiescent_at"] = FormatTime(context.clock.Now());
  output["next_transaction"] = "unknown";
  JsonValue evidence = output;
  evidence["proven_by"] = "a person";
  return Done("a person has checked that nothing writes to " + name.Text(), output, evidence);
}

// Before the names are swapped: what was written after the comparison would be lost.
Result<std::optional<Probe>> WrittenSince(const Action& action, const postgres::ConnectionUrl& original,
                                          JsonValue& evidence, RunContext& context) {
  const DatabaseName copy_name = NameIn(action, "copy", action.payload["cluster"].asBool());
  if (copy_name.identifier.empty()) return std::optional<Probe>();
  TFSEAL_ASSIGN(const std::string since, ResolvedText(action, "silent_since", context));
  TFSEAL_ASSIGN(const JsonValue copy, GetDatabase(copy_name, action, context));
  TFSEAL_ASSIGN(const Reached reached, Reach(action, copy, context));
  if (reached.waiting) return reached.waiting;
  TFSEAL_ASSIGN(const ContentVerdict verdict, StillTheSame(original, *reached.url, since, context));
  evidence["since_the_comparison"] = verdict.evidence;
  if (verdict.same) return std::optional<Probe>();
  return std::optional<Probe>(
      Conflict("the original was written to after it was compared: " + verdict.text,
               "somebody gets past the fence; stop them, go back with tfseal rollback, and apply the plan again"));
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const DatabaseName name = NameOf(action);
  TFSEAL_ASSIGN(const JsonValue database, GetDatabase(name, action, context));
  if (const auto waiting = NotAvailable(name, database)) return *waiting;
  if (!SpeaksPostgres(TextOf(action.payload, "engine"))) {
    if (auto by_hand = ByHand(action, "whether anything writes to " + name.Text(), context)) return *by_hand;
    return Approved(name, context);
  }
  TFSEAL_ASSIGN(const Reached reached, Reach(action, database, context));
  if (reached.waiting) return *reached.waiting;
  TFSEAL_ASSIGN(const postgres::Quiescence seen, Observe(*reached.url, false, context));
  // Sessions that outlived the fence are ended by the change.
  if (!seen.quiet) return NotDone(name.Text() + ": " + seen.text);
  JsonValue output(Json::objectValue);
  output["quiescent_at"] = LastSample(seen, "at");
  output["next_transaction"] = LastSample(seen, "next_xid");
  JsonValue evidence = output;
  evidence["proof"] = seen.proof;
  TFSEAL_ASSIGN(const auto written, WrittenSince(action, *reached.url, evidence, context));
  if (written) return *written;
  return Done("nothing writes to " + name.Text(), output, evidence);
}

// Ends the sessions that outlived the fence, and looks who comes again.
Status Act(const Action& action, RunContext& context) {
  const DatabaseName name = NameOf(action);
  TFSEAL_ASSIGN(const JsonValue database, GetDatabase(name, action, context));
  TFSEAL_ASSIGN(const Reached reached, Reach(action, database, context));
  if (reached.waiting) return InTheWay(reached.waiting->text, reached.waiting->hint);
  TFSEAL_ASSIGN(const postgres::Quiescence seen, Observe(*reached.url, true, context));
  if (!seen.quiet) {
    return InTheWay(name.Text() + " is still written to: " + seen.text,
                    seen.hint.empty() ? "stop who writes, then run tfseal resume" : seen.hint);
  }
  return {};
}

}  // namespace

const Handler kProveQuiescenceHandler = {.kind = "prove_quiescence", .probe = Look, .execute = Act};

}  // namespace tfseal

#include "apply/status.h"

#include <fmt/format.h>

#include <algorithm>

#include "apply/handler.h"
#include "core/time_text.h"
#include "planner/action_kind.h"

namespace tfseal {
namespace {

using Stage = ActionState::Stage;

const ActionState& StateOf(const RunState& state, const Action& action) {
  static const ActionState& none = *new ActionState();
  const auto found = state.actions.find(action.id);
  return found == state.actions.end() ? none : found->second;
}

// What the earlier actions that its payload names have answered.
std::map<std::string, JsonValue> OutputsIn(const Action& action, const RunState& state) {
  std::map<std::string, JsonValue> outputs;
  for (const JsonValue& name : action.payload["names"]) {
    const std::string id = name["output_of"].asString();
    const auto found = state.actions.find(id);
    if (found != state.actions.end()) outputs[id] = found->second.output;
  }
  return outputs;
}

RunOverview::Item ItemOf(const Action& action, const ActionState& seen, const RunState& state) {
  RunOverview::Item item;
  item.action = action.id;
  item.kind = action.kind->name;
  item.target = action.target.identifier.empty() ? action.target.address : action.target.identifier;
  item.summary = action.summary;
  item.text = seen.text;
  item.hint = seen.hint;
  item.since = seen.started;
  item.until = seen.until;
  if (action.poll && action.poll->deadline_seconds > 0) item.at_most_seconds = action.poll->deadline_seconds;
  item.attempts = seen.attempts;
  if (action.payload["hcl"].isString())
    item.hcl = WithNames(action.payload["hcl"].asString(), action, OutputsIn(action, state));
  for (const JsonValue& command : action.payload["commands"]) item.commands.push_back(command.asString());
  return item;
}

// The branch in which a database is fenced is its own.
std::size_t BranchOf(const ActionPlan& plan, const Branches& branches, const PlannedDatabase& database) {
  for (std::size_t i = 0; i < plan.actions.size(); ++i) {
    const Action& action = plan.actions[i];
    if (action.target.address == database.address && branches.Of(i) != Branches::kNone &&
        (action.kind->phase == "fence" || action.kind->phase == "copy")) {
      return branches.Of(i);
    }
  }
  return Branches::kNone;
}

RunOverview::Database DatabaseStatus(const ActionPlan& plan, const Branches& branches, const RunState& state,
                                     const PlannedDatabase& database) {
  RunOverview::Database status;
  status.address = database.address;
  status.identifier = database.identifier;
  const std::size_t branch = BranchOf(plan, branches, database);
  bool begun = false;
  bool retired = false;
  std::optional<TimePoint> first;
  for (std::size_t i = 0; i < plan.actions.size(); ++i) {
    const Action& action = plan.actions[i];
    const ActionState& seen = StateOf(state, action);
    const bool own = action.target.address == database.address;
    if (own && action.kind->phase == "retire" && action.kind->name.starts_with("retire_")) {
      retired = seen.stage == Stage::kDone;
    }
    if (branch == Branches::kNone || branches.Of(i) != branch) {
      begun = begun || (own && seen.stage != Stage::kPending);
      continue;
    }
    ++status.total;
    if (seen.stage == Stage::kDone) ++status.done;
    if (Begun(action, state) && (!first || seen.started < *first)) first = seen.started;
  }
  status.since = first;
  if (retired) {
    status.state = "retired";
    status.text = "moved; the old database is deleted, its final snapshot is kept";
  } else if (branch != Branches::kNone && status.done == status.total) {
    status.state = "moved";
    status.text = "moved, and Terraform agrees; the old database is kept";
  } else if (branches.Interrupted(branch, state)) {
    status.state = "interrupted";
    status.text = branches.PastNoReturn(branch, state) ? "the new database is open, its services are being started"
                                                       : "CUT OFF from its users while it is copied";
  } else if (branches.PastNoReturn(branch, state)) {
    status.state = "open";
    status.text = "in use under its own name; Terraform does not agree yet: no terraform apply before it does";
  } else if (begun || first) {
    status.state = "preparing";
    status.text = "in use as before; being prepared";
  } else {
    status.state = "not_started";
    status.text = "in use as before";
  }
  return status;
}

// The command that a hint names, with the path of the plan; empty if it names none.
std::string ApprovalIn(const std::string& hint, const std::string& plan_path) {
  static constexpr std::string_view kPlaceholder = "tfseal approve ACTIONS";
  const std::size_t at = hint.find(kPlaceholder);
  if (at == std::string::npos) return {};
  return "tfseal approve " + plan_path + hint.substr(at + kPlaceholder.size());
}

std::string NextCommand(const RunOverview& status, const std::string& plan_path) {
  if (status.state == "not_started") return "tfseal apply " + plan_path;
  if (status.state == "done") return "tfseal verify --live --actions " + plan_path;
  if (status.state == "running") return "tfseal status " + plan_path;
  if (status.state == "waiting") {
    for (const RunOverview::Item& item : status.waiting) {
      if (item.until) continue;
      if (std::string command = ApprovalIn(item.hint, plan_path); !command.empty()) return command;
    }
    return "tfseal resume " + plan_path + (status.due ? ", from " + FormatTime(*status.due) + " on" : "");
  }
  return "tfseal resume " + plan_path;
}

JsonValue ToJson(const RunOverview::Item& item) {
  JsonValue json(Json::objectValue);
  json["action"] = item.action;
  json["kind"] = item.kind;
  json["target"] = item.target;
  json["summary"] = item.summary;
  json["text"] = item.text;
  if (!item.hint.empty()) json["hint"] = item.hint;
  json["since"] = FormatTime(item.since);
  if (item.until) json["until"] = FormatTime(*item.until);
  if (item.at_most_seconds) json["at_most_seconds"] = *item.at_most_seconds;
  json["attempts"] = item.attempts;
  if (!item.hcl.empty()) json["hcl"] = item.hcl;
  for (const std::string& command : item.commands) json["commands"].append(command);
  return json;
}

JsonValue ToJson(const RunOverview::Database& database) {
  JsonValue json(Json::objectValue);
  json["address"] = database.address;
  json["identifier"] = database.identifier;
  json["state"] = database.state;
  json["text"] = database.text;
  if (database.since) json["since"] = FormatTime(*database.since);
  json["done"] = Json::UInt64(database.done);
  json["total"] = Json::UInt64(database.total);
  return json;
}

JsonValue ToJson(const RunRecord& run) {
  JsonValue json(Json::objectValue);
  json["run"] = run.run;
  json["command"] = run.command;
  json["user"] = run.user;
  json["host"] = run.host;
  json["pid"] = Json::Int64(run.pid);
  json["started"] = FormatTime(run.started);
  if (run.ended) json["ended"] = FormatTime(*run.ended);
  if (!run.result.empty()) json["result"] = run.result;
  if (!run.text.empty()) json["text"] = run.text;
  return json;
}

template <class T>
JsonValue List(const std::vector<T>& items) {
  JsonValue list(Json::arrayValue);
  for (const T& item : items) list.append(ToJson(item));
  return list;
}

}  // namespace

RunOverview StatusOf(const ActionPlan& plan, const std::string& plan_path, const RunState& state, std::string journal,
                     std::string locked_by) {
  RunOverview status;
  const Branches branches(plan);
  status.plan_sha256 = state.plan_sha256;
  status.journal = std::move(journal);
  status.locked_by = std::move(locked_by);
  status.total = plan.actions.size();
  for (const Action& action : plan.actions) {
    const ActionState& seen = StateOf(state, action);
    const RunOverview::Item item = ItemOf(action, seen, state);
    if (seen.stage == Stage::kDone) ++status.done;
    if (seen.stage == Stage::kSent || seen.stage == Stage::kUnderway || seen.stage == Stage::kUnknown) {
      status.running.push_back(item);
    }
    if (seen.stage == Stage::kWaiting) {
      status.waiting.push_back(item);
      if (seen.until && (!status.due || *seen.until < *status.due)) status.due = seen.until;
    }
    if (seen.stage == Stage::kFailed) status.failed.push_back(item);
    if (action.point_of_no_return && seen.stage == Stage::kDone) status.passed_no_return.push_back(item);
  }
  for (const PlannedDatabase& database : plan.databases) {
    status.databases.push_back(DatabaseStatus(plan, branches, state, database));
  }
  status.runs = state.runs;
  const bool begun = !state.runs.empty();
  if (status.done == status.total) {
    status.state = "done";
  } else if (!status.locked_by.empty()) {
    status.state = "running";
  } else if (!begun) {
    status.state = "not_started";
  } else if (status.failed.empty() && status.running.empty() && !status.waiting.empty()) {
    status.state = "waiting";
  } else {
    status.state = "stopped";
  }
  status.next = NextCommand(status, plan_path);
  return status;
}

JsonValue ToJson(const RunOverview& status) {
  JsonValue json(Json::objectValue);
  json["schema"] = std::string(kStatusSchema);
  json["plan_sha256"] = status.plan_sha256;
  json["journal"] = status.journal;
  json["state"] = status.state;
  json["done"] = Json::UInt64(status.done);
  json["total"] = Json::UInt64(status.total);
  json["databases"] = List(status.databases);
  json["running"] = List(status.running);
  json["waiting"] = List(status.waiting);
  json["failed"] = List(status.failed);
  json["passed_point_of_no_return"] = List(status.passed_no_return);
  if (status.due) json["due"] = FormatTime(*status.due);
  if (!status.locked_by.empty()) json["locked_by"] = status.locked_by;
  json["runs"] = List(status.runs);
  json["next"] = status.next;
  return json;
}

}  // namespace tfseal

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "aws/api.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/result.h"
#include "planner/action.h"

namespace tfseal {

// What carrying out one action may use. Lives as long as the run.
struct RunContext {
  aws::Api& api;
  Clock& clock;
  // What earlier actions answered, by action id: {"output_of", "field"} of a parameter is looked up here. Filled from
  // the journal on resume.
  const std::map<std::string, JsonValue>& outputs;
  // What the user gave beside the plan.
  struct Settings {
    // Directory of the Terraform configuration that manages the plan's addresses; empty: the user carries the
    // reconciliation out and is told what to do.
    std::string terraform_dir;
    std::string terraform_program;  // "terraform" or "tofu"; empty: whichever is on PATH
    // Where a sealed copy of an exposed value goes and for whom (PEM certificate); empty: the action waits and says so.
    std::string recipient_certificate_path;
    std::string sealed_dir;
    // Values of environment variables that plan or policy name for databases and health checks (url_env); read once by
    // the command line, never written anywhere.
    std::map<std::string, std::string> environment;
    // Results of checks that only a person can make, by action id ("approve" records them).
    std::map<std::string, std::string> approvals;
    // The file that what has to be written into the Terraform configuration goes to; empty: it is only said.
    std::string terraform_out;
    std::string evidence_dir;  // where seal_evidence writes; empty: it waits and says so
    std::string plan_sha256;   // of the action plan, as in the journal
    // Between two samples of a database that is to be quiet.
    std::chrono::milliseconds sample_interval{30000};
  } settings;
  // One line for people about what is being waited for; may be called often, and keeps the lock of the run alive.
  std::function<void(std::string_view)> progress;
  // Status of the answer to a GET of a health URL. Empty: nobody can ask, and what needs it waits.
  std::function<Result<int>(const std::string& url)> http_status{};
  // What the journal says of the actions that are done, by id.
  struct DoneAction {
    TimePoint at;
    JsonValue evidence;
  };
  std::map<std::string, DoneAction> done{};
  // The documents that "approve" was given for an action, as it checked them: {"plan_json": {"sha256", "made", ...}}.
  std::map<std::string, JsonValue> shown{};
  // Terraform addresses that the actions which are not done yet still have to bring in line.
  std::set<std::string> not_reconciled{};
  // The Terraform plan that this run made last, for the next actions that ask for one: a plan of a large estate takes
  // minutes. Gone as soon as the run changes something. Holds secrets: never written anywhere.
  struct TerraformPlan {
    int exit_code = 0;
    std::string shown;                   // as `terraform show -json` writes it
    JsonValue state{Json::objectValue};  // lineage and serial of the state it was made from
    TimePoint made;
  };
  std::optional<TerraformPlan> terraform_plan{};
};

// Where an action stands, judged from the world alone.
enum class ProbeState : std::uint8_t {
  kNotDone,   // its effect is not there; nothing stands in the way of `execute`
  kUnderway,  // it was started and AWS is not done yet: look again
  kDone,      // its effect, and every postcondition, is there
  kWaiting,   // a time (`until`) or a person's decision is not there yet: the run ends and is resumed later
  kConflict,  // the world is not what the plan expects: somebody has to look
};

struct Probe {
  ProbeState state = ProbeState::kNotDone;
  std::string text;    // why, for people: "cluster orders-db-encrypted is creating"
  std::string hint{};  // the fix, for kConflict and kWaiting
  // For kDone: what later actions refer to, in the shape of the answer of the action's (last) changing call.
  JsonValue output{Json::objectValue};
  // For kDone: what was seen, as names, numbers, times, ARNs and digests; goes into the journal. Never a secret.
  JsonValue evidence{Json::objectValue};
  std::optional<TimePoint> until{};  // for kWaiting, where it is a time
  // For actions that need several changes: names the next one. After a change, kNotDone with another step than before
  // means that the change is visible and the next one can be made at once; with the same step, that it is not visible
  // yet. Where it is empty, `text` is compared instead.
  std::string step{};
};

// How one kind of action is carried out: in apply/handlers/<kind>.cc, listed in apply/handlers/list.inc.
struct Handler {
  std::string_view kind;
  // Reads only. An error is a failure to look, never a statement about the action.
  Result<Probe> (*probe)(const Action& action, RunContext& context) = nullptr;
  // Checks the preconditions against the live world and makes at most one change; the executor probes afterwards and
  // calls it again if the action needs more than one. nullptr for actions that only observe or wait.
  Status (*execute)(const Action& action, RunContext& context) = nullptr;
  // Going back: whether the effect is still there (kNotDone: it is gone), and undoing it by at most one change.
  // nullptr: nothing has to be undone.
  Result<Probe> (*probe_undone)(const Action& action, RunContext& context) = nullptr;
  Status (*undo)(const Action& action, RunContext& context) = nullptr;
};

// The member at a path such as DBClusters[0].Status, or nullptr.
const JsonValue* FieldAt(const JsonValue& value, std::string_view path);

// nullptr if the kind has none: the action is carried out by a person ("manual").
const Handler* FindHandler(std::string_view kind);

// The parameters of a call with every {"output_of", "field"} replaced by what that action answered. An output that is
// not there is an error.
Result<JsonValue> ResolveParameters(const JsonValue& parameters, const std::map<std::string, JsonValue>& outputs);

// A text of the payload with the words that it calls `names` replaced by what they stand for, as far as it is known.
std::string WithNames(std::string text, const Action& action, const std::map<std::string, JsonValue>& outputs);

}  // namespace tfseal

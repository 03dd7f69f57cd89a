#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"

namespace tfseal {

struct ActionKind;

// What an action works on: where Terraform keeps it, and what AWS calls it.
struct Target {
  std::string address;     // aws_rds_cluster.main; empty for what Terraform does not know
  std::string type;        // aws_rds_cluster
  std::string identifier;  // orders-db
  std::string account;     // 12 digits; empty if the documents do not say
  std::string region;      // us-east-1; empty if the documents do not say
};

// Why an action is in the plan: the finding that it, with others, resolves.
struct Motive {
  std::string control;  // "TFS-RDS-001"
  std::string topic;
  std::string address;
  std::string message;
  auto operator<=>(const Motive&) const = default;
};

// One call of the AWS API. Parameters are named as the service's API model names them and never hold secrets: where a
// secret value has to be sent, the parameter says where the executor reads it ("value_from").
struct ApiCall {
  std::string service;    // rds, kms, ecs, secretsmanager ...
  std::string operation;  // RestoreDBClusterFromSnapshot
  JsonValue parameters{Json::objectValue};
  bool read_only = false;
};

// How to wait until AWS is done. The waiters of SDKs give up after 10 to 30 minutes, which says nothing about the
// database: reaching `deadline_seconds` means that it is still running, never that it failed.
struct PollRule {
  ApiCall call;
  std::string field;                 // DBClusters[0].Status
  std::vector<std::string> success;  // available
  std::vector<std::string> failure;  // failed, incompatible-restore
  int interval_seconds = 30;
  int deadline_seconds = 0;
};

// Something to be true before, or after, an action. A postcondition that is a control is judged by that control.
struct Condition {
  std::string check;    // "control", or the name of an explicit check: "no_pending_modifications"
  std::string control;  // only for "control"
  std::string address;
  std::string text;  // for people
};

struct Rollback {
  bool possible = true;
  std::string text;
  std::vector<ApiCall> calls;
};

enum class Risk : std::uint8_t { kNone, kLow, kMedium, kHigh };
std::string_view Name(Risk risk);

// What the users of the data notice. AWS publishes no durations for snapshots and restores: `seconds` is there only
// where a limit is known, `basis` says why or what is unknown.
struct Downtime {
  enum class Impact : std::uint8_t { kNone, kReconnect, kRestart, kReadOnly, kUnavailable };
  Impact impact = Impact::kNone;
  std::optional<int> seconds;
  std::string basis;
};
std::string_view Name(Downtime::Impact impact);

// What the action is predicted to change in the facts: a part of the simulation, and what `verify` finds afterwards.
struct Effect {
  enum class What : std::uint8_t {
    kSet,                     // attributes of `address`, as Terraform names them
    kAdd,                     // a resource of type `type` appears at `address`
    kMoveContainerVariables,  // environment variables of a task definition become references to a secret, or go
  };
  What what = What::kSet;
  std::string address;
  std::string type;
  JsonValue attributes{Json::objectValue};
};

struct Action {
  // SHA-256 of the canonical JSON of (kind, target, payload), the first 128 bits in hexadecimal.
  std::string id;
  const ActionKind* kind = nullptr;
  Target target;
  JsonValue payload{Json::objectValue};  // the fields that the kind declares
  std::vector<Motive> motives;
  std::vector<std::string> needs;  // ids of the actions that must be done before ("requires" in the file)
  std::string environment;         // name in tfseal.yaml; empty: defaults
  int wave = 0;
  int day = 0;    // of the timeline, from 1
  int input = 0;  // index into the plan's inputs

  // Derived from kind, target and payload by the kind; a recipe may add conditions.
  std::string summary;
  std::vector<ApiCall> calls;
  std::vector<Condition> preconditions;
  std::vector<Condition> postconditions;
  std::optional<PollRule> poll;
  Rollback rollback;
  Risk risk = Risk::kNone;
  Downtime downtime;
  int approvals = 0;
  bool point_of_no_return = false;
  std::string maintenance_window;  // as in tfseal.yaml; empty: any time
  std::vector<Effect> effects;
};

// Makes an action of a kind: checks the payload against the kind's fields, computes the id and everything derived.
// A payload that the kind does not allow is a bug of the caller.
Action MakeAction(const ActionKind& kind, Target target, JsonValue payload);

std::string ActionId(std::string_view kind, const Target& target, const JsonValue& payload);

JsonValue ToJson(const Target& target);
JsonValue ToJson(const ApiCall& call);
JsonValue ToJson(const Action& action);
// Reads what ToJson wrote. Derived fields are computed again, not believed; a file whose derived fields differ, or
// whose id does not match its content, is an error.
Result<Action> ActionFromJson(const JsonValue& json);

}  // namespace tfseal

#include <fmt/format.h>

#include <map>

#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "core/time_text.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

using Points = std::map<std::string, JsonValue>;  // latest complete one, by resource

Result<Points> LatestIn(const std::string& vault, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue answer, ReadWorld("backup", "ListRecoveryPointsByBackupVault",
                                                  Object({{"BackupVaultName", Text(vault)}}), action, context));
  Points points;
  for (const JsonValue& point : answer["RecoveryPoints"]) {
    if (TextOf(point, "Status") != "COMPLETED") continue;
    JsonValue& latest = points[TextOf(point, "ResourceArn")];
    const auto made = [](const JsonValue& of) { return ParseTime(TextOf(of, "CreationDate")).value_or(TimePoint{}); };
    const bool later =
        latest.isNull() || made(latest) < made(point) ||
        (made(latest) == made(point) && TextOf(latest, "RecoveryPointArn") < TextOf(point, "RecoveryPointArn"));
    if (later) latest = point;
  }
  return points;
}

struct Copies {
  std::string next;  // recovery point that no job copies yet
  std::size_t running = 0, covered = 0;
  std::vector<std::string> failed;
};

Result<Copies> CopiesOf(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Points old, LatestIn(TextOf(action.payload, "vault"), action, context));
  TFSEAL_ASSIGN(const Points now, LatestIn(TextOf(action.payload, "new_vault"), action, context));
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("backup", "ListCopyJobs",
                          Object({{"ByDestinationVaultArn", action.payload["new_vault_arn"]}}), action, context));
  std::map<std::string, std::string> jobs;  // state, by source; a job that ended well counts most
  for (const JsonValue& job : answer["CopyJobs"]) {
    std::string& state = jobs[TextOf(job, "SourceRecoveryPointArn")];
    if (state != "COMPLETED") state = TextOf(job, "State");
  }
  Copies copies;
  for (const auto& [resource, point] : old) {
    const std::string arn = TextOf(point, "RecoveryPointArn");
    const auto job = jobs.find(arn);
    const std::string state = job == jobs.end() ? "" : job->second;
    if (now.contains(resource)) {
      ++copies.covered;
    } else if (state.empty()) {
      if (copies.next.empty()) copies.next = arn;
    } else if (state == "CREATED" || state == "RUNNING" || state == "COMPLETED") {
      ++copies.running;
    } else {
      copies.failed.push_back(resource);
    }
  }
  return copies;
}

Result<Probe> Look(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Copies copies, CopiesOf(action, context));
  if (!copies.next.empty()) {
    Probe probe = NotDone("recovery point " + copies.next + " is not copied yet");
    probe.step = copies.next;
    return probe;
  }
  if (copies.running > 0) return Underway(fmt::format("{} recovery points are being copied", copies.running));
  JsonValue evidence(Json::objectValue);
  evidence["covered"] = Json::UInt64(copies.covered);
  for (const std::string& resource : copies.failed) evidence["not_copied"].append(resource);
  const auto by = context.settings.approvals.find(action.id);
  if (!copies.failed.empty() && by == context.settings.approvals.end()) {
    return Waiting(fmt::format("AWS Backup cannot copy the recovery points of {}; they stay in {}",
                               fmt::join(copies.failed, ", "), TextOf(action.payload, "vault")),
                   ApproveCommand(action) + " if they may stay there only; or correct what the copy jobs say");
  }
  if (by != context.settings.approvals.end()) evidence["approved_by"] = by->second;
  return Done(
      fmt::format("{} resources have a recovery point in {}", copies.covered, TextOf(action.payload, "new_vault")),
      evidence, evidence);
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Copies copies, CopiesOf(action, context));
  if (copies.next.empty()) return {};
  JsonValue parameters = CallOf(action, "StartCopyJob").parameters;
  parameters["RecoveryPointArn"] = copies.next;
  parameters["IdempotencyToken"] = action.id + "-" + copies.next.substr(copies.next.rfind(':') + 1);
  TFSEAL_TRY(SendCall(CallOf(action, "StartCopyJob"), parameters, action, context));
  return {};
}

}  // namespace

const Handler kCopyRecoveryPointsHandler = {.kind = "copy_recovery_points", .probe = Look, .execute = Act};

}  // namespace tfseal

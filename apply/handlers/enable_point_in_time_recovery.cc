#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/in_place.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string& name = action.target.identifier;
  TFSEAL_ASSIGN(const JsonValue answer, ReadWorld("dynamodb", "DescribeContinuousBackups",
                                                  Object({{"TableName", Text(name)}}), action, context));
  const JsonValue& recovery = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"];
  const JsonValue& wanted = action.payload["settings"]["PointInTimeRecoverySpecification"];
  const JsonValue& days = recovery["RecoveryPeriodInDays"];
  if (TextOf(recovery, "PointInTimeRecoveryStatus") != "ENABLED") {
    return NotDone("point-in-time recovery of table " + name + " is off");
  }
  // An API that does not tell the days keeps them all.
  if (days.isNumeric() && wanted["RecoveryPeriodInDays"].isNumeric() &&
      days.asInt() < wanted["RecoveryPeriodInDays"].asInt()) {
    return NotDone("table " + name + " can be recovered for " + std::to_string(days.asInt()) + " days only");
  }
  return Done("table " + name + " can be recovered to any point in time", JsonValue(Json::objectValue), recovery);
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_TRY(RequireUnchanged(action, context, Look));
  return SendChange(CallOf(action, "UpdateContinuousBackups"), action, context);
}

}  // namespace

const Handler kEnablePointInTimeRecoveryHandler = {
    .kind = "enable_point_in_time_recovery", .probe = Look, .execute = Act};

}  // namespace tfseal

#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/in_place.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

// DynamoDB changes one of these in a call at a time; the plan has them in one payload only where AWS takes both.
Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string& name = action.target.identifier;
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("dynamodb", "DescribeTable", Object({{"TableName", Text(name)}}), action, context));
  const JsonValue& table = answer["Table"];
  const std::string status = TextOf(table, "TableStatus");
  const JsonValue& encryption = table["SSEDescription"];
  if (status == "INACCESSIBLE_ENCRYPTION_CREDENTIALS") {
    return Conflict("table " + name + " cannot use its key", "enable the key and let DynamoDB use it");
  }
  if (status != "ACTIVE") return Underway("table " + name + " is " + status);
  if (TextOf(encryption, "Status") == "UPDATING" || TextOf(encryption, "Status") == "ENABLING") {
    return Underway("the encryption of table " + name + " is being changed");
  }
  const JsonValue& protection = table["DeletionProtectionEnabled"];
  return JudgeSettings(
      action, context,
      {{"SSESpecification.KMSMasterKeyId", encryption["KMSMasterKeyArn"], "server_side_encryption", /*names_key=*/true},
       {"DeletionProtectionEnabled", protection.isBool() ? protection : JsonValue(false),
        "deletion_protection_enabled"}});
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_TRY(RequireUnchanged(action, context, Look));
  return SendChange(CallOf(action, "UpdateTable"), action, context);
}

}  // namespace

const Handler kModifyTableHandler = {.kind = "modify_table", .probe = Look, .execute = Act};

}  // namespace tfseal

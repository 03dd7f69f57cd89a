#include "apply/handlers/blue_green.h"
#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"

namespace tfseal {
namespace {

// arn:aws:rds:us-east-1:123456789012:cluster:orders-green-abc
DatabaseName GreenOf(const JsonValue& deployment) {
  const std::string arn = TextOf(deployment, "Target");
  return {"rds", arn.find(":cluster:") != std::string::npos, arn.substr(arn.rfind(':') + 1)};
}

Result<Probe> Look(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const auto deployment, FindDeployment(action, context));
  const std::string name = TextOf(action.payload, "deployment");
  if (!deployment) return NotDone("there is no blue/green deployment " + name + " yet");
  if (TextOf(*deployment, "Source") != TextOf(action.payload, "source_arn")) {
    return Conflict("the blue/green deployment " + name + " is of " + TextOf(*deployment, "Source"),
                    "delete that deployment yourself, then run tfseal resume");
  }
  const std::string status = TextOf(*deployment, "Status");
  if (status == "INVALID_CONFIGURATION" || status == "PROVISIONING_FAILED") {
    return Conflict("the blue/green deployment " + name + " is " + status + ": " + TextOf(*deployment, "StatusDetails"),
                    "delete it yourself; then mend what it names, or write the plan again with --strategy snapshot");
  }
  if (status == "PROVISIONING") return Underway("the green copy is being made");
  if (status != "AVAILABLE" && !status.starts_with("SWITCHOVER")) {
    return Conflict("the blue/green deployment " + name + " is " + status, "find out who changed it");
  }
  const DatabaseName green = GreenOf(*deployment);
  if (green.identifier.empty()) return Underway("the green copy has no name yet");
  TFSEAL_ASSIGN(const JsonValue database, GetDatabase(green, action, context));
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  if (const std::string wrong = WrongKey(database, key); !wrong.empty()) {
    return Conflict("the green " + green.Text() + " " + wrong,
                    "this API does not encrypt in blue/green: delete the deployment yourself, and write the plan again "
                    "with --strategy snapshot");
  }
  JsonValue output(Json::objectValue);
  for (const char* member : {"BlueGreenDeploymentIdentifier", "BlueGreenDeploymentName", "Source", "Target"}) {
    output["BlueGreenDeployment"][member] = (*deployment)[member];
  }
  output["green"] = green.identifier;
  JsonValue evidence = output;
  evidence["database"] = Essentials(database);
  return Done("the green " + green.Text() + " is encrypted under the key", output, evidence);
}

Status Act(const Action& action, RunContext& context) {
  const Status sent = SendChange(CallOf(action, "CreateBlueGreenDeployment"), action, context);
  if (sent.ok() || sent.error().code != ErrorCode::kInvalidInput) return sent;
  Error error = sent.error();
  error.hint = "engine, region or API do not take a key in blue/green: write the plan again with --strategy snapshot";
  return error;
}

}  // namespace

const Handler kCreateBlueGreenHandler = {.kind = "create_blue_green", .probe = Look, .execute = Act};

}  // namespace tfseal

#include "apply/handlers/blue_green.h"

#include "apply/handlers/calls.h"

namespace tfseal {

Result<std::optional<JsonValue>> FindDeployment(const Action& action, RunContext& context) {
  const std::string name = TextOf(action.payload, "deployment");
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("rds", "DescribeBlueGreenDeployments", JsonValue(Json::objectValue), action, context));
  for (const JsonValue& deployment : answer["BlueGreenDeployments"]) {
    if (TextOf(deployment, "BlueGreenDeploymentName") == name && TextOf(deployment, "Status") != "DELETING") {
      return std::optional<JsonValue>(deployment);
    }
  }
  return std::optional<JsonValue>();
}

}  // namespace tfseal

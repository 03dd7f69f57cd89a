#include "apply/handlers/search_domains.h"

#include "apply/handlers/calls.h"
#include "planner/parameters.h"

namespace tfseal {

Result<JsonValue> ReadDomain(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("opensearch", "DescribeDomain", Object({{"DomainName", Text(action.target.identifier)}}),
                          action, context));
  return answer["DomainStatus"];
}

Status RequireIdleDomain(const JsonValue& domain, const std::string& name) {
  for (const char* busy : {"Processing", "UpgradeProcessing", "Deleted"}) {
    if (domain[busy].isBool() && domain[busy].asBool()) {
      return InTheWay("domain " + name + " is " + (busy == std::string("Deleted") ? "being deleted" : "changing"),
                      "wait until it is done, then run tfseal resume");
    }
  }
  return {};
}

}  // namespace tfseal

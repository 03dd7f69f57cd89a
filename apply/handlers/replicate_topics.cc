#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string name = TextAt(action.payload, "replicator");
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("kafka", "ListReplicators", Object({{"ReplicatorNameFilter", Text(name)}}), action, context));
  for (const JsonValue& replicator : answer["Replicators"]) {
    if (TextAt(replicator, "ReplicatorName") != name) continue;
    const std::string state = TextAt(replicator, "ReplicatorState");
    if (state == "FAILED" || state == "DELETING") {
      return Conflict("replicator " + name + " is " + state, "see why, delete it yourself, then run tfseal resume");
    }
    if (state != "RUNNING") return Underway("replicator " + name + " is " + state);
    TFSEAL_ASSIGN(const JsonValue described,
                  ReadWorld("kafka", "DescribeReplicator", Object({{"ReplicatorArn", replicator["ReplicatorArn"]}}),
                            action, context));
    TFSEAL_ASSIGN(const std::string to, ResolvedText(action, "to", context));
    const JsonValue* source = FieldAt(described, "KafkaClusters[0].AmazonMskCluster.MskClusterArn");
    const JsonValue* target = FieldAt(described, "KafkaClusters[1].AmazonMskCluster.MskClusterArn");
    if (source == nullptr || target == nullptr || *source != action.payload["from"] || *target != JsonValue(to)) {
      return Conflict("replicator " + name + " is there, but between other clusters",
                      "delete or rename it yourself, then run tfseal resume");
    }
    const JsonValue output = Object({{"ReplicatorArn", replicator["ReplicatorArn"]}});
    return Done("replicator " + name + " is running", output, output);
  }
  return NotDone("there is no replicator " + name + " yet");
}

Status Act(const Action& action, RunContext& context) {
  return SendChange(CallOf(action, "CreateReplicator"), action, context);
}

}  // namespace

const Handler kReplicateTopicsHandler = {.kind = "replicate_topics", .probe = Look, .execute = Act};

}  // namespace tfseal

#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

Result<Probe> ProbeVersioning(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue live, ReadWorld("s3", "GetBucketVersioning",
                                                Object({{"Bucket", action.payload["bucket"]}}), action, context));
  if (TextAt(live, "Status") != "Enabled") {
    return NotDone("bucket " + action.target.identifier + " keeps no old versions");
  }
  return Done("bucket " + action.target.identifier + " keeps old versions", JsonValue(Json::objectValue),
              Object({{"versioning", live["Status"]}}));
}

Status EnableVersioning(const Action& action, RunContext& context) {
  TFSEAL_TRY(SendCall(CallOf(action, "PutBucketVersioning"), action, context));
  return {};
}

}  // namespace

const Handler kEnableBucketVersioningHandler = {
    .kind = "enable_bucket_versioning", .probe = ProbeVersioning, .execute = EnableVersioning};

}  // namespace tfseal

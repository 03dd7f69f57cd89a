#include "apply/handlers/calls.h"
#include "apply/handlers/in_place.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

JsonValue Bucket(const Action& action) {
  return Object({{"Bucket", action.payload["bucket"]}});
}

Result<Probe> ProbePublicAccess(const Action& action, RunContext& context) {
  auto answer = ReadWorld("s3", "GetPublicAccessBlock", Bucket(action), action, context);
  if (!answer.ok() && answer.error().service_code != "NoSuchPublicAccessBlockConfiguration") return answer.error();
  const JsonValue none(Json::objectValue);
  const JsonValue& live = answer.ok() ? (*answer)["PublicAccessBlockConfiguration"] : none;
  TFSEAL_ASSIGN(const JsonValue wanted, ResolveParameters(action.payload["settings"], context.outputs));
  std::string open;
  for (const std::string& name : wanted["PublicAccessBlockConfiguration"].getMemberNames()) {
    if (!live[name].isBool() || !live[name].asBool()) open += (open.empty() ? "" : ", ") + name;
  }
  if (!open.empty()) return NotDone("not switched on for " + action.target.identifier + ": " + open);
  return Done("public access to " + action.target.identifier + " is blocked", JsonValue(Json::objectValue),
              Object({{"public_access_block", live}}));
}

// Somebody may read the bucket anonymously on purpose; that is no decision for a program.
Status BlockPublicAccess(const Action& action, RunContext& context) {
  if (!context.settings.approvals.contains(action.id)) {
    const auto website = ReadWorld("s3", "GetBucketWebsite", Bucket(action), action, context);
    if (!website.ok() && website.error().service_code != "NoSuchWebsiteConfiguration") return website.error();
    const auto status = ReadWorld("s3", "GetBucketPolicyStatus", Bucket(action), action, context);
    if (!status.ok() && status.error().service_code != "NoSuchBucketPolicy") return status.error();
    const bool open =
        status.ok() && (*status)["PolicyStatus"]["IsPublic"].isBool() && (*status)["PolicyStatus"]["IsPublic"].asBool();
    if (website.ok() || open) {
      return InTheWay("bucket " + action.target.identifier +
                          (website.ok() ? " is a website" : " has a policy that lets everybody in"),
                      "if nobody reads it anonymously on purpose: " + ApproveCommand(action));
    }
  }
  TFSEAL_TRY(SendCall(CallOf(action, "PutPublicAccessBlock"), action, context));
  return {};
}

}  // namespace

const Handler kBlockPublicAccessHandler = {
    .kind = "block_public_access", .probe = ProbePublicAccess, .execute = BlockPublicAccess};

}  // namespace tfseal

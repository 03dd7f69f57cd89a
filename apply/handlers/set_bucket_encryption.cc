#include "apply/handlers/calls.h"
#include "apply/handlers/in_place.h"
#include "apply/handlers/keys.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

constexpr const char* kKeyPath =
    "ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.KMSMasterKeyID";

// The bucket's own words for: nothing was ever configured.
bool NeverConfigured(const Error& error) {
  return error.service_code == "ServerSideEncryptionConfigurationNotFoundError";
}

Result<Probe> ProbeBucketEncryption(const Action& action, RunContext& context) {
  auto answer = ReadWorld("s3", "GetBucketEncryption", Object({{"Bucket", action.payload["bucket"]}}), action, context);
  if (!answer.ok() && !NeverConfigured(answer.error())) return answer.error();
  const JsonValue none(Json::objectValue);
  const JsonValue& live = answer.ok() ? *answer : none;
  const JsonValue* rules = FieldAt(live, "ServerSideEncryptionConfiguration.Rules");
  const JsonValue* key = FieldAt(live, kKeyPath);
  const JsonValue* algorithm =
      FieldAt(live, "ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm");
  const JsonValue* bucket_key = FieldAt(live, "ServerSideEncryptionConfiguration.Rules[0].BucketKeyEnabled");
  const JsonValue before = action.payload["previous"]["rule"];
  const bool under_kms = algorithm != nullptr && *algorithm == "aws:kms";
  TFSEAL_ASSIGN(const JsonValue wanted, ResolveParameters(action.payload["settings"], context.outputs));
  const JsonValue* goal = FieldAt(wanted, kKeyPath);
  const std::string wanted_key = goal != nullptr ? goal->asString() : std::string();
  const std::string live_key = key != nullptr && key->isString() ? key->asString() : std::string();
  auto same = SameKey(wanted_key, live_key, action, context);
  if (!same.ok() && same.error().code != ErrorCode::kNotFound) return same.error();
  const bool has_key = under_kms && same.ok() && *same;
  const bool has_bucket_key = bucket_key != nullptr && bucket_key->isBool() && bucket_key->asBool();
  if (has_key && has_bucket_key) {
    return Done("new objects of " + action.target.identifier + " are encrypted under the key",
                JsonValue(Json::objectValue), Object({{"rules", rules != nullptr ? *rules : JsonValue()}}));
  }
  if (!has_key && !live_key.empty() &&
      TextAt(before[0]["apply_server_side_encryption_by_default"][0], "kms_master_key_id") != live_key) {
    return Conflict("the bucket's default key was changed since the plan was made, to " + live_key,
                    "write the plan again from the present state: tfseal plan");
  }
  return NotDone("new objects of " + action.target.identifier + " are not encrypted under the key yet");
}

// S3 does not look at the key that it is given: a wrong one would make every write fail.
Status SetBucketEncryption(const Action& action, RunContext& context) {
  TFSEAL_TRY(RequireUnchanged(action, context, ProbeBucketEncryption));
  TFSEAL_ASSIGN(const std::string key, WantedKey(action, kKeyPath, context));
  TFSEAL_TRY(RequireUsableKey(key, action, context));
  TFSEAL_TRY(SendCall(CallOf(action, "PutBucketEncryption"), action, context));
  return {};
}

}  // namespace

const Handler kSetBucketEncryptionHandler = {
    .kind = "set_bucket_encryption", .probe = ProbeBucketEncryption, .execute = SetBucketEncryption};

}  // namespace tfseal

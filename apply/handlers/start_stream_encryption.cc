#include "apply/handlers/calls.h"
#include "apply/handlers/in_place.h"
#include "apply/handlers/keys.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

Result<Probe> ProbeStream(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("kinesis", "DescribeStreamSummary", Object({{"StreamName", Text(action.target.identifier)}}),
                          action, context));
  const JsonValue& stream = answer["StreamDescriptionSummary"];
  const std::string status = TextAt(stream, "StreamStatus");
  if (status == "UPDATING" || status == "CREATING")
    return Underway("stream " + action.target.identifier + " is " + status);
  if (status != "ACTIVE") {
    return Conflict("stream " + action.target.identifier + " is " + status,
                    "look why with aws kinesis describe-stream-summary");
  }
  const bool plain = TextAt(stream, "EncryptionType") != "KMS";
  // The plan names what was there before only where it was something.
  const bool said = TextAt(action.payload["previous"], "encryption_type") == "NONE";
  const JsonValue type = !plain ? JsonValue("KMS") : said ? JsonValue("NONE") : JsonValue();
  return JudgeSettings(action, context,
                       {{"EncryptionType", type, "encryption_type"},
                        {"KeyId", plain ? JsonValue() : stream["KeyId"], "kms_key_id", /*names_key=*/true}});
}

Status StartStreamEncryption(const Action& action, RunContext& context) {
  TFSEAL_TRY(RequireUnchanged(action, context, ProbeStream));
  TFSEAL_ASSIGN(const std::string key, WantedKey(action, "KeyId", context));
  TFSEAL_TRY(RequireUsableKey(key, action, context));
  TFSEAL_TRY(SendCall(CallOf(action, "StartStreamEncryption"), action, context));
  return {};
}

}  // namespace

const Handler kStartStreamEncryptionHandler = {
    .kind = "start_stream_encryption", .probe = ProbeStream, .execute = StartStreamEncryption};

}  // namespace tfseal

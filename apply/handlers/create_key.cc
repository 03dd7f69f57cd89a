#include "apply/handlers/calls.h"
#include "apply/handlers/keys.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

constexpr const char* kTag = "tfseal:key";

std::string TokenOf(const Action& action) {
  return TextAt(action.payload, "token");
}

bool HasTag(const JsonValue& tags, const std::string& token) {
  for (const JsonValue& tag : tags["Tags"]) {
    if (TextAt(tag, "TagKey") == kTag && TextAt(tag, "TagValue") == token) return true;
  }
  return false;
}

// CreateKey has no token of its own, so a repeated run finds the key by its tag. Keys of AWS itself and of other
// accounts do not show their tags: those are not ours.
Result<std::vector<std::string>> TaggedKeys(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue keys, ReadWorld("kms", "ListKeys", JsonValue(Json::objectValue), action, context));
  std::vector<aws::Call> calls;
  for (const JsonValue& key : keys["Keys"]) {
    calls.push_back({"kms", "ListResourceTags", action.target.region, Object({{"KeyId", key["KeyId"]}})});
  }
  const auto answers = context.api.SendAll(calls);
  std::vector<std::string> found;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].ok()) {
      if (HasTag(*answers[i], TokenOf(action))) found.push_back(TextAt(calls[i].parameters, "KeyId"));
    } else if (answers[i].error().code != ErrorCode::kPermissionDenied &&
               answers[i].error().code != ErrorCode::kNotFound) {
      return answers[i].error();
    }
  }
  return found;
}

Result<Probe> ProbeCreateKey(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::vector<std::string> tagged, TaggedKeys(action, context));
  std::vector<JsonValue> living;
  std::string unusable;
  for (const std::string& id : tagged) {
    TFSEAL_ASSIGN(const JsonValue metadata, DescribeKey(id, action, context));
    if (const auto problem = KeyProblem(metadata)) {
      unusable = problem->message;
    } else {
      living.push_back(metadata);
    }
  }
  if (living.size() > 1) {
    return Conflict(std::to_string(living.size()) + " keys carry the tag " + kTag + "=" + TokenOf(action),
                    "remove the tag from all but one: aws kms untag-resource");
  }
  if (living.empty() && !unusable.empty()) {
    return Conflict(unusable, "enable the key again, or remove its tag " + std::string(kTag) + " to get a new one");
  }
  if (living.empty()) return NotDone("no key carries the tag " + std::string(kTag) + "=" + TokenOf(action));
  const JsonValue& metadata = living.front();
  return Done("key " + TextAt(metadata, "Arn") + " is there", Object({{"KeyMetadata", metadata}}),
              Object({{"key", metadata["Arn"]}, {"state", metadata["KeyState"]}}));
}

Status CreateKey(const Action& action, RunContext& context) {
  TFSEAL_TRY(SendCall(CallOf(action, "CreateKey"), action, context));
  return {};
}

}  // namespace

const Handler kCreateKeyHandler = {.kind = "create_key", .probe = ProbeCreateKey, .execute = CreateKey};

}  // namespace tfseal

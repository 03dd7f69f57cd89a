#include "tests/support/sim_cloud.h"

namespace tfseal::testing {
namespace {

Error NeverSent() {
  return {ErrorCode::kTimeout, "sim: no answer in time, nothing was sent", ""};
}

}  // namespace

Result<JsonValue> SimCloud::Send(const aws::Call& call) {
  if (machine_.dead) return NeverSent();
  const Fault fault = faults ? faults(requests_, call) : Fault::kNone;
  ++requests_;
  switch (fault) {
    case Fault::kThrottled:
      return Error{ErrorCode::kThrottled, "sim: slow down", "", "ThrottlingException"};
    case Fault::kTimeoutBefore:
      return NeverSent();
    case Fault::kCrash:
      machine_.dead = true;
      return NeverSent();
    case Fault::kCrashAfter:
      static_cast<void>(Serve(call));
      machine_.dead = true;
      return NeverSent();
    case Fault::kReplyLost: {
      static_cast<void>(Serve(call));
      const bool read = call.operation == "Describe";
      return Error{read ? ErrorCode::kUnavailable : ErrorCode::kOutcomeUnknown, "sim: the answer was lost", ""};
    }
    case Fault::kNone:
      break;
  }
  return Serve(call);
}

std::vector<Result<JsonValue>> SimCloud::SendAll(std::span<const aws::Call> calls) {
  std::vector<Result<JsonValue>> answers;
  answers.reserve(calls.size());
  for (const aws::Call& call : calls) answers.push_back(Send(call));
  return answers;
}

Result<JsonValue> SimCloud::Serve(const aws::Call& call) {
  const std::string name = call.parameters["Name"].asString();
  const auto found = things_.find(name);
  const Error missing{ErrorCode::kNotFound, "sim: there is no such thing", "", "NotFound"};
  JsonValue answer(Json::objectValue);
  answer["Name"] = name;
  if (call.operation + " " + name == refused) return refusal;
  if (call.operation == "Create") {
    if (unique_names && found != things_.end()) {
      return Error{ErrorCode::kConflict, "sim: the name is taken", "", "ThingAlreadyExistsFault"};
    }
    ++effects_["Create " + name];
    const TimePoint now = clock_.Now();
    things_[name] = {call.parameters, now + visibility_delay, now + visibility_delay + build_time};
    return answer;
  }
  if (call.operation == "Delete") {
    if (found == things_.end()) return missing;
    ++effects_["Delete " + name];
    things_.erase(found);
    return answer;
  }
  if (found == things_.end() || clock_.Now() < found->second.visible) return missing;
  answer["Status"] = clock_.Now() < found->second.ready ? "creating" : "available";
  return answer;
}

}  // namespace tfseal::testing

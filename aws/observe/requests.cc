#include "aws/observe/requests.h"

#include <set>

#include "core/check.h"

namespace tfseal::observe {
namespace {

std::string KeyOf(const aws::Call& call) {
  return call.service + "\n" + call.operation + "\n" + call.region + "\n" + WriteJsonLine(call.parameters);
}

}  // namespace

bool HasMorePages(const JsonValue& answer) {
  for (const char* token :
       {"Marker", "NextToken", "nextToken", "NextMarker", "LastEvaluatedTableName", "ContinuationToken", "position"}) {
    if (answer.isObject() && answer.isMember(token) && answer[token].isString() && !answer[token].asString().empty()) {
      return true;
    }
  }
  for (const char* flag : {"IsTruncated", "Truncated", "HasMoreStreams", "HasMoreDeliveryStreams"}) {
    if (answer.isObject() && answer.isMember(flag) && answer[flag].isBool() && answer[flag].asBool()) return true;
  }
  return false;
}

void Requests::Send(const std::vector<aws::Call>& calls) {
  std::vector<aws::Call> fresh;
  std::set<std::string> keys;
  for (const aws::Call& call : calls) {
    const std::string key = KeyOf(call);
    if (!answers_.contains(key) && keys.insert(key).second) fresh.push_back(call);
  }
  for (const aws::Call& call : fresh) Count(call);
  if (one_at_a_time_) {
    for (const aws::Call& call : fresh) answers_.emplace(KeyOf(call), api_.Send(call));
    return;
  }
  std::vector<Result<JsonValue>> answers = api_.SendAll(fresh);
  TFSEAL_CHECK(answers.size() == fresh.size());
  for (std::size_t i = 0; i < fresh.size(); ++i) answers_.emplace(KeyOf(fresh[i]), std::move(answers[i]));
}

void Requests::SendPaged(const std::vector<aws::Call>& calls) {
  Send(calls);
  for (const aws::Call& call : calls) {
    Result<JsonValue>& answer = answers_.at(KeyOf(call));
    if (!answer.ok() || !HasMorePages(*answer)) continue;
    Count(call);
    answer = aws::SendPaged(api_, call);
  }
}

const Result<JsonValue>& Requests::AnswerTo(const aws::Call& call) const {
  const auto found = answers_.find(KeyOf(call));
  TFSEAL_CHECK(found != answers_.end());
  return found->second;
}

std::size_t Requests::total() const {
  std::size_t total = 0;
  for (const auto& [operation, count] : sent_) total += count;
  return total;
}

}  // namespace tfseal::observe

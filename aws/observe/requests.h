#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "aws/api.h"
#include "core/json.h"
#include "core/result.h"

namespace tfseal::observe {

// Reads, each sent once: the same call for several objects, or for several attributes of one, is answered from memory.
class Requests {
 public:
  // one_at_a_time: no two requests overlap; to measure, and for endpoints that cannot take more.
  Requests(aws::Api& api, bool one_at_a_time) : api_(api), one_at_a_time_(one_at_a_time) {}

  // Sends what has not been sent before, all at once.
  void Send(const std::vector<aws::Call>& calls);
  // The same for lists: follows the pages to their end.
  void SendPaged(const std::vector<aws::Call>& calls);
  // The answer to a call that was sent.
  [[nodiscard]] const Result<JsonValue>& AnswerTo(const aws::Call& call) const;

  // How many requests were sent, by "service Operation". A page is one; what the client repeats is not counted.
  [[nodiscard]] const std::map<std::string, std::size_t>& sent() const { return sent_; }
  [[nodiscard]] std::size_t total() const;

 private:
  void Count(const aws::Call& call) { ++sent_[call.service + " " + call.operation]; }

  aws::Api& api_;
  bool one_at_a_time_;
  std::map<std::string, Result<JsonValue>> answers_;
  std::map<std::string, std::size_t> sent_;
};

// Whether an answer says that there is more.
bool HasMorePages(const JsonValue& answer);

}  // namespace tfseal::observe

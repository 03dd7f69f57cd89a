#include "aws/http.h"

#include "core/check.h"

namespace tfseal::aws {

std::optional<std::string_view> HttpResponse::Find(std::string_view lower_case_name) const {
  for (const Header& header : headers) {
    if (header.name == lower_case_name) return header.value;
  }
  return std::nullopt;
}

HttpAnswer Exchange(HttpTransport& transport, HttpRequest request) {
  constexpr std::uint64_t kId = 1;
  transport.Start(kId, std::move(request));
  for (;;) {
    std::vector<HttpAnswer> answers = transport.Wait(std::chrono::seconds(1));
    if (answers.empty()) continue;
    TFSEAL_CHECK(answers.size() == 1 && answers.front().id == kId);
    return std::move(answers.front());
  }
}

}  // namespace tfseal::aws

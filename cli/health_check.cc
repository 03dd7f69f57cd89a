#include "cli/health_check.h"

#include <algorithm>
#include <utility>

#include "aws/curl_http.h"

namespace tfseal::cli {
namespace {

constexpr std::chrono::seconds kPatience{15};
constexpr std::size_t kBodyMax = 1U << 20U;

}  // namespace

Result<int> HealthStatus(const std::string& text) {
  const std::string url = text.substr(0, text.find('#'));  // a fragment is not sent
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string::npos) return Error{ErrorCode::kUsage, "the health URL has no scheme", ""};
  const std::size_t host = scheme_end + 3;
  const std::size_t rest = std::min(url.find_first_of("/?", host), url.size());
  const std::size_t query = std::min(url.find('?', rest), url.size());
  aws::HttpRequest request;
  request.scheme = url.substr(0, scheme_end);
  request.host = url.substr(host, rest - host);
  request.path = url.substr(rest, query - rest);
  if (request.path.empty()) request.path = "/";
  if (query < url.size()) request.query = url.substr(query + 1);
  request.repeatable = true;
  // Only where the policy file itself says http; nothing secret is sent.
  request.allow_plain_http = request.scheme == "http";
  request.timeout = kPatience;
  aws::CurlOptions options;
  options.body_bytes_max = kBodyMax;
  aws::CurlTransport transport(std::move(options));
  const aws::HttpAnswer answer = aws::Exchange(transport, std::move(request));
  if (answer.response) return answer.response->status;
  return Error{ErrorCode::kUnavailable, answer.failure ? answer.failure->message : "no answer", ""};
}

}  // namespace tfseal::cli

#include "aws/s3_address.h"

#include <algorithm>
#include <string_view>

namespace tfseal::aws {

void MoveBucketToHost(HttpRequest& request) {
  const std::string_view path = request.path;
  const std::size_t end = std::min(path.find('/', 1), path.size());
  const std::string_view bucket = path.substr(1, end - 1);
  const auto is_valid = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  if (bucket.size() < 3 || bucket.size() > 63 || !std::all_of(bucket.begin(), bucket.end(), is_valid) ||
      bucket.front() == '-' || bucket.back() == '-') {
    return;
  }
  request.host = std::string(bucket) + "." + request.host;
  request.path = end < path.size() ? std::string(path.substr(end)) : "/";
}

}  // namespace tfseal::aws

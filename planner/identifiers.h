#pragma once

#include <string>
#include <string_view>

namespace tfseal {

// arn:partition:service:region:account:resource
struct ArnParts {
  std::string partition, service, region, account, resource;
};
// Empty parts if `arn` is not one.
ArnParts ParseArn(std::string_view arn);

// Names for what a plan creates. They follow from the name of the original alone, so that planning twice gives the same
// names, and are short enough for the service. `limit` is the longest that AWS accepts: 63 for clusters, instances and
// cache names, 255 for snapshots.
std::string DerivedName(std::string_view original, std::string_view suffix, std::size_t limit);

// A short text that differs where `seed` differs, for names that must not have been used before.
std::string ShortDigest(std::string_view seed);

}  // namespace tfseal

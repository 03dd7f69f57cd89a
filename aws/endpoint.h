#pragma once

#include <map>
#include <string>
#include <string_view>

#include "aws/service_model.h"
#include "core/result.h"

namespace tfseal::aws {

// Regions that share accounts, names and a DNS suffix.
struct Partition {
  std::string_view id;          // "aws-cn": also what ARNs begin with
  std::string_view dns_suffix;  // "amazonaws.com.cn"
};
const Partition& PartitionOf(std::string_view region);
// "eu-central-1": only lower-case letters, digits and dashes, as a region becomes part of a host name.
bool IsRegionName(std::string_view region);

struct EndpointOptions {
  // Instead of AWS' own, e.g. an emulator's: for every service, and by service ("secretsmanager").
  std::string url;
  std::map<std::string, std::string, std::less<>> service_urls;
  bool fips = false;
};

struct Endpoint {
  std::string scheme = "https";
  std::string host;
  std::string base_path;  // of an override; no trailing slash
  std::string signing_region;
  // Only AWS' own S3 knows buckets as host names; an override has them in the path.
  bool is_override = false;
};

Result<Endpoint> ResolveEndpoint(const ServiceModel& service, std::string_view region, const EndpointOptions& options);

}  // namespace tfseal::aws

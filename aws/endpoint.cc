#include "aws/endpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "aws/uri.h"

namespace tfseal::aws {
namespace {

struct PartitionPrefix {
  std::string_view region_prefix;
  Partition partition;
};

// https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
constexpr std::array<PartitionPrefix, 8> kPartitions = {{
    {"cn-", {"aws-cn", "amazonaws.com.cn"}},
    {"us-gov-", {"aws-us-gov", "amazonaws.com"}},
    {"us-isob-", {"aws-iso-b", "sc2s.sgov.gov"}},
    {"us-isof-", {"aws-iso-f", "csp.hci.ic.gov"}},
    {"eu-isoe-", {"aws-iso-e", "cloud.adc-e.uk"}},
    {"us-iso-", {"aws-iso", "c2s.ic.gov"}},
    {"eusc-", {"aws-eusc", "amazonaws.eu"}},
    {"", {"aws", "amazonaws.com"}},
}};

Result<Endpoint> FromOverride(const std::string& url, std::string_view region) {
  const std::optional<Uri> uri = ParseUri(url);
  if (!uri || !uri->query.empty()) {
    return Error{.code = ErrorCode::kUsage,
                 .message = "the endpoint url is not of the form https://host[:port][/path]",
                 .hint = "check AWS_ENDPOINT_URL, its variants by service and endpoint_url in the profile"};
  }
  return Endpoint{.scheme = uri->scheme,
                  .host = uri->host,
                  .base_path = uri->path,
                  .signing_region = std::string(region),
                  .is_override = true};
}

std::string HostOf(const ServiceModel& service, std::string_view region, std::string_view suffix, bool fips) {
  if (fips) {
    const auto special = service.fips_hosts.find(region);
    if (special != service.fips_hosts.end()) return special->second;
    return fmt::format("{}-fips.{}.{}", service.host_prefix, region, suffix);
  }
  const auto special = service.hosts.find(region);
  if (special != service.hosts.end()) return special->second;
  return fmt::format("{}.{}.{}", service.host_prefix, region, suffix);
}

}  // namespace

const Partition& PartitionOf(std::string_view region) {
  const auto found = std::find_if(kPartitions.begin(), kPartitions.end(), [&](const PartitionPrefix& candidate) {
    return region.starts_with(candidate.region_prefix);
  });
  return found->partition;
}

bool IsRegionName(std::string_view region) {
  const auto is_valid = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !region.empty() && region.size() <= 40 && std::all_of(region.begin(), region.end(), is_valid) &&
         region.front() != '-' && region.back() != '-';
}

Result<Endpoint> ResolveEndpoint(const ServiceModel& service, std::string_view region, const EndpointOptions& options) {
  if (!IsRegionName(region)) {
    return Error{.code = ErrorCode::kUsage,
                 .message = region.empty() ? "no region is set" : "the region's name is not one of AWS",
                 .hint = "set AWS_REGION, or region in the profile"};
  }
  const Partition& partition = PartitionOf(region);
  const auto global = service.global_hosts.find(partition.id);
  const bool is_global = global != service.global_hosts.end();
  const std::string_view signing_region = is_global ? std::string_view(global->second.signing_region) : region;
  if (const auto url = options.service_urls.find(service.name); url != options.service_urls.end()) {
    return FromOverride(url->second, signing_region);
  }
  if (!options.url.empty()) return FromOverride(options.url, signing_region);
  Endpoint endpoint;
  endpoint.signing_region = signing_region;
  if (!is_global) {
    endpoint.host = HostOf(service, region, partition.dns_suffix, options.fips);
  } else if (options.fips && global->second.fips_host.empty()) {
    return Error{.code = ErrorCode::kUsage,
                 .message = fmt::format("{} has no FIPS endpoint in partition {}", service.name, partition.id),
                 .hint = "unset AWS_USE_FIPS_ENDPOINT"};
  } else {
    endpoint.host = options.fips ? global->second.fips_host : global->second.host;
  }
  return endpoint;
}

}  // namespace tfseal::aws

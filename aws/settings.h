#pragma once

#include <string>

#include "aws/endpoint.h"
#include "aws/environment.h"
#include "aws/shared_config.h"
#include "core/result.h"

namespace tfseal::aws {

// What environment and shared configuration say about how AWS is called, other than with which credentials.
struct Settings {
  std::string region;  // empty: none is set
  EndpointOptions endpoints;
  int attempts_max = 5;
  std::string ca_bundle;
  std::string https_proxy;
  std::string no_proxy;
};

Result<Settings> ReadSettings(const Environment& environment, const SharedConfig& config);

}  // namespace tfseal::aws

#pragma once

#include <string>

#include "core/result.h"

namespace tfseal::cli {

// The status of the answer to a GET of an application's health URL. Redirects are answers, not followed.
Result<int> HealthStatus(const std::string& text);

}  // namespace tfseal::cli

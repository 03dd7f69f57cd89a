#pragma once

#include <cstdint>
#include <string_view>

#include "core/error.h"

namespace tfseal::aws {

// What a service's refusal means for what to do next.
enum class Refusal : std::uint8_t {
  kFinal,      // the same call would be refused again
  kThrottled,  // nothing was done; later it will be
  kNotNow,     // the service could not, and says that nothing was done
  kBroken,     // the service failed; whether something was done is not known
  kExpired,    // new credentials are needed
  kBadTime,    // the signature's time, or the signature, is refused: perhaps this machine's clock is wrong
};

struct ErrorClass {
  Refusal refusal = Refusal::kFinal;
  ErrorCode code = ErrorCode::kInvalidInput;
};

// From the service's code ("DBClusterNotFoundFault") and the HTTP status; codes of services that are not known go by
// how AWS names things.
ErrorClass Classify(std::string_view service_code, int http_status);

}  // namespace tfseal::aws

#pragma once

#include "aws/protocol.h"

namespace tfseal::aws {

// BuildRequest for the REST protocols; the parameters are checked already.
Result<HttpRequest> BuildRestRequest(const ServiceModel& service, const Operation& operation,
                                     const JsonValue& parameters);

}  // namespace tfseal::aws

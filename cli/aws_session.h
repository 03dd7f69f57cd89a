#pragma once

#include <memory>

#include "aws/session.h"
#include "core/clock.h"
#include "core/entropy.h"
#include "core/result.h"

namespace tfseal::cli {

// AWS as this process' environment and the user's shared configuration say. Nothing is sent yet.
Result<std::unique_ptr<aws::Session>> OpenAwsSession(Clock& clock, Entropy& entropy);

// The environment's variables, for what reads those of the AWS tools.
aws::Environment ProcessEnvironment();

// Who AWS takes the credentials for, without showing any of them.
struct AwsIdentity {
  std::string provider;  // "environment", "profile prod"
  std::string account;   // 12 digits
  std::string arn;       // of the user or role
};
Result<AwsIdentity> WhoAmI(aws::Session& session);

}  // namespace tfseal::cli

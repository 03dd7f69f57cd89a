#pragma once

#include "aws/credentials/provider.h"

namespace tfseal::aws {

// The role that a profile names (role_arn), taken on with the credentials of another place.
Result<Credentials> AssumeRole(const ProviderContext& context, const std::string& profile, const Credentials& source);

}  // namespace tfseal::aws

#pragma once

#include "aws/credentials/provider.h"

namespace tfseal::aws {

// IAM Identity Center: the token that `aws sso login` left in its cache, exchanged for credentials of the account and
// role that the profile names. A profile that has no sso_* settings gives nullopt.
Result<std::optional<Credentials>> SsoCredentials(const ProviderContext& context, const std::string& profile);

}  // namespace tfseal::aws

#pragma once

#include <optional>
#include <vector>

#include "aws/credentials/provider.h"

namespace tfseal::aws {

// The program that a profile names (credential_process), started without a shell; what it prints is
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
// A profile that has no such setting gives nullopt.
Result<std::optional<Credentials>> ProcessCredentials(const ProviderContext& context, const std::string& profile);

// Words as a POSIX shell would split them, with quotes and backslashes and without anything else of a shell; nullopt if
// a quote is not closed.
std::optional<std::vector<std::string>> SplitCommand(std::string_view text);

}  // namespace tfseal::aws

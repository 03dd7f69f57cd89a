#pragma once

#include <memory>
#include <string>

#include "aws/api.h"
#include "core/result.h"
#include "crypto/key_wrapper.h"
#include "crypto/rekey/mapping.h"

// Keys with which applications seal values themselves, from where they are kept (rekey::DirectKeySource). No error and
// no report ever holds what was found there.
namespace tfseal::cli {

// From a file or an environment variable.
Result<std::unique_ptr<KeyWrapper>> OpenKeptKey(const rekey::KeySpec& spec);
// From Secrets Manager; `region` is for a secret that is not named by its ARN.
Result<std::unique_ptr<KeyWrapper>> OpenSecretKey(const rekey::KeySpec& spec, aws::Api& api, const std::string& region);
// What is known of the secret without reading it: its ARN, and whether it is to be deleted.
Result<WrappingKeyState> DescribeSecret(const rekey::KeySpec& spec, aws::Api& api, const std::string& region);

// kUsage: both are the same key, so that moving rows would change nothing. `from` may be none.
Status CheckDirectKeys(const KeyWrapper* from, const KeyWrapper& to);

}  // namespace tfseal::cli

#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace tfseal::aws {

// A key as people name it.
struct KmsKeyName {
  std::string region;
  std::string key_id;  // what DescribeKey takes
};

// kInvalidInput says what is wrong with the text and what it should be.
Result<KmsKeyName> ParseKmsKeyName(std::string_view key, std::string_view default_region);
// Whether it is arn:PARTITION:kms:REGION:ACCOUNT:key/ID, which never names another key.
bool IsKmsKeyArn(std::string_view text);

}  // namespace tfseal::aws

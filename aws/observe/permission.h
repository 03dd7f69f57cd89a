#pragma once

#include <string>
#include <string_view>

namespace tfseal::observe {

// The IAM action that an API operation needs: {"s3", "GetBucketEncryption"} is "s3:GetEncryptionConfiguration". Source:
// AWS Service Authorization Reference.
std::string ActionOf(std::string_view service, std::string_view operation);

}  // namespace tfseal::observe

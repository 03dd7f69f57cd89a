#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "aws/api.h"
#include "core/result.h"
#include "crypto/key_wrapper.h"

namespace tfseal::aws {

struct KmsKeyOptions {
  // ARN of a key or an alias, a key id, or "alias/NAME".
  std::string key{};
  // For what is no ARN.
  std::string region{};
  // Advances with each request that the client sends (SessionOptions::on_request), so that calls() has the retries too;
  // nullptr: it counts each call once. Outlives the wrapper.
  const std::uint64_t* requests_sent = nullptr;
  // So many calls are handed to the client at a time.
  std::size_t calls_at_once = 1000;
};

// A symmetric key of AWS KMS, pinned: what `key` names is looked up once (DescribeKey), and its immutable ARN goes into
// every later call and is compared with that of every answer. `api` outlives the wrapper.
//
// kInvalidInput: the text is no key (ARNs like ...:key/alias/NAME are a common mistake), or the key is not a symmetric
// one for encryption. kNotFound, kPermissionDenied, ...: what DescribeKey says. A key that is disabled can be opened;
// Describe() tells.
//
// The calls change nothing in AWS, so they are repeated like reads, many at a time. Rewrap is ReEncrypt if `from` is a
// KMS key of the same region behind the same client; otherwise the data keys are shown to this process (Decrypt there,
// Encrypt here).
Result<std::unique_ptr<KeyWrapper>> OpenKmsKey(Api& api, const KmsKeyOptions& options);

}  // namespace tfseal::aws

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "aws/http.h"
#include "aws/retry.h"
#include "core/clock.h"
#include "core/entropy.h"
#include "core/result.h"
#include "crypto/key_wrapper.h"
#include "crypto/secret_bytes.h"

namespace tfseal::vault {

struct TransitOptions {
  std::string address{};  // "https://vault.example.com:8200"; plain HTTP to this machine only
  std::string vault_namespace{};
  std::string mount = "transit";
  std::string key{};
  int version = 0;  // 0: the latest, which is pinned
  aws::RetryPolicy retry{};
  std::size_t calls_at_once = 16;
  std::size_t keys_per_call = 250;
  // As aws::ClientOptions has it.
  std::function<bool(std::string_view limit)> on_wait{};
};

// What a wrapper is made of; all of it outlives the wrapper, which uses the transport alone while it works.
struct TransitParts {
  aws::HttpTransport& transport;
  Clock& clock;
  Entropy& entropy;
};

// A version of a key of HashiCorp Vault's transit engine
// (https://developer.hashicorp.com/vault/api-docs/secret/transit) as "vault:MOUNT/KEY:vN", pinned: keys that are
// wrapped under another version are refused, and so are answers that come back under one (kCorrupt), as they do when
// somebody rotates the key meanwhile. The blobs are the tokens "vault:vN:BASE64".
//
// A key that is derived binds its encryption contexts; another cannot, so that contexts that are not empty are refused
// (kInvalidInput). The token comes from the environment of whoever composes this, never from a file or an argument.
//
// Rewrap stays inside Vault if `from` is a version of the same key and the contexts are the same.
Result<std::unique_ptr<KeyWrapper>> OpenTransitKey(const TransitParts& parts, const TransitOptions& options,
                                                   SecretBytes token);

}  // namespace tfseal::vault

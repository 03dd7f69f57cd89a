#pragma once

#include <optional>
#include <string>

#include "core/clock.h"
#include "crypto/secret_bytes.h"

namespace tfseal::aws {

// What requests are signed with. The access key id is not secret, the rest is.
struct Credentials {
  std::string access_key_id;
  SecretBytes secret_access_key;
  SecretBytes session_token;         // empty: there is none
  std::optional<TimePoint> expires;  // none: they do not expire
  std::string provider;              // "environment", "profile prod (SSO)": where they came from, for people
  [[nodiscard]] Credentials Clone() const {
    return {access_key_id, secret_access_key.Clone(), session_token.Clone(), expires, provider};
  }
};

}  // namespace tfseal::aws

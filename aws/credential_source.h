#pragma once

#include "aws/credentials.h"
#include "core/result.h"

namespace tfseal::aws {

// Credentials that are good now, refreshed when their end is near.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  // Valid until the next call of either. kUnauthenticated: there are none, or they have expired and cannot be renewed;
  // the hint says what to do.
  virtual Result<const Credentials*> Get() = 0;
  // A service has called them expired: the next Get() renews them, whatever their stated end.
  virtual void Invalidate() = 0;
};

}  // namespace tfseal::aws

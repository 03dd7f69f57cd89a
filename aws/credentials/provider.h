#pragma once

#include <optional>

#include "aws/credentials.h"
#include "core/result.h"

namespace tfseal::aws {

// One place where credentials can come from.
class CredentialProvider {
 public:
  virtual ~CredentialProvider() = default;
  // nullopt: nothing is configured for this place, the next one is asked. An error: something is configured and does
  // not work; nobody else is asked, or somebody would act as another than they think.
  virtual Result<std::optional<Credentials>> Load() = 0;
};

}  // namespace tfseal::aws

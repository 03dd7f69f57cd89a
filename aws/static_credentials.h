#pragma once

#include <utility>

#include "aws/credential_source.h"

namespace tfseal::aws {

// Given ones, that nothing renews.
class StaticCredentials : public CredentialSource {
 public:
  explicit StaticCredentials(Credentials credentials) : credentials_(std::move(credentials)) {}
  Result<const Credentials*> Get() override { return &credentials_; }
  void Invalidate() override {}

 private:
  Credentials credentials_;
};

}  // namespace tfseal::aws

#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "aws/credential_source.h"
#include "aws/credentials/provider.h"
#include "core/clock.h"
#include "core/entropy.h"

namespace tfseal::aws {

// The providers in order: the first that has credentials is the one, for the life of the chain. They are renewed five
// minutes before they expire, and up to a minute earlier than that, so that many processes do not all come at once.
class CredentialChain : public CredentialSource {
 public:
  CredentialChain(std::vector<std::unique_ptr<CredentialProvider>> providers, const Clock& clock, Entropy& entropy);
  Result<const Credentials*> Get() override;
  void Invalidate() override { invalid_ = true; }

 private:
  Result<Credentials> Load();

  std::vector<std::unique_ptr<CredentialProvider>> providers_;
  const Clock& clock_;
  Entropy& entropy_;
  CredentialProvider* chosen_ = nullptr;
  std::optional<Credentials> current_;
  TimePoint renew_{};  // meaningful where the credentials expire
  bool invalid_ = false;
};

}  // namespace tfseal::aws

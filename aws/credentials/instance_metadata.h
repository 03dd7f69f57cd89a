#pragma once

#include "aws/credentials/provider.h"

namespace tfseal::aws {

// The role of the EC2 instance that this runs on, by version 2 of the metadata service only: version 1 answers whoever
// can make this machine send a request. AWS_EC2_METADATA_DISABLED=true switches it off.
class InstanceMetadataProvider : public CredentialProvider {
 public:
  explicit InstanceMetadataProvider(const ProviderContext& context) : context_(context) {}
  Result<std::optional<Credentials>> Load() override;

 private:
  // nullopt: nobody answers, so this is no EC2 instance.
  Result<std::optional<std::string>> Token() const;
  Result<HttpResponse> Get(const std::string& path, const std::string& token) const;
  Result<HttpRequest> Request(const std::string& method, const std::string& path) const;
  ProviderContext context_;
};

}  // namespace tfseal::aws

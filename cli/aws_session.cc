#include "cli/aws_session.h"

#include <unistd.h>

namespace tfseal::cli {

aws::Environment ProcessEnvironment() {
  aws::Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

Result<std::unique_ptr<aws::Session>> OpenAwsSession(Clock& clock, Entropy& entropy) {
  aws::SessionOptions options;
  options.environment = ProcessEnvironment();
  options.user_agent = "tfseal/" TFSEAL_VERSION;
  return aws::Session::Open(std::move(options), clock, entropy);
}

Result<AwsIdentity> WhoAmI(aws::Session& session) {
  TFSEAL_ASSIGN(const aws::Credentials* const credentials, session.credentials().Get());
  AwsIdentity identity{.provider = credentials->provider, .account = "", .arn = ""};
  // In any region the answer is the same.
  const std::string region = session.region().empty() ? "us-east-1" : session.region();
  TFSEAL_ASSIGN(const JsonValue answer,
                session.api().Send({.service = "sts", .operation = "GetCallerIdentity", .region = region}));
  identity.account = answer["Account"].asString();
  identity.arn = answer["Arn"].asString();
  return identity;
}

}  // namespace tfseal::cli

#include "aws/session.h"

#include <algorithm>
#include <utility>

#include "aws/credential_chain.h"
#include "aws/credentials/profile.h"

namespace tfseal::aws {

Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::Open(SessionOptions options, Clock& clock, Entropy& entropy) {
  std::unique_ptr<Session> session(new Session(std::move(options)));
  const Environment& environment = session->options_.environment;
  TFSEAL_ASSIGN(session->config_, ReadSharedConfig(environment));
  TFSEAL_ASSIGN(session->settings_, ReadSettings(environment, session->config_));
  const Settings& settings = session->settings_;
  CurlOptions curl;
  curl.ca_bundle = settings.ca_bundle;
  curl.https_proxy = settings.https_proxy;
  curl.no_proxy = settings.no_proxy;
  curl.user_agent = session->options_.user_agent;
  const auto at_once = static_cast<std::size_t>(std::max(session->options_.requests_at_once, 1));
  curl.connections_per_host_max = std::max(curl.connections_per_host_max, at_once);
  curl.connections_max = std::max(curl.connections_max, at_once);
  session->transport_ = std::make_unique<CurlTransport>(curl);
  session->credential_transport_ = std::make_unique<CurlTransport>(curl);
  const ProviderContext context{.environment = environment,
                                .config = session->config_,
                                .settings = settings,
                                .transport = *session->credential_transport_,
                                .clock = clock,
                                .entropy = entropy};
  session->credentials_ = std::make_unique<CredentialChain>(StandardProviders(context), clock, entropy);
  ClientOptions client;
  client.endpoints = settings.endpoints;
  client.retry.attempts_max = settings.attempts_max;
  client.on_request = session->options_.on_request;
  client.concurrency_per_service = static_cast<int>(at_once);
  client.on_wait = session->options_.on_wait;
  client.pace = session->options_.pace;
  session->client_ = std::make_unique<Client>(
      ClientParts{
          .transport = *session->transport_, .credentials = *session->credentials_, .clock = clock, .entropy = entropy},
      std::move(client));
  return session;
}

}  // namespace tfseal::aws

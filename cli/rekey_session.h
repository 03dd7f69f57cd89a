#pragma once

#include <memory>
#include <optional>

#include "cli/args.h"
#include "cli/aws_session.h"
#include "cli/exit_code.h"
#include "cli/ui.h"
#include "core/system_clock.h"
#include "crypto/rekey/mapping.h"
#include "crypto/rekey/rekey_run.h"
#include "crypto/system_entropy.h"
#include "postgres/connection.h"
#include "postgres/connection_url.h"

namespace tfseal::cli {

// The section rekey: of the configuration. Mistakes are told; nullopt then.
std::optional<rekey::Mapping> LoadMapping(const Arguments& arguments, const Ui& ui);

// The database that the mapping's dsn_env names, from the environment.
Result<postgres::ConnectionUrl> DatabaseOf(const rekey::Mapping& mapping);

// The keys of a mapping, opened and pinned, with what they need.
struct RekeyKeys {
  std::unique_ptr<SteadyClock> clock;
  std::unique_ptr<SystemEntropy> entropy;
  std::unique_ptr<std::uint64_t> requests_sent;  // by the session
  std::unique_ptr<rekey::ServiceWatch> watch;    // of the session
  std::unique_ptr<aws::Session> session;         // nullptr unless a key is in AWS
  std::unique_ptr<aws::HttpTransport> vault;     // nullptr unless one is in Vault
  rekey::JobKeys keys;
};
// Looks the keys up, and reads the legacy material from the catalogue where there is any. Uses none of them.
Result<RekeyKeys> OpenRekeyKeys(const rekey::Mapping& mapping, postgres::Connection& session);

// One of the mapping's two keys, with what it needs kept in `with`. nullptr: the catalogue names no provider for it.
Result<std::unique_ptr<KeyWrapper>> OpenRekeyKey(const rekey::Mapping& mapping, postgres::Connection& session,
                                                 const rekey::KeySpec& spec, RekeyKeys& with);

// The same for a key in Secrets Manager, without reading the secret: what a plan may do.
Result<WrappingKeyState> DescribeRekeySecret(const rekey::KeySpec& spec, RekeyKeys& with);

// What rows hold under each key: the catalogue's ids, or the names.
Result<rekey::KeyRefValues> KeyRefsOf(const rekey::Mapping& mapping, postgres::Connection& session);

// How a rekey command ends for an error.
ExitCode RekeyExitCode(const Error& error);

// The subcommands of rekey.
ExitCode RunRekeySetup(const Arguments& arguments, const Ui& ui);
ExitCode RunRekeyRun(const Arguments& arguments, const Ui& ui);
ExitCode RunRekeyStatus(const Arguments& arguments, const Ui& ui);
ExitCode RunRekeyPause(const Arguments& arguments, const Ui& ui);
ExitCode RunRekeyResume(const Arguments& arguments, const Ui& ui);
ExitCode RunRekeyCancel(const Arguments& arguments, const Ui& ui);
ExitCode RunRekeyPruneTokens(const Arguments& arguments, const Ui& ui);
ExitCode RunRekeySetRate(const Arguments& arguments, const Ui& ui);
ExitCode RunRekeyPlan(const Arguments& arguments, const Ui& ui);
ExitCode RunRekeyVerify(const Arguments& arguments, const Ui& ui);
ExitCode RunRekeyRetire(const Arguments& arguments, const Ui& ui);

}  // namespace tfseal::cli

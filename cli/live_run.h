#pragma once

#include <memory>
#include <string_view>

#include "cli/aws_session.h"
#include "cli/run_session.h"
#include "crypto/system_entropy.h"

namespace tfseal::cli {

// The journal of a command line, with the connection to AWS that some stores need.
struct JournalPlace {
  std::unique_ptr<SystemClock> clock;  // of the session, as is `entropy`
  std::unique_ptr<SystemEntropy> entropy;
  std::unique_ptr<aws::Session> session;  // nullptr unless the store needs it
  std::unique_ptr<JournalStore> store;
};
Result<JournalPlace> OpenJournal(const Arguments& arguments);

// apply, resume and rollback: everything is checked before anything is changed (plan, account, lock, journal), then the
// run, then its status. `command` goes into the journal.
ExitCode RunLive(const Arguments& arguments, const Ui& ui, std::string_view command);

}  // namespace tfseal::cli

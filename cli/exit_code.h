#pragma once

namespace tfseal::cli {

// The contract with scripts; `tfseal explain N` says each in words. Numbers are never reused.
enum class ExitCode : int {
  kDone = 0,     // done, allow, compliant
  kFailed = 1,   // could not do it: input unusable, network, permission
  kActions = 2,  // plan --detailed-exitcode: there are actions to take
  kDeny = 3,     // deny; verify: at least one control fails
  kReview = 4,   // review; verify: none fails, at least one is unknown
  kStopped = 5,  // apply, rekey: stopped with work left; safe to resume
  kWaiting = 6,  // a soak time, a window or an approval is not due yet
  kDamaged = 7,  // journal or evidence damaged
  kLocked = 8,   // another run holds the lock
  kUsage = 64,   // the command line or the configuration is wrong
  kInterrupted = 130,
  kTerminated = 143,
};

}  // namespace tfseal::cli

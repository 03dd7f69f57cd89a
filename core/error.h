#pragma once

#include <string>
#include <string_view>

namespace tfseal {

// What a caller can act on. Everything else about a failure is in the message.
enum class ErrorCode {
  kInvalidInput,        // the document is damaged or is not what was asked for
  kUnsupportedVersion,  // a format version or a tool version we do not know
  kNotFound,            // a file, a program or a name does not exist
  kConflict,            // the output exists, is the input, or is taken
  kPermissionDenied,    // the operating system or AWS refuses
  kUnavailable,         // reading or writing failed for an outside reason
  kUsage,               // the command line or the configuration is wrong
  kUnauthenticated,     // no credentials, or they are wrong or expired
  kThrottled,           // asked to slow down, and still so after every retry
  kTimeout,             // no answer in time, and nothing was changed
  kOutcomeUnknown,      // a change was sent and its answer was lost: only looking tells whether it happened
  kStalePlan,           // the world is no longer what the plan was made from
  kCorrupt,             // a journal or a record is damaged
  kLocked,              // another run holds the lock
  kInternal,            // a bug of ours that could still be reported
};

// One failure: what happened, where, why, and what to do. Messages never contain attribute values, which may be secret.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;  // lower case, no full stop; starts with the file or resource it is about
  std::string hint;     // the fix, as a command where there is one; may be empty
  // The code that the failing service gave, as its API model names it: DBClusterNotFoundFault, 40001. Empty otherwise.
  std::string service_code{};
};

}  // namespace tfseal

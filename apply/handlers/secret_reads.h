#pragma once

#include <string>
#include <vector>

#include "apply/handler.h"

// What AWS remembers of the reads of a secret: CloudTrail, and the log of the application.
namespace tfseal {

struct SecretReads {
  int count = 0;        // that succeeded
  std::string refused;  // time of the first one that was refused; empty if none was
};

// GetSecretValue of this secret by this role (its name), in the time between. CloudTrail shows an event some minutes
// late.
Result<SecretReads> SecretReadsBy(const std::string& role, const std::string& secret, TimePoint from, TimePoint to,
                                  const Action& action, RunContext& context);

// Where a line stands; its content is the application's and may be anything.
struct LogLine {
  std::string time;  // RFC 3339
  std::string stream;
};

// The lines of a log group that contain the text, oldest first. The service filters by the term, and every line is
// looked at again here.
Result<std::vector<LogLine>> LogLinesWith(const std::string& log_group, const std::string& text, TimePoint from,
                                          TimePoint to, const Action& action, RunContext& context);

}  // namespace tfseal

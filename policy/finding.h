#pragma once

#include <string>
#include <vector>

#include "policy/control.h"

namespace tfseal {

// How a finding came about, seen from the change.
enum class Cause : unsigned char {
  kExisting,  // was so before and is not worse: the plan neither causes nor worsens it
  kCaused,    // created in breach, or made by this change
  kWorsened,  // failed before and gets worse
  kDrift,     // changed outside Terraform
  kState,     // judged on a state: there is no change
};

struct Finding {
  std::string control;  // "TFS-RDS-001"; for change findings "TFS-GATE-..." (change_class.h)
  Topic topic = Topic::kEncryption;
  Verdict verdict = Verdict::kUnknown;
  Severity severity = Severity::kInfo;
  std::string address;
  std::string type;
  std::string environment;  // name in tfseal.yaml; empty: defaults
  Cause cause = Cause::kExisting;
  bool required = false;  // the topic is in the environment's `require`
  bool waived = false;
  std::string waiver;        // who, why, until when
  std::string change_class;  // change_class.h; empty for states
  std::string message;
  std::string remedy;
  std::vector<std::string> evidence;  // "before: storage_encrypted = true", names and non-secret facts only
  std::string file;                   // file:line of the block, where the sources are known
  int line = 0;
};

}  // namespace tfseal

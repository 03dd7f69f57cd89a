#pragma once

#include <string>
#include <vector>

#include "core/shared_text.h"
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
  SharedText control;  // "TFS-RDS-001"; for change findings "TFS-GATE-..." (change_class.h)
  Topic topic = Topic::kEncryption;
  Verdict verdict = Verdict::kUnknown;
  Severity severity = Severity::kInfo;
  SharedText address;
  SharedText type;
  SharedText environment;  // name in tfseal.yaml; empty: defaults
  Cause cause = Cause::kExisting;
  bool required = false;  // the topic is in the environment's `require`
  bool waived = false;
  bool known = false;       // in the baseline (baseline.h)
  int line = 0;             // of `file`
  SharedText waiver;        // who, why, until when; if it is not waived: a waiver that has run out
  SharedText change_class;  // change_class.h; empty for states
  SharedText message;
  SharedText remedy;
  std::vector<std::string> evidence;  // "before: storage_encrypted = true", names and non-secret facts only
  SharedText file;                    // of the block, where the sources are known
  SharedText object;                  // ARN, only if asked for (Judging::objects)

  // Whether it has a say in the verdict.
  [[nodiscard]] bool decides() const { return required && !waived && !known; }
};

}  // namespace tfseal

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aws/observe/observe.h"
#include "planner/action_plan.h"
#include "verifier/differences.h"
#include "verifier/verify.h"

namespace tfseal {

// A promise of an action plan that is a control, judged live.
struct KeptPromise {
  std::string action;  // id
  std::string summary;
  std::string control;
  std::string address;
  Verdict verdict = Verdict::kUnknown;
  std::string message;
};

struct LiveReport {
  VerifyReport verified;                // one report a live document
  std::vector<Difference> differences;  // between the documents given and AWS
  std::vector<KeptPromise> promises;
  Report unmanaged;                     // advice: nothing in it decides the verdict
  Verdict verdict = Verdict::kUnknown;  // of all but what is unmanaged
  // Set if nothing at all could be judged: the error that stopped it.
  std::optional<Error> nothing_judged;
};

// Judges what was observed with the controls that judge documents. Beside these, it fails what Terraform has and AWS
// has not (TFS-LIVE-001), what is weaker than Terraform's document says where the policy has no number (of the control
// that says so), and keys that something depends on and that cannot be used (TFS-KMS-002). What could not be read is
// unknown for every control that looks at it, whatever that control would make of the rest.
LiveReport VerifyLive(const observe::Observation& observation, const observe::Unmanaged* unmanaged,
                      const PolicyFile& policy, const std::vector<OpenObligation>& obligations,
                      const ActionPlan* actions, UnixSeconds now, Listing listing = Listing::kFindings);

// What is said about the run, beside the report of `verify`: the member "live".
struct LiveRun {
  std::string account;
  std::string provider;
  std::vector<std::string> regions;
  std::map<std::string, std::size_t> requests;  // by "service Operation"
};
JsonValue ToJson(const LiveReport& report, const observe::Observation& observation, const observe::Unmanaged* unmanaged,
                 const LiveRun& run);

// Documents made from the targets of an action plan, for a run that has only that: what they are called, and nothing
// that they are set to.
terraform::Document DocumentOfTargets(const ActionPlan& plan);

}  // namespace tfseal

#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "planner/draft.h"

namespace tfseal {

// What a Terraform plan means to do, as far as it matters for the way that keeps the data.
struct Intention {
  // Resources that the plan creates. They are in the world that is planned for, but only their configuration can be
  // changed: nothing of them exists.
  std::set<std::string> created;
  // Databases that the plan would replace to encrypt them or to change their key -> the key it names: an ARN, or empty.
  std::map<std::string, std::string> wanted_keys;
  // The findings for the above where nothing fails by itself, e.g. a database that is encrypted under another key.
  std::deque<Finding> rekeys;
  // What the plan would weaken.
  struct Weakening {
    std::string address;
    std::string attribute;  // empty: not told by the control
    std::string message;
  };
  std::vector<Weakening> weakened;
  // Re-keys under a key that does not exist yet -> the address of the key.
  std::map<std::string, std::string> key_to_come;
};

// Reads the intention of a plan; empty for a state. Notes what the plan would destroy or weaken, which this plan never
// carries out.
Intention IntentionOf(const terraform::Document& document, const PolicyFile& policy, UnixSeconds now, Draft& draft);

// What to do about what the plan would weaken: nothing is changed, unless an action of this plan sets the argument.
std::vector<std::string> NotesOn(const Intention& intention, const std::vector<Action>& actions);

class InPlaceChanges;
// The arguments with which a resource that does not exist yet would pass. False if they cannot be told.
bool PlanBeforeCreation(InPlaceChanges& changes, const Finding& finding);

}  // namespace tfseal

#pragma once

#include <string>
#include <vector>

#include "planner/in_place.h"

namespace tfseal {

// A store whose encryption AWS cannot change where it is: its content goes into another object that is made with the
// key, its users move there, and the old object is kept.
struct RecipeRequest {
  const Site& site;
  const terraform::ResourceInstance& instance;  // that the finding is about
  const Finding& finding;
  Target target;
  Place place;
  KeyRing& keys;
  Draft& draft;
  std::string open;  // opens the wave
};

struct RecipePlan {
  bool known = false;             // there is a recipe for this kind of resource and finding
  std::string refused;            // why it is not planned here; empty if it is
  std::vector<std::string> last;  // actions that end it
};

// Asked once for every finding. What several findings of one resource, or several resources that share an outage, have
// in common is added to the draft once.
RecipePlan PlanRecipe(const RecipeRequest& request);

// Volumes and the devices of instances: R-EBS, R-ROOT.
RecipePlan PlanVolumes(const RecipeRequest& request);
// R-EFS, R-VAULT, R-ECR.
RecipePlan PlanFileSystem(const RecipeRequest& request);
RecipePlan PlanVault(const RecipeRequest& request);
RecipePlan PlanRepository(const RecipeRequest& request);

// An object that takes the place of another one in the state. `import_id` may hold names of `names`.
struct Successor {
  std::string address;
  std::string import_id;
};

// How Terraform learns of them: the old objects leave the state, the new ones are imported at the same addresses.
struct Succession {
  std::vector<Successor> successors;          // the first is what `target` is about
  JsonValue set{Json::objectValue};           // arguments of the target
  std::vector<std::string> remove;            // arguments to take out
  std::vector<std::string> notes;             // what else has to be written
  JsonValue names{Json::objectValue};         // NEW_VOLUME -> {"output_of"}: what is only known when it was made
  JsonValue identity{Json::objectValue};      // attributes that tell the new object from the old one
  std::vector<std::string> expected_changes;  // arguments that only Terraform knows
};

std::string ReconcileSuccession(const RecipeRequest& request, const Target& target, const Succession& succession,
                                const std::vector<std::string>& needs);

// The same object as before, with other attributes: a refresh shows them, the configuration must not contradict them.
std::string ReconcileSettings(const RecipeRequest& request, const Target& target, const JsonValue& set,
                              const std::vector<std::string>& expected_drift, const std::vector<std::string>& needs);

// A line of the timeline, once.
void AnnounceMove(const RecipeRequest& request, const std::string& text);

// The finding's control becomes a postcondition of the action.
void Proves(const RecipeRequest& request, const std::string& action);

// Key-value pairs as Terraform has them in tags_all (or tags), as the API takes them; null if there are none.
JsonValue TagSpecifications(std::string_view resource, const JsonValue& tags);

}  // namespace tfseal

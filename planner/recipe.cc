#include "planner/recipe.h"

#include <algorithm>

#include "planner/parameters.h"
#include "planner/terraform_repair.h"

namespace tfseal {
namespace {

struct Entry {
  std::string_view type;
  RecipePlan (*plan)(const RecipeRequest&);
};

constexpr Entry kRecipes[] = {
    {"aws_backup_vault", PlanVault},         {"aws_ebs_volume", PlanVolumes}, {"aws_ecr_repository", PlanRepository},
    {"aws_efs_file_system", PlanFileSystem}, {"aws_instance", PlanVolumes},
};

}  // namespace

RecipePlan PlanRecipe(const RecipeRequest& request) {
  const bool about_keys = request.finding.topic == Topic::kEncryption || request.finding.topic == Topic::kCustomerKey;
  if (!about_keys) return {};
  for (const Entry& entry : kRecipes) {
    if (entry.type != request.instance.type) continue;
    if (request.target.region.empty() || request.target.account.empty()) {
      return {true, "the document has no ARN for it, so its region and account are not known", {}};
    }
    return entry.plan(request);
  }
  return {};
}

std::string ReconcileSuccession(const RecipeRequest& request, const Target& target, const Succession& succession,
                                const std::vector<std::string>& needs) {
  std::string hcl = SharedBlockNote(SharingBlock(request.site, target));
  std::vector<std::string> commands = {"terraform state pull > before-repair.tfstate"};
  for (const Successor& successor : succession.successors) {
    hcl += ImportBlock(successor.address, successor.import_id) + "\n";
    commands.push_back("terraform state rm '" + successor.address + "'");
  }
  std::vector<std::string> lines = {"# every other argument as before"};
  for (const std::string& note : succession.notes) lines.push_back("# " + note);
  hcl += HclResource(target.address, target.type, succession.set, lines);
  for (const std::string& command : ApplyAndCheck("terraform")) commands.push_back(command);
  JsonValue payload = Object({{"recipe", "T3"},
                              {"set", succession.set},
                              {"hcl", Text(hcl)},
                              {"commands", Texts(commands)},
                              {"expected_drift", JsonValue(Json::arrayValue)},
                              {"expected_changes", Texts(succession.expected_changes)}});
  if (!succession.remove.empty()) payload["remove"] = Texts(succession.remove);
  if (!succession.names.empty()) payload["names"] = succession.names;
  if (!succession.identity.empty()) payload["identity"] = succession.identity;
  const std::string id = request.draft.Add(kReconcileTerraform, target, payload, request.place, needs);
  request.draft.AddPrecondition(id, {"state_backed_up", "", "",
                                     "a copy of the state is kept, and no other run can start: while an address is not "
                                     "in the state, an apply would create an empty object there"});
  return id;
}

std::string ReconcileSettings(const RecipeRequest& request, const Target& target, const JsonValue& set,
                              const std::vector<std::string>& expected_drift, const std::vector<std::string>& needs) {
  const std::string hcl = SharedBlockNote(SharingBlock(request.site, target)) +
                          HclResource(target.address, target.type, set, {"# every other argument as before"});
  return request.draft.Add(kReconcileTerraform, target,
                           Object({{"recipe", "settings"},
                                   {"set", set},
                                   {"hcl", Text(hcl)},
                                   {"commands", Texts(ApplyAndCheck("terraform"))},
                                   {"expected_drift", Texts(expected_drift)},
                                   {"expected_changes", JsonValue(Json::arrayValue)}}),
                           request.place, needs);
}

void AnnounceMove(const RecipeRequest& request, const std::string& text) {
  std::vector<TimelineEntry>& timeline = request.draft.timeline();
  const Place& place = request.place;
  const bool there = std::any_of(timeline.begin(), timeline.end(), [&](const TimelineEntry& entry) {
    return entry.text == text && entry.environment == place.environment;
  });
  if (!there) timeline.push_back({place.day, place.day, place.wave, place.environment, text});
}

void Proves(const RecipeRequest& request, const std::string& action) {
  const Finding& finding = request.finding;
  request.draft.AddPostcondition(
      action, {"control", finding.control, finding.address, finding.control + " passes on " + finding.address});
}

JsonValue TagSpecifications(std::string_view resource, const JsonValue& tags) {
  if (tags.isNull()) return {};
  JsonValue list(Json::arrayValue);
  list.append(Object({{"ResourceType", Text(resource)}, {"Tags", tags}}));
  return list;
}

}  // namespace tfseal

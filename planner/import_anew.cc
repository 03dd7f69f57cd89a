#include "planner/import_anew.h"

#include "core/check.h"
#include "planner/parameters.h"
#include "planner/terraform_repair.h"

namespace tfseal {

std::string AddImportAnew(Draft& draft, const ImportAnew& import, const Place& place,
                          const std::vector<Motive>& motives, const std::string& after) {
  RepairRequest request;
  request.recipe = RepairRecipe::kStateSurgery;
  request.address = import.target.address;
  request.type = import.target.type;
  request.identifier = import.identifier;
  request.set = import.set;
  const auto repair = RepairTerraform(request);
  TFSEAL_CHECK(repair.ok());
  std::vector<std::string> changed = repair->expected_changes;
  changed.insert(changed.end(), import.only_terraform.begin(), import.only_terraform.end());
  const std::string note = import.note.empty() ? "" : "# " + import.note + "\n";
  JsonValue payload = Object({{"recipe", Text(Name(request.recipe))},
                              {"set", import.set},
                              {"hcl", Text(note + repair->hcl)},
                              {"commands", Texts(repair->commands)},
                              {"expected_drift", JsonValue(Json::arrayValue)},
                              {"expected_changes", Texts(changed)}});
  if (!import.remove.empty()) payload["remove"] = Texts(import.remove);
  const std::string id = draft.Add(kReconcileTerraform, import.target, payload, place, {after}, motives);
  draft.AddPrecondition(id, {"state_backed_up", "", "",
                             "a copy of the state is kept, and no other run can start: while the address is not in the "
                             "state, an apply would create a second, empty " +
                                 import.what});
  return id;
}

}  // namespace tfseal

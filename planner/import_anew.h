#pragma once

#include <string>
#include <vector>

#include "planner/draft.h"

namespace tfseal {

// How Terraform learns that another object is at an address: the old one leaves the state, the new one is imported.
struct ImportAnew {
  Target target;
  std::string what;                         // for people: "cache"
  std::string identifier;                   // that the import takes
  std::string note;                         // a comment above the import
  JsonValue set{Json::objectValue};         // arguments
  std::vector<std::string> remove;          // arguments to take out
  std::vector<std::string> only_terraform;  // arguments of this type that no import reads
};

// Returns the id of the action.
std::string AddImportAnew(Draft& draft, const ImportAnew& import, const Place& place,
                          const std::vector<Motive>& motives, const std::string& after);

}  // namespace tfseal

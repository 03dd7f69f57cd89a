#pragma once

#include <string>
#include <vector>

#include "core/json.h"
#include "core/result.h"

namespace tfseal {

// How Terraform is brought in line with a database that was moved outside of it.
enum class RepairRecipe : unsigned char {
  kRenameSwap,    // T1: the identifier, which is the state's id, is the same again: only arguments change
  kNewAddress,    // T2: forget the old address and import at a new one, in one apply
  kStateSurgery,  // T3: the state's id is not the identifier (aws_db_instance), or the identifier changed
  kTwoMerges,     // T4: like T3, for those who have no command line access to the state
};
std::string_view Name(RepairRecipe recipe);  // "T1" ...

struct RepairRequest {
  RepairRecipe recipe = RepairRecipe::kRenameSwap;
  std::string address;      // as in the state
  std::string new_address;  // T2
  std::string type;
  std::string identifier;            // what the import takes
  JsonValue set{Json::objectValue};  // arguments; {"output_of"} values become a comment
  std::vector<std::string> addresses_in_state;
  // Other instances of the same block (count, for_each, a module used several times): what is written for one is
  // written for all of them.
  std::vector<std::string> shares_block_with;
  bool opentofu = false;
  std::string version;  // of terraform or tofu; empty if unknown
  bool has_snapshot_identifier = false;
};

struct Repair {
  RepairRecipe recipe = RepairRecipe::kRenameSwap;
  std::string hcl;
  std::vector<std::string> remove;            // arguments to take out
  std::vector<std::string> commands;          // in order
  std::vector<std::string> expected_drift;    // attributes that resource_drift may show
  std::vector<std::string> expected_changes;  // arguments that the first plan after an import may update in place
};

// Refuses what is known to destroy the database or not to work: an import at an address that the state has (it is
// skipped, and the plan replaces the object), a new address that is not new, features the version does not have.
Result<Repair> RepairTerraform(const RepairRequest& request);

// A `moved` block is refused while its source is declared ("Moved object still exists").
Result<std::string> MovedBlock(const std::string& from, const std::string& to, bool source_declared);

// What writes arguments that only Terraform keeps into the state, and shows that nothing is left to do. `tool` is
// "terraform" or "tofu".
std::vector<std::string> ApplyAndCheck(const std::string& tool);

// import { to = ..., id = ... }
std::string ImportBlock(const std::string& address, const std::string& identifier);
// What has to be said where one block also makes `others`; empty if it makes none.
std::string SharedBlockNote(const std::vector<std::string>& others);

// HCL of one value: "text", true, 7, ["a", "b"].
std::string HclValue(const JsonValue& value);
// resource "TYPE" "NAME" { ... } for the block of `address`, with an aligned list of arguments.
std::string HclResource(const std::string& address, const std::string& type, const JsonValue& set,
                        const std::vector<std::string>& lines_after);

}  // namespace tfseal

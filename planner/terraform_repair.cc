#include "planner/terraform_repair.h"

#include <algorithm>
#include <cstdlib>

#include "planner/parameters.h"
#include "policy/world.h"

namespace tfseal {
namespace {

struct Version {
  int major = 0;
  int minor = 0;
  bool known = false;
  [[nodiscard]] bool Before(int other_major, int other_minor) const {
    return known && (major != other_major ? major < other_major : minor < other_minor);
  }
};

Version ParseVersion(const std::string& text) {
  char* end = nullptr;
  const long major = std::strtol(text.c_str(), &end, 10);
  if (end == text.c_str() || *end != '.') return {};
  const long minor = std::strtol(end + 1, nullptr, 10);
  return {static_cast<int>(major), static_cast<int>(minor), true};
}

Error Refused(const std::string& address, const std::string& why, const std::string& hint) {
  return {ErrorCode::kConflict, address + ": " + why, hint};
}

bool Contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// The name of the block: the last step of the address without instance keys.
std::string BlockName(const std::string& address) {
  const std::string block = WithoutInstanceKeys(address);
  return block.substr(block.rfind('.') + 1);
}

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' || c == '\\') quoted += '\\';
    // Text is data here, never a template.
    if ((c == '$' || c == '%') && i + 1 < text.size() && text[i + 1] == '{') quoted += c;
    if (c == '\n') {
      quoted += "\\n";
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string RemovedBlock(const std::string& address) {
  return "removed {\n  from = " + WithoutInstanceKeys(address) + "\n\n  lifecycle {\n    destroy = false\n  }\n}\n";
}

Status CheckVersions(const RepairRequest& request, bool removed, bool import) {
  const Version version = ParseVersion(request.version);
  const std::string tool = request.opentofu ? "OpenTofu " : "Terraform ";
  if (import && version.Before(1, request.opentofu ? 6 : 5)) {
    return Refused(request.address, tool + request.version + " has no import blocks",
                   request.opentofu ? "upgrade to 1.6" : "upgrade to 1.5, or import on the command line (T3)");
  }
  // Without destroy = false Terraform destroys, and OpenTofu before 1.10 does not know the argument.
  if (removed && version.Before(1, request.opentofu ? 10 : 7)) {
    return Refused(request.address, tool + request.version + " has no removed block with lifecycle.destroy",
                   "upgrade to " + std::string(request.opentofu ? "1.10" : "1.7") + ", or use T3");
  }
  return {};
}

std::string Tool(const RepairRequest& request) {
  return request.opentofu ? "tofu" : "terraform";
}

std::vector<std::string> AfterImport() {
  return {"apply_immediately",        "allow_major_version_upgrade",
          "delete_automated_backups", "final_snapshot_identifier",
          "master_password",          "password",
          "skip_final_snapshot"};
}

void AddAll(std::vector<std::string>& to, const std::vector<std::string>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

Repair RenameSwap(const RepairRequest& request) {
  Repair repair;
  repair.recipe = RepairRecipe::kRenameSwap;
  repair.hcl = SharedBlockNote(request.shares_block_with) +
               HclResource(request.address, request.type, request.set,
                           {"# every other argument as before; no snapshot_identifier", "lifecycle {",
                            "  prevent_destroy = true", "}"});
  repair.commands = {Tool(request) + " plan -refresh-only"};
  AddAll(repair.commands, ApplyAndCheck(Tool(request)));
  repair.expected_drift = {"arn",         "cluster_resource_id", "hosted_zone_id",
                           "kms_key_arn", "kms_key_id",          "storage_encrypted"};
  return repair;
}

Repair NewAddress(const RepairRequest& request) {
  Repair repair;
  repair.recipe = RepairRecipe::kNewAddress;
  repair.hcl = RemovedBlock(request.address) + "\n" + ImportBlock(request.new_address, request.identifier) + "\n" +
               HclResource(request.new_address, request.type, request.set,
                           {"# every other argument as before; no snapshot_identifier"});
  repair.commands = ApplyAndCheck(Tool(request));
  repair.expected_changes = AfterImport();
  return repair;
}

Repair StateSurgery(const RepairRequest& request) {
  Repair repair;
  repair.recipe = RepairRecipe::kStateSurgery;
  repair.hcl = SharedBlockNote(request.shares_block_with) + ImportBlock(request.address, request.identifier) + "\n" +
               HclResource(request.address, request.type, request.set,
                           {"# every other argument as before; no snapshot_identifier"});
  const std::string tool = Tool(request);
  repair.commands = {tool + " state pull > before-repair.tfstate", tool + " state rm '" + request.address + "'"};
  AddAll(repair.commands, ApplyAndCheck(tool));
  repair.expected_changes = AfterImport();
  return repair;
}

Repair TwoMerges(const RepairRequest& request) {
  Repair repair;
  repair.recipe = RepairRecipe::kTwoMerges;
  repair.hcl = "# first merge: the resource block goes, this comes\n" + RemovedBlock(request.address) +
               "\n# second merge, after the first was applied: the removed block goes, these come\n" +
               ImportBlock(request.address, request.identifier) + "\n" +
               HclResource(request.address, request.type, request.set,
                           {"# every other argument as before; no snapshot_identifier"});
  // Each merge is planned, judged and applied by its own pipeline.
  repair.commands = {Tool(request) + " apply", Tool(request) + " apply", Tool(request) + " plan -detailed-exitcode"};
  repair.expected_changes = AfterImport();
  return repair;
}

}  // namespace

std::string ImportBlock(const std::string& address, const std::string& identifier) {
  return "import {\n  to = " + address + "\n  id = " + Quoted(identifier) + "\n}\n";
}

std::string SharedBlockNote(const std::vector<std::string>& others) {
  if (others.empty()) return {};
  std::string note = "# the block also makes:\n";
  for (const std::string& other : others) note += "#   " + other + "\n";
  return note +
         "# write the changed arguments so that they apply to this instance alone (by each.key, count.index or a "
         "variable)\n# until the others are moved too: a plan that changes them for the others destroys those\n";
}

std::vector<std::string> ApplyAndCheck(const std::string& tool) {
  return {tool + " plan -out=repair.tfplan", "tfseal gate repair.tfplan", tool + " apply repair.tfplan",
          tool + " plan -detailed-exitcode"};
}

std::string_view Name(RepairRecipe recipe) {
  constexpr std::string_view kNames[] = {"T1", "T2", "T3", "T4"};
  return kNames[static_cast<int>(recipe)];
}

std::string HclValue(const JsonValue& value) {
  if (value.isString()) return Quoted(value.asString());
  if (!value.isArray()) return WriteJsonLine(value);
  std::string list = "[";
  for (const JsonValue& item : value) list += (list.size() > 1 ? ", " : "") + HclValue(item);
  return list + "]";
}

namespace {

bool IsBlock(const JsonValue& value) {
  return value.isArray() && value.size() > 0 && value[0].isObject() && !IsOutput(value[0]);
}

// Arguments with aligned equals signs, as terraform fmt wants them. What is known only when the plan is carried out
// becomes a comment.
std::string Arguments(const JsonValue& set, const std::string& indent) {
  std::string comments;
  std::size_t width = 0;
  for (const std::string& name : set.getMemberNames()) {
    if (IsOutput(set[name])) {
      comments += indent + "# " + name + " = the ARN of the new key\n";
    } else if (!IsBlock(set[name]) && !set[name].isObject()) {
      width = std::max(width, name.size());
    }
  }
  std::string lines;
  for (const std::string& name : set.getMemberNames()) {
    const JsonValue& value = set[name];
    if (IsBlock(value) || value.isObject()) continue;
    lines += indent + name + std::string(width - name.size(), ' ') + " = " + HclValue(value) + "\n";
  }
  std::string blocks;
  for (const std::string& name : set.getMemberNames()) {
    if (!IsBlock(set[name])) continue;
    blocks += "\n" + indent + name + " {\n" + Arguments(set[name][0], indent + "  ") + indent + "}\n";
  }
  std::string all = comments + lines + blocks;
  if (all.starts_with("\n")) all.erase(0, 1);
  return all;
}

}  // namespace

std::string HclResource(const std::string& address, const std::string& type, const JsonValue& set,
                        const std::vector<std::string>& lines_after) {
  const std::string arguments = Arguments(set, "  ");
  std::string hcl = "resource \"" + type + "\" \"" + BlockName(address) + "\" {\n" + arguments;
  if (!lines_after.empty() && !arguments.empty()) hcl += "\n";
  for (const std::string& line : lines_after) hcl += "  " + line + "\n";
  return hcl + "}\n";
}

Result<Repair> RepairTerraform(const RepairRequest& request) {
  Repair repair;
  switch (request.recipe) {
    case RepairRecipe::kRenameSwap:
      if (request.type == "aws_db_instance") {
        return Refused(
            request.address,
            "the state follows the resource id of an instance, so after a rename swap it still points at the "
            "old database and a plan would delete that",
            "use T3");
      }
      repair = RenameSwap(request);
      break;
    case RepairRecipe::kNewAddress:
      if (request.new_address.empty() || request.new_address == request.address) {
        return Refused(request.address, "T2 needs a new address", "name one, or use T3");
      }
      if (Contains(request.addresses_in_state, request.new_address)) {
        return Refused(request.new_address,
                       "it is in the state already: the import would be skipped silently and the plan would replace it",
                       "choose an address that is not in the state, or use T3");
      }
      TFSEAL_TRY(CheckVersions(request, true, true));
      repair = NewAddress(request);
      break;
    case RepairRecipe::kStateSurgery:
      TFSEAL_TRY(CheckVersions(request, false, true));
      repair = StateSurgery(request);
      break;
    case RepairRecipe::kTwoMerges:
      TFSEAL_TRY(CheckVersions(request, true, true));
      repair = TwoMerges(request);
      break;
  }
  if (request.has_snapshot_identifier) repair.remove.push_back("snapshot_identifier");
  return repair;
}

Result<std::string> MovedBlock(const std::string& from, const std::string& to, bool source_declared) {
  if (source_declared) {
    return Refused(from, "it is still declared, so a moved block is an error (\"Moved object still exists\")",
                   "take the resource block of the old address out first");
  }
  return "moved {\n  from = " + from + "\n  to   = " + to + "\n}\n";
}

}  // namespace tfseal

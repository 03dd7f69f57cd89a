#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/world.h"
#include "terraform/document.h"

namespace tfseal {

// What a planned change does to what a resource holds. Terraform's own word ("update", "delete and create") is not
// enough: an update can rebuild a replica, and a replacement of a task definition loses nothing.
enum class ChangeClass : std::uint8_t {
  kNone,  // no change, or only read
  kCreate,
  kInPlace,
  kInPlaceNewObjectsOnly,  // what is stored already stays as it is
  kDestructiveUpdate,      // planned as an update, rebuilt by the provider
  kReplaceHarmless,
  kReplaceDataLoss,
  kDeleteHarmless,
  kDeleteDataLoss,
  kKeyLoss,
  kSecretLoss,
  kRecoveryPointLoss,
  kIgnoredByProvider,  // configured, but the provider does not act on it
  kApiRejects,         // planned, but AWS will refuse it half-way through the apply
  kForget,
};

std::string_view Name(ChangeClass change_class);

struct Change {
  ChangeClass change_class = ChangeClass::kNone;
  std::vector<std::string> paths;  // what forces a replacement or makes an update destructive
  std::string reason;              // why, in words; empty for harmless changes
  bool review = false;             // nothing is destroyed for certain, but a person must decide (reason says what)

  // One of the classes that `destroys` lists.
  [[nodiscard]] bool loses() const;
};

Change Classify(const terraform::ResourceInstance& instance, const World& before, const World& after);

// What would, or would not, save what `instance` holds if it is destroyed: deletion protection, final snapshot,
// recovery window ... one sentence each.
std::vector<std::string> Protections(const terraform::ResourceInstance& instance);

// The attributes that Classify() and Protections() look at, beyond those of the controls.
const std::vector<std::string_view>& ChangeAttributes();

}  // namespace tfseal

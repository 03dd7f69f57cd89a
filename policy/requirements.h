#pragma once

#include <set>

#include "policy/environment_settings.h"
#include "policy/topic.h"

namespace tfseal {

// The numbers and topics that one environment asks for, with the file's defaults already merged in.
struct Requirements {
  // Failing findings of these topics decide a verdict; of any other topic they are advice. This is the set that applies
  // without a tfseal.yaml.
  std::set<Topic> require = {Topic::kEncryption,         Topic::kKeyRotation,   Topic::kBackupRetention,
                             Topic::kDeletionProtection, Topic::kFinalSnapshot, Topic::kPlaintextSecret};
  bool customer_managed_key = false;  // encryption.key: customer-managed
  bool rotation_required = true;      // encryption.rotation.required
  int rotation_max_period_days = 0;   // encryption.rotation.max_period_days; 0: any period
  int retention_min_days = 7;         // backup.retention_days.min
  EnvironmentSettings settings{};     // what is judged only where an environment asks for it

  [[nodiscard]] bool Requires(Topic topic) const { return require.contains(topic); }
  bool operator==(const Requirements&) const = default;
};

}  // namespace tfseal

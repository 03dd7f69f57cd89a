#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tfseal {

// What a control is about; `require` in tfseal.yaml lists topics by these names. The list only grows.
enum class Topic : std::uint8_t {
  kEncryption,
  kCustomerKey,
  kKeyRotation,
  kKeyAccess,
  kKeyState,
  kBackupRetention,
  kPitr,
  kFinalSnapshot,
  kDeletionProtection,
  kPlaintextSecret,
  kTls,
  kIamAuth,
  kAuditLog,
  kPublicAccess,
  kObjectLock,
  kVaultLock,
  kDataLoss,
  kRotationDue,
  kEngineVersion,
  kCapacity,
  kAvailability,
  kMaintenance,
  kBackupCopies,
  kNetwork,
  kMonitoring,
  kCost,
  kStorageLifecycle,
  kPinnedVersions,
  kTlsOnly,
  kCustom,
};

inline constexpr std::string_view kTopicNames[] = {
    "encryption",     "customer_key",   "key_rotation",        "key_access",       "key_state",     "backup_retention",
    "pitr",           "final_snapshot", "deletion_protection", "plaintext_secret", "tls",           "iam_auth",
    "audit_log",      "public_access",  "object_lock",         "vault_lock",       "data_loss",     "rotation_due",
    "engine_version", "capacity",       "availability",        "maintenance",      "backup_copies", "network",
    "monitoring",     "cost",           "storage_lifecycle",   "pinned_versions",  "tls_only",      "custom",
};

constexpr std::string_view Name(Topic topic) {
  return kTopicNames[static_cast<int>(topic)];
}

constexpr std::optional<Topic> TopicNamed(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(Topic::kCustom); ++i) {
    if (kTopicNames[i] == name) return static_cast<Topic>(i);
  }
  return std::nullopt;
}

}  // namespace tfseal

#include "tests/policy/control_cases.h"

// When a key that people rotate is due.
namespace tfseal {
namespace {
using enum Verdict;

constexpr std::string_view kSecret = "aws_secretsmanager_secret";
constexpr std::string_view kRotation = "aws_secretsmanager_secret_rotation";
constexpr std::string_view kKey = "aws_kms_key";
constexpr std::int64_t kNow = 1795305600;  // 2026-11-22T00:00:00Z
constexpr std::int64_t kDay = 86400;

constexpr std::string_view kTagged = R"({"name": "app/config", "tags": {"NextRotation": "2026-11-22"}})";
constexpr std::string_view kChanged =
    R"({"name": "pazpaz/encryption-key-v1", "last_rotated_date": null, "last_changed_date": 1795305600.5})";
constexpr std::string_view kManaged =
    R"({"rotation_rules": [{"automatically_after_days": 30}], "next_rotation_date": 1795305600})";
constexpr std::string_view kSigning =
    R"({"key_usage": "SIGN_VERIFY", "description": "rotate by 2026-12-01, see OPS-3"})";

Requirements Yearly(bool required = true) {
  Requirements requirements;
  requirements.rotation_max_period_days = 365;
  requirements.rotation_required = required;
  return requirements;
}

ControlCase At(std::int64_t now, std::string_view control, std::string_view type, std::string_view attributes,
               Verdict want, const Requirements& requirements = Yearly()) {
  return {control, type, attributes, want, {}, {}, requirements, now};
}

}  // namespace

std::vector<ControlCase> RotationDueCases() {
  constexpr std::string_view kId = "TFS-SECRET-006";
  constexpr std::string_view kKmsId = "TFS-KMS-005";
  return {
      // The day itself is in time, the next one is not; without a clock nobody can tell.
      At(kNow, kId, kSecret, kTagged, kPass),
      At(kNow + kDay - 1, kId, kSecret, kTagged, kPass),
      At(kNow + kDay, kId, kSecret, kTagged, kFail),
      {kId, kSecret, kTagged, kUnknown},
      At(kNow, kId, kSecret, R"({"name": "x", "tags": null, "tags_all": {"ops:rotate-by": "2025-01-31"}})", kFail),
      At(kNow, kId, kSecret, R"({"name": "x", "tags": {"RotationDue": "next spring"}})", kUnknown),
      At(kNow, kId, kSecret, R"({"name": "x", "tags": {"RotationDue": "2026-13-01"}})", kUnknown),
      At(kNow, kId, kSecret, R"({"name": "x", "tags": {"RotationDue": "<unknown>"}})", kUnknown),
      At(kNow, kId, kSecret, R"({"name": "x", "tags": "<unknown>"})", kUnknown),
      // As the runbook of the migration leaves it: a key, and no date anywhere.
      At(kNow, kId, kSecret,
         R"({"name": "pazpaz/encryption-key-v1", "description": "production encryption key, migrated from env var", "tags": {
    "Environment" : "Production", "MigratedFrom" : "EnvironmentVariable"}})",
         kUnknown),
      At(kNow, kId, kSecret, R"({"name": "<unknown>"})", kUnknown),
      At(kNow, kId, kSecret, R"({"name": "x", "description": "<unknown>"})", kUnknown),
      At(kNow, kId, kSecret, R"({"name": "app/database", "description": "connection"})", kNotApplicable),
      At(kNow, kId, kSecret, R"({"name": "x", "description": "rotated yearly, next rotation 2026-11-21"})", kFail),
      At(kNow, kId, kSecret, kTagged, kNotApplicable, Yearly(false)),
      // Live: from the last change, by the policy's period.
      At(kNow + 365 * kDay, kId, kSecret, kChanged, kPass),
      At(kNow + 366 * kDay, kId, kSecret, kChanged, kFail),
      At(kNow, kId, kSecret, kChanged, kUnknown, Requirements()),
      {kId, kSecret, kChanged, kUnknown, {}, {}, Yearly()},
      At(kNow, kId, kSecret, R"({"name": "app/database", "next_rotation_date": "2026-11-23T10:00:00Z"})", kPass),
      // A rotation that AWS carries out.
      At(kNow, kId, kRotation, kManaged, kPass),
      At(kNow + 1, kId, kRotation, kManaged, kFail),
      {kId, kRotation, kManaged, kUnknown},
      At(kNow, kId, kRotation, R"({"next_rotation_date": "<unknown>"})", kUnknown),
      At(kNow, kId, kRotation, R"({"rotation_rules": [{"automatically_after_days": 30}]})", kNotApplicable),
      {kId,
       kSecret,
       R"({"name": "app/encryption-key", "id": "arn:s"})",
       kNotApplicable,
       {},
       {{"aws_secretsmanager_secret_rotation.r", R"({"secret_id": "arn:s"})"}},
       Yearly(),
       kNow},

      At(kNow, kKmsId, kKey, kSigning, kPass),
      At(kNow + 10 * kDay, kKmsId, kKey, kSigning, kFail),
      {kKmsId, kKey, kSigning, kUnknown},
      At(kNow, kKmsId, kKey, R"({"customer_master_key_spec": "RSA_2048"})", kUnknown),
      // Terraform leaves tags_all to the provider where there are no tags.
      {kKmsId,
       kKey,
       R"({"key_usage": "SIGN_VERIFY", "description": "rotate by 2026-12-01", "tags": null, "tags_all": "<unknown>"})",
       kPass,
       R"({"key_usage": ["var.usage"]})",
       {},
       Yearly(),
       kNow},
      At(kNow, kKmsId, kKey, R"({"custom_key_store_id": "cks-1", "tags": {"NextRotation": "2030-01-01T00:00:00Z"}})",
         kPass),
      At(kNow, kKmsId, "aws_kms_external_key", "{}", kUnknown),
      At(kNow, kKmsId, kKey, R"({"enable_key_rotation": true})", kNotApplicable),
      At(kNow, kKmsId, kKey, kSigning, kNotApplicable, Yearly(false)),
  };
}

}  // namespace tfseal

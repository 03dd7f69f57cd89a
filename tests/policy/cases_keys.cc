#include "tests/policy/control_cases.h"

// KMS, Secrets Manager, Parameter Store, IAM.
namespace tfseal {
namespace {
using enum Verdict;

constexpr std::string_view kKeyType = "aws_kms_key";
constexpr std::string_view kSecretType = "aws_secretsmanager_secret";
constexpr std::string_view kParameter = "aws_ssm_parameter";
constexpr std::string_view kPolicyType = "aws_iam_policy";
constexpr std::string_view kSilent = R"({"description": ["var.text"]})";  // configured, but not what is asked for
constexpr std::string_view kOwnKey = R"({"kms_key_id": "arn:aws:kms:eu-west-1:111122223333:key/0d1c"})";
constexpr TestResource kKey{"aws_kms_key.k", R"({"arn": "arn:aws:kms:eu-west-1:111122223333:key/0d1c"})"};

Requirements AtMost(int days) {
  Requirements requirements;
  requirements.rotation_max_period_days = days;
  return requirements;
}

Requirements NoRotation() {
  Requirements requirements;
  requirements.rotation_required = false;
  return requirements;
}

}  // namespace

std::vector<ControlCase> KeyAndSecretCases() {
  return {
      {"TFS-KMS-001", kKeyType, R"({"enable_key_rotation": true})", kPass},
      {"TFS-KMS-001",
       kKeyType,
       R"({"enable_key_rotation": true, "rotation_period_in_days": "<unknown>"})",
       kPass,
       kSilent,
       {},
       AtMost(365)},
      {"TFS-KMS-001",
       kKeyType,
       R"({"enable_key_rotation": true, "rotation_period_in_days": 90})",
       kPass,
       {},
       {},
       AtMost(90)},
      {"TFS-KMS-001",
       kKeyType,
       R"({"enable_key_rotation": true, "rotation_period_in_days": 400})",
       kFail,
       {},
       {},
       AtMost(365)},
      {"TFS-KMS-001",
       kKeyType,
       R"({"enable_key_rotation": true, "rotation_period_in_days": null})",
       kFail,
       {},
       {},
       AtMost(180)},
      {"TFS-KMS-001",
       kKeyType,
       R"({"enable_key_rotation": true, "rotation_period_in_days": "<unknown>"})",
       kUnknown,
       R"({"rotation_period_in_days": ["aws_x.y.days"]})",
       {},
       AtMost(365)},
      {"TFS-KMS-001", kKeyType, R"({"enable_key_rotation": false})", kFail},
      {"TFS-KMS-001", kKeyType, R"({"enable_key_rotation": null})", kFail},
      {"TFS-KMS-001", kKeyType, R"({})", kFail},
      {"TFS-KMS-001", kKeyType, R"({"enable_key_rotation": "<unknown>"})", kUnknown},
      {"TFS-KMS-001", kKeyType, R"({"enable_key_rotation": false, "key_usage": "SIGN_VERIFY"})", kNotApplicable},
      {"TFS-KMS-001", kKeyType, R"({"enable_key_rotation": false, "key_usage": "GENERATE_VERIFY_MAC"})",
       kNotApplicable},
      {"TFS-KMS-001", kKeyType, R"({"customer_master_key_spec": "RSA_4096", "key_usage": "ENCRYPT_DECRYPT"})",
       kNotApplicable},
      {"TFS-KMS-001", kKeyType, R"({"custom_key_store_id": "cks-1"})", kNotApplicable},
      {"TFS-KMS-001", kKeyType, R"({"enable_key_rotation": false})", kNotApplicable, {}, {}, NoRotation()},

      {"TFS-KMS-002", kKeyType, R"({"is_enabled": true})", kPass},
      {"TFS-KMS-002", kKeyType, R"({})", kPass},
      {"TFS-KMS-002", kKeyType, R"({"is_enabled": false})", kFail},
      {"TFS-KMS-002", kKeyType, R"({"is_enabled": "<unknown>"})", kUnknown},
      {"TFS-KMS-002", "aws_kms_replica_key", R"({"enabled": true})", kPass},
      {"TFS-KMS-002", "aws_kms_replica_key", R"({"enabled": false})", kFail},
      {"TFS-KMS-002", "aws_kms_external_key", R"({"enabled": true, "key_state": "PendingDeletion"})", kFail},

      {"TFS-KMS-003", kKeyType, R"({"policy": "<unknown>"})", kPass, kSilent},
      {"TFS-KMS-003", kKeyType, R"({"policy": null})", kPass},
      {"TFS-KMS-003", kKeyType, R"({"policy": "<unknown>"})", kUnknown},
      {"TFS-KMS-003", kKeyType, R"({"policy": "<unknown>"})", kUnknown, R"({"policy": ["aws_iam_role.r.arn"]})"},
      {"TFS-KMS-003", kKeyType, R"({"policy": "not json"})", kUnknown},
      {"TFS-KMS-003", kKeyType,
       R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"arn:aws:iam::111122223333:root\"}, \"Action\": \"kms:*\", \"Resource\": \"*\"}]}"})",
       kPass},
      {"TFS-KMS-003", kKeyType,
       R"({"policy": "{\"Statement\": {\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"kms:Decrypt\"}}"})",
       kFail},
      {"TFS-KMS-003", kKeyType,
       R"({"policy": "{\"Statement\": [{\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"kms:*\"}]}"})",
       kPass},
      {"TFS-KMS-003", "aws_kms_key_policy",
       R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"NotPrincipal\": {\"AWS\": \"arn:aws:iam::1:root\"}, \"Action\": \"kms:*\"}]}"})",
       kFail},

      {"TFS-KMS-004", "aws_kms_grant", R"({"grantee_principal": "arn:aws:iam::1:role/app", "operations": ["Decrypt"]})",
       kPass},
      {"TFS-KMS-004", "aws_kms_grant", R"({"grantee_principal": "*", "operations": ["Decrypt"]})", kFail},
      {"TFS-KMS-004", "aws_kms_grant", R"({"operations": "<unknown>"})", kUnknown},

      {"TFS-SECRET-001", kSecretType, R"({"kms_key_id": null})", kPass},
      {"TFS-SECRET-002", kSecretType, kOwnKey, kPass, {}, {kKey}},
      {"TFS-SECRET-002", kSecretType, R"({"kms_key_id": "alias/lumen/secrets"})", kPass},
      {"TFS-SECRET-002", kSecretType, R"({"kms_key_id": null})", kFail},
      {"TFS-SECRET-002", kSecretType, R"({"kms_key_id": "alias/aws/secretsmanager"})", kFail},
      {"TFS-SECRET-002", kSecretType, R"({"kms_key_id": "<unknown>"})", kUnknown},
      {"TFS-SECRET-003", kSecretType, R"({"recovery_window_in_days": 30})", kPass},
      {"TFS-SECRET-003", kSecretType, R"({"recovery_window_in_days": null})", kPass},
      {"TFS-SECRET-003", kSecretType, R"({"recovery_window_in_days": 0})", kFail},
      {"TFS-SECRET-003", kSecretType, R"({"recovery_window_in_days": "<unknown>"})", kUnknown},
      {"TFS-SECRET-004", kSecretType, R"({"policy": "<unknown>"})", kNotApplicable, kSilent},
      {"TFS-SECRET-004", "aws_secretsmanager_secret_policy", R"({"policy": "<unknown>"})", kUnknown},
      {"TFS-SECRET-004", "aws_secretsmanager_secret_policy",
       R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"*\"}, \"Action\": \"secretsmanager:GetSecretValue\"}]}"})",
       kFail},
      {"TFS-SECRET-004", "aws_secretsmanager_secret_policy",
       R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"*\"}, \"Action\": \"secretsmanager:GetSecretValue\", \"Condition\": {\"StringEquals\": {\"aws:PrincipalOrgID\": \"o-1\"}}}]}"})",
       kPass},
      {"TFS-SECRET-005", "aws_secretsmanager_secret_rotation",
       R"({"rotation_rules": [{"automatically_after_days": 30}]})", kPass},
      {"TFS-SECRET-005", "aws_secretsmanager_secret_rotation",
       R"({"rotation_rules": [{"schedule_expression": "@weekly"}]})", kPass},
      {"TFS-SECRET-005",
       "aws_secretsmanager_secret_rotation",
       R"({"rotation_rules": [{"automatically_after_days": 400}]})",
       kFail,
       {},
       {},
       AtMost(365)},
      {"TFS-SECRET-005", "aws_secretsmanager_secret_rotation", R"({"rotation_rules": [{}]})", kFail},
      {"TFS-SECRET-005", "aws_secretsmanager_secret_rotation",
       R"({"rotation_rules": [{"automatically_after_days": "<unknown>"}]})", kUnknown},

      {"TFS-SSM-001", kParameter, R"({"name": "/app/token", "type": "SecureString", "value": "CANARY-token"})", kPass},
      {"TFS-SSM-001", kParameter, R"({"name": "/app/token", "type": "String", "value": "CANARY-token"})", kFail},
      {"TFS-SSM-001", kParameter, R"({"name": "/app/mode", "type": "String", "value": "fast"})", kPass},
      {"TFS-SSM-001", kParameter, R"({"name": "/app/token", "type": "String", "value": "<unknown>"})", kUnknown},
      {"TFS-SSM-001", kParameter, R"({"name": "/app/host", "type": "String", "value": "<unknown>"})", kPass,
       R"({"value": ["aws_rds_cluster.db.endpoint", "aws_rds_cluster.db"]})"},
      {"TFS-SSM-001", kParameter, R"({"name": "/app/x", "type": "String", "value": "<unknown>"})", kUnknown,
       R"({"value": ["random_password.db.result", "random_password.db"]})"},
      {"TFS-SSM-001",
       kParameter,
       R"({"name": "/app/x", "type": "String", "value": "CANARY-of-the-secret"})",
       kFail,
       {},
       {{"aws_secretsmanager_secret_version.v", R"({"secret_string": "{\"password\": \"CANARY-of-the-secret\"}"})"}}},
      {"TFS-SSM-002", kParameter, R"({"type": "SecureString"})", kPass},
      {"TFS-SSM-002", kParameter, R"({"type": "String"})", kNotApplicable},
      {"TFS-SSM-002", kParameter, R"({"type": "<unknown>"})", kUnknown},
      {"TFS-SSM-003", kParameter, R"({"type": "SecureString", "key_id": "alias/lumen"})", kPass},
      {"TFS-SSM-003", kParameter, R"({"type": "SecureString", "key_id": null})", kFail},
      {"TFS-SSM-003", kParameter, R"({"type": "SecureString", "key_id": "<unknown>"})", kUnknown},
      {"TFS-SSM-003", kParameter, R"({"type": "StringList"})", kNotApplicable},

      {"TFS-IAM-001", kPolicyType,
       R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": [\"secretsmanager:GetSecretValue\", \"secretsmanager:DescribeSecret\"], \"Resource\": \"arn:aws:secretsmanager:eu-west-1:1:secret:x\"}]}"})",
       kPass},
      {"TFS-IAM-001", kPolicyType,
       R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"secretsmanager:*\", \"Resource\": \"arn:aws:secretsmanager:eu-west-1:1:secret:x\"}]}"})",
       kFail},
      {"TFS-IAM-001", kPolicyType,
       R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"}]}"})", kFail},
      {"TFS-IAM-001", kPolicyType,
       R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"NotAction\": \"iam:*\", \"Resource\": \"*\"}]}"})",
       kFail},
      {"TFS-IAM-001", kPolicyType,
       R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"arn:aws:s3:::logs/*\"}]}"})",
       kPass},
      {"TFS-IAM-001", kPolicyType,
       R"({"policy": "{\"Statement\": [{\"Effect\": \"Deny\", \"Action\": \"kms:*\", \"Resource\": \"*\"}]}"})", kPass},
      {"TFS-IAM-001", kPolicyType,
       R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": [\"kms:ScheduleKeyDeletion\", \"kms:PutKeyPolicy\"], \"Resource\": \"*\"}]}"})",
       kPass},
      {"TFS-IAM-002", "aws_iam_role_policy_attachment",
       R"({"policy_arn": "arn:aws:iam::aws:policy/SecretsManagerReadWrite"})", kFail},
      {"TFS-IAM-002", "aws_iam_role_policy_attachment",
       R"({"policy_arn": "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"})", kPass},
      {"TFS-IAM-002", "aws_iam_role_policy_attachment", R"({"policy_arn": "<unknown>"})", kNotApplicable},
      {"TFS-KMS-003",
       kKeyType,
       R"({"id": "k", "policy": "{\"Statement\": {\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"kms:Decrypt\"}}"})",
       kNotApplicable,
       {},
       {{"aws_kms_key_policy.p", R"({"key_id": "k", "policy": "{}"})"}}},
      {"TFS-IAM-001", kPolicyType, R"({"policy": "<unknown>"})", kUnknown},
      {"TFS-IAM-001", kPolicyType, R"({"policy": null})", kNotApplicable},
  };
}

}  // namespace tfseal

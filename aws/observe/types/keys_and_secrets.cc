#include "aws/observe/types/declarations.h"

// KMS, Secrets Manager, Parameter Store, IAM. Values of secrets are never asked for.
namespace tfseal::observe {
namespace {

// --- KMS

constexpr Attribute kKeyAttributes[] = {
    {"arn", "Arn"},
    {"key_id", "KeyId"},
    {"is_enabled", "Enabled"},
    {"key_state", "KeyState"},
    {"key_usage", "KeyUsage"},
    {"description", "Description", "null"},
    {"customer_master_key_spec", "KeySpec|CustomerMasterKeySpec"},
    {"custom_key_store_id", "CustomKeyStoreId", "null"},
    {"xks_key_id", "XksKeyConfiguration.Id", "null"},
};
constexpr Attribute kKeyRotation[] = {
    {"enable_key_rotation", "KeyRotationEnabled", "false"},
    {"rotation_period_in_days", "RotationPeriodInDays", "null"},
};
constexpr Attribute kKeyPolicy[] = {{"policy", "Policy"}};
constexpr Read kKeyReads[] = {{"kms", "DescribeKey", "KeyId={arn|key_id|id}", "KeyMetadata", kKeyAttributes,
                               IfNothing::kGone, "", "[KeyManager=CUSTOMER][Origin!EXTERNAL]"},
                              // Refused for keys that cannot rotate, which the control knows by their usage and kind.
                              {"kms", "GetKeyRotationStatus", "KeyId={arn|key_id|id}", "", kKeyRotation,
                               IfNothing::kDefaults, "UnsupportedOperationException KMSInvalidStateException"},
                              {"kms", "GetKeyPolicy", "KeyId={arn|key_id|id}; PolicyName=default", "", kKeyPolicy}};
constexpr Attribute kKeyIdentity[] = {{"id", "KeyId"}, {"key_id", "KeyId"}, {"arn", "KeyArn"}};

constexpr Attribute kOtherKeyAttributes[] = {
    {"arn", "Arn"},
    {"key_id", "KeyId"},
    {"enabled", "Enabled"},
    {"key_state", "KeyState"},
    {"key_usage", "KeyUsage"},
    {"description", "Description", "null"},
};
constexpr Read kOtherKeyReads[] = {
    {"kms", "DescribeKey", "KeyId={arn|key_id|id}", "KeyMetadata", kOtherKeyAttributes},
    {"kms", "GetKeyPolicy", "KeyId={arn|key_id|id}; PolicyName=default", "", kKeyPolicy}};
constexpr Read kExternalKeyReads[] = {
    {"kms", "DescribeKey", "KeyId={arn|key_id|id}", "KeyMetadata", kOtherKeyAttributes, IfNothing::kGone, "",
     "[KeyManager=CUSTOMER][Origin=EXTERNAL]"},
    {"kms", "GetKeyPolicy", "KeyId={arn|key_id|id}; PolicyName=default", "", kKeyPolicy}};
constexpr std::string_view kOtherKeyTerraformOnly[] = {"is_enabled"};
constexpr std::string_view kKeyTerraformOnly[] = {"enabled"};

constexpr Read kKeyPolicyReads[] = {{"kms", "GetKeyPolicy", "KeyId={key_id|id}; PolicyName=default", "", kKeyPolicy}};

constexpr Attribute kGrantAttributes[] = {
    {"grantee_principal", "GranteePrincipal"},
    {"operations", "Operations"},
    {"constraints[0].encryption_context_equals", "Constraints.EncryptionContextEquals", kAbsent},
    {"constraints[0].encryption_context_subset", "Constraints.EncryptionContextSubset", kAbsent}};
constexpr Read kGrantReads[] = {
    {"kms", "ListGrants", "KeyId={key_id}; GrantId={grant_id}", "Grants[0]", kGrantAttributes}};

constexpr Attribute kAliasAttributes[] = {{"target_key_id", "KeyId"}, {"target_key_arn", "Arn"}};
constexpr Read kAliasReads[] = {{"kms", "DescribeKey", "KeyId={name|id}", "KeyMetadata", kAliasAttributes}};

// --- Secrets Manager

constexpr std::string_view kSecretTerraformOnly[] = {"recovery_window_in_days"};
constexpr Attribute kSecretAttributes[] = {{"arn", "ARN"},
                                           {"kms_key_id", "KmsKeyId", "null"},
                                           {"name", "Name"},
                                           {"description", "Description", "null"},
                                           {"tags_all", "Tags", "{}", As::kNameValue, "Key Value"},
                                           {"last_rotated_date", "LastRotatedDate", "null"},
                                           {"last_changed_date", "LastChangedDate", "null"},
                                           {"next_rotation_date", "NextRotationDate", "null"}};
constexpr Attribute kSecretPolicy[] = {{"policy", "ResourcePolicy", "null"}};
constexpr Read kSecretReads[] = {{"secretsmanager", "DescribeSecret", "SecretId={arn|id}", "", kSecretAttributes,
                                  IfNothing::kGone, "", "[DeletedDate-]"},
                                 {"secretsmanager", "GetResourcePolicy", "SecretId={arn|id}", "", kSecretPolicy}};
constexpr Attribute kSecretIdentity[] = {
    {"id", "ARN"}, {"arn", "ARN"}, {"name", "Name"}, {"tags_all", "Tags", "{}", As::kNameValue, "Key Value"}};
constexpr Read kSecretPolicyReads[] = {{"secretsmanager", "GetResourcePolicy", "SecretId={secret_arn|id}", "",
                                        kSecretPolicy, IfNothing::kGone, "", "ResourcePolicy"}};
constexpr Attribute kSecretRotation[] = {
    {"rotation_rules[0].automatically_after_days", "RotationRules.AutomaticallyAfterDays", "null"},
    {"rotation_rules[0].schedule_expression", "RotationRules.ScheduleExpression", "null"},
    {"next_rotation_date", "NextRotationDate"},
};
constexpr Read kSecretRotationReads[] = {{"secretsmanager", "DescribeSecret", "SecretId={secret_id|id}", "",
                                          kSecretRotation, IfNothing::kGone, "", "[RotationEnabled=true]"}};

// --- Parameter Store: read without decryption, so that a SecureString stays what it is

constexpr Attribute kParameterAttributes[] = {{"arn", "ARN"}, {"type", "Type"}, {"value", "Value"}};
constexpr Attribute kParameterKey[] = {{"key_id", "KeyId", "null"}};
constexpr Read kParameterReads[] = {
    {"ssm", "GetParameter", "Name={name|id}", "Parameter", kParameterAttributes, IfNothing::kGone, "ParameterNotFound"},
    {"ssm", "DescribeParameters",
     "ParameterFilters[0].Key=Name; ParameterFilters[0].Option=Equals; ParameterFilters[0].Values=[{name|id}]",
     "Parameters[0]", kParameterKey}};
constexpr Attribute kParameterIdentity[] = {{"id", "Name"}, {"name", "Name"}};
constexpr std::string_view kParameterSecrets[] = {"value", "insecure_value"};

// --- IAM

constexpr Attribute kInlinePolicy[] = {{"policy", "PolicyDocument", kUnknown, As::kJson}};
constexpr Read kRolePolicyReads[] = {{"iam", "GetRolePolicy", "RoleName={role}; PolicyName={name}", "", kInlinePolicy,
                                      IfNothing::kGone, "NoSuchEntity"}};
constexpr Read kUserPolicyReads[] = {{"iam", "GetUserPolicy", "UserName={user}; PolicyName={name}", "", kInlinePolicy,
                                      IfNothing::kGone, "NoSuchEntity"}};
constexpr Read kGroupPolicyReads[] = {{"iam", "GetGroupPolicy", "GroupName={group}; PolicyName={name}", "",
                                       kInlinePolicy, IfNothing::kGone, "NoSuchEntity"}};

constexpr Attribute kPolicyVersion[] = {{"@version", "DefaultVersionId"}};
constexpr Attribute kPolicyDocument[] = {{"policy", "Document", kUnknown, As::kJson}};
constexpr Read kPolicyReads[] = {
    {"iam", "GetPolicy", "PolicyArn={arn|id}", "Policy", kPolicyVersion, IfNothing::kGone, "NoSuchEntity"},
    {.service = "iam",
     .operation = "GetPolicyVersion",
     .parameters = "PolicyArn={arn|id}; VersionId={@version}",
     .object = "PolicyVersion",
     .attributes = kPolicyDocument,
     .nothing_codes = "NoSuchEntity",
     .second = true}};
constexpr Attribute kPolicyIdentity[] = {{"id", "Arn"}, {"arn", "Arn"}, {"name", "PolicyName"}};

// What a role sets itself is told from what others attached by Terraform's documents only; that is of other types.
constexpr Attribute kRoleAttributes[] = {{"arn", "Arn"}};
constexpr std::string_view kRoleTerraformOnly[] = {"inline_policy", "managed_policy_arns"};
constexpr Read kRoleReads[] = {
    {"iam", "GetRole", "RoleName={name|id}", "Role", kRoleAttributes, IfNothing::kGone, "NoSuchEntity"}};

constexpr Attribute kAttached[] = {{"policy_arn", "PolicyArn"}};
constexpr std::string_view kAttachedObject = "AttachedPolicies[PolicyArn={policy_arn}]";
constexpr Read kRoleAttachmentReads[] = {{"iam", "ListAttachedRolePolicies", "RoleName={role}", kAttachedObject,
                                          kAttached, IfNothing::kGone, "NoSuchEntity"}};
constexpr Read kUserAttachmentReads[] = {{"iam", "ListAttachedUserPolicies", "UserName={user}", kAttachedObject,
                                          kAttached, IfNothing::kGone, "NoSuchEntity"}};
constexpr Read kGroupAttachmentReads[] = {{"iam", "ListAttachedGroupPolicies", "GroupName={group}", kAttachedObject,
                                           kAttached, IfNothing::kGone, "NoSuchEntity"}};
constexpr Attribute kPolicyArn[] = {{"policy_arn", "Arn"}};
constexpr Read kPolicyAttachmentReads[] = {
    {"iam", "GetPolicy", "PolicyArn={policy_arn}", "Policy", kPolicyArn, IfNothing::kGone, "NoSuchEntity"}};

// --- permission sets of IAM Identity Center

constexpr std::string_view kPermissionSet = "InstanceArn={instance_arn}; PermissionSetArn={permission_set_arn}";
constexpr Attribute kPermissionSetPolicy[] = {{"inline_policy", "InlinePolicy"}};
// Answers with an empty text where there is none.
constexpr Read kPermissionSetPolicyReads[] = {{"sso-admin", "GetInlinePolicyForPermissionSet", kPermissionSet, "",
                                               kPermissionSetPolicy, IfNothing::kGone, "ResourceNotFoundException",
                                               "InlinePolicy"}};
constexpr Attribute kPermissionSetAttached[] = {{"managed_policy_arn", "Arn"}};
constexpr Read kPermissionSetAttachmentReads[] = {{"sso-admin", "ListManagedPoliciesInPermissionSet", kPermissionSet,
                                                   "AttachedManagedPolicies[Arn={managed_policy_arn}]",
                                                   kPermissionSetAttached, IfNothing::kGone,
                                                   "ResourceNotFoundException"}};

}  // namespace

const ObservedType kKmsKey{.type = "aws_kms_key",
                           .listing = {"kms", "ListKeys", "", "Keys", kKeyIdentity},
                           .reads = kKeyReads,
                           .terraform_only = kKeyTerraformOnly};
const ObservedType kKmsExternalKey{.type = "aws_kms_external_key",
                                   .listing = {"kms", "ListKeys", "", "Keys", kKeyIdentity},
                                   .reads = kExternalKeyReads,
                                   .terraform_only = kOtherKeyTerraformOnly};
const ObservedType kKmsReplicaKey{
    .type = "aws_kms_replica_key", .reads = kOtherKeyReads, .terraform_only = kOtherKeyTerraformOnly};
const ObservedType kKmsReplicaExternalKey{
    .type = "aws_kms_replica_external_key", .reads = kOtherKeyReads, .terraform_only = kOtherKeyTerraformOnly};
const ObservedType kKmsKeyPolicy{.type = "aws_kms_key_policy", .reads = kKeyPolicyReads};
const ObservedType kKmsGrant{.type = "aws_kms_grant", .reads = kGrantReads};
const ObservedType kKmsAlias{.type = "aws_kms_alias", .reads = kAliasReads};
const ObservedType kSecret{
    .type = "aws_secretsmanager_secret",
    .listing = {"secretsmanager", "ListSecrets", "", "SecretList[DeletedDate-]", kSecretIdentity},
    .reads = kSecretReads,
    .terraform_only = kSecretTerraformOnly};
const ObservedType kSecretPolicyOfItsOwn{.type = "aws_secretsmanager_secret_policy", .reads = kSecretPolicyReads};
const ObservedType kSecretRotationOfItsOwn{.type = "aws_secretsmanager_secret_rotation", .reads = kSecretRotationReads};
const ObservedType kSsmParameter{.type = "aws_ssm_parameter",
                                 .listing = {"ssm", "DescribeParameters", "", "Parameters", kParameterIdentity},
                                 .reads = kParameterReads,
                                 .secret = kParameterSecrets};
const ObservedType kIamRolePolicy{.type = "aws_iam_role_policy", .reads = kRolePolicyReads, .global = true};
const ObservedType kIamUserPolicy{.type = "aws_iam_user_policy", .reads = kUserPolicyReads, .global = true};
const ObservedType kIamGroupPolicy{.type = "aws_iam_group_policy", .reads = kGroupPolicyReads, .global = true};
const ObservedType kIamPolicy{.type = "aws_iam_policy",
                              .listing = {"iam", "ListPolicies", "Scope=Local", "Policies", kPolicyIdentity},
                              .reads = kPolicyReads,
                              .global = true};
const ObservedType kIamRole{
    .type = "aws_iam_role", .reads = kRoleReads, .terraform_only = kRoleTerraformOnly, .global = true};
const ObservedType kIamRolePolicyAttachment{
    .type = "aws_iam_role_policy_attachment", .reads = kRoleAttachmentReads, .global = true};
const ObservedType kIamUserPolicyAttachment{
    .type = "aws_iam_user_policy_attachment", .reads = kUserAttachmentReads, .global = true};
const ObservedType kIamGroupPolicyAttachment{
    .type = "aws_iam_group_policy_attachment", .reads = kGroupAttachmentReads, .global = true};
const ObservedType kPermissionSetInlinePolicy{.type = "aws_ssoadmin_permission_set_inline_policy",
                                              .reads = kPermissionSetPolicyReads};
const ObservedType kPermissionSetAttachment{.type = "aws_ssoadmin_managed_policy_attachment",
                                            .reads = kPermissionSetAttachmentReads};
const ObservedType kIamPolicyAttachment{
    .type = "aws_iam_policy_attachment", .reads = kPolicyAttachmentReads, .global = true};

}  // namespace tfseal::observe

#include <fmt/format.h>

#include "policy/controls/declarations.h"
#include "policy/iam_policy.h"

namespace tfseal {
namespace {

using terraform::Value;

constexpr std::string_view kRepositoryTypes[] = {"aws_ecr_repository"};
constexpr std::string_view kRepositoryReads[] = {"encryption_configuration"};

Judgement JudgeRepositoryEncryption(const Subject&) {
  return Pass("Amazon ECR always encrypts images, with AES256 if no key is named", "encryption_configuration");
}

Judgement JudgeRepositoryKey(const Subject& subject) {
  constexpr std::string_view kType = "encryption_configuration[0].encryption_type";
  const Value type = subject.At(kType);
  if (type.unknown()) return UnknownUntilApply(kType);
  if (!type.text().starts_with("KMS")) return Fail("encryption_type is AES256: an AWS-owned key", kType);
  return RequireCustomerKey(subject, "encryption_configuration[0].kms_key", DefaultKey::kAwsManaged);
}

constexpr std::string_view kRepositoryPolicyTypes[] = {"aws_ecr_repository_policy"};
constexpr std::string_view kRepositoryPolicyReads[] = {"policy"};

Judgement JudgeRepositoryPolicy(const Subject& subject) {
  return RequireClosedPolicy(subject, "policy", "the repository policy");
}

}  // namespace

const Control kRepositoryEncryption{
    .id = "TFS-ECR-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kMedium,
    .title = "ECR repositories are encrypted at rest",
    .types = kRepositoryTypes,
    .reads = kRepositoryReads,
    .evaluate = JudgeRepositoryEncryption,
    .why = "Amazon ECR always encrypts images; this cannot fail.",
    .remedy = "nothing to do",
    .basis = "Amazon ECR: encryption at rest.",
};

const Control kRepositoryCustomerKey{
    .id = "TFS-ECR-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kLow,
    .title = "ECR repositories use a customer-managed key",
    .types = kRepositoryTypes,
    .reads = kRepositoryReads,
    .evaluate = JudgeRepositoryKey,
    .why = "The AWS-owned key cannot be restricted, audited or withdrawn.",
    .remedy =
        "encryption_configuration is fixed when a repository is made: Terraform would replace it and its images. Make "
        "a second "
        "repository with the key, copy the images, point the deployments to it, then retire the first",
    .basis = "Organisation; AWS Config ecr-repository-cmk-encryption-enabled.",
};

const Control kRepositoryPolicy{
    .id = "TFS-ECR-003",
    .topic = Topic::kPublicAccess,
    .severity = Severity::kHigh,
    .title = "ECR repository policies do not allow everybody",
    .types = kRepositoryPolicyTypes,
    .reads = kRepositoryPolicyReads,
    .evaluate = JudgeRepositoryPolicy,
    .why = "Allow for Principal \"*\" without a condition on the caller lets any AWS account pull or push images.",
    .remedy = "name the accounts, or bind the statement with aws:PrincipalOrgID",
    .basis = "Vendor benchmark: Checkov CKV_AWS_32.",
};

}  // namespace tfseal

#include "policy/controls/declarations.h"
#include "policy/iam_policy.h"

// Resource policies of what holds data and has no control of its own for them.
namespace tfseal {
namespace {

// Not the policies of OpenSearch domains and EFS file systems: a network may stand in front of those (who_may_ask.cc).
constexpr std::string_view kPolicyTypes[] = {"aws_cloudwatch_log_resource_policy",
                                             "aws_dynamodb_resource_policy",
                                             "aws_ecr_registry_policy",
                                             "aws_glacier_vault",
                                             "aws_glue_resource_policy",
                                             "aws_kinesis_resource_policy",
                                             "aws_msk_cluster_policy",
                                             "aws_s3_access_point",
                                             "aws_s3control_access_point_policy",
                                             "aws_s3tables_table_bucket_policy",
                                             "aws_s3tables_table_policy"};
// Each type has one of them.
constexpr std::string_view kPolicyReads[] = {"policy", "policy_document", "access_policy", "resource_policy"};

Judgement JudgeResourcePolicy(const Subject& subject) {
  for (const std::string_view attribute : kPolicyReads) {
    if (!subject.At(attribute).absent()) return RequireClosedPolicy(subject, attribute, "the policy");
  }
  return NotApplicable("it has no policy");
}

}  // namespace

const Control kResourcePolicy{
    .id = "TFS-STORE-002",
    .topic = Topic::kPublicAccess,
    .severity = Severity::kHigh,
    .title = "policies of streams, tables, access points and archives do not allow everybody",
    .types = kPolicyTypes,
    .reads = kPolicyReads,
    .evaluate = JudgeResourcePolicy,
    .why = "Allow for Principal \"*\" without a condition on the caller lets any AWS account read or write.",
    .remedy = "name the accounts or roles, or bind the statement with aws:PrincipalOrgID; it applies in place",
    .basis = "Vendor benchmark: IAM Access Analyzer, findings of external access.",
};

}  // namespace tfseal

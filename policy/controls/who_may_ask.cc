#include <fmt/format.h>

#include <algorithm>

#include "policy/controls/database.h"
#include "policy/controls/declarations.h"
#include "policy/controls/names.h"
#include "policy/iam_policy.h"

// Who may use what stands in a network: caches without a password, search domains and file systems whose policies let
// everybody in.
namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

enum class Users : unsigned char { kNone, kSome, kUnknown };

// A password or users; ElastiCache calls the latter groups.
Users UsersOf(const Subject& subject, const Value& attributes) {
  Users users = Users::kNone;
  for (const std::string_view attribute : {"auth_token", "user_group_ids", "user_group_id"}) {
    const Value value = attributes.Get(attribute);
    // Live AWS only says whether there is a password.
    if (value.known() && !value.empty() && value.AsBool() != false) return Users::kSome;
    if (value.unknown() && !subject.world.OriginOf(subject.instance, attribute).LeftToProvider()) {
      users = Users::kUnknown;
    }
  }
  return users;
}

// Most caches have neither, and a network in front of them: giving it up is what is judged.
Judgement JudgeCacheUsers(const Subject& subject) {
  constexpr std::string_view kUsers = "user_group_ids";
  if (MadeFromACopy(subject, {"global_replication_group_id"})) {
    return NotApplicable("its users are those of the datastore");
  }
  const Users users = UsersOf(subject, subject.attributes);
  if (users == Users::kSome) return Pass("a password or users are set", kUsers);
  if (users == Users::kUnknown) return UnknownUntilApply(kUsers);
  const bool had = subject.world.side() == Side::kAfter && subject.instance.before.is_map() &&
                   UsersOf(subject, subject.instance.before) == Users::kSome;
  if (!had) return NotApplicable("it has no password and no users");
  return Fail("the password or the users are taken away: whoever reaches it may read and flush everything", kUsers);
}

Judgement JudgeMemoryUsers(const Subject& subject) {
  const Value acl = subject.At("acl_name");
  if (acl.unknown()) {
    // A list that is made here has a name of its own.
    for (const ResourceInstance* each :
         subject.world.Follow(subject.instance, "acl_name", "aws_memorydb_acl", {"id", "name"})) {
      return Pass(fmt::format("acl_name is that of {}", each->address), "acl_name");
    }
    return UnknownUntilApply("acl_name");
  }
  if (acl.text() == "open-access") {
    return Fail("acl_name is open-access: whoever reaches it may read and flush everything", "acl_name");
  }
  return Pass("acl_name is not open-access", "acl_name");
}

// What stands before the policy of a domain; nullptr if the document does not have the domain.
const ResourceInstance* DomainOf(const Subject& subject) {
  if (!subject.instance.type.ends_with("_policy")) return &subject.instance;
  const std::string_view type =
      subject.instance.type == "aws_opensearch_domain_policy" ? "aws_opensearch_domain" : "aws_elasticsearch_domain";
  for (const ResourceInstance* domain :
       subject.world.Follow(subject.instance, "domain_name", type, {"domain_name", "id"})) {
    return domain;
  }
  return nullptr;
}

Judgement JudgeSearchPolicy(const Subject& subject) {
  const bool own = subject.instance.type.ends_with("_policy");
  if (!own && !subject.world
                   .PointingAt(subject.instance, fmt::format("{}_policy", subject.instance.type), "domain_name",
                               {"domain_name", "id"})
                   .empty()) {
    return NotApplicable("its policy is a resource of its own");
  }
  Judgement judgement = RequireClosedPolicy(subject, "access_policies", "the access policy");
  if (judgement.verdict != Verdict::kFail) return judgement;
  const ResourceInstance* domain = DomainOf(subject);
  if (domain == nullptr) {
    judgement.verdict = Verdict::kUnknown;
    judgement.message += "; whether a network or fine-grained access control is before it is not in this document";
    return judgement;
  }
  const Subject on{*domain, subject.world.AttributesOf(*domain), subject.world, subject.requirements};
  constexpr std::string_view kNetwork = "vpc_options";
  constexpr std::string_view kFineGrained = "advanced_security_options[0].enabled";
  const Value network = on.At(kNetwork);
  if (network.known() && !network.empty()) return Pass("the policy is open, and the domain is in a VPC", kNetwork);
  if (on.At(kFineGrained).AsBool() == true) {
    return Pass("the policy is open, and fine-grained access control asks who it is", kFineGrained);
  }
  for (const std::string_view path : {kNetwork, kFineGrained}) {
    if (on.At(path).unknown() && !LeftToAws(on, path)) return UnknownUntilApply(path);
  }
  judgement.message += ", and the endpoint is on the internet";
  return judgement;
}

// A client that comes through a mount target has passed a security group.
bool ThroughMountTarget(const PolicyStatement& statement) {
  return std::any_of(statement.conditions.begin(), statement.conditions.end(), [](const PolicyCondition& condition) {
    constexpr std::string_view kKey = "elasticfilesystem:accessedviamounttarget";
    const bool same =
        std::equal(condition.key.begin(), condition.key.end(), kKey.begin(), kKey.end(),
                   [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b; });
    return same && condition.op == "Bool" && condition.values == std::vector<std::string>{"true"};
  });
}

Judgement JudgeFilePolicy(const Subject& subject) {
  Judgement judgement = RequireClosedPolicy(subject, "policy", "the file system's policy");
  if (judgement.verdict != Verdict::kFail) return judgement;
  Result<IamPolicy> policy = ParseIamPolicy(subject.At("policy").text());
  if (!policy.ok()) return judgement;
  std::erase_if(policy->statements, ThroughMountTarget);
  const auto open = StatementsOpenToAnyone(*policy);
  if (open.empty()) return Pass("everybody is let in through mount targets only", "policy");
  judgement.offenders.clear();
  for (const std::string& name : open) judgement.offenders.push_back("statement " + name);
  judgement.message = fmt::format("statement {} of the file system's policy allows everybody", open.front());
  return judgement;
}

}  // namespace

const Control kCacheUsers{
    .id = "TFS-ELASTICACHE-006",
    .topic = Topic::kIamAuth,
    .severity = Severity::kMedium,
    .title = "ElastiCache does not give up its password or its users",
    .types = kNames<"aws_elasticache_replication_group", "aws_elasticache_serverless_cache">,
    .reads = kNames<"auth_token", "user_group_ids", "user_group_id", "global_replication_group_id">,
    .evaluate = JudgeCacheUsers,
    .why = "Without either, a single host in the network that is taken over reads and flushes everything.",
    .remedy =
        "keep auth_token, or set user_group_ids (user_group_id of a serverless cache) instead; it changes in place",
    .basis =
        "Vendor benchmark: AWS Security Hub ElastiCache.6; Amazon ElastiCache User Guide, role-based access control",
};

const Control kMemoryUsers{
    .id = "TFS-MEMORYDB-004",
    .topic = Topic::kIamAuth,
    .severity = Severity::kMedium,
    .title = "MemoryDB clusters do not have the open access control list",
    .types = kNames<"aws_memorydb_cluster">,
    .reads = kNames<"acl_name">,
    .evaluate = JudgeMemoryUsers,
    .why = "open-access has one user without a password, who may do everything.",
    .remedy = "make an aws_memorydb_acl with users of your own and name it in acl_name; it changes in place",
    .basis = "Amazon MemoryDB Developer Guide, access control lists: open-access",
};

const Control kSearchPolicy{
    .id = "TFS-OPENSEARCH-007",
    .topic = Topic::kPublicAccess,
    .severity = Severity::kCritical,
    .title = "OpenSearch and Elasticsearch domains on the internet do not allow everybody",
    .types = kNames<"aws_opensearch_domain", "aws_elasticsearch_domain", "aws_opensearch_domain_policy",
                    "aws_elasticsearch_domain_policy">,
    .reads = kNames<"access_policies", "domain_name", "vpc_options", "advanced_security_options", "id">,
    .evaluate = JudgeSearchPolicy,
    .why = "Outside a VPC the access policy is all that stands between the internet and every index.",
    .remedy = "name the principals or the addresses (aws:SourceIp), or enable fine-grained access control",
    .basis =
        "Amazon OpenSearch Service Developer Guide, access policies; in a VPC an open policy is what AWS documents, "
        "since "
        "security groups decide there",
};

const Control kFilePolicy{
    .id = "TFS-EFS-004",
    .topic = Topic::kPublicAccess,
    .severity = Severity::kHigh,
    .title = "policies of EFS file systems do not allow everybody",
    .types = kNames<"aws_efs_file_system_policy">,
    .reads = kNames<"policy">,
    .evaluate = JudgeFilePolicy,
    .why =
        "Allow for Principal \"*\" without a condition lets in whoever finds a way to the network, with no identity.",
    .remedy =
        "name the roles, or bind the statement with elasticfilesystem:AccessedViaMountTarget, aws:SourceVpc or "
        "aws:PrincipalOrgID; it applies in place",
    .basis = "Amazon EFS User Guide, blocking public access: which policies count as public",
};

}  // namespace tfseal

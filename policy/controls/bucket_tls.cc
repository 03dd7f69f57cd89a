#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "policy/controls/bucket_settings.h"
#include "policy/controls/declarations.h"
#include "policy/controls/names.h"
#include "policy/iam_policy.h"

// S3 answers HTTP as it answers HTTPS, unless the bucket policy denies what comes without TLS.
namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

constexpr std::string_view kPolicyOfBucket = "aws_s3_bucket_policy";

// From weak to strong.
enum class Refusal { kNone, kPartly, kComparedAsText, kAll };

struct Refused {
  Refusal how = Refusal::kNone;
  std::string statement;  // the one that decided
};

std::string WithoutCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

bool AsksForTls(const PolicyCondition& condition) {
  return WithoutCase(condition.key) == "aws:securetransport";
}

// aws:SecureTransport is a Boolean that every request has. IAM User Guide, "AWS global condition context keys".
bool HoldsWithoutTls(const PolicyCondition& condition) {
  std::string op = WithoutCase(condition.op);
  if (const std::size_t quantifier = op.find(':'); quantifier != std::string::npos) op.erase(0, quantifier + 1);
  return AsksForTls(condition) && (op == "bool" || op == "boolifexists") &&
         std::find(condition.values.begin(), condition.values.end(), "false") != condition.values.end();
}

// The IAM User Guide gives this key to the Boolean operators; what others make of it is written nowhere.
bool ComparesAsText(const PolicyCondition& condition) {
  return AsksForTls(condition) && WithoutCase(condition.op).find("string") != std::string::npos;
}

bool DeniesEverythingToAll(const PolicyStatement& statement) {
  return statement.denies && statement.anyone && !statement.all_actions_but && !statement.all_resources_but &&
         std::any_of(statement.actions.begin(), statement.actions.end(),
                     [](const std::string& pattern) { return pattern.ends_with('*') && CoversAction(pattern, "s3:"); });
}

bool Reaches(const PolicyStatement& statement, const std::string& arn, bool below) {
  return std::any_of(statement.resources.begin(), statement.resources.end(),
                     [&](const std::string& pattern) { return CoversResource(pattern, arn, below); });
}

// Conditions of a statement hold together, so each one that does not follow from "no TLS" leaves a way in.
// s3:TlsVersion is such a one: a request without TLS has none. Several statements may share the bucket and its objects.
Refused RefusedBy(const IamPolicy& policy, std::string_view bucket) {
  constexpr std::array<std::string_view, 8> kPartitions = {"aws",       "aws-cn",    "aws-us-gov", "aws-iso",
                                                           "aws-iso-b", "aws-iso-e", "aws-iso-f",  "aws-eusc"};
  // By how the condition is written, sure or not, and partition.
  std::array<std::array<bool, kPartitions.size()>, 2> of_bucket{};
  std::array<std::array<bool, kPartitions.size()>, 2> of_objects{};
  Refused refused;
  for (const PolicyStatement& statement : policy.statements) {
    const auto& conditions = statement.conditions;
    if (statement.denies && std::any_of(conditions.begin(), conditions.end(), AsksForTls)) {
      if (refused.how == Refusal::kNone) refused = {Refusal::kPartly, statement.name};
    }
    if (!DeniesEverythingToAll(statement)) continue;
    const bool sure = std::all_of(conditions.begin(), conditions.end(), HoldsWithoutTls);
    if (!sure && !std::all_of(conditions.begin(), conditions.end(), [](const PolicyCondition& condition) {
          return HoldsWithoutTls(condition) || ComparesAsText(condition);
        })) {
      continue;
    }
    for (std::size_t i = 0; i < kPartitions.size(); ++i) {
      std::string arn = fmt::format("arn:{}:s3:::{}", kPartitions[i], bucket);
      const bool reaches_bucket = Reaches(statement, arn, false);
      arn += '/';
      const bool reaches_objects = Reaches(statement, arn, true);
      for (std::size_t at_most = sure ? 0 : 1; at_most < 2; ++at_most) {
        of_bucket[at_most][i] = of_bucket[at_most][i] || reaches_bucket;
        of_objects[at_most][i] = of_objects[at_most][i] || reaches_objects;
      }
      if (of_bucket[0][i] && of_objects[0][i]) return {Refusal::kAll, statement.name};
      if (of_bucket[1][i] && of_objects[1][i]) refused = {Refusal::kComparedAsText, statement.name};
    }
  }
  return refused;
}

// Empty where only AWS will know it.
std::string_view BucketNameOf(const Subject& subject) {
  const Value named = subject.At("bucket");
  if (named.known()) return named.text();
  const Value id = subject.At("id");
  if (id.known()) return id.text();
  if (subject.instance.type != kPolicyOfBucket) return {};
  const auto buckets = subject.world.Follow(subject.instance, "bucket", "aws_s3_bucket", {"id", "bucket", "arn"});
  if (buckets.size() != 1) return {};
  return subject.world.AttributesOf(*buckets.front()).Get("bucket").text();
}

bool IsNoPolicy(const Value& text) {
  return text.empty() || text.text() == "{}";
}

// `text` is known.
Judgement JudgeBucketPolicyText(const Value& text, std::string_view bucket) {
  if (IsNoPolicy(text)) return Fail("the bucket has no policy: requests without TLS are answered", "policy");
  const Result<IamPolicy> policy = ParseIamPolicy(text.text());
  if (!policy.ok()) return UnreadablePolicy("policy", policy.error());
  // No bucket is called so: only a pattern that stands for all of them covers it.
  const Refused refused = RefusedBy(*policy, bucket.empty() ? "?" : bucket);
  switch (refused.how) {
    case Refusal::kAll:
      return Pass(fmt::format("statement {} of the bucket policy refuses requests without TLS", refused.statement),
                  "policy");
    case Refusal::kComparedAsText: {
      Judgement judgement = UnknownUntilApply("policy");
      judgement.message = fmt::format(
          "statement {} compares aws:SecureTransport as text: AWS does not say what it makes of that, use Bool",
          refused.statement);
      return judgement;
    }
    case Refusal::kPartly:
      if (bucket.empty()) return UnknownUntilApply("bucket");
      return Fail(fmt::format("statement {} refuses only a part of the requests without TLS: it must name every "
                              "principal, s3:*, the bucket and its objects, and no other condition",
                              refused.statement),
                  "policy");
    case Refusal::kNone:
      break;
  }
  return Fail("no statement of the bucket policy refuses requests without TLS", "policy");
}

// Whether there is a policy of which nobody knows yet to which bucket it belongs.
class PolicyOfSomeBucket {
 public:
  explicit PolicyOfSomeBucket(const World& world) {
    for (const ResourceInstance* policy : world.OfType(kPolicyOfBucket)) {
      there_is_ = there_is_ || (world.AttributesOf(*policy).Get("bucket").unknown() &&
                                world.Follow(*policy, "bucket", "aws_s3_bucket", {"id", "bucket", "arn"}).empty());
    }
  }
  [[nodiscard]] bool there_is() const { return there_is_; }

 private:
  bool there_is_ = false;
};

Judgement JudgePolicyOfBucket(const Subject& policy) {
  const Value text = policy.At("policy");
  return text.unknown() ? UnknownUntilApply("policy") : JudgeBucketPolicyText(text, BucketNameOf(policy));
}

Judgement JudgeBucketWithoutPolicyResource(const Subject& subject) {
  if (subject.world.Derived<PolicyOfSomeBucket>().there_is()) {
    Judgement judgement = UnknownUntilApply("policy");
    judgement.message = "a bucket policy of the plan may be this bucket's: its bucket is known only after apply";
    return judgement;
  }
  const Value text = subject.At("policy");
  if (!LosesSetting(subject, kPolicyOfBucket)) {
    if (text.unknown() && !LeftToProvider(subject, "policy")) return UnknownUntilApply("policy");
    if (text.known() && !IsNoPolicy(text)) return JudgeBucketPolicyText(text, BucketNameOf(subject));
  }
  if (MayBeElsewhere(subject)) return UnknownUntilApply("policy");
  return Fail("the bucket has no policy: requests without TLS are answered", "policy");
}

Judgement JudgeRequestsWithoutTls(const Subject& subject) {
  if (subject.instance.type == kPolicyOfBucket) return JudgePolicyOfBucket(subject);
  if (!SettingsOf(subject, kPolicyOfBucket).empty()) return NotApplicable("its aws_s3_bucket_policy is judged");
  return JudgeBucketWithoutPolicyResource(subject);
}

// Whether what was there before the plan refused requests without TLS, as far as the resource says.
bool RefusedBefore(const ResourceInstance& instance, std::string_view bucket) {
  const Value text = instance.before.Get("policy");
  return text.known() && JudgeBucketPolicyText(text, bucket).verdict == Verdict::kPass;
}

// Strength 1 or 0. What nobody knows counts only where there is something to lose.
Judgement JudgeRefusalOfHttp(const Subject& subject) {
  const bool is_policy = subject.instance.type == kPolicyOfBucket;
  if (is_policy &&
      !subject.world.Follow(subject.instance, "bucket", "aws_s3_bucket", {"id", "bucket", "arn"}).empty()) {
    return NotApplicable("its bucket is judged");
  }
  const std::string_view bucket = BucketNameOf(subject);
  bool refused_before = RefusedBefore(subject.instance, bucket);
  Judgement judgement;
  if (is_policy) {
    judgement = JudgePolicyOfBucket(subject);
  } else if (const auto policies = SettingsOf(subject, kPolicyOfBucket); !policies.empty()) {
    judgement = JudgePolicyOfBucket(On(subject, *policies.front()));
    refused_before = refused_before || RefusedBefore(*policies.front(), bucket);
  } else {
    judgement = JudgeBucketWithoutPolicyResource(subject);
  }
  if (judgement.verdict == Verdict::kUnknown) {
    return refused_before ? judgement : NotApplicable("nothing refused requests without TLS before");
  }
  judgement.strength = judgement.verdict == Verdict::kPass ? 1 : 0;
  judgement.verdict = Verdict::kPass;
  return judgement;
}

}  // namespace

const Control kBucketTls{
    .id = "TFS-S3-009",
    .topic = Topic::kTlsOnly,
    .severity = Severity::kMedium,
    .title = "buckets refuse requests without TLS",
    .types = kNames<"aws_s3_bucket", "aws_s3_bucket_policy">,
    .reads = kNames<"policy", "bucket", "id", "arn">,
    .evaluate = JudgeRequestsWithoutTls,
    .why =
        "S3 answers HTTP as well as HTTPS. A client that is misconfigured sends objects, and the signature of its "
        "request, "
        "in clear, and nobody notices.",
    .remedy =
        "add a statement to aws_s3_bucket_policy: Effect Deny, Principal \"*\", Action \"s3:*\", Resource the bucket's "
        "ARN and the ARN with /* behind it, Condition Bool aws:SecureTransport \"false\", and nothing else in the "
        "condition. Look for clients that use http:// in the access log first",
    .basis =
        "Vendor benchmark: CIS AWS Foundations v6.0.0 3.1.1 (S3 bucket policy is set to deny HTTP requests); AWS "
        "Config "
        "s3-bucket-ssl-requests-only, AWS Security Hub S3.5. s3:TlsVersion alone is not what they ask for.",
};

const Control kBucketTlsKept{
    .id = "TFS-S3-010",
    .topic = Topic::kTls,
    .severity = Severity::kMedium,
    .title = "buckets that refuse requests without TLS keep doing so",
    .types = kNames<"aws_s3_bucket", "aws_s3_bucket_policy">,
    .reads = kNames<"policy", "bucket", "id", "arn">,
    .evaluate = JudgeRefusalOfHttp,
    .why = "Without the statement that denies them, requests in clear are answered from that moment on.",
    .remedy =
        "keep the statement of the bucket policy that denies s3:* where aws:SecureTransport is \"false\". A new "
        "aws_s3_bucket_policy replaces the whole policy of the bucket, so it must have the statement too",
    .basis = "Organisation; AWS Config s3-bucket-ssl-requests-only, AWS Security Hub S3.5.",
    .lowering_fails = true,
};

}  // namespace tfseal

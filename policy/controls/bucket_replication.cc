#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "policy/controls/bucket_settings.h"
#include "policy/controls/declarations.h"
#include "policy/controls/names.h"

// Copies of a bucket's objects in other buckets.
namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

constexpr std::string_view kReplicationTypes[] = {"aws_s3_bucket_replication_configuration"};

// Without a key a rule leaves out what is encrypted with KMS: whether that is what the bucket holds, its own default
// encryption tells.
Judgement JudgeWithoutReplicaKey(const Subject& subject, const std::string& path) {
  const auto sources = subject.world.Follow(subject.instance, "bucket", "aws_s3_bucket", {"id", "bucket", "arn"});
  Judgement unknown = UnknownUntilApply(path);
  unknown.message = fmt::format("{} is not set, and which key its objects have is not in this document", path);
  if (sources.empty()) return unknown;
  const Judgement source = kBucketCustomerKey.evaluate(On(subject, *sources.front()));
  if (source.verdict == Verdict::kUnknown) return unknown;
  if (source.verdict != Verdict::kPass) {
    return NotApplicable("the bucket has no customer-managed key of its own, which TFS-S3-002 judges");
  }
  return Fail(fmt::format("{} is not set: objects under the bucket's customer-managed key are not replicated, and "
                          "replicas of others are under a key of S3",
                          path),
              path);
}

Judgement JudgeReplicationRule(const Subject& subject, const std::string& rule) {
  const Value status = subject.At(rule + ".status");
  if (status.unknown()) return UnknownUntilApply(rule + ".status");
  if (status.text() != "Enabled") return NotApplicable("the rule is not enabled");
  const std::string key = rule + ".destination[0].encryption_configuration[0].replica_kms_key_id";
  const Value block = subject.At(rule + ".destination[0].encryption_configuration");
  if (block.unknown()) return UnknownUntilApply(key);
  if (subject.At(key).unknown() || !subject.At(key).empty()) {
    return RequireCustomerKey(subject, key, DefaultKey::kNone);
  }
  return JudgeWithoutReplicaKey(subject, key);
}

Judgement JudgeReplicaKeys(const Subject& subject) {
  const Value rules = subject.At("rule");
  if (rules.unknown()) return UnknownUntilApply("rule");
  Judgement worst = NotApplicable("no rule is enabled");
  std::vector<std::string> offenders;
  for (std::size_t i = 0; i < rules.items().size(); ++i) {
    Judgement judgement = JudgeReplicationRule(subject, fmt::format("rule[{}]", i));
    if (judgement.verdict == Verdict::kFail) {
      const std::string_view id = subject.At(fmt::format("rule[{}].id", i)).text();
      offenders.push_back(id.empty() ? fmt::format("rule {}", i + 1) : fmt::format("rule {}", id));
    }
    const bool is_worse = judgement.verdict == Verdict::kFail ||
                          (judgement.verdict == Verdict::kUnknown && worst.verdict != Verdict::kFail) ||
                          worst.verdict == Verdict::kNotApplicable;
    if (is_worse && !(worst.verdict == Verdict::kFail)) worst = std::move(judgement);
  }
  worst.offenders = std::move(offenders);
  return worst;
}

}  // namespace

const Control kReplicaCustomerKey{
    .id = "TFS-S3-013",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "replicas of objects are encrypted with a customer-managed key",
    .types = kReplicationTypes,
    .reads = kNames<"rule", "bucket", "id", "arn", "server_side_encryption_configuration">,
    .evaluate = JudgeReplicaKeys,
    .why =
        "A replica has a key of its own. Under aws/s3 nobody can withdraw it, and another account cannot read what it "
        "was given; without any, S3 leaves out objects that are encrypted with KMS and nobody is told.",
    .remedy =
        "set destination.encryption_configuration.replica_kms_key_id to a customer-managed key of the destination's "
        "region, and source_selection_criteria.sse_kms_encrypted_objects to Enabled. It changes in place, for objects "
        "written afterwards; S3 Batch Replication copies the others",
    .basis =
        "Amazon S3 User Guide, replicating encrypted objects. That a key be customer-managed is an organisation's "
        "requirement",
};

}  // namespace tfseal

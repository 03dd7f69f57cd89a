#include "policy/controls/rds_lineage.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "policy/controls/database.h"

// Databases, their snapshots, copies of those and what is restored from them: encryption goes from one to the next, and
// only the copy of an instance snapshot can add it. The API refuses a key for the copy of an unencrypted cluster
// snapshot.
namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

constexpr int kDeepestLineage = 16;  // RDS allows far shorter chains of replicas; a document may even hold a circle

Judgement EncryptionAt(const Subject& subject, int depth);

// What nobody can tell, with why.
Judgement NotKnown(std::string_view attribute, std::string message) {
  Judgement judgement = UnknownUntilApply(attribute);
  judgement.message = std::move(message);
  return judgement;
}

Judgement EncryptionOfSource(const Subject& subject, const ResourceInstance& source, int depth) {
  return EncryptionAt({source, subject.world.AttributesOf(source), subject.world, subject.requirements, subject.now},
                      depth + 1);
}

// What something may be made from: the same name in two regions, or any instance of a block.
struct Sources {
  const ResourceInstance* encrypted = nullptr;  // one that is
  const ResourceInstance* plain = nullptr;      // one that is not
  bool doubtful = false;                        // of some nobody can tell
  [[nodiscard]] bool AllEncrypted() const { return encrypted != nullptr && plain == nullptr && !doubtful; }
};

Sources Ask(const Subject& subject, const std::vector<const ResourceInstance*>& candidates, int depth) {
  Sources sources;
  for (const ResourceInstance* source : candidates) {
    const Verdict verdict = EncryptionOfSource(subject, *source, depth).verdict;
    if (verdict == Verdict::kPass) {
      sources.encrypted = source;
    } else if (verdict == Verdict::kFail) {
      sources.plain = source;
    } else {
      sources.doubtful = true;
    }
  }
  return sources;
}

std::string Plain(const ResourceInstance& source, const Judgement& judgement) {
  return fmt::format("{} is not encrypted ({})", source.address, judgement.message);
}

Judgement ReplicaEncryption(const Subject& subject, int depth) {
  const Value own = subject.At("storage_encrypted");
  // The ARN of another region names a database that may be in this document too.
  const Sources asked =
      Ask(subject,
          subject.world.Follow(subject.instance, "replicate_source_db", "aws_db_instance", {"identifier", "arn", "id"}),
          depth);
  if (asked.plain != nullptr && asked.encrypted == nullptr) {
    return Fail(fmt::format("its source {} is not encrypted, so the replica cannot be", asked.plain->address),
                "replicate_source_db");
  }
  if (asked.AllEncrypted() && own.AsBool() != false) {
    return Pass(fmt::format("encrypted as its source {} is", asked.encrypted->address), "replicate_source_db");
  }
  // Before it exists `true` is what the configuration asks for, which RDS has no parameter for. It refuses a key for
  // the replica of an unencrypted source, so one that names a key is encrypted or is not made at all.
  const bool names_key = !subject.At("kms_key_id").empty() && !LeftToAws(subject, "kms_key_id");
  if (!own.empty() && (own.AsBool() == false || names_key || !subject.instance.actions.create)) {
    return RequireBool(subject, "storage_encrypted", true, IfUnset::kUnknown, "");
  }
  return NotKnown(
      "storage_encrypted",
      "a replica is encrypted if its source is, and which that is, or whether it is, is not in this document");
}

// A restore of a single database cannot add encryption: it is as its snapshot is, or as the database was at that time.
Judgement RestoredEncryption(const Subject& subject, int depth) {
  if (!subject.instance.actions.create) {
    return RequireBool(subject, "storage_encrypted", true, IfUnset::kFail, "its storage is readable");
  }
  std::vector<const ResourceInstance*> sources = subject.world.Follow(
      subject.instance, "snapshot_identifier", "aws_db_snapshot", {"id", "db_snapshot_arn", "db_snapshot_identifier"});
  const auto copies = subject.world.Follow(subject.instance, "snapshot_identifier", "aws_db_snapshot_copy",
                                           {"id", "db_snapshot_arn", "target_db_snapshot_identifier"});
  const auto earlier = DbsRecovered(subject);
  sources.insert(sources.end(), copies.begin(), copies.end());
  sources.insert(sources.end(), earlier.begin(), earlier.end());
  const std::string_view attribute = earlier.empty() ? "snapshot_identifier" : "restore_to_point_in_time";
  const Sources asked = Ask(subject, sources, depth);
  if (asked.plain != nullptr && asked.encrypted == nullptr) {
    return Fail(fmt::format("{} is not encrypted, and a restore cannot add encryption", asked.plain->address),
                attribute);
  }
  if (asked.AllEncrypted() && subject.At("storage_encrypted").AsBool() != false) {
    return Pass(fmt::format("encrypted as {} is", asked.encrypted->address), attribute);
  }
  if (subject.At("storage_encrypted").AsBool() == false) {
    return RequireBool(subject, "storage_encrypted", true, IfUnset::kUnknown, "its storage is readable");
  }
  // Whatever the configuration asks for: RDS has no parameter for it here, and the provider sends none.
  return NotKnown(
      "storage_encrypted",
      "a restore cannot add encryption: it is encrypted if what it is restored from is, and whether it is, is "
      "not in this document");
}

Judgement InstanceEncryption(const Subject& subject, int depth) {
  if (!subject.At("replicate_source_db").empty()) return ReplicaEncryption(subject, depth);
  if (MadeFromACopy(subject, {"snapshot_identifier", "restore_to_point_in_time"})) {
    return RestoredEncryption(subject, depth);
  }
  return RequireBool(subject, "storage_encrypted", true, IfUnset::kFail,
                     "its storage, snapshots and backups are readable");
}

// A snapshot or a copy without a key of its own: `encrypted` is computed, and as that of what `belonging` leads to.
Judgement AsSourceIs(const Subject& subject, const Belonging& belonging, int depth) {
  if (subject.At("encrypted").AsBool().has_value()) {
    return RequireBool(subject, "encrypted", true, IfUnset::kUnknown, "whoever gets it reads the data");
  }
  const auto sources = subject.world.Follow(subject.instance, belonging.attribute, belonging.type, belonging.keys);
  if (sources.empty()) {
    return NotKnown("encrypted", fmt::format("encrypted is known only after apply, and no {} of this document is "
                                             "named by {}",
                                             belonging.type, belonging.attribute));
  }
  for (const ResourceInstance* source : sources) {
    const Judgement theirs = EncryptionOfSource(subject, *source, depth);
    if (theirs.verdict == Verdict::kFail) return Fail(Plain(*source, theirs), std::string_view(belonging.attribute));
    if (theirs.verdict != Verdict::kPass) {
      return NotKnown("encrypted", fmt::format("whether {} is encrypted is not known", source->address));
    }
  }
  return Pass(fmt::format("encrypted with {}", sources.front()->address), belonging.attribute);
}

Judgement EncryptionAt(const Subject& subject, int depth) {
  if (depth == kDeepestLineage) return NotKnown("encrypted", "it is made from itself, or from too long a chain");
  if (subject.instance.type == "aws_db_instance") return InstanceEncryption(subject, depth);
  if (subject.instance.type == "aws_db_snapshot") {
    return AsSourceIs(
        subject,
        {.attribute = "db_instance_identifier", .type = "aws_db_instance", .keys = {"identifier", "id", "arn"}}, depth);
  }
  if (!subject.At("encrypted").AsBool().has_value() && !subject.At("kms_key_id").empty()) {
    return Pass("the copy is made with a key", "kms_key_id");
  }
  return AsSourceIs(subject,
                    {.attribute = "source_db_snapshot_identifier",
                     .type = "aws_db_snapshot",
                     .keys = {"db_snapshot_arn", "id", "db_snapshot_identifier"}},
                    depth);
}

}  // namespace

std::vector<const ResourceInstance*> DbsRecovered(const Subject& subject) {
  return subject.world.Follow(subject.instance, "restore_to_point_in_time[0].source_db_instance_identifier",
                              "aws_db_instance", {"identifier", "id", "arn"});
}

Judgement DbEncryption(const Subject& subject) {
  return EncryptionAt(subject, 0);
}

Judgement ClusterSnapshotEncryption(const Subject& subject) {
  if (subject.instance.type == "aws_db_cluster_snapshot") {
    return RequireEncryptedLike(
        subject, "storage_encrypted",
        {.attribute = "db_cluster_identifier", .type = "aws_rds_cluster", .keys = {"cluster_identifier", "id", "arn"}});
  }
  if (subject.At("storage_encrypted").AsBool().has_value()) {
    return RequireBool(subject, "storage_encrypted", true, IfUnset::kUnknown, "whoever gets the copy reads the data");
  }
  bool all_pass = true;
  const auto sources =
      subject.world.Follow(subject.instance, "source_db_cluster_snapshot_identifier", "aws_db_cluster_snapshot",
                           {"db_cluster_snapshot_arn", "id", "db_cluster_snapshot_identifier"});
  for (const ResourceInstance* source : sources) {
    const Judgement theirs = ClusterSnapshotEncryption(
        {*source, subject.world.AttributesOf(*source), subject.world, subject.requirements, subject.now});
    if (theirs.verdict == Verdict::kFail) {
      return Fail(Plain(*source, theirs), "source_db_cluster_snapshot_identifier");
    }
    all_pass = all_pass && theirs.verdict == Verdict::kPass;
  }
  if (!sources.empty() && all_pass) {
    return Pass(fmt::format("encrypted with {}", sources.front()->address), "source_db_cluster_snapshot_identifier");
  }
  if (!subject.At("kms_key_id").empty()) {
    return Pass("the copy names a key, which is refused for an unencrypted snapshot", "kms_key_id");
  }
  return NotKnown("storage_encrypted", "whether the snapshot that it copies is encrypted is not known");
}

}  // namespace tfseal

#include "policy/controls/restored_clusters.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "policy/controls/database.h"

namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

constexpr std::string_view kSnapshot = "snapshot_identifier";
constexpr std::string_view kPointInTime = "restore_to_point_in_time";

// What a source says of itself. One that this plan restores too says only what it asks for.
Verdict EncryptionOfCluster(const Subject& subject, const ResourceInstance& source) {
  const Subject theirs{source, subject.world.AttributesOf(source), subject.world, subject.requirements, subject.now};
  if (source.actions.create && MadeFromACopy(theirs, {kSnapshot, kPointInTime})) return Verdict::kUnknown;
  const auto flag = theirs.At("storage_encrypted").AsBool();
  if (!flag.has_value()) return Verdict::kUnknown;
  return *flag ? Verdict::kPass : Verdict::kFail;
}

// A snapshot is as its cluster; before it is taken only that says it.
Verdict EncryptionOfSnapshot(const Subject& subject, const ResourceInstance& snapshot, const RestoredCluster& cluster) {
  const auto flag = subject.world.AttributesOf(snapshot).At("storage_encrypted").AsBool();
  if (flag.has_value()) return *flag ? Verdict::kPass : Verdict::kFail;
  Verdict verdict = Verdict::kUnknown;
  for (const ResourceInstance* source :
       subject.world.Follow(snapshot, "db_cluster_identifier", cluster.type, {"cluster_identifier", "id", "arn"})) {
    verdict = EncryptionOfCluster(subject, *source);
    if (verdict != Verdict::kPass) break;
  }
  return verdict;
}

struct Sources {
  std::vector<const ResourceInstance*> all;
  const ResourceInstance* plain = nullptr;  // one that is not encrypted, where none is known to be
  bool encrypted = true;                    // all are known to be
};

Sources SourcesOf(const Subject& subject, const RestoredCluster& cluster, bool from_snapshot) {
  Sources sources;
  if (from_snapshot) {
    sources.all = subject.world.Follow(subject.instance, kSnapshot, cluster.snapshot_type,
                                       {"id", "db_cluster_snapshot_arn", "db_cluster_snapshot_identifier"});
  } else {
    sources.all = subject.world.Follow(subject.instance, "restore_to_point_in_time[0].source_cluster_identifier",
                                       cluster.type, {"cluster_identifier", "id", "arn"});
  }
  bool any_encrypted = false;
  for (const ResourceInstance* source : sources.all) {
    const Verdict verdict =
        from_snapshot ? EncryptionOfSnapshot(subject, *source, cluster) : EncryptionOfCluster(subject, *source);
    if (verdict == Verdict::kFail) sources.plain = source;
    any_encrypted = any_encrypted || verdict == Verdict::kPass;
    sources.encrypted = sources.encrypted && verdict == Verdict::kPass;
  }
  sources.encrypted = sources.encrypted && !sources.all.empty();
  if (any_encrypted) sources.plain = nullptr;  // it may be made from either
  return sources;
}

}  // namespace

std::optional<Judgement> RestoredClusterEncryption(const Subject& subject, const RestoredCluster& cluster) {
  // Only the side after is restored; what is replaced was there before.
  if (!subject.instance.actions.create || subject.world.side() != Side::kAfter) return std::nullopt;
  if (subject.At("storage_encrypted").AsBool() == false) return std::nullopt;
  const bool from_snapshot = MadeFromACopy(subject, {kSnapshot});
  if (!from_snapshot && !MadeFromACopy(subject, {kPointInTime})) return std::nullopt;
  const std::string_view attribute = from_snapshot ? kSnapshot : kPointInTime;
  const bool names_key = !subject.At(cluster.key).empty() && !LeftToAws(subject, cluster.key);
  if (names_key && from_snapshot) return Pass("it is restored under a key, which encrypts it", cluster.key);
  const Sources sources = SourcesOf(subject, cluster, from_snapshot);
  if (sources.plain != nullptr) {
    return Fail(fmt::format("{} is not encrypted, and storage_encrypted does not change that in a restore",
                            sources.plain->address),
                attribute);
  }
  if (sources.encrypted) return Pass(fmt::format("encrypted as {} is", sources.all.front()->address), attribute);
  if (names_key) return Pass("it is restored under a key, which is refused for an unencrypted source", cluster.key);
  Judgement judgement = UnknownUntilApply("storage_encrypted");
  judgement.message = fmt::format(
      "a restore does not obey storage_encrypted: without {} it is encrypted if what it is restored from is, which is "
      "not in this document",
      cluster.key);
  if (from_snapshot) {
    judgement.remedy = fmt::format("set {}: the restore then encrypts whatever the snapshot is", cluster.key);
  }
  return judgement;
}

}  // namespace tfseal

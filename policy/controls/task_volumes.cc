#include <fmt/format.h>

#include <string>

#include "policy/controls/declarations.h"

// What containers mount.
namespace tfseal {
namespace {

using terraform::Value;

constexpr std::string_view kMountingTypes[] = {"aws_ecs_task_definition"};
constexpr std::string_view kMountingReads[] = {"volume"};

// Amazon ECS API, EFSVolumeConfiguration: transitEncryption is DISABLED where it is left out.
Judgement JudgeMountedFileSystems(const Subject& subject) {
  const Value volumes = subject.At("volume");
  if (volumes.unknown()) return UnknownUntilApply("volume");
  Judgement worst = NotApplicable("no volume is an EFS file system");
  for (std::size_t i = 0; i < volumes.items().size(); ++i) {
    const Value mounted = volumes.Get(i).Get("efs_volume_configuration");
    if (!mounted.unknown() && mounted.empty()) continue;
    const std::string path = fmt::format("volume[{}].efs_volume_configuration[0].transit_encryption", i);
    const Value setting = subject.At(path);
    if (setting.unknown()) {
      if (worst.verdict != Verdict::kFail) worst = UnknownUntilApply(path);
    } else if (setting.text() != "ENABLED") {
      Judgement judgement = Fail("transit_encryption is not ENABLED: files travel in clear", path);
      judgement.offenders = std::move(worst.offenders);
      judgement.offenders.push_back(fmt::format("volume {}", volumes.Get(i).Get("name").text()));
      worst = std::move(judgement);
    } else if (worst.verdict == Verdict::kNotApplicable) {
      worst = Pass("EFS file systems are mounted with TLS", path);
    }
  }
  return worst;
}

}  // namespace

const Control kTaskVolumeTls{
    .id = "TFS-ECS-002",
    .topic = Topic::kTls,
    .severity = Severity::kHigh,
    .title = "ECS tasks mount EFS file systems with TLS",
    .types = kMountingTypes,
    .reads = kMountingReads,
    .evaluate = JudgeMountedFileSystems,
    .why = "Encryption at rest ends at the mount target: without TLS files travel in clear between task and storage.",
    .remedy =
        "set transit_encryption = \"ENABLED\" in efs_volume_configuration: a new revision of the task definition, "
        "which "
        "the service has to be moved to",
    .basis = "Amazon ECS: EFSVolumeConfiguration (off unless it is asked for); vendor benchmark: Checkov CKV_AWS_97.",
};

}  // namespace tfseal

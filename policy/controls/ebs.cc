#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "policy/controls/declarations.h"
#include "policy/location.h"

// EBS volumes, on their own and as devices of instances and templates, their snapshots and the account's defaults.
namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

constexpr std::string_view kDefaultType = "aws_ebs_encryption_by_default";

// The account's settings of a type that count for the subject: each is one of a region.
std::vector<const ResourceInstance*> AccountSettings(const Subject& subject, std::string_view type) {
  const terraform::Document& document = subject.world.document();
  const std::string_view region = RegionOf(document, subject.instance);
  auto settings = subject.world.OfType(type);
  std::erase_if(settings, [&](const ResourceInstance* setting) {
    const std::string_view of_setting = RegionOf(document, *setting);
    if (!region.empty() && !of_setting.empty()) return region != of_setting;
    return ProviderOf(document, subject.instance) != ProviderOf(document, *setting);
  });
  return settings;
}

// Where the configuration is silent, the account's default in the region decides; it may be in the document.
Judgement ByEbsDefault(const Subject& subject, std::string_view path) {
  const auto defaults = AccountSettings(subject, kDefaultType);
  Judgement judgement = UnknownUntilApply(path);
  if (defaults.empty()) {
    judgement.message =
        fmt::format("{} is not set, so the account's default decides, which is not in this document", path);
    return judgement;
  }
  for (const ResourceInstance* setting : defaults) {
    const Value enabled = subject.world.AttributesOf(*setting).Get("enabled");
    if (enabled.unknown()) return judgement;
    if (enabled.AsBool() == false)
      return Fail(fmt::format("{} is not set and {} is off", path, setting->address), path);
  }
  return Pass(fmt::format("{} is not set and {} is on", path, defaults.front()->address), path);
}

// `path` is the flag, `configured_path` what the configuration would set.
Judgement JudgeEbsFlag(const Subject& subject, const std::string& path) {
  const Value flag = subject.At(path);
  if (flag.AsBool() == true) return Pass(fmt::format("{} is true", path), path);
  if (flag.AsBool() == false) return Fail(fmt::format("{} is false: blocks are stored in clear", path), path);
  if (flag.unknown() && !LeftToProvider(subject, path)) return UnknownUntilApply(path);
  return ByEbsDefault(subject, path);
}

// The key at `path`, or the account's default key where none is named.
Judgement JudgeEbsKey(const Subject& subject, const std::string& path) {
  const Value key = subject.At(path);
  bool named = !key.unset() && !(key.known() && key.empty());
  if (key.unknown()) named = !LeftToProvider(subject, path);
  if (!named) {
    for (const ResourceInstance* setting : AccountSettings(subject, "aws_ebs_default_kms_key")) {
      const Subject account{*setting, subject.world.AttributesOf(*setting), subject.world, subject.requirements};
      return RequireCustomerKey(account, "key_arn", DefaultKey::kAwsManaged);
    }
  }
  return RequireCustomerKey(subject, path, DefaultKey::kAwsManaged);
}

constexpr std::string_view kVolumeTypes[] = {"aws_ebs_volume"};
constexpr std::string_view kVolumeReads[] = {"encrypted", "enabled",           "snapshot_id",
                                             "id",        "availability_zone", "region"};
constexpr std::string_view kVolumeKeyReads[] = {"encrypted",   "enabled", "kms_key_id",        "key_arn",
                                                "snapshot_id", "id",      "availability_zone", "region"};

bool IsFromSnapshot(const Subject& subject) {
  if (subject.At("snapshot_id").empty()) return false;
  return !subject.At("snapshot_id").unknown() || !LeftToProvider(subject, "snapshot_id");
}

Judgement JudgeVolumeEncryption(const Subject& subject) {
  // A volume from a snapshot that asks for nothing is encrypted if the snapshot is, whatever the account's default.
  if (!subject.At("encrypted").AsBool().has_value() && IsFromSnapshot(subject)) {
    const auto snapshots = subject.world.Follow(subject.instance, "snapshot_id", "aws_ebs_snapshot", {"id"});
    const bool encrypted = std::all_of(snapshots.begin(), snapshots.end(), [&](const ResourceInstance* snapshot) {
      return subject.world.AttributesOf(*snapshot).Get("encrypted").AsBool() == true;
    });
    if (encrypted && !snapshots.empty()) {
      return Pass(fmt::format("it is made from {}, which is encrypted", snapshots.front()->address), "snapshot_id");
    }
    Judgement judgement = ByEbsDefault(subject, "encrypted");
    if (judgement.verdict == Verdict::kFail) judgement.verdict = Verdict::kUnknown;
    return judgement;
  }
  return JudgeEbsFlag(subject, "encrypted");
}

Judgement JudgeVolumeKey(const Subject& subject) {
  const Judgement encryption = JudgeVolumeEncryption(subject);
  if (encryption.verdict == Verdict::kFail) return Fail(encryption.message + "; no key is used", "encrypted");
  return JudgeEbsKey(subject, "kms_key_id");
}

constexpr std::string_view kAccountDefaultTypes[] = {kDefaultType};
constexpr std::string_view kAccountDefaultReads[] = {"enabled"};

Judgement JudgeAccountDefault(const Subject& subject) {
  return RequireBool(subject, "enabled", true, IfUnset::kPass,
                     "volumes that do not ask for encryption are made without it");
}

constexpr std::string_view kAccountKeyTypes[] = {"aws_ebs_default_kms_key"};
constexpr std::string_view kAccountKeyReads[] = {"key_arn"};

Judgement JudgeAccountKey(const Subject& subject) {
  return RequireCustomerKey(subject, "key_arn", DefaultKey::kAwsManaged);
}

constexpr std::string_view kSnapshotTypes[] = {"aws_ebs_snapshot", "aws_ebs_snapshot_copy", "aws_ebs_snapshot_import",
                                               "aws_ami_copy"};
constexpr std::string_view kSnapshotReads[] = {"encrypted",     "volume_id", "source_snapshot_id",
                                               "source_ami_id", "id",        "enabled"};

// A snapshot is encrypted exactly if its volume is; a copy if it asks for it or its source is.
Judgement JudgeSnapshot(const Subject& subject) {
  const Value flag = subject.At("encrypted");
  const bool is_copy = subject.instance.type != "aws_ebs_snapshot";
  if (flag.AsBool() == true) return Pass("encrypted is true", "encrypted");
  if (flag.AsBool() == false && !is_copy) return Fail("encrypted is false: blocks are stored in clear", "encrypted");
  const std::string_view source = is_copy ? "source_snapshot_id" : "volume_id";
  const std::string_view type = is_copy ? "aws_ebs_snapshot" : "aws_ebs_volume";
  std::optional<Judgement> found;
  for (const ResourceInstance* from : subject.world.Follow(subject.instance, source, type, {"id"})) {
    const Subject other{*from, subject.world.AttributesOf(*from), subject.world, subject.requirements};
    Judgement judgement = is_copy ? JudgeSnapshot(other) : JudgeEbsFlag(other, "encrypted");
    judgement.message = fmt::format("{}: {}", from->address, judgement.message);
    judgement.attribute = source;
    if (found.has_value() && found->verdict != judgement.verdict) judgement.verdict = Verdict::kUnknown;
    found = std::move(judgement);
  }
  if (found.has_value()) return *std::move(found);
  Judgement judgement = UnknownUntilApply("encrypted");
  judgement.message = "encrypted is not true; whether the source is encrypted is not in this document";
  return judgement;
}

constexpr std::string_view kSnapshotCopyTypes[] = {"aws_ebs_snapshot_copy", "aws_ebs_snapshot_import", "aws_ami_copy"};
constexpr std::string_view kSnapshotCopyReads[] = {"kms_key_id", "encrypted", "key_arn"};

Judgement JudgeSnapshotCopyKey(const Subject& subject) {
  const Value key = subject.At("kms_key_id");
  const Value encrypted = subject.At("encrypted");
  if ((key.empty() || (key.unknown() && LeftToProvider(subject, "kms_key_id"))) && encrypted.AsBool() != true) {
    if (encrypted.unknown() && !LeftToProvider(subject, "encrypted")) return UnknownUntilApply("encrypted");
    return NotApplicable("a copy without encryption of its own keeps the source's");
  }
  return JudgeEbsKey(subject, "kms_key_id");
}

constexpr std::string_view kSharingTypes[] = {"aws_ami_launch_permission", "aws_ebs_snapshot_block_public_access",
                                              "aws_ec2_image_block_public_access"};
constexpr std::string_view kSharingReads[] = {"state", "group"};

// Who may make volumes of what was copied: everybody, or whoever somebody of the account names later.
Judgement JudgeSharing(const Subject& subject) {
  if (subject.instance.type == "aws_ami_launch_permission") {
    const Value group = subject.At("group");
    if (group.unknown() && !LeftToProvider(subject, "group")) return UnknownUntilApply("group");
    if (group.text() == "all") return Fail("group is all: every AWS account may start the image", "group");
    return Pass("the image is shared with those who are named", "group");
  }
  const Value state = subject.At("state");
  if (state.unknown()) return UnknownUntilApply("state");
  if (state.text() == "unblocked") return Fail("state is unblocked: anybody here may share with everybody", "state");
  return Pass(fmt::format("state is {}", state.text()), "state");
}

constexpr std::string_view kMachineTypes[] = {"aws_instance", "aws_spot_instance_request", "aws_launch_configuration"};
constexpr std::string_view kMachineReads[] = {"root_block_device", "ebs_block_device", "enabled", "availability_zone",
                                              "region"};
constexpr std::string_view kMachineKeyReads[] = {"root_block_device", "ebs_block_device",  "enabled",
                                                 "key_arn",           "availability_zone", "region"};

// The devices of a machine, one by one; the worst one counts.
template <class Judge>
Judgement WorstDevice(const Subject& subject, const Judge& judge) {
  Judgement worst = Pass("every block device is as required");
  for (const std::string_view block : {"root_block_device", "ebs_block_device"}) {
    const Value devices = subject.At(block);
    std::size_t count = devices.items().size();
    // Without a block of its own the root device comes from the image and the account's default.
    if (block == "root_block_device" && count == 0) count = 1;
    for (std::size_t i = 0; i < count; ++i) {
      Judgement judgement = judge(subject, fmt::format("{}[{}]", block, i));
      if (judgement.verdict == Verdict::kFail) {
        judgement.offenders = std::move(worst.offenders);
        judgement.offenders.push_back(fmt::format("{}[{}]", block, i));
        worst = std::move(judgement);
      } else if (worst.verdict != Verdict::kFail && judgement.verdict == Verdict::kUnknown) {
        worst = std::move(judgement);
      } else if (worst.verdict == Verdict::kPass) {
        worst.obligations.insert(worst.obligations.end(), judgement.obligations.begin(), judgement.obligations.end());
      }
    }
  }
  return worst;
}

Judgement JudgeMachine(const Subject& subject) {
  return WorstDevice(subject, [](const Subject& machine, const std::string& device) {
    return JudgeEbsFlag(machine, device + ".encrypted");
  });
}

Judgement JudgeMachineKey(const Subject& subject) {
  if (subject.instance.type == "aws_launch_configuration")
    return NotApplicable("a launch configuration cannot name a key");
  return WorstDevice(subject, [](const Subject& machine, const std::string& device) {
    const Judgement encryption = JudgeEbsFlag(machine, device + ".encrypted");
    if (encryption.verdict == Verdict::kFail)
      return Fail(encryption.message + "; no key is used", encryption.attribute);
    return JudgeEbsKey(machine, device + ".kms_key_id");
  });
}

constexpr std::string_view kTemplateTypes[] = {"aws_launch_template"};
constexpr std::string_view kTemplateReads[] = {"block_device_mappings", "enabled"};

Judgement JudgeTemplate(const Subject& subject) {
  const Value mappings = subject.At("block_device_mappings");
  if (mappings.unknown()) return UnknownUntilApply("block_device_mappings");
  Judgement worst = NotApplicable("the template names no EBS device: the image and the account's default decide");
  for (std::size_t i = 0; i < mappings.items().size(); ++i) {
    if (mappings.Get(i).Get("ebs").empty()) continue;
    Judgement judgement = JudgeEbsFlag(subject, fmt::format("block_device_mappings[{}].ebs[0].encrypted", i));
    if (judgement.verdict == Verdict::kFail) return judgement;
    if (worst.verdict != Verdict::kUnknown) worst = std::move(judgement);
  }
  return worst;
}

constexpr std::string_view kVolumeRemedy =
    "encryption of an existing volume cannot be changed: Terraform would replace it and its data. Snapshot it, make an "
    "encrypted "
    "volume from the snapshot with the key, swap the volumes, then retire the old one. Switch "
    "aws_ebs_encryption_by_default on so "
    "that new volumes are encrypted";

}  // namespace

const Control kVolumeEncryption{
    .id = "TFS-EBS-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "EBS volumes are encrypted at rest",
    .types = kVolumeTypes,
    .reads = kVolumeReads,
    .evaluate = JudgeVolumeEncryption,
    .why = "Blocks of an unencrypted volume, and every snapshot of it, are stored in clear.",
    .remedy = kVolumeRemedy,
    .basis = "Vendor benchmark: AWS Config encrypted-volumes, AWS Security Hub EC2.3.",
};

const Control kVolumeCustomerKey{
    .id = "TFS-EBS-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "EBS volumes use a customer-managed key",
    .types = kVolumeTypes,
    .reads = kVolumeKeyReads,
    .evaluate = JudgeVolumeKey,
    .why =
        "Under aws/ebs nobody can restrict or withdraw the key, and snapshots cannot be shared with another account.",
    .remedy = kVolumeRemedy,
    .basis = "Organisation.",
};

const Control kEbsAccountDefault{
    .id = "TFS-EBS-003",
    .topic = Topic::kEncryption,
    .severity = Severity::kMedium,
    .title = "EBS encryption by default is on",
    .types = kAccountDefaultTypes,
    .reads = kAccountDefaultReads,
    .evaluate = JudgeAccountDefault,
    .why = "With it on, no volume of the region can be made without encryption, whoever makes it.",
    .remedy = "set enabled = true. Existing volumes stay as they are",
    .basis = "Vendor benchmark: CIS AWS Foundations; AWS Security Hub EC2.7.",
};

const Control kEbsAccountKey{
    .id = "TFS-EBS-004",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kLow,
    .title = "the default key of EBS is customer-managed",
    .types = kAccountKeyTypes,
    .reads = kAccountKeyReads,
    .evaluate = JudgeAccountKey,
    .why = "It is the key of every volume that names none.",
    .remedy = "set key_arn to a key of your own; it applies to new volumes",
    .basis = "Organisation.",
};

const Control kSnapshotEncryption{
    .id = "TFS-EBS-005",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "EBS snapshots and image copies are encrypted",
    .types = kSnapshotTypes,
    .reads = kSnapshotReads,
    .evaluate = JudgeSnapshot,
    .why = "A snapshot in clear holds everything that the volume held.",
    .remedy = "copy the snapshot with encrypted = true and kms_key_id, verify the copy, then retire the first one",
    .basis = "Vendor benchmark: Prowler ec2_ebs_snapshots_encrypted.",
};

const Control kSnapshotCustomerKey{
    .id = "TFS-EBS-006",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "encrypted copies of snapshots and images use a customer-managed key",
    .types = kSnapshotCopyTypes,
    .reads = kSnapshotCopyReads,
    .evaluate = JudgeSnapshotCopyKey,
    .why = "Under aws/ebs a copy can be used in its own account and region only.",
    .remedy = "make another copy with kms_key_id, verify it, then retire the first one",
    .basis = "Organisation.",
};

const Control kSnapshotSharing{
    .id = "TFS-EBS-007",
    .topic = Topic::kPublicAccess,
    .severity = Severity::kCritical,
    .title = "EBS snapshots and images are not shared with everybody",
    .types = kSharingTypes,
    .reads = kSharingReads,
    .evaluate = JudgeSharing,
    .why = "Whoever starts an image or makes a volume of a snapshot reads everything that was on the disk.",
    .remedy =
        "share images with account_id, organization_arn or organizational_unit_arn, and set state = "
        "\"block-all-sharing\" for snapshots and \"block-new-sharing\" for images; it applies in place. Removing "
        "aws_ebs_snapshot_block_public_access unblocks, removing aws_ec2_image_block_public_access leaves it as it is",
    .basis =
        "Amazon EC2 API, DisableSnapshotBlockPublicAccess: snapshots that were shared become public again. Vendor "
        "benchmark: AWS Security Hub EC2.1, Prowler ec2_ami_public.",
};

const Control kMachineEncryption{
    .id = "TFS-EC2-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "block devices of instances are encrypted at rest",
    .types = kMachineTypes,
    .reads = kMachineReads,
    .evaluate = JudgeMachine,
    .why = "Blocks of an unencrypted device, and every snapshot of it, are stored in clear.",
    .remedy =
        "changing it in Terraform replaces the whole instance, or is silently ignored for an existing "
        "ebs_block_device. "
        "Snapshot the device, make an encrypted volume from it, and replace the root volume or attach the new one",
    .basis = "Vendor benchmark: AWS Config encrypted-volumes, AWS Security Hub EC2.3.",
};

const Control kMachineCustomerKey{
    .id = "TFS-EC2-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kLow,
    .title = "block devices of instances use a customer-managed key",
    .types = kMachineTypes,
    .reads = kMachineKeyReads,
    .evaluate = JudgeMachineKey,
    .why = "Under aws/ebs nobody can restrict or withdraw the key.",
    .remedy =
        "as for encryption: a new volume from a snapshot, with the key. aws_ebs_default_kms_key sets it for new "
        "devices",
    .basis = "Organisation.",
};

const Control kTemplateEncryption{
    .id = "TFS-EC2-003",
    .topic = Topic::kEncryption,
    .severity = Severity::kMedium,
    .title = "launch templates make encrypted devices",
    .types = kTemplateTypes,
    .reads = kTemplateReads,
    .evaluate = JudgeTemplate,
    .why = "Every instance started from the template gets devices without encryption.",
    .remedy = "in block_device_mappings.ebs, set encrypted = true; new instances only",
    .basis = "Vendor benchmark: Checkov CKV_AWS_8.",
};

}  // namespace tfseal

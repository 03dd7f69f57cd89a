#include <fmt/format.h>

#include "policy/controls/database.h"
#include "policy/controls/declarations.h"
#include "policy/controls/environment.h"
#include "policy/location.h"

// Copies of a database's backups: replicated automatic backups of instances, and the copies of AWS Backup plans.
namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

// What a copy is kept in, and with which key: an aws_backup_vault, or the replication of automatic backups.
struct BackupCopy {
  const ResourceInstance* holder = nullptr;  // nullptr: a vault that is not in this document
  std::string_view region;                   // empty: not known
};

struct BackupCopies {
  std::vector<BackupCopy> copies;
  bool complete = true;  // false: there may be more
};

enum class Covered : unsigned char { kNo, kMaybe, kYes };

Covered SelectedByTags(const Value& selection, const Subject& database) {
  Covered covered = Covered::kNo;
  const Value tags = selection.At("selection_tag");
  if (tags.unknown()) return Covered::kMaybe;
  for (const Value& tag : tags.items()) {
    const Value own = database.At("tags_all").known() ? database.At("tags_all") : database.At("tags");
    const Value value = own.Get(tag.Get("key").text());
    if (tag.AnyUnknown() || value.unknown()) {
      covered = Covered::kMaybe;
    } else if (!tag.Get("value").text().empty() && value.text() == tag.Get("value").text()) {
      return Covered::kYes;
    }
  }
  return covered;
}

// Whether what is not known yet of the resources of a selection is the ARNs of resources that the configuration names.
bool NamesAllItSelects(const World& world, const ResourceInstance& selection) {
  const Origin& origin = world.OriginOf(selection, "resources");
  return origin.configured && origin.opaque.empty() && !origin.targets.empty() &&
         std::all_of(origin.targets.begin(), origin.targets.end(), [](const Origin::Target& target) {
           const bool arn = target.attribute == "arn" || target.attribute.empty();
           return arn && !target.data_source && target.type.starts_with("aws_");
         });
}

Covered Selects(const ResourceInstance& selection, const Subject& database) {
  const Value& attributes = database.world.AttributesOf(selection);
  const Found named = FollowEach(database.world, selection, "resources", database.instance.type, "arn");
  for (const ResourceInstance* each : named.instances) {
    if (each == &database.instance) return Covered::kYes;
  }
  Covered covered = SelectedByTags(attributes, database);
  const bool others = NamesAllItSelects(database.world, selection);
  for (const Value& item : attributes.At("resources").items()) {
    if (item.text() == "*") return covered == Covered::kNo ? Covered::kMaybe : covered;
    const bool maybe = item.unknown() ? !others : item.text().find('*') != std::string_view::npos;
    if (maybe) covered = std::max(covered, Covered::kMaybe);
  }
  if (attributes.At("resources").unknown() && !others) covered = std::max(covered, Covered::kMaybe);
  return covered;
}

void AddVaults(const Subject& database, const ResourceInstance& plan, BackupCopies* found) {
  const World& world = database.world;
  const Value rules = world.AttributesOf(plan).At("rule");
  found->complete = found->complete && !rules.unknown();
  for (const Value& rule : rules.items()) {
    for (const Value& copy : rule.Get("copy_action").items()) {
      const std::string_view arn = copy.Get("destination_vault_arn").text();
      if (!arn.empty()) {
        const auto vaults = world.Where("aws_backup_vault", "arn", arn);
        found->copies.push_back({vaults.empty() ? nullptr : vaults.front(), RegionInArn(arn)});
        continue;
      }
      const Origin& origin = world.OriginOf(plan, "rule.copy_action.destination_vault_arn");
      bool resolved = false;
      for (const Origin::Target& target : origin.targets) {
        if (target.type != "aws_backup_vault" || target.data_source) continue;
        for (const ResourceInstance* vault : world.InstancesOf(target.address)) {
          found->copies.push_back({vault, RegionOf(world.document(), *vault)});
          resolved = true;
        }
      }
      found->complete = found->complete && resolved;
    }
  }
}

BackupCopies CopiesOf(const Subject& database) {
  const World& world = database.world;
  BackupCopies found;
  if (database.instance.type == "aws_db_instance") {
    for (const ResourceInstance* replication : world.PointingAt(
             database.instance, "aws_db_instance_automated_backups_replication", "source_db_instance_arn", {"arn"})) {
      found.copies.push_back({replication, RegionOf(world.document(), *replication)});
    }
  }
  for (const ResourceInstance* selection : world.OfType("aws_backup_selection")) {
    const Covered covered = Selects(*selection, database);
    if (covered == Covered::kNo) continue;
    if (covered == Covered::kMaybe) found.complete = false;
    const auto plans = world.Follow(*selection, "plan_id", "aws_backup_plan", {"id"});
    if (plans.empty()) found.complete = false;
    if (covered != Covered::kYes) continue;
    for (const ResourceInstance* plan : plans) AddVaults(database, *plan, &found);
  }
  return found;
}

Judgement EnvironmentCopies(const Subject& subject) {
  if (!subject.requirements.settings.copies_other_region) return NotAsked();
  if (IsReplica(subject)) return NotApplicable("it is a replica, and judged with its source");
  const std::string_view own = RegionOf(subject.world.document(), subject.instance);
  const BackupCopies found = CopiesOf(subject);
  bool unclear = !found.complete;
  for (const BackupCopy& copy : found.copies) {
    // AWS accepts a replication of automatic backups only in another region.
    const bool replication =
        copy.holder != nullptr && copy.holder->type == "aws_db_instance_automated_backups_replication";
    if (replication || (!own.empty() && !copy.region.empty() && copy.region != own)) {
      return Pass(fmt::format("its backups are copied to another region{}{}", copy.holder == nullptr ? "" : ": ",
                              copy.holder == nullptr ? "" : copy.holder->address),
                  "arn");
    }
    unclear = unclear || own.empty() || copy.region.empty();
  }
  if (unclear) return Undecided("whether a backup plan copies it to another region cannot be told from this document");
  return Fail(found.copies.empty() ? "no copy of its backups is made in this document"
                                   : "its backups are copied within its own region only");
}

// The ARN or id that a key attribute has, or the key that it will have.
std::string KeyOf(const Subject& subject, std::string_view attribute) {
  const KeyFacts key = ClassifyKey(subject, attribute, DefaultKey::kAwsManaged);
  if (key.owner == KeyOwner::kUnknown) return {};
  if (!key.key_address.empty()) return key.key_address;
  if (key.owner != KeyOwner::kCustomer) return "an AWS-managed key of " + std::string(subject.instance.type);
  return std::string(subject.At(attribute).text());
}

Judgement EnvironmentCopyKey(const Subject& subject) {
  if (!subject.requirements.settings.copies_other_key) return NotAsked();
  const BackupCopies found = CopiesOf(subject);
  if (found.copies.empty() && found.complete) return NotApplicable("no copy of its backups is made in this document");
  const std::string own = KeyOf(subject, "kms_key_id");
  bool unclear = !found.complete || own.empty();
  for (const BackupCopy& copy : found.copies) {
    if (copy.holder == nullptr) {
      unclear = true;
      continue;
    }
    const bool vault = copy.holder->type == "aws_backup_vault";
    const Subject theirs{*copy.holder, subject.world.AttributesOf(*copy.holder), subject.world, subject.requirements,
                         subject.now};
    const std::string key = KeyOf(theirs, vault ? "kms_key_arn" : "kms_key_id");
    if (!key.empty() && key == own) {
      return Fail(fmt::format("{} has the key of the database", copy.holder->address), "kms_key_id");
    }
    unclear = unclear || key.empty();
  }
  if (unclear) return Undecided("which key the copies of its backups have cannot be told from this document");
  return Pass("the copies of its backups have a key of their own", "kms_key_id");
}

}  // namespace

const Control kEnvironmentCopies{
    .id = "TFS-ENV-020",
    .topic = Topic::kBackupCopies,
    .severity = Severity::kMedium,
    .title = "backups of databases are copied to another region",
    .types = kDatabaseTypes,
    .reads = kNames<"arn", "id", "tags", "tags_all", "replicate_source_db", "resources", "selection_tag", "plan_id",
                    "rule", "source_db_instance_arn", "region", "availability_zone", "kms_key_id">,
    .evaluate = EnvironmentCopies,
    .why = "what happens to a region, or to the account's access to it, happens to the backups in it",
    .remedy =
        "let an aws_backup_plan with an aws_backup_selection of the database copy to a vault in another region "
        "(copy_action), or replicate the automatic backups of an instance "
        "(aws_db_instance_automated_backups_replication; not for Aurora)",
    .basis =
        "AWS Backup Developer Guide, cross-Region copies; Amazon RDS User Guide, replicating automated backups (DB "
        "instances only). NIST SP 800-53 CP-6 and CP-9 ask for alternate storage, not for a region. organisation: "
        "backup.copies in tfseal.yaml",
    .asked = [](const Requirements& r) { return r.settings.copies_other_region; },
};

const Control kEnvironmentCopyKey{
    .id = "TFS-ENV-021",
    .topic = Topic::kBackupCopies,
    .severity = Severity::kMedium,
    .title = "copies of backups have a key of their own",
    .types = kDatabaseTypes,
    .reads = kNames<"arn", "id", "tags", "tags_all", "resources", "selection_tag", "plan_id", "rule",
                    "source_db_instance_arn", "region", "availability_zone", "kms_key_id", "kms_key_arn">,
    .evaluate = EnvironmentCopyKey,
    .why = "whoever loses, or destroys, the database's key loses the backups under the same key too",
    .remedy =
        "give the vault a key of its own (kms_key_arn); the key of an existing vault cannot be changed, so make "
        "a new one and let the plan copy there",
    .basis = "organisation: backup.copy_key in tfseal.yaml",
    .asked = [](const Requirements& r) { return r.settings.copies_other_key; },
};

}  // namespace tfseal

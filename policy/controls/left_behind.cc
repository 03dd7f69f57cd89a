#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "policy/controls/declarations.h"
#include "policy/controls/names.h"

// What a deletion leaves behind, or what stops it, where a type has no control of its own for that.
namespace tfseal {
namespace {

using terraform::Value;

enum class Guards : unsigned char { kTrue, kFalse, kNamed, kActive };

struct Guard {
  std::string_view type;
  std::string_view attribute;
  Guards guards;               // the value that protects
  std::string_view otherwise;  // what a deletion does without it
};

constexpr std::string_view kBackupsGo = "a deletion takes the automated backups with it";
constexpr std::string_view kNoSnapshot = "a deletion takes no final snapshot";
constexpr std::string_view kNoBackup = "a deletion takes no final backup";
constexpr std::string_view kOneCall = "one call deletes it";

constexpr Guard kGuardsOfTypes[] = {
    {"aws_cloudwatch_log_group", "skip_destroy", Guards::kTrue, "a destroy deletes the log group and its events"},
    {"aws_cognito_user_pool", "deletion_protection", Guards::kActive, "one call deletes all users"},
    {"aws_db_instance", "delete_automated_backups", Guards::kFalse, kBackupsGo},
    {"aws_docdb_global_cluster", "deletion_protection", Guards::kTrue, kOneCall},
    {"aws_ebs_volume", "final_snapshot", Guards::kTrue, kNoSnapshot},
    {"aws_elasticache_cluster", "final_snapshot_identifier", Guards::kNamed, kNoSnapshot},
    {"aws_elasticache_replication_group", "final_snapshot_identifier", Guards::kNamed, kNoSnapshot},
    {"aws_fsx_lustre_file_system", "skip_final_backup", Guards::kFalse, kNoBackup},
    {"aws_fsx_ontap_volume", "skip_final_backup", Guards::kFalse, kNoBackup},
    {"aws_fsx_openzfs_file_system", "skip_final_backup", Guards::kFalse, kNoBackup},
    {"aws_fsx_windows_file_system", "skip_final_backup", Guards::kFalse, kNoBackup},
    {"aws_memorydb_cluster", "final_snapshot_name", Guards::kNamed, kNoSnapshot},
    {"aws_neptune_global_cluster", "deletion_protection", Guards::kTrue, kOneCall},
    {"aws_neptunegraph_graph", "deletion_protection", Guards::kTrue, kOneCall},
    {"aws_rds_cluster", "delete_automated_backups", Guards::kFalse, kBackupsGo},
};

constexpr std::string_view kGuardedTypes[] = {"aws_cloudwatch_log_group",
                                              "aws_cognito_user_pool",
                                              "aws_db_instance",
                                              "aws_docdb_global_cluster",
                                              "aws_ebs_volume",
                                              "aws_elasticache_cluster",
                                              "aws_elasticache_replication_group",
                                              "aws_fsx_lustre_file_system",
                                              "aws_fsx_ontap_volume",
                                              "aws_fsx_openzfs_file_system",
                                              "aws_fsx_windows_file_system",
                                              "aws_memorydb_cluster",
                                              "aws_neptune_global_cluster",
                                              "aws_neptunegraph_graph",
                                              "aws_rds_cluster"};

bool IsGuarded(const Guard& guard, const Value& value) {
  switch (guard.guards) {
    case Guards::kTrue:
      return value.AsBool() == true;
    case Guards::kFalse:
      return value.AsBool() == false;
    case Guards::kActive:
      return value.text() == "ACTIVE";
    case Guards::kNamed:
      break;
  }
  return !value.unknown() && !value.empty();
}

// Most stores never had it, and providers leave it off: giving it up is the first half of a deletion, so the change is
// judged and not the state.
Judgement JudgeGuard(const Subject& subject) {
  const auto* const guard = std::find_if(std::begin(kGuardsOfTypes), std::end(kGuardsOfTypes),
                                         [&](const Guard& each) { return each.type == subject.instance.type; });
  const Value now = subject.At(guard->attribute);
  if (IsGuarded(*guard, now)) return Pass(fmt::format("{} protects it", guard->attribute), guard->attribute);
  const bool was_guarded = subject.world.side() == Side::kAfter && subject.instance.before.is_map() &&
                           IsGuarded(*guard, subject.instance.before.Get(guard->attribute));
  if (!was_guarded) return Pass(fmt::format("{} gives up nothing", guard->attribute), guard->attribute);
  if (now.unknown()) return UnknownUntilApply(guard->attribute);
  return Fail(fmt::format("{} protected it and no longer does: {}", guard->attribute, guard->otherwise),
              guard->attribute);
}

}  // namespace

const Control kLeftBehind{
    .id = "TFS-FORCE-002",
    .topic = Topic::kDeletionProtection,
    .severity = Severity::kHigh,
    .title = "stores keep what stops a deletion or is left behind by it",
    .types = kGuardedTypes,
    .reads = kNames<"delete_automated_backups", "deletion_protection", "final_snapshot", "final_snapshot_identifier",
                    "final_snapshot_name", "skip_destroy", "skip_final_backup">,
    .evaluate = JudgeGuard,
    .why =
        "Giving it up changes nothing today: the next plan that deletes or replaces the store is the one that leaves "
        "nothing behind. delete_automated_backups is true wherever the line is left out.",
    .remedy =
        "keep the line. A store that is really to go leaves in a plan of its own, after a copy of it was verified",
    .basis =
        "Amazon RDS API, DeleteDBInstance.DeleteAutomatedBackups and DeleteDBCluster.DeleteAutomatedBackups: true by "
        "default; provider 5.100: delete_automated_backups is true unless it is set",
};

}  // namespace tfseal

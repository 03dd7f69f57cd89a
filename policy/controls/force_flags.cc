#include <fmt/format.h>

#include "policy/controls/declarations.h"

namespace tfseal {
namespace {

using terraform::Value;

constexpr std::string_view kForceTypes[] = {"aws_s3_bucket", "aws_backup_vault", "aws_ecr_repository",
                                            "aws_s3_directory_bucket"};
constexpr std::string_view kForceReads[] = {"force_destroy", "force_delete"};

// AWS refuses to delete these while they hold something; the flag makes the provider empty them first. Setting it is
// the first half of a deletion, so it is judged as a change, not as a state.
Judgement JudgeForceFlag(const Subject& subject) {
  const std::string_view attribute = subject.instance.type == "aws_ecr_repository" ? "force_delete" : "force_destroy";
  const Value flag = subject.At(attribute);
  if (flag.unknown()) return UnknownUntilApply(attribute);
  if (flag.AsBool() != true) return Pass(fmt::format("{} is off", attribute), attribute);
  const bool was_off = subject.world.side() == Side::kAfter && subject.instance.before.is_map() &&
                       subject.instance.before.Get(attribute).AsBool() != true;
  if (was_off)
    return Fail(fmt::format("{} is switched on: a destroy then deletes everything inside", attribute), attribute);
  return Pass(fmt::format("{} is on, as before", attribute), attribute);
}

}  // namespace

const Control kForceFlag{
    .id = "TFS-FORCE-001",
    .topic = Topic::kDeletionProtection,
    .severity = Severity::kHigh,
    .title = "buckets, vaults and repositories keep AWS's refusal to be deleted while full",
    .types = kForceTypes,
    .reads = kForceReads,
    .evaluate = JudgeForceFlag,
    .why = "With force_destroy or force_delete a destroy or a replacement empties the store first instead of stopping.",
    .remedy = "leave the flag off. Empty a store that is really to go by hand, after its content was copied",
    .basis = "AWS provider: force_destroy, force_delete.",
};

}  // namespace tfseal

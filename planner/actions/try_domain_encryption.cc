#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kTryDomainEncryptionFields[] = {
    {"encryption", FieldType::kObject, true, "EncryptionAtRestOptions that are going to be set"},
};

void DeriveTryDomainEncryption(Action& action) {
  const JsonValue domain = Text(action.target.identifier);
  action.summary = "ask AWS whether " + action.target.identifier + " can be encrypted, without changing it";
  action.calls.push_back(Change("opensearch", "UpdateDomainConfig",
                                Object({{"DomainName", domain},
                                        {"EncryptionAtRestOptions", Field(action, "encryption")},
                                        {"DryRun", true},
                                        {"DryRunMode", "Verbose"}})));
  action.poll = PollRule{.call = Read("opensearch", "DescribeDryRunProgress", Object({{"DomainName", domain}})),
                         .field = "DryRunProgressStatus.DryRunStatus",
                         .success = {"completed"},
                         .failure = {"failed", "validation_failed"},
                         .interval_seconds = 30,
                         .deadline_seconds = 60 * 60};
  action.preconditions.push_back(Check("no_change_underway", "the domain is not processing another change"));
  action.preconditions.push_back(
      Check("key_usable",
            "the key is enabled, symmetric and in the same region; the caller may CreateGrant and DescribeKey"));
  action.postconditions.push_back(Check("dry_run_valid", "AWS found nothing against the change"));
  action.rollback.text = "nothing was changed";
  action.downtime.basis = "nothing is changed";
}

}  // namespace

const ActionKind kTryDomainEncryption = {
    .name = "try_domain_encryption",
    .phase = "protect",
    .does = "asks AWS, by a dry run, whether a domain can be encrypted in place",
    .fields = kTryDomainEncryptionFields,
    .derive = DeriveTryDomainEncryption,
};

}  // namespace tfseal

#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kEncryptDomainFields[] = {
    {"settings", FieldType::kObject, true, "parameters of the call"},
    {"attributes", FieldType::kObject, true, "the same as Terraform names them"},
    {"previous", FieldType::kObject, false, "the values before, where they are known and not secret"},
};

void DeriveEncryptDomain(Action& action) {
  const JsonValue domain = Text(action.target.identifier);
  DeriveInPlace(action, "opensearch", "UpdateDomainConfig", Object({{"DomainName", domain}}));
  action.summary = "encrypt " + action.target.identifier + " under the key, for good";
  action.poll = PollRule{.call = Read("opensearch", "DescribeDomain", Object({{"DomainName", domain}})),
                         .field = "DomainStatus.Processing",
                         .success = {"false"},
                         .failure = {},
                         .interval_seconds = 60,
                         .deadline_seconds = 48 * 60 * 60};
  action.preconditions.push_back(Check("no_change_underway", "the domain is not processing another change"));
  action.preconditions.push_back(
      Check("snapshot_taken", "a manual snapshot was taken: what a failed change loses is not in AWS's own snapshots"));
  action.postconditions.push_back(Check("encrypted_under_key",
                                        "EncryptionAtRestOptions.Enabled is true and KmsKeyId is the key; Processing "
                                        "is false"));
  action.postconditions.push_back(
      Check("only_under_old_key",
            "nothing: it had no key. Manual snapshots that were taken before stay in their bucket as they are"));
  action.rollback.text =
      "AWS has no way back: encryption cannot be switched off and its key never changes. The indices are the same; a "
      "domain without encryption would be a new one, restored from the snapshot";
  action.risk = Risk::kMedium;
  action.downtime.impact = Downtime::Impact::kReconnect;
  action.downtime.basis =
      "AWS moves the indices to new nodes beside the old ones; the domain answers meanwhile, slower. The time depends "
      "on their size and is not published";
  action.approvals = 1;
}

}  // namespace

const ActionKind kEncryptDomain = {
    .name = "encrypt_domain",
    .phase = "protect",
    .does = "encrypts a search domain in place, which AWS does once and under one key",
    .fields = kEncryptDomainFields,
    .derive = DeriveEncryptDomain,
};

}  // namespace tfseal

#include <algorithm>
#include <set>

#include "planner/existing_world.h"
#include "planner/identifiers.h"
#include "planner/parameters.h"
#include "planner/recipe.h"
#include "planner/restore_settings.h"

// R-VAULT: a second vault under the key, protected as the first; the plans fill it from then on, the latest recovery
// points are copied into it, and the first one ages out under its own key.
namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

constexpr std::size_t kVaultNameMax = 50;

std::string TextIn(const Value& attributes, std::string_view name) {
  return std::string(attributes.Get(name).text());
}

std::vector<const ResourceInstance*> OfVault(const Site& site, std::string_view type, const std::string& vault) {
  auto found = site.world->Where(type, "backup_vault_name", vault);
  std::sort(found.begin(), found.end(), [](const auto* a, const auto* b) { return a->address < b->address; });
  return found;
}

bool NamesVault(const Value& plan, const std::string& vault) {
  const std::string end = ":backup-vault:" + vault;
  for (const Value& rule : plan.Get("rule").items()) {
    if (rule.Get("target_vault_name").text() == vault) return true;
    for (const Value& copy : rule.Get("copy_action").items()) {
      if (copy.Get("destination_vault_arn").text().ends_with(end)) return true;
    }
  }
  return false;
}

std::vector<const ResourceInstance*> PlansOf(const Site& site, const std::string& vault) {
  std::vector<const ResourceInstance*> plans;
  for (const ResourceInstance* plan : site.world->OfType("aws_backup_plan")) {
    if (NamesVault(plan->after, vault)) plans.push_back(plan);
  }
  std::sort(plans.begin(), plans.end(), [](const auto* a, const auto* b) { return a->address < b->address; });
  return plans;
}

// With which AWS Backup may copy: what the selections of the plans name, if that is one role.
std::string RoleOf(const Site& site, const std::vector<const ResourceInstance*>& plans) {
  std::set<std::string> roles;
  for (const ResourceInstance* plan : plans) {
    for (const ResourceInstance* selection :
         site.world->Where("aws_backup_selection", "plan_id", TextIn(plan->after, "id"))) {
      if (const std::string role = TextIn(selection->after, "iam_role_arn"); !role.empty()) roles.insert(role);
    }
  }
  return roles.size() == 1 ? *roles.begin() : std::string();
}

JsonValue TagMapOf(const Value& attributes) {
  const JsonValue tags = TagsOf(attributes);
  if (tags.isNull()) return {};
  JsonValue map(Json::objectValue);
  for (const JsonValue& tag : tags) map[tag["Key"].asString()] = tag["Value"];
  return map;
}

JsonValue LockOf(const Value& lock) {
  JsonValue days(Json::objectValue);
  constexpr std::pair<const char*, const char*> kDays[] = {{"min_retention_days", "MinRetentionDays"},
                                                           {"max_retention_days", "MaxRetentionDays"},
                                                           {"changeable_for_days", "ChangeableForDays"}};
  for (const auto& [attribute, parameter] : kDays) {
    const auto number = lock.Get(attribute).AsNumber();
    if (number && *number > 0) days[parameter] = static_cast<int>(*number);
  }
  return days;
}

// The rules as they are afterwards, for the facts.
JsonValue RulesAfter(const Value& plan, const std::string& vault, const std::string& now) {
  JsonValue rules(Json::arrayValue);
  for (const Value& rule : plan.Get("rule").items()) {
    JsonValue after = ToJson(rule);
    after.removeMember("recovery_point_tags");
    if (after["target_vault_name"] == vault) after["target_vault_name"] = now;
    rules.append(after);
  }
  return rules;
}

class VaultMove {
 public:
  explicit VaultMove(const RecipeRequest& request)
      : request_(request),
        attributes_(request.site.world->AttributesOf(request.instance)),
        old_(TextIn(attributes_, "name")),
        new_(DerivedName(old_, "key", kVaultNameMax)),
        plans_(PlansOf(request.site, old_)) {}

  RecipePlan Run() {
    const KeyChoice key =
        request_.keys.For(request_.instance, request_.target, request_.place, "", {MotiveOf(request_.finding)});
    const std::string created = Create(key);
    std::vector<std::string> moved;
    for (const ResourceInstance* plan : plans_) {
      moved.push_back(AddFor(TargetOf(request_.site, *plan), kRepointBackupPlan,
                             Object({{"plan", Text(TextIn(plan->after, "id"))},
                                     {"vault", Text(old_)},
                                     {"new_vault", Text(new_)},
                                     {"attributes", Object({{"rule", RulesAfter(plan->after, old_, new_)}})}}),
                             {created}));
    }
    if (moved.empty()) moved.push_back(created);
    moved.push_back(CopyPoints(moved));
    return {true, "", {Reconcile(key, moved)}};
  }

 private:
  std::string AddFor(const Target& target, const ActionKind& kind, const JsonValue& payload,
                     const std::vector<std::string>& needs) {
    return request_.draft.Add(kind, target, payload, request_.place, needs, {MotiveOf(request_.finding)});
  }

  std::string Create(const KeyChoice& key) {
    JsonValue payload = Object({{"vault", Text(old_)},
                                {"new_vault", Text(new_)},
                                {"key", key.key},
                                {"attributes", Object({{"name", Text(new_)}, {"kms_key_arn", key.key}})}});
    if (const JsonValue tags = TagMapOf(attributes_); !tags.isNull()) payload["tags"] = tags;
    for (const ResourceInstance* lock : OfVault(request_.site, "aws_backup_vault_lock_configuration", old_)) {
      payload["lock"] = LockOf(lock->after);
    }
    for (const ResourceInstance* about : OfVault(request_.site, "aws_backup_vault_notifications", old_)) {
      std::vector<std::string> events = TextsOf(about->after.Get("backup_vault_events"));
      std::sort(events.begin(), events.end());
      payload["notifications"] =
          Object({{"SNSTopicArn", Text(TextIn(about->after, "sns_topic_arn"))}, {"BackupVaultEvents", Texts(events)}});
    }
    std::vector<std::string> needs = key.needs;
    needs.push_back(request_.open);
    const std::string created = AddFor(request_.target, kCreateBackupVault, payload, needs);
    Proves(request_, created);
    return created;
  }

  // Copied with the role that made them, or by a person where the documents do not say with which.
  std::string CopyPoints(const std::vector<std::string>& needs) {
    const std::string role = RoleOf(request_.site, plans_);
    const Target& target = request_.target;
    if (!role.empty()) {
      const std::string arn =
          TextIn(attributes_, "arn").substr(0, TextIn(attributes_, "arn").size() - old_.size()) + new_;
      return AddFor(
          target, kCopyRecoveryPoints,
          Object(
              {{"vault", Text(old_)}, {"new_vault", Text(new_)}, {"new_vault_arn", Text(arn)}, {"role", Text(role)}}),
          needs);
    }
    const std::string id =
        AddFor(target, kManual,
               Object({{"recipe", "R-VAULT"},
                       {"reason", "the documents name no single role that AWS Backup may copy recovery points with"},
                       {"steps", Texts({"aws backup start-copy-job for the latest recovery point of each resource in " +
                                            old_ + ", into " + new_ + ", with a role that may do that",
                                        "or accept that " + new_ + " is empty until the next backup"})}}),
               needs);
    request_.draft.AddPostcondition(id, {"covered", "", "",
                                         "aws backup list-recovery-points-by-backup-vault --backup-vault-name " + new_ +
                                             " names every resource of " + old_});
    return id;
  }

  std::string Reconcile(const KeyChoice& key, const std::vector<std::string>& after) {
    Succession succession;
    succession.successors.push_back({std::string(request_.instance.address), new_});
    for (const std::string_view type :
         {"aws_backup_vault_lock_configuration", "aws_backup_vault_notifications", "aws_backup_vault_policy"}) {
      for (const ResourceInstance* about : OfVault(request_.site, type, old_)) {
        succession.successors.push_back({std::string(about->address), new_});
      }
    }
    succession.set = Object({{"kms_key_arn", key.key}, {"name", Text(new_)}});
    succession.identity = Object({{"name", Text(new_)}});
    for (const ResourceInstance* plan : plans_) {
      succession.notes.push_back("the rules of " + std::string(plan->address) + " name " + new_ +
                                 ": by reference, or as text");
    }
    succession.notes.push_back(old_ + " is kept and no longer Terraform's; its recovery points age out under its key");
    succession.expected_changes = {"changeable_for_days", "force_destroy"};
    return ReconcileSuccession(request_, request_.target, succession, after);
  }

  const RecipeRequest& request_;
  const Value& attributes_;
  std::string old_, new_;
  std::vector<const ResourceInstance*> plans_;
};

}  // namespace

RecipePlan PlanVault(const RecipeRequest& request) {
  const Value& attributes = request.site.world->AttributesOf(request.instance);
  const std::string name = TextIn(attributes, "name");
  if (name.empty()) return {true, "the documents do not say its name", {}};
  const std::string successor = DerivedName(name, "key", kVaultNameMax);
  if (!request.site.world->Where("aws_backup_vault", "name", successor).empty()) {
    return {true, "there is a vault " + successor + " already; it may be its successor", {}};
  }
  AnnounceMove(request, "move the vault " + name);
  return VaultMove(request).Run();
}

}  // namespace tfseal

#include "apply/terraform_agreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>
#include <vector>

#include "planner/identifiers.h"

namespace tfseal {
namespace {

using terraform::Document;
using terraform::ResourceInstance;

std::set<std::string> TextsOf(const JsonValue& payload, const char* name) {
  std::set<std::string> texts;
  if (!payload.isMember(name)) return texts;
  for (const JsonValue& item : payload[name]) texts.insert(item.asString());
  return texts;
}

bool Changes(const ResourceInstance& resource) {
  const terraform::Actions& actions = resource.actions;
  return actions.create || actions.update || actions.destroy || actions.forget || resource.importing ||
         !resource.rare->previous_address.empty();
}

// Top-level attributes whose values differ, by name alone: values may be secret.
std::vector<std::string> ChangedAttributes(const ResourceInstance& resource) {
  std::set<std::string> names;
  for (const terraform::Member& member : resource.before.members()) names.emplace(member.key);
  for (const terraform::Member& member : resource.after.members()) names.emplace(member.key);
  std::vector<std::string> changed;
  for (const std::string& name : names) {
    const terraform::Value before = resource.before.Get(name);
    const terraform::Value after = resource.after.Get(name);
    if (before.empty() && after.empty()) continue;  // null, "" and [] all say: not configured
    if (!before.SameAs(after)) changed.push_back(name);
  }
  return changed;
}

// What AWS reports and nobody sets: it drifts whenever members come and go, and says nothing about the configuration.
const std::set<std::string>& Reported() {
  static const auto& names = *new std::set<std::string>{"address",
                                                        "ca_certificate_valid_till",
                                                        "cluster_members",
                                                        "endpoint",
                                                        "engine_version_actual",
                                                        "hosted_zone_id",
                                                        "latest_restorable_time",
                                                        "listener_endpoint",
                                                        "reader_endpoint",
                                                        "replicas",
                                                        "resource_id",
                                                        "status"};
  return names;
}

std::vector<std::string> Without(const std::vector<std::string>& names, const std::set<std::string>& expected) {
  std::vector<std::string> rest;
  std::copy_if(names.begin(), names.end(), std::back_inserter(rest),
               [&](const std::string& name) { return !expected.contains(name); });
  return rest;
}

// Whether a change is of an argument that the provider keeps for itself, in the direction that keeps data. AWS is told
// of these at a deletion or never, so no plan about the live world shows whether they are there, and an apply that
// writes them changes nothing but the state.
bool KeepsMore(std::string_view name, const terraform::Value& after) {
  if (name == "skip_final_snapshot" || name == "delete_automated_backups") return after.AsBool() == false;
  if (name == "final_snapshot_identifier") return after.known() && !after.empty();
  if (name == "skip_destroy") return after.AsBool() == true;
  return name == "track_latest";
}

// Whether an argument says what the action asks for. Of names, numbers and structures, only that they are there: what
// AWS has is in an empty plan already.
bool AsAsked(const terraform::Value& value, const JsonValue& wanted) {
  if (wanted.isNull()) return value.unset();
  if (wanted.isBool()) return value.AsBool().value_or(false) == wanted.asBool();
  return value.known() && !value.empty();
}

// Arguments that the action asks for and the configuration does not say.
std::vector<std::string> NotWritten(const ResourceInstance& resource, const Action& action) {
  std::vector<std::string> missing;
  const JsonValue& set = action.payload["set"];
  if (!set.isObject()) return missing;
  for (const std::string& name : set.getMemberNames()) {
    if (!AsAsked(resource.after.Get(name), set[name])) missing.push_back(name);
  }
  return missing;
}

// An attribute by which the state still means the object that was replaced; empty if it means its successor. An empty
// plan does not tell: the old object is still there.
std::string StillTheOldOne(const ResourceInstance& resource, const Action& action) {
  if (!action.payload.isMember("identity")) return {};
  const JsonValue& identity = action.payload["identity"];
  for (const std::string& name : identity.getMemberNames()) {
    // What was not looked up is not known to be the successor's.
    if (!identity[name].isString() || resource.after.Get(name).text() != identity[name].asString()) return name;
  }
  return {};
}

bool SameName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// How a resource that has the address is another object than the action's: empty if it is not, as far as the plan says.
// Every environment has the same addresses, so those of another workspace look the same.
std::string AnotherObject(const ResourceInstance& resource, const Target& target) {
  const ArnParts arn = ParseArn(resource.after.Get("arn").text());
  const auto differs = [](const std::string& there, const std::string& wanted) {
    return !there.empty() && !wanted.empty() && !SameName(there, wanted);
  };
  if (differs(arn.account, target.account)) return "belongs to account " + arn.account + ", not to " + target.account;
  if (differs(arn.region, target.region)) return "is in " + arn.region + ", not in " + target.region;
  // What is moved keeps its name; of other types it may be one that AWS or a recipe gave.
  constexpr std::string_view kClusters[] = {"aws_rds_cluster", "aws_docdb_cluster", "aws_neptune_cluster"};
  std::string name;
  if (std::find(std::begin(kClusters), std::end(kClusters), resource.type) != std::end(kClusters)) {
    name = resource.after.Get("cluster_identifier").text();
  } else if (resource.type == "aws_db_instance") {
    name = resource.after.Get("identifier").text();
  }
  if (differs(name, target.identifier)) return "is " + name + ", not " + target.identifier;
  return {};
}

// What a plan may still write once, because only Terraform knows it.
std::set<std::string> Expected(const ResourceInstance& resource, const Action& action) {
  std::set<std::string> expected = TextsOf(action.payload, "expected_changes");
  for (const std::string& name : ChangedAttributes(resource)) {
    if (KeepsMore(name, resource.after.Get(name))) expected.insert(name);
  }
  return expected;
}

Agreement Says(Agreement::Kind kind, std::string text, std::string hint) {
  Agreement agreement;
  agreement.kind = kind;
  agreement.text = std::move(text);
  agreement.hint = std::move(hint);
  return agreement;
}

Agreement Unusable(std::string text) {
  return Says(Agreement::Kind::kUnusable, std::move(text),
              "make a whole plan: terraform plan -out=plan.tfplan; terraform show -json plan.tfplan > plan.json");
}

// What holds no data and names other objects: it is made anew when what it names is another object.
bool FollowsWhatWasMoved(const ResourceInstance& resource) {
  const bool replaced = resource.actions.destroy && resource.actions.create;
  return replaced && (resource.type == "aws_backup_selection" || resource.type == "aws_ecs_task_definition");
}

// The worst first: what an apply of this plan would do to the database.
Agreement JudgeChange(const ResourceInstance& resource, const Action& action) {
  const std::string address(resource.address);
  if (FollowsWhatWasMoved(resource)) {
    return Says(Agreement::Kind::kDiffers, fmt::format("the Terraform plan makes {} anew", address),
                "if that is because it names what was moved: tfseal gate the plan, apply it, then tfseal resume");
  }
  if (resource.actions.destroy) {
    return Says(Agreement::Kind::kDangerous, fmt::format("the Terraform plan would destroy {}", address),
                "do not apply it; write what the action says into the configuration and plan again");
  }
  if (resource.actions.create && !resource.importing) {
    return Says(Agreement::Kind::kDangerous,
                fmt::format("the Terraform plan would create a second, empty {}: it is not in the state", address),
                fmt::format("do not apply it; import {} as {} first", action.target.identifier, address));
  }
  if (resource.actions.forget) {
    return Says(Agreement::Kind::kDiffers, fmt::format("the Terraform plan still has to forget {}", address),
                "tfseal gate the plan, apply it, and import the new database");
  }
  const std::vector<std::string> changed = ChangedAttributes(resource);
  const std::vector<std::string> unexpected = Without(changed, Expected(resource, action));
  if (resource.importing && unexpected.empty()) {
    return Says(Agreement::Kind::kDiffers, fmt::format("the Terraform plan imports {}, as it should", address),
                "tfseal gate the plan, apply it, then tfseal resume");
  }
  if (unexpected.empty() && !changed.empty()) {
    return Says(Agreement::Kind::kDiffers,
                fmt::format("the Terraform plan writes {} of {}, as it should; only Terraform knows of it",
                            fmt::join(changed, ", "), address),
                "tfseal gate the plan, apply it, then tfseal resume");
  }
  return Says(
      Agreement::Kind::kDiffers,
      fmt::format("the Terraform plan changes {} of {}",
                  unexpected.empty() ? "nothing but moves" : fmt::format("{}", fmt::join(unexpected, ", ")), address),
      "write the arguments that the action says into the configuration; do not apply before the plan is empty");
}

}  // namespace

Agreement JudgeAgreement(const Document& plan, const Action& action, const std::set<std::string>& others) {
  if (plan.kind != terraform::DocumentKind::kPlan) return Unusable("it is a state, not a plan");
  if (plan.errored == true) return Unusable("the Terraform plan is marked as errored, so it is incomplete");
  if (plan.complete == false || plan.deferred_changes > 0) return Unusable("the Terraform plan is incomplete");
  if (!plan.resource_changes_present) {
    return Unusable("the Terraform plan is refresh-only: it says nothing about the configuration");
  }
  bool seen = false;
  std::string old_one;
  std::string another;
  std::vector<std::string> missing;
  JsonValue elsewhere(Json::arrayValue);
  std::optional<Agreement> change;
  for (const ResourceInstance& resource : plan.resources) {
    const std::string address(resource.address);
    const bool own = address == action.target.address;
    if (own && resource.rare->deposed.empty()) {
      seen = true;
      missing = NotWritten(resource, action);
      old_one = StillTheOldOne(resource, action);
      another = AnotherObject(resource, action.target);
    }
    if (!Changes(resource)) continue;
    if (!own && others.contains(address)) {
      elsewhere.append(address);
      continue;
    }
    // Who is told to apply one change applies all of them.
    Agreement judged = JudgeChange(resource, action);
    if (judged.kind == Agreement::Kind::kDangerous) return judged;
    if (!change) change = std::move(judged);
  }
  if (!another.empty()) {
    return Says(Agreement::Kind::kDiffers, fmt::format("{} of the Terraform plan {}", action.target.address, another),
                "run it in the directory, and the workspace, that manage this database; if they do, its state names "
                "another one: import this one, as the action says");
  }
  if (change) return *std::move(change);
  if (!seen && !action.target.address.empty()) {
    return Says(Agreement::Kind::kDiffers, fmt::format("the Terraform plan does not know {}", action.target.address),
                "run it in the directory, and the workspace, that manage this address");
  }
  if (!old_one.empty()) {
    return Says(Agreement::Kind::kDiffers,
                fmt::format("{} still is the object that was replaced, by its {}", action.target.address, old_one),
                "take it out of the state and import the new one, as the action says");
  }
  // An empty plan only says that nothing was written: what AWS cannot tell is looked up.
  if (!missing.empty()) {
    return Says(Agreement::Kind::kDiffers,
                fmt::format("the configuration of {} does not say yet what it should of {}", action.target.address,
                            fmt::join(missing, ", ")),
                "write the arguments that the action says into the configuration");
  }
  JsonValue drifted(Json::arrayValue);
  const std::set<std::string> expected = TextsOf(action.payload, "expected_drift");
  for (const ResourceInstance& resource : plan.drift) {
    if (resource.address != action.target.address) continue;
    const std::vector<std::string> changed = ChangedAttributes(resource);
    for (const std::string& name : changed) drifted.append(name);
    if (resource.actions.destroy) {
      return Says(Agreement::Kind::kDangerous,
                  fmt::format("Terraform believes that {} was deleted outside of it", action.target.address),
                  "do not apply; the state still points at the old database: import the new one");
    }
    if (const auto unexpected = Without(Without(changed, expected), Reported());
        !unexpected.empty() && action.payload.isMember("expected_drift")) {
      Agreement agreement = Says(Agreement::Kind::kDiffers,
                                 fmt::format("{} drifted in {}, which the move does not explain", action.target.address,
                                             fmt::join(unexpected, ", ")),
                                 "look at it; if it is right, run terraform apply -refresh-only, then tfseal resume");
      return agreement;
    }
  }
  Agreement agreement = Says(Agreement::Kind::kAgrees, "the Terraform plan has no changes", "");
  agreement.evidence["sha256"] = plan.sha256;
  agreement.evidence["terraform_version"] = std::string(plan.terraform_version);
  agreement.evidence["made"] = std::string(plan.timestamp);
  agreement.evidence["drift"] = drifted;
  agreement.evidence["left_for_later"] = elsewhere;
  return agreement;
}

}  // namespace tfseal

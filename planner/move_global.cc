#include "planner/move_global.h"

#include <algorithm>

#include "core/check.h"
#include "planner/identifiers.h"
#include "planner/import_anew.h"
#include "planner/parameters.h"
#include "planner/restore_settings.h"
#include "planner/terraform_repair.h"

// R-GLOBAL. RDS API: RemoveFromGlobalCluster leaves a cluster that stands alone and takes writes; no cluster with data
// joins a global database; CreateGlobalCluster takes encryption from its source; secondaries have a key of their
// region.
namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

constexpr std::size_t kIdentifierMax = 63;

bool ManagesPassword(const ResourceInstance& cluster) {
  return cluster.after.Get("manage_master_user_password").AsBool() == true ||
         !cluster.after.Get("master_user_secret").empty();
}

const ResourceInstance* ClusterWithArn(const Site& site, std::string_view arn) {
  const auto found = site.world->Where("aws_rds_cluster", "arn", arn);
  return found.size() == 1 ? found.front() : nullptr;
}

std::string ProblemOf(const GlobalMembership& membership) {
  std::vector<const ResourceInstance*> all = membership.secondaries;
  all.push_back(membership.writer);
  std::vector<std::string> names;
  for (const ResourceInstance* cluster : all) {
    if (ManagesPassword(*cluster)) {
      return "a member has a master password that Secrets Manager manages, which global databases do not support: give "
             "it a password of its own first";
    }
    names.emplace_back(cluster->after.Get("cluster_identifier").text());
    for (const ResourceInstance* other : all) {
      // Names and members are told apart by identifiers, which two regions may share.
      if (other != cluster && other->after.Get("cluster_identifier").text() == names.back()) {
        return "two members of different regions are both called " + names.back() + ", so they cannot be told apart";
      }
    }
  }
  return {};
}

// The steps around one secondary.
class Secondary {
 public:
  Secondary(Draft& draft, const GlobalSecondary& secondary, const Place& place)
      : draft_(draft), secondary_(secondary), database_(secondary.database), place_(place) {}

  // The same every time: the second call joins what the first one added.
  std::string Record(const std::string& open_wave) {
    std::vector<std::string> members;
    for (const ResourceInstance* member : database_.members) members.push_back(NameOf(*member));
    JsonValue payload = Object({{"service", "rds"}, {"manifest", ManifestOf(database_)}});
    if (!members.empty()) payload["members"] = Texts(members);
    std::vector<std::string> needs = secondary_.in_place;
    needs.push_back(open_wave);
    inventory_ = Add(kRecordInventory, database_.target, payload, needs);
    return inventory_;
  }

  std::string Fence(const std::string& after) {
    Target group = database_.target;
    group.address.clear();
    group.type = "aws_security_group";
    group.identifier = "tfseal-quarantine-" + (database_.vpc.empty() ? ShortDigest(database_.arn) : database_.vpc);
    const JsonValue vpc = database_.vpc.empty() ? OutputOf(inventory_, "vpc") : Text(database_.vpc);
    const std::string quarantine =
        Add(kCreateQuarantineGroup, group, Object({{"name", Text(group.identifier)}, {"vpc", vpc}}), {inventory_});
    JsonValue payload = Object({{"service", "rds"},
                                {"identifier", Text(database_.target.identifier)},
                                {"cluster", true},
                                {"quarantine", OutputOf(quarantine, "GroupId")},
                                {"security_groups", Texts(database_.security_groups)},
                                {"round", "first"}});
    std::vector<std::string> members;
    for (const ResourceInstance* member : database_.members) members.push_back(NameOf(*member));
    if (!members.empty()) payload["members"] = Texts(members);
    return Add(kFenceDatabase, database_.target, payload, {quarantine, after});
  }

  std::string Leave(const std::string& global, const JsonValue& compared, const std::string& after) {
    return Add(kLeaveGlobalCluster, database_.target,
               Object({{"global_cluster", Text(global)},
                       {"cluster_arn", Text(database_.arn)},
                       {"secondary", true},
                       {"compared", compared}}),
               {after});
  }

  // Cluster first, then instances, as everywhere.
  std::string StepAside(const std::string& after) {
    const auto rename = [&](const Target& target, const ActionKind& kind, const std::string& name,
                            const std::string& need) {
      return Add(kind, target,
                 Object({{"service", "rds"},
                         {"from", Text(name)},
                         {"to", Text(DerivedName(name, "old", kIdentifierMax))},
                         {"resource", OutputOf(inventory_, "resources." + name)}}),
                 {need});
    };
    std::string last = rename(database_.target, kRenameCluster, database_.target.identifier, after);
    for (const ResourceInstance* member : database_.members) {
      last = rename(TargetOf(*member, member->after), kRenameInstance, NameOf(*member), last);
    }
    return last;
  }

  std::string Build(const std::string& global, const std::string& after) {
    RestoreSettings settings = ClusterSettings(database_);
    JsonValue parameters = settings.restore;
    for (const std::string& name : settings.finish.getMemberNames()) parameters[name] = settings.finish[name];
    parameters["VpcSecurityGroupIds"] = Texts(database_.security_groups);
    // The certificate is one of each instance, and extended support one of the global database.
    for (const char* elsewhere : {"CACertificateIdentifier", "EngineLifecycleSupport"}) {
      parameters.removeMember(elsewhere);
    }
    if (database_.attributes.Get("enable_global_write_forwarding").AsBool() == true) {
      parameters["EnableGlobalWriteForwarding"] = true;
    }
    std::vector<std::string> needs = secondary_.key.needs;
    needs.push_back(after);
    std::string last = Add(kCreateSecondaryCluster, database_.target,
                           Object({{"service", "rds"},
                                   {"global_cluster", Text(global)},
                                   {"new_cluster", Text(database_.target.identifier)},
                                   {"key", secondary_.key.key},
                                   {"settings", parameters},
                                   {"attributes", AttributesAfter()}}),
                           needs);
    for (const Condition& condition : secondary_.proves) draft_.AddPostcondition(last, condition);
    for (const ResourceInstance* member : database_.members) {
      last = Add(kCreateClusterInstance, TargetOf(*member, member->after),
                 Object({{"service", "rds"},
                         {"new_instance", Text(NameOf(*member))},
                         {"new_cluster", Text(database_.target.identifier)},
                         {"writer", false},
                         {"settings", MemberSettings(database_, member->after)},
                         {"attributes", Object({{"storage_encrypted", true}, {"kms_key_id", secondary_.key.key}})}}),
                 {last});
    }
    return last;
  }

  std::string Reconcile(const std::string& after) {
    RepairRequest request;
    request.recipe = RepairRecipe::kRenameSwap;
    request.address = database_.target.address;
    request.type = database_.target.type;
    request.identifier = database_.target.identifier;
    request.set = AttributesAfter();
    for (const std::string& id : secondary_.in_place) {
      for (const Effect& effect : draft_.At(id).effects) {
        for (const std::string& name : effect.attributes.getMemberNames()) {
          if (!request.set.isMember(name)) request.set[name] = effect.attributes[name];
        }
      }
    }
    request.set["skip_final_snapshot"] = false;
    request.set["final_snapshot_identifier"] = FinalSnapshotName(database_.attributes, database_.target.identifier);
    request.set["delete_automated_backups"] = false;
    const auto repair = RepairTerraform(request);
    TFSEAL_CHECK(repair.ok());
    std::vector<std::string> drift = repair->expected_drift;
    drift.emplace_back("global_cluster_identifier");
    return Add(kReconcileTerraform, database_.target,
               Object({{"recipe", Text(Name(request.recipe))},
                       {"set", request.set},
                       {"hcl", Text(repair->hcl)},
                       {"commands", Texts(repair->commands)},
                       {"expected_drift", Texts(drift)},
                       {"expected_changes", Texts(repair->expected_changes)}}),
               {after});
  }

 private:
  static std::string NameOf(const ResourceInstance& member) {
    return std::string(member.after.Get("identifier").text());
  }
  [[nodiscard]] JsonValue AttributesAfter() const {
    return Object({{"storage_encrypted", true}, {"kms_key_id", secondary_.key.key}, {"deletion_protection", true}});
  }
  std::string Add(const ActionKind& kind, const Target& target, JsonValue payload,
                  const std::vector<std::string>& needs) {
    return draft_.Add(kind, target, std::move(payload), place_, needs, secondary_.motives);
  }

  Draft& draft_;
  const GlobalSecondary& secondary_;
  const Database& database_;
  const Place& place_;
  std::string inventory_;
};

}  // namespace

std::string WriterOf(const Value& global) {
  std::string writer;
  for (const Value& member : global.Get("global_cluster_members").items()) {
    if (member.Get("is_writer").AsBool() != true) continue;
    if (!writer.empty()) return {};
    writer = member.Get("db_cluster_arn").text();
  }
  return writer;
}

GlobalMembership GlobalMembershipOf(const Site& site, const ResourceInstance& cluster) {
  GlobalMembership membership;
  const std::string_view identifier = cluster.after.Get("global_cluster_identifier").text();
  const auto globals = site.world->Where("aws_rds_global_cluster", "global_cluster_identifier", identifier);
  if (cluster.type != "aws_rds_cluster" || globals.size() != 1) {
    membership.problem = "its global database " + std::string(identifier) + " is not in the documents";
    return membership;
  }
  membership.global = globals.front();
  const Value& attributes = site.world->AttributesOf(*membership.global);
  membership.writer = ClusterWithArn(site, WriterOf(attributes));
  for (const Value& member : attributes.Get("global_cluster_members").items()) {
    if (member.Get("is_writer").AsBool() == true) continue;
    const ResourceInstance* secondary = ClusterWithArn(site, member.Get("db_cluster_arn").text());
    if (secondary == nullptr) {
      membership.problem = "a member of its global database is not in the documents: " +
                           std::string(member.Get("db_cluster_arn").text());
      return membership;
    }
    membership.secondaries.push_back(secondary);
  }
  if (membership.writer == nullptr) {
    membership.problem = "the documents do not say which member of its global database writes";
    return membership;
  }
  membership.problem = ProblemOf(membership);
  return membership;
}

std::string LeaveGlobal(Draft& draft, const Database& database, const GlobalDatabase& global, const Place& place,
                        const std::string& open_wave, const std::vector<Motive>& motives, const JsonValue& compared,
                        const std::string& after) {
  std::vector<std::string> left = {after};
  for (const GlobalSecondary& secondary : global.secondaries) {
    Secondary steps(draft, secondary, place);
    steps.Record(open_wave);
    left.push_back(steps.Leave(global.identifier, compared, steps.Fence(after)));
  }
  return draft.Add(kLeaveGlobalCluster, database.target,
                   Object({{"global_cluster", Text(global.identifier)},
                           {"cluster_arn", Text(database.arn)},
                           {"secondary", false},
                           {"compared", compared}}),
                   place, left, motives);
}

std::vector<std::string> RebuildGlobal(Draft& draft, const Database& database, const GlobalDatabase& global,
                                       const Place& place, const std::string& open_wave,
                                       const std::vector<Motive>& motives, const std::string& after) {
  const JsonValue attributes = Object({{"global_cluster_identifier", Text(global.new_identifier)},
                                       {"storage_encrypted", true},
                                       {"deletion_protection", true}});
  const std::string created = draft.Add(kCreateGlobalCluster, global.target,
                                        Object({{"global_cluster", Text(global.new_identifier)},
                                                {"source_arn", Text(database.arn)},
                                                {"attributes", attributes}}),
                                        place, {after}, motives);
  for (const Condition& condition : global.proves) draft.AddPostcondition(created, condition);
  std::vector<std::string> done;
  std::string last = created;
  for (const GlobalSecondary& secondary : global.secondaries) {
    Secondary steps(draft, secondary, place);
    steps.Record(open_wave);
    last = steps.Build(global.new_identifier, steps.StepAside(created));
    done.push_back(steps.Reconcile(last));
  }
  // The id of the resource in the state is the identifier, which is a new one.
  ImportAnew import{global.target, "global database", global.new_identifier, "", attributes, {}, {"force_destroy"}};
  // An import does not read it, and the next plan would replace the global database for it.
  if (global.names_source) import.remove.emplace_back("source_db_cluster_identifier");
  done.push_back(AddImportAnew(draft, import, place, motives, created));
  draft.AddNote(global.target.address +
                ": between its members' leaving and the new secondaries no other region can "
                "take over; its global endpoint gets another name; the old, empty global database " +
                global.identifier + " and the old secondaries are kept, outside of Terraform");
  return done;
}

}  // namespace tfseal

#include "planner/move_database.h"

#include <algorithm>

#include "planner/identifiers.h"
#include "planner/move_steps.h"
#include "planner/parameters.h"
#include "planner/restore_settings.h"
#include "planner/terraform_repair.h"

namespace tfseal {
namespace {

using terraform::ResourceInstance;

constexpr std::size_t kIdentifierMax = 63;
constexpr std::size_t kSnapshotMax = 255;

std::string NewName(const std::string& identifier) {
  return DerivedName(identifier, "encrypted", kIdentifierMax);
}
std::string OldName(const std::string& identifier) {
  return DerivedName(identifier, "old", kIdentifierMax);
}

// What is kept of `old_name` when it is deleted. The names are asked for in the preflight, and taken in the last wave.
std::string LastSnapshot(const std::string& old_name, const std::string& incarnation) {
  return DerivedName(old_name, "final-" + ShortDigest(incarnation + old_name), kSnapshotMax);
}

// A snapshot name is used once: the resource id changes with every move.
std::string SnapshotName(const Database& database, const char* purpose) {
  return DerivedName(database.target.identifier, std::string(purpose) + "-" + ShortDigest(IncarnationOf(database)),
                     kSnapshotMax);
}

std::string IdentifierOf(const ResourceInstance& instance) {
  return std::string(instance.after.Get("identifier").text());
}

Target MemberTarget(const ResourceInstance& member) {
  return TargetOf(member, member.after);
}

JsonValue ArgumentsAfter(const MoveRequest& request, const JsonValue& attributes) {
  JsonValue set = request.in_place_attributes;
  for (const std::string& name : attributes.getMemberNames()) set[name] = attributes[name];
  set["skip_final_snapshot"] = false;
  set["final_snapshot_identifier"] = FinalSnapshotName(request.database.attributes, request.database.target.identifier);
  if (request.database.service == "rds") set["delete_automated_backups"] = false;
  return set;
}

// The state of `target` (the database, or a replica of it) after the swap.
std::string Reconcile(Draft& draft, MoveSteps& steps, const MoveRequest& request, const Target& target,
                      RepairRecipe recipe, const JsonValue& set, const std::vector<std::string>& needs) {
  RepairRequest repair_request;
  repair_request.recipe = recipe;
  repair_request.address = target.address;
  repair_request.type = target.type;
  repair_request.identifier = target.identifier;
  repair_request.set = set;
  repair_request.shares_block_with = SharingBlock(request.site, target);
  const ResourceInstance* instance = request.site.world->At(target.address);
  repair_request.has_snapshot_identifier = instance != nullptr && !instance->after.Get("snapshot_identifier").empty();
  const auto repair = RepairTerraform(repair_request);
  TFSEAL_CHECK(repair.ok());
  std::vector<std::string> drift = repair->expected_drift;
  if (request.global != nullptr) drift.emplace_back("global_cluster_identifier");
  JsonValue payload = Object({{"recipe", Text(Name(recipe))},
                              {"set", set},
                              {"hcl", Text(repair->hcl)},
                              {"commands", Texts(repair->commands)},
                              {"expected_drift", Texts(drift)},
                              {"expected_changes", Texts(repair->expected_changes)}});
  if (!repair->remove.empty()) payload["remove"] = Texts(repair->remove);
  const std::string id = steps.AddFor(target, kReconcileTerraform, payload, needs);
  if (recipe == RepairRecipe::kStateSurgery) {
    draft.AddPrecondition(id, {"state_backed_up", "", "",
                               "a copy of the state is kept, and no other run can start: while the address is not in "
                               "the state, an apply would create a second, empty database"});
  }
  return id;
}

Moved Summary(const MoveRequest& request, const MoveSteps& steps) {
  Moved moved;
  moved.target = request.database.target;
  moved.service = request.database.service;
  moved.cluster = request.database.cluster;
  moved.old_identifier = OldName(request.database.target.identifier);
  for (const ResourceInstance* member : request.database.members) {
    moved.old_members.push_back(OldName(IdentifierOf(*member)));
    moved.members.push_back(IdentifierOf(*member));
  }
  moved.incarnation = IncarnationOf(request.database);
  moved.place = request.place;
  moved.motives = request.motives;
  moved.group = steps.group();
  moved.inventory = steps.inventory();
  return moved;
}

std::vector<std::string> BuildMembers(MoveSteps& steps, const MoveRequest& request, const std::string& new_cluster,
                                      const std::string& restored) {
  std::vector<std::string> built;
  std::string writer = restored;
  for (std::size_t i = 0; i < request.database.members.size(); ++i) {
    const ResourceInstance& member = *request.database.members[i];
    const std::string id = steps.AddFor(MemberTarget(member), kCreateClusterInstance,
                                        Object({{"service", Text(request.database.service)},
                                                {"new_instance", Text(NewName(IdentifierOf(member)))},
                                                {"new_cluster", Text(new_cluster)},
                                                {"writer", i == 0},
                                                {"settings", MemberSettings(request.database, member.after)}}),
                                        {writer});
    if (i == 0) writer = id;
    built.push_back(id);
  }
  if (built.empty()) built.push_back(restored);
  return built;
}

// The resource id of what an action made.
JsonValue ResourceMadeBy(const std::string& action, bool cluster) {
  return OutputOf(action, cluster ? "DBCluster.DbClusterResourceId" : "DBInstance.DbiResourceId");
}

// Original -> copy.
JsonValue CopiesOf(const std::vector<const ResourceInstance*>& members) {
  JsonValue copies(Json::objectValue);
  for (const ResourceInstance* member : members) copies[IdentifierOf(*member)] = NewName(IdentifierOf(*member));
  return copies;
}

// Cluster first, then instances; the old ones leave their names before the new ones take them.
std::vector<std::string> SwapNames(MoveSteps& steps, const MoveRequest& request, const std::string& new_cluster,
                                   const std::string& restored, const std::vector<std::string>& created,
                                   const std::string& after) {
  const Database& database = request.database;
  const std::string& name = database.target.identifier;
  const auto rename = [&](const Target& target, const ActionKind& kind, const std::string& from, const std::string& to,
                          const JsonValue& resource, const JsonValue& attributes, const std::string& need) {
    JsonValue payload =
        Object({{"service", Text(database.service)}, {"from", Text(from)}, {"to", Text(to)}, {"resource", resource}});
    if (!attributes.isNull()) payload["attributes"] = attributes;
    return steps.AddFor(target, kind, payload, {need});
  };
  const std::string away =
      rename(database.target, kRenameCluster, name, OldName(name), steps.ResourceOf(name), {}, after);
  const std::string in = rename(database.target, kRenameCluster, new_cluster, name, ResourceMadeBy(restored, true),
                                steps.AttributesAfter(), away);
  steps.Prove(in);
  std::vector<std::string> ids = {in};
  JsonValue inherited = Object({{"storage_encrypted", true}});
  inherited[database.service == "neptune" ? "kms_key_arn" : "kms_key_id"] = request.key.key;
  for (std::size_t i = 0; i < database.members.size(); ++i) {
    const Target member = MemberTarget(*database.members[i]);
    const std::string instance = IdentifierOf(*database.members[i]);
    const std::string gone =
        rename(member, kRenameInstance, instance, OldName(instance), steps.ResourceOf(instance), {}, in);
    ids.push_back(rename(member, kRenameInstance, NewName(instance), instance, ResourceMadeBy(created[i], false),
                         inherited, gone));
  }
  return ids;
}

}  // namespace

std::string IncarnationOf(const Database& database) {
  return database.arn + database.Text(database.cluster ? "cluster_resource_id" : "resource_id");
}

Moved MoveCluster(Draft& draft, MoveRequest request) {
  MoveSteps steps(draft, request);
  const Database& database = request.database;
  const std::string& name = database.target.identifier;
  const std::string new_cluster = NewName(name);
  const std::string snapshot = SnapshotName(database, "fenced");
  std::vector<std::string> new_names = {new_cluster, OldName(name)};
  for (const ResourceInstance* member : database.members) {
    new_names.push_back(NewName(IdentifierOf(*member)));
    new_names.push_back(OldName(IdentifierOf(*member)));
  }
  const std::string ready = steps.Prepare(new_names, {snapshot, LastSnapshot(OldName(name), IncarnationOf(database))});
  const std::string quiet = steps.Fence(ready);
  JsonValue taken = Object(
      {{"service", Text(database.service)}, {"snapshot", Text(snapshot)}, {"quiescent_at", steps.QuiescentAt()}});
  if (JsonValue tags = TagsOf(database.attributes); !tags.isNull()) taken["tags"] = tags;
  const std::string snapshotted = steps.Add(kSnapshotCluster, taken, {quiet});

  RestoreSettings settings = ClusterSettings(database);
  JsonValue closed(Json::arrayValue);
  closed.append(OutputOf(steps.group(), "GroupId"));
  settings.restore["VpcSecurityGroupIds"] = closed;
  const std::string restored = steps.Add(kRestoreCluster,
                                         Object({{"service", Text(database.service)},
                                                 {"new_cluster", Text(new_cluster)},
                                                 {"key", request.key.key},
                                                 {"snapshot", Text(snapshot)},
                                                 {"settings", settings.restore}}),
                                         {snapshotted});
  const std::vector<std::string> created = BuildMembers(steps, request, new_cluster, restored);
  std::vector<std::string> built = created;
  if (!settings.finish.empty()) {
    built = {steps.Add(
        kFinishCluster,
        Object(
            {{"service", Text(database.service)}, {"new_cluster", Text(new_cluster)}, {"settings", settings.finish}}),
        built)};
  }
  for (const DatabaseRole& role : database.roles) {
    JsonValue payload = Object({{"service", Text(database.service)},
                                {"identifier", Text(new_cluster)},
                                {"cluster", true},
                                {"role", Text(role.arn)}});
    if (!role.feature.empty()) payload["feature"] = role.feature;
    built.push_back(steps.Add(kAddRole, payload, {restored}));
  }
  Moved moved = Summary(request, steps);
  moved.validated = steps.Validate(new_cluster, built, CopiesOf(database.members));
  std::string fenced = steps.FenceAgain(new_cluster, steps.PassOnPassword(new_cluster, moved.validated));
  if (request.global != nullptr) {
    fenced = LeaveGlobal(draft, database, *request.global, request.place, request.open_wave, request.motives,
                         OutputOf(moved.validated, "compared_at"), fenced);
  }
  std::vector<std::string> swapped = SwapNames(steps, request, new_cluster, restored, created, fenced);
  for (const std::string& id : Reattach(steps, request.site, database, swapped.back())) swapped.push_back(id);
  std::vector<std::string> done = {steps.Open(swapped, ResourceMadeBy(restored, true), moved.old_identifier)};
  if (request.global != nullptr) {
    for (const std::string& id : RebuildGlobal(draft, database, *request.global, request.place, request.open_wave,
                                               request.motives, done.front())) {
      done.push_back(id);
    }
  }
  moved.done = Reconcile(draft, steps, request, database.target, RepairRecipe::kRenameSwap,
                         ArgumentsAfter(request, steps.AttributesAfter()), done);
  return moved;
}

namespace {

struct BuiltInstance {
  std::string restored;
  std::vector<std::string> replicas;
  std::vector<std::string> all;  // what has to be done before the comparison
};

BuiltInstance BuildInstance(MoveSteps& steps, const MoveRequest& request, const std::string& new_instance,
                            const std::string& copied, const std::string& copy) {
  const Database& database = request.database;
  RestoreSettings settings = InstanceSettings(database);
  JsonValue closed(Json::arrayValue);
  closed.append(OutputOf(steps.group(), "GroupId"));
  settings.restore["VpcSecurityGroupIds"] = closed;
  const std::string restored = steps.Add(
      kRestoreInstance,
      Object({{"new_instance", Text(new_instance)}, {"snapshot", Text(copy)}, {"settings", settings.restore}}),
      {copied});
  std::string finished = restored;
  if (!settings.finish.empty()) {
    finished = steps.Add(kFinishInstance, Object({{"new_instance", Text(new_instance)}, {"settings", settings.finish}}),
                         {restored});
  }
  BuiltInstance built{restored, {}, {finished}};
  for (const DatabaseRole& role : database.roles) {
    JsonValue payload =
        Object({{"service", "rds"}, {"identifier", Text(new_instance)}, {"cluster", false}, {"role", Text(role.arn)}});
    if (!role.feature.empty()) payload["feature"] = role.feature;
    built.all.push_back(steps.Add(kAddRole, payload, {finished}));
  }
  for (const ResourceInstance* replica : database.members) {
    const Target target = MemberTarget(*replica);
    const JsonValue new_replica = Text(NewName(IdentifierOf(*replica)));
    const RestoreSettings of_replica = ReplicaSettings(replica->after);
    built.replicas.push_back(steps.AddFor(
        target, kCreateReadReplica,
        Object({{"new_instance", new_replica}, {"source", Text(new_instance)}, {"settings", of_replica.restore}}),
        {finished}));
    built.all.push_back(built.replicas.back());
    if (!of_replica.finish.empty()) {
      built.all.back() = steps.AddFor(target, kFinishInstance,
                                      Object({{"new_instance", new_replica}, {"settings", of_replica.finish}}),
                                      {built.replicas.back()});
    }
  }
  return built;
}

std::vector<std::string> SwapInstanceNames(MoveSteps& steps, const MoveRequest& request, const BuiltInstance& built,
                                           const std::string& after) {
  std::vector<std::string> ids;
  std::string last = after;
  const auto swap = [&](const Target& target, const std::string& name, const std::string& made) {
    const std::string away = steps.AddFor(target, kRenameInstance,
                                          Object({{"service", "rds"},
                                                  {"from", Text(name)},
                                                  {"to", Text(OldName(name))},
                                                  {"resource", steps.ResourceOf(name)}}),
                                          {last});
    const std::string in = steps.AddFor(target, kRenameInstance,
                                        Object({{"service", "rds"},
                                                {"from", Text(NewName(name))},
                                                {"to", Text(name)},
                                                {"resource", ResourceMadeBy(made, false)},
                                                {"attributes", steps.AttributesAfter()}}),
                                        {away});
    ids.push_back(in);
    return in;
  };
  last = swap(request.database.target, request.database.target.identifier, built.restored);
  steps.Prove(last);
  for (std::size_t i = 0; i < request.database.members.size(); ++i) {
    const ResourceInstance& replica = *request.database.members[i];
    swap(MemberTarget(replica), IdentifierOf(replica), built.replicas[i]);
  }
  return ids;
}

}  // namespace

Moved MoveInstance(Draft& draft, MoveRequest request) {
  MoveSteps steps(draft, request);
  const Database& database = request.database;
  const std::string& name = database.target.identifier;
  const std::string new_instance = NewName(name);
  const std::string snapshot = SnapshotName(database, "fenced");
  const std::string copy = SnapshotName(database, "encrypted");
  std::vector<std::string> new_names = {new_instance, OldName(name)};
  for (const ResourceInstance* replica : database.members) {
    new_names.push_back(NewName(IdentifierOf(*replica)));
    new_names.push_back(OldName(IdentifierOf(*replica)));
  }
  std::vector<std::string> new_snapshots = {snapshot, copy, LastSnapshot(OldName(name), IncarnationOf(database))};
  for (const ResourceInstance* replica : database.members) {
    new_snapshots.push_back(LastSnapshot(OldName(IdentifierOf(*replica)), IncarnationOf(database)));
  }
  const std::string ready = steps.Prepare(new_names, new_snapshots);
  const std::string quiet = steps.Fence(ready);
  JsonValue taken = Object({{"snapshot", Text(snapshot)}, {"quiescent_at", steps.QuiescentAt()}});
  if (JsonValue tags = TagsOf(database.attributes); !tags.isNull()) taken["tags"] = tags;
  const std::string snapshotted = steps.Add(kSnapshotInstance, taken, {quiet});
  JsonValue copying =
      Object({{"snapshot", Text(snapshot)}, {"encrypted_snapshot", Text(copy)}, {"key", request.key.key}});
  if (const std::string group = database.Text("option_group_name"); !group.empty() && !group.starts_with("default:")) {
    copying["option_group"] = group;
  }
  const std::string copied = steps.Add(kCopyInstanceSnapshot, copying, {snapshotted});
  const BuiltInstance built = BuildInstance(steps, request, new_instance, copied, copy);

  Moved moved = Summary(request, steps);
  moved.validated = steps.Validate(new_instance, built.all, CopiesOf(database.members));
  const std::string fenced = steps.FenceAgain(new_instance, steps.PassOnPassword(new_instance, moved.validated));
  std::vector<std::string> swapped = SwapInstanceNames(steps, request, built, fenced);
  for (const std::string& id : Reattach(steps, request.site, database, swapped.back())) swapped.push_back(id);
  const std::string healthy = steps.Open(swapped, ResourceMadeBy(built.restored, false), moved.old_identifier);
  std::vector<std::string> reconciled = {healthy};
  for (const ResourceInstance* replica : database.members) {
    reconciled.push_back(Reconcile(draft, steps, request, MemberTarget(*replica), RepairRecipe::kStateSurgery,
                                   steps.AttributesAfter(), {healthy}));
  }
  moved.done = Reconcile(draft, steps, request, database.target, RepairRecipe::kStateSurgery,
                         ArgumentsAfter(request, steps.AttributesAfter()), reconciled);
  return moved;
}

void Retire(Draft& draft, const Moved& moved, const Place& place, const std::string& open_cleanup) {
  // `recorded` is what the database that goes was called when it was recorded.
  const auto add = [&](const ActionKind& kind, const std::string& recorded, JsonValue payload,
                       const std::vector<std::string>& needs) {
    if (!recorded.empty()) payload["resource"] = OutputOf(moved.inventory, "resources." + recorded);
    // Replicas are not fenced: they only follow.
    const bool fenced = !moved.group.empty() && (moved.cluster || recorded == moved.target.identifier);
    if (!recorded.empty() && fenced) payload["quarantine"] = OutputOf(moved.group, "GroupId");
    return draft.Add(kind, moved.target, payload, place, needs, moved.motives);
  };
  const std::string& name = moved.target.identifier;
  const std::string final_snapshot = LastSnapshot(moved.old_identifier, moved.incarnation);
  const std::string released = add(kReleaseProtection, name,
                                   Object({{"service", Text(moved.service)},
                                           {"identifier", Text(moved.old_identifier)},
                                           {"cluster", moved.cluster},
                                           {"verified_by", Text(moved.validated)}}),
                                   {open_cleanup, moved.validated, moved.done});
  std::vector<std::string> members;
  for (std::size_t i = 0; i < moved.old_members.size(); ++i) {
    const std::string& member = moved.old_members[i];
    if (moved.cluster) {
      members.push_back(add(kDeleteClusterMember, moved.members[i],
                            Object({{"service", Text(moved.service)},
                                    {"identifier", Text(member)},
                                    {"old_cluster", Text(moved.old_identifier)}}),
                            {released}));
    } else {
      const std::string freed = add(kReleaseProtection, moved.members[i],
                                    Object({{"service", Text(moved.service)},
                                            {"identifier", Text(member)},
                                            {"cluster", false},
                                            {"verified_by", Text(moved.validated)}}),
                                    {open_cleanup, moved.validated, moved.done});
      const std::string kept = LastSnapshot(member, moved.incarnation);
      members.push_back(add(kRetireInstance, moved.members[i],
                            Object({{"identifier", Text(member)}, {"replica", true}, {"final_snapshot", Text(kept)}}),
                            {released, freed}));
    }
  }
  members.push_back(released);
  std::string retired;
  if (moved.cluster) {
    retired = add(kRetireCluster, name,
                  Object({{"service", Text(moved.service)},
                          {"identifier", Text(moved.old_identifier)},
                          {"final_snapshot", Text(final_snapshot)}}),
                  members);
  } else {
    retired = add(
        kRetireInstance, name,
        Object(
            {{"identifier", Text(moved.old_identifier)}, {"replica", false}, {"final_snapshot", Text(final_snapshot)}}),
        members);
  }
  add(kSealEvidence, "",
      Object({{"subject", Text(moved.target.identifier)},
              {"contains", Texts({"manifest before and after", "proof of quiescence", "comparison of copy and original",
                                  "key and encryption of the new database", "names of the kept snapshots",
                                  "Terraform plan without changes"})}}),
      {retired});
}

}  // namespace tfseal

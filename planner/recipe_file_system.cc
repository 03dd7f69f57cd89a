#include <algorithm>

#include "planner/existing_world.h"
#include "planner/parameters.h"
#include "planner/recipe.h"
#include "planner/restore_settings.h"

// R-EFS: a replication fills an encrypted file system while the clients go on; they stop for the last changes and come
// back on the copy. Unmounting and mounting are a person's: AWS does not reach into the guests.
namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

std::string TextIn(const Value& attributes, std::string_view name) {
  return std::string(attributes.Get(name).text());
}

std::vector<const ResourceInstance*> OfFileSystem(const Site& site, std::string_view type, const std::string& id) {
  auto found = site.world->Where(type, "file_system_id", id);
  std::sort(found.begin(), found.end(), [](const auto* a, const auto* b) { return a->address < b->address; });
  return found;
}

std::string Problem(const Site& site, const Value& attributes, const std::string& id) {
  if (id.empty()) return "the documents do not say its id";
  if (TextIn(attributes, "performance_mode") == "maxIO") {
    return "its performance mode is maxIO and a replication makes general purpose ones only; copy it with AWS DataSync";
  }
  for (const ResourceInstance* replication : site.world->OfType("aws_efs_replication_configuration")) {
    const Value& other = replication->after;
    if (TextIn(other, "source_file_system_id") == id || TextIn(other.At("destination[0]"), "file_system_id") == id) {
      return "it is replicated by " + std::string(replication->address) + ", and AWS allows one replication";
    }
  }
  return {};
}

// What the documents say that mounts it, for the person who stops and starts it.
std::vector<std::string> ClientsOf(const Site& site, const std::string& id,
                                   const std::vector<const ResourceInstance*>& points) {
  std::vector<std::string> clients;
  for (const ResourceInstance* definition : site.world->OfType("aws_ecs_task_definition")) {
    for (const Value& volume : definition->after.Get("volume").items()) {
      if (volume.At("efs_volume_configuration[0].file_system_id").text() == id) {
        clients.emplace_back(definition->address);
        break;
      }
    }
  }
  for (const ResourceInstance* function : site.world->OfType("aws_lambda_function")) {
    const std::string arn = TextIn(function->after.At("file_system_config[0]"), "arn");
    for (const ResourceInstance* point : points) {
      if (!arn.empty() && arn == TextIn(point->after, "arn")) clients.emplace_back(function->address);
    }
  }
  std::sort(clients.begin(), clients.end());
  return clients;
}

JsonValue ThroughputOf(const Value& attributes) {
  JsonValue settings = Object(
      {{"ThroughputMode", Text(attributes.Get("throughput_mode").empty() ? std::string("bursting")
                                                                         : TextIn(attributes, "throughput_mode"))}});
  const auto provisioned = attributes.Get("provisioned_throughput_in_mibps").AsNumber();
  if (settings["ThroughputMode"] == "provisioned" && provisioned) {
    settings["ProvisionedThroughputInMibps"] = *provisioned;
  }
  return settings;
}

JsonValue LifecycleOf(const Value& attributes) {
  constexpr std::pair<const char*, const char*> kTransitions[] = {
      {"transition_to_archive", "TransitionToArchive"},
      {"transition_to_ia", "TransitionToIA"},
      {"transition_to_primary_storage_class", "TransitionToPrimaryStorageClass"}};
  JsonValue policies(Json::arrayValue);
  for (const Value& policy : attributes.Get("lifecycle_policy").items()) {
    for (const auto& [attribute, parameter] : kTransitions) {
      if (!policy.Get(attribute).empty()) policies.append(Object({{parameter, Text(TextIn(policy, attribute))}}));
    }
  }
  return policies;
}

JsonValue NumberIn(const Value& block, std::string_view name) {
  return ToJson(block.Get(name));
}

JsonValue PosixUserOf(const Value& point) {
  const Value user = point.At("posix_user[0]");
  if (user.empty()) return {};
  JsonValue posix = Object({{"Uid", NumberIn(user, "uid")}, {"Gid", NumberIn(user, "gid")}});
  const JsonValue more = ToJson(user.Get("secondary_gids"));
  if (more.isArray() && !more.empty()) posix["SecondaryGids"] = more;
  return posix;
}

JsonValue RootOf(const Value& point) {
  const Value root = point.At("root_directory[0]");
  if (root.Get("path").empty()) return {};
  JsonValue directory = Object({{"Path", Text(TextIn(root, "path"))}});
  if (const Value made = root.At("creation_info[0]"); !made.empty()) {
    directory["CreationInfo"] = Object({{"OwnerUid", NumberIn(made, "owner_uid")},
                                        {"OwnerGid", NumberIn(made, "owner_gid")},
                                        {"Permissions", Text(TextIn(made, "permissions"))}});
  }
  return directory;
}

class FileSystemMove {
 public:
  explicit FileSystemMove(const RecipeRequest& request)
      : request_(request),
        attributes_(request.site.world->AttributesOf(request.instance)),
        id_(TextIn(attributes_, "id")),
        target_(request.target),
        targets_(OfFileSystem(request.site, "aws_efs_mount_target", id_)),
        points_(OfFileSystem(request.site, "aws_efs_access_point", id_)),
        clients_(ClientsOf(request.site, id_, points_)) {
    target_.identifier = id_;
  }

  RecipePlan Run() {
    const KeyChoice key =
        request_.keys.For(request_.instance, target_, request_.place, "", {MotiveOf(request_.finding)});
    Copy(key);
    Build();
    const std::string remounted =
        Add(kRemountClients,
            Object({{"file_system", Text(id_)}, {"new_file_system", New()}, {"clients", Texts(clients_)}}), built_);
    return {true, "", {Reconcile(key, remounted)}};
  }

 private:
  std::string Add(const ActionKind& kind, const JsonValue& payload, const std::vector<std::string>& needs) {
    return AddFor(target_, kind, payload, needs);
  }
  std::string AddFor(const Target& target, const ActionKind& kind, const JsonValue& payload,
                     const std::vector<std::string>& needs) {
    return request_.draft.Add(kind, target, payload, request_.place, needs, {MotiveOf(request_.finding)});
  }
  // Parts of a file system have no ARN that says where they are.
  [[nodiscard]] Target Near(const ResourceInstance& part) const {
    Target target = TargetOf(request_.site, part);
    target.account = target_.account;
    target.region = target_.region;
    return target;
  }
  [[nodiscard]] JsonValue New() const { return OutputOf(replicated_, "FileSystemId"); }

  static JsonValue IdsOf(const std::vector<const ResourceInstance*>& resources) {
    std::vector<std::string> ids;
    for (const ResourceInstance* resource : resources) ids.push_back(TextIn(resource->after, "id"));
    std::sort(ids.begin(), ids.end());
    return Texts(ids);
  }

  void Copy(const KeyChoice& key) {
    JsonValue payload = Object({{"file_system", Text(id_)},
                                {"region", Text(target_.region)},
                                {"key", key.key},
                                {"mount_targets", IdsOf(targets_)},
                                {"access_points", IdsOf(points_)}});
    if (const std::string zone = TextIn(attributes_, "availability_zone_name"); !zone.empty()) payload["zone"] = zone;
    std::vector<std::string> needs = key.needs;
    needs.push_back(request_.open);
    replicated_ = Add(kReplicateFileSystem, payload, needs);
    const std::string quiet =
        Add(kQuiesceFileSystem, Object({{"file_system", Text(id_)}, {"clients", Texts(clients_)}}), {replicated_});
    const JsonValue attributes = Object({{"encrypted", true}, {"kms_key_id", key.key}});
    writable_ = Add(kFinishReplication,
                    Object({{"file_system", Text(id_)},
                            {"new_file_system", New()},
                            {"quiet_at", OutputOf(quiet, "QuietAt")},
                            {"attributes", attributes}}),
                    {quiet});
    Proves(request_, writable_);
  }

  void Build() {
    JsonValue settings = Object({{"file_system", Text(id_)},
                                 {"new_file_system", New()},
                                 {"throughput", ThroughputOf(attributes_)},
                                 {"lifecycle", LifecycleOf(attributes_)}});
    if (const JsonValue tags = TagsOf(attributes_); !tags.isNull()) settings["tags"] = tags;
    for (const ResourceInstance* policy : OfFileSystem(request_.site, "aws_efs_backup_policy", id_)) {
      const std::string status(policy->after.At("backup_policy[0].status").text());
      if (!status.empty()) settings["backup"] = status;
    }
    built_.push_back(Add(kFinishFileSystem, settings, {writable_}));
    for (const ResourceInstance* mount : targets_) {
      const JsonValue payload = Object({{"new_file_system", New()},
                                        {"subnet", Text(TextIn(mount->after, "subnet_id"))},
                                        {"security_groups", Texts(GroupsOf(mount->after))}});
      mounts_.push_back(AddFor(Near(*mount), kCreateMountTarget, payload, {writable_}));
    }
    for (const ResourceInstance* point : points_) {
      JsonValue payload = Object({{"new_file_system", New()}, {"access_point", Text(TextIn(point->after, "id"))}});
      if (const JsonValue user = PosixUserOf(point->after); !user.isNull()) payload["posix_user"] = user;
      if (const JsonValue root = RootOf(point->after); !root.isNull()) payload["root_directory"] = root;
      if (const JsonValue tags = TagsOf(point->after); !tags.isNull()) payload["tags"] = tags;
      accesses_.push_back(AddFor(Near(*point), kCreateAccessPoint, payload, {writable_}));
    }
    built_.insert(built_.end(), mounts_.begin(), mounts_.end());
    built_.insert(built_.end(), accesses_.begin(), accesses_.end());
  }

  static std::vector<std::string> GroupsOf(const Value& mount) {
    std::vector<std::string> groups = TextsOf(mount.Get("security_groups"));
    std::sort(groups.begin(), groups.end());
    return groups;
  }

  std::string Reconcile(const KeyChoice& key, const std::string& after) {
    Succession succession;
    const auto add = [&succession](const ResourceInstance& resource, const std::string& name, const JsonValue& value) {
      succession.successors.push_back({std::string(resource.address), name});
      succession.names[name] = value;
    };
    add(request_.instance, "NEW_FILE_SYSTEM", New());
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      add(*targets_[i], "NEW_MOUNT_TARGET_" + std::to_string(i + 1) + "_ID", OutputOf(mounts_[i], "MountTargetId"));
    }
    for (std::size_t i = 0; i < points_.size(); ++i) {
      add(*points_[i], "NEW_ACCESS_POINT_" + std::to_string(i + 1) + "_ID", OutputOf(accesses_[i], "AccessPointId"));
    }
    for (const std::string_view type : {"aws_efs_backup_policy", "aws_efs_file_system_policy"}) {
      for (const ResourceInstance* policy : OfFileSystem(request_.site, type, id_)) {
        succession.successors.push_back({std::string(policy->address), "NEW_FILE_SYSTEM"});
      }
    }
    succession.set = Object({{"encrypted", true}, {"kms_key_id", key.key}});
    succession.identity = Object({{"id", New()}});
    // What the provider chooses starts like this; a token of one's own would be another one than the copy's.
    if (!TextIn(attributes_, "creation_token").starts_with("terraform-"))
      succession.remove.emplace_back("creation_token");
    if (!targets_.empty()) {
      succession.notes.emplace_back(
          "take ip_address out of the mount targets, where it is set: the old ones keep theirs");
    }
    succession.notes.push_back(id_ + " is kept and no longer Terraform's; its files are as readable as before");
    succession.expected_changes = {"bypass_policy_lockout_safety_check"};
    return ReconcileSuccession(request_, target_, succession, {after});
  }

  const RecipeRequest& request_;
  const Value& attributes_;
  std::string id_;
  Target target_;
  std::vector<const ResourceInstance*> targets_, points_;
  std::vector<std::string> clients_, mounts_, accesses_, built_;
  std::string replicated_, writable_;
};

}  // namespace

RecipePlan PlanFileSystem(const RecipeRequest& request) {
  const Value& attributes = request.site.world->AttributesOf(request.instance);
  const std::string id = TextIn(attributes, "id");
  if (const std::string problem = Problem(request.site, attributes, id); !problem.empty()) return {true, problem, {}};
  AnnounceMove(request, "move the file system " + id);
  return FileSystemMove(request).Run();
}

}  // namespace tfseal

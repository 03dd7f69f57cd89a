#include <algorithm>

#include "planner/existing_world.h"
#include "planner/parameters.h"
#include "planner/recipe.h"
#include "planner/restore_settings.h"

// R-EBS and R-ROOT: a snapshot of the volume at rest, an encrypted volume from it, and that volume at the device of the
// old one. All volumes of one instance that fail are moved in one outage. The root volume goes the same way: replacing
// it with CreateReplaceRootVolumeTask takes snapshots of that very volume only, which are as unencrypted as it is.
namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

struct Device {
  const ResourceInstance* owner = nullptr;       // aws_ebs_volume, or the instance whose root it is
  const ResourceInstance* attachment = nullptr;  // aws_volume_attachment, if Terraform has one
  std::string volume;
  std::string name;  // /dev/sdf; empty: attached to nothing
  bool root = false;
  bool delete_on_termination = false;
  Value facts;  // of the volume, or the root_block_device block
  KeyChoice key;
  std::string rest, created, swapped;  // actions
};

struct Machine {
  std::string id;  // empty: the volume is attached to nothing
  const ResourceInstance* instance = nullptr;
  Target target;
  std::vector<Device> devices;
  std::string problem;
};

bool Fails(const Site& site, std::string_view address) {
  return std::any_of(site.failing.begin(), site.failing.end(), [address](const Finding& finding) {
    return finding.address == address && (finding.topic == Topic::kEncryption || finding.topic == Topic::kCustomerKey);
  });
}

std::string TextIn(const Value& attributes, std::string_view name) {
  return std::string(attributes.Get(name).text());
}

// Devices of the instance that its findings name: root_block_device[0], ebs_block_device[1].
std::vector<std::string> OffendersOf(const Site& site, const ResourceInstance& instance) {
  std::vector<std::string> offenders;
  for (const Finding& finding : site.failing) {
    if (finding.address != instance.address) continue;
    if (finding.topic != Topic::kEncryption && finding.topic != Topic::kCustomerKey) continue;
    for (const std::string& offender : JudgementBehind(site, finding).offenders) offenders.push_back(offender);
  }
  std::sort(offenders.begin(), offenders.end());
  offenders.erase(std::unique(offenders.begin(), offenders.end()), offenders.end());
  return offenders;
}

const ResourceInstance* InstanceCalled(const Site& site, const std::string& id) {
  const auto found = site.world->Where("aws_instance", "id", id);
  return found.size() == 1 ? found.front() : nullptr;
}

// Where a volume is attached, by aws_volume_attachment, or by an instance that lists it.
struct Attached {
  std::string machine, device;
  const ResourceInstance* attachment = nullptr;
  bool delete_on_termination = false;
};

std::vector<Attached> PlacesOf(const Site& site, const std::string& volume) {
  std::vector<Attached> places;
  for (const ResourceInstance* attachment : site.world->Where("aws_volume_attachment", "volume_id", volume)) {
    places.push_back({TextIn(attachment->after, "instance_id"), TextIn(attachment->after, "device_name"), attachment});
  }
  for (const ResourceInstance* instance : site.world->OfType("aws_instance")) {
    const std::string id = TextIn(instance->after, "id");
    for (const Value& block : instance->after.Get("ebs_block_device").items()) {
      if (block.Get("volume_id").text() != volume) continue;
      const bool goes_with_it = block.Get("delete_on_termination").AsBool().value_or(false);
      const auto known =
          std::find_if(places.begin(), places.end(), [&id](const Attached& place) { return place.machine == id; });
      if (known != places.end()) {
        known->delete_on_termination = goes_with_it;
      } else {
        places.push_back({id, TextIn(block, "device_name"), nullptr, goes_with_it});
      }
    }
  }
  return places;
}

std::string VolumeProblem(const Value& volume) {
  for (const std::string_view name : {"id", "availability_zone", "type"}) {
    if (volume.Get(name).text().empty()) return "the documents do not say its " + std::string(name);
  }
  if (!volume.Get("size").AsNumber()) return "the documents do not say its size";
  if (volume.Get("multi_attach_enabled").AsBool() == true) {
    return "it can be attached to several instances at once, which would all have to be stopped";
  }
  if (!volume.Get("outpost_arn").empty()) return "it is on an Outpost, where its snapshots may not leave";
  return {};
}

std::string MachineProblem(const Site& site, const Machine& machine) {
  if (machine.instance == nullptr) return {};
  const Value& attributes = machine.instance->after;
  if (attributes.Get("instance_lifecycle").text() == "spot" || !attributes.Get("spot_instance_request_id").empty()) {
    return "it belongs to a spot request, which replaces it when it is stopped";
  }
  if (attributes.Get("disable_api_stop").AsBool() == true) {
    return "disable_api_stop is true: nobody may stop it; switch that off first, if it may be stopped";
  }
  for (const Device& device : machine.devices) {
    if (&site.EnvironmentFor(*device.owner) != &site.EnvironmentFor(*machine.instance)) {
      return std::string(device.owner->address) + " and " + std::string(machine.instance->address) +
             " belong to different environments, and one outage moves both";
    }
  }
  return {};
}

void AddRoot(Machine& machine) {
  const Value block = machine.instance->after.At("root_block_device[0]");
  Device device;
  device.owner = machine.instance;
  device.volume = TextIn(block, "volume_id");
  device.name = TextIn(block, "device_name");
  device.root = true;
  device.delete_on_termination = block.Get("delete_on_termination").AsBool().value_or(false);
  device.facts = block;
  if (device.volume.empty() || device.name.empty() || block.Get("volume_type").text().empty() ||
      TextIn(machine.instance->after, "availability_zone").empty()) {
    machine.problem = "the documents do not say which volume its root is, of which type and where";
  }
  machine.devices.push_back(device);
}

void AddVolumes(const Site& site, Machine& machine) {
  for (const ResourceInstance* volume : site.world->OfType("aws_ebs_volume")) {
    const Value& attributes = site.world->AttributesOf(*volume);
    const std::string id = TextIn(attributes, "id");
    if (id.empty() || !Fails(site, volume->address)) continue;
    const std::vector<Attached> places = PlacesOf(site, id);
    const auto here = std::find_if(places.begin(), places.end(),
                                   [&machine](const Attached& place) { return place.machine == machine.id; });
    if (here == places.end()) continue;
    const std::string problem = places.size() > 1 ? "it is attached to several instances" : VolumeProblem(attributes);
    if (!problem.empty() && machine.problem.empty()) machine.problem = std::string(volume->address) + ": " + problem;
    machine.devices.push_back(
        {volume, here->attachment, id, here->device, false, here->delete_on_termination, attributes, {}, {}, {}, {}});
  }
  std::sort(machine.devices.begin(), machine.devices.end(),
            [](const Device& a, const Device& b) { return a.owner->address < b.owner->address; });
}

// Everything that is moved while the instance is stopped.
Machine Describe(const RecipeRequest& request, const std::string& id) {
  const Site& site = request.site;
  Machine machine;
  machine.id = id;
  machine.instance = InstanceCalled(site, id);
  machine.target = {"", "aws_instance", id, request.target.account, request.target.region};
  AddVolumes(site, machine);
  if (machine.instance != nullptr) {
    machine.target = TargetOf(site, *machine.instance);
    machine.target.identifier = id;
    for (const std::string& offender : OffendersOf(site, *machine.instance)) {
      if (offender.starts_with("root_block_device")) {
        AddRoot(machine);
        continue;
      }
      const std::string volume = TextIn(machine.instance->after.At(offender), "volume_id");
      const bool moves = std::any_of(machine.devices.begin(), machine.devices.end(),
                                     [&volume](const Device& device) { return device.volume == volume; });
      if (!moves && machine.problem.empty()) {
        machine.problem = offender +
                          " is a block of the instance itself: Terraform ignores or replaces what changes "
                          "there, so its volume has to become an aws_ebs_volume with an "
                          "aws_volume_attachment first";
      }
    }
  }
  if (machine.problem.empty()) machine.problem = MachineProblem(site, machine);
  return machine;
}

// Parameters of CreateVolume. Performance only where the type has it to choose: EC2 refuses it elsewhere.
JsonValue SettingsOf(const Machine& machine, const Device& device) {
  const Value& facts = device.facts;
  const std::string type = TextIn(facts, device.root ? "volume_type" : "type");
  JsonValue settings = Object({{"VolumeType", Text(type)}});
  settings["AvailabilityZone"] =
      device.root ? TextIn(machine.instance->after, "availability_zone") : TextIn(facts, "availability_zone");
  if (const auto size = facts.Get(device.root ? "volume_size" : "size").AsNumber()) {
    settings["Size"] = static_cast<int>(*size);
  }
  const auto add = [&](const char* parameter, const char* attribute) {
    const auto number = facts.Get(attribute).AsNumber();
    if (number && *number > 0) settings[parameter] = static_cast<int>(*number);
  };
  if (type == "gp3" || type == "io1" || type == "io2") add("Iops", "iops");
  if (type == "gp3") add("Throughput", "throughput");
  const JsonValue tags = TagSpecifications("volume", TagsOf(facts));
  if (!tags.isNull()) settings["TagSpecifications"] = tags;
  return settings;
}

// A block of the instance as it is afterwards; tags may hold anything and are left out.
JsonValue BlockAfter(const Value& block, const KeyChoice& key) {
  JsonValue after = ToJson(block);
  after.removeMember("tags");
  after.removeMember("tags_all");
  after["encrypted"] = true;
  after["kms_key_id"] = key.key;
  return after;
}

JsonValue AttributesAfter(const Device& device) {
  if (!device.root) return Object({{"encrypted", true}, {"kms_key_id", device.key.key}});
  JsonValue blocks(Json::arrayValue);
  blocks.append(BlockAfter(device.facts, device.key));
  return Object({{"root_block_device", blocks}});
}

// The instance also lists volumes that are resources of their own.
JsonValue ListedAfter(const Machine& machine) {
  if (machine.instance == nullptr) return {};
  JsonValue blocks(Json::arrayValue);
  for (const Value& block : machine.instance->after.Get("ebs_block_device").items()) {
    const auto moved = std::find_if(machine.devices.begin(), machine.devices.end(), [&block](const Device& device) {
      return device.volume == block.Get("volume_id").text();
    });
    JsonValue after = ToJson(block);
    after.removeMember("tags");
    after.removeMember("tags_all");
    blocks.append(moved == machine.devices.end() ? after : BlockAfter(block, moved->key));
  }
  return blocks.empty() ? JsonValue() : Object({{"ebs_block_device", blocks}});
}

class VolumeMove {
 public:
  VolumeMove(const RecipeRequest& request, Machine machine) : request_(request), machine_(std::move(machine)) {}

  RecipePlan Run() {
    for (Device& device : machine_.devices) {
      device.key = request_.keys.For(*device.owner, TargetOfOwner(device), request_.place, "", Motives());
    }
    Check();
    if (!machine_.id.empty()) Stop();
    Copy();
    if (!machine_.id.empty()) {
      Swap();
      Start();
    }
    return {true, "", Reconcile()};
  }

 private:
  [[nodiscard]] std::vector<Motive> Motives() const { return {MotiveOf(request_.finding)}; }

  [[nodiscard]] Target TargetOfOwner(const Device& device) const {
    if (device.root) return machine_.target;
    Target target = TargetOf(request_.site, *device.owner);
    target.identifier = device.volume;
    return target;
  }

  std::string Add(const ActionKind& kind, const Target& target, const JsonValue& payload,
                  const std::vector<std::string>& needs) {
    return request_.draft.Add(kind, target, payload, request_.place, needs, Motives());
  }

  void Check() {
    std::vector<std::string> needs = {request_.open};
    JsonValue volumes(Json::arrayValue);
    JsonValue keys(Json::arrayValue);
    for (const Device& device : machine_.devices) {
      JsonValue settings = SettingsOf(machine_, device);
      settings.removeMember("TagSpecifications");
      volumes.append(Object({{"volume", Text(device.volume)}, {"device", Text(device.name)}, {"settings", settings}}));
      if (std::find(keys.begin(), keys.end(), device.key.key) == keys.end()) keys.append(device.key.key);
      needs.insert(needs.end(), device.key.needs.begin(), device.key.needs.end());
    }
    JsonValue payload = Object({{"volumes", volumes}, {"keys", keys}});
    if (!machine_.id.empty()) payload["instance"] = machine_.id;
    const Target target = machine_.id.empty() ? TargetOfOwner(machine_.devices.front()) : machine_.target;
    checked_ = Add(kCheckVolumes, target, payload, needs);
  }

  // What was copied before the outage is not copied in it.
  void Stop() {
    std::vector<std::string> needs = {checked_};
    const bool runs =
        machine_.instance == nullptr || machine_.instance->after.Get("instance_state").text() != "stopped";
    for (const Device& device : machine_.devices) {
      if (!runs) break;
      needs.push_back(Add(kSnapshotVolume, TargetOfOwner(device),
                          Object({{"volume", Text(device.volume)}, {"purpose", "ahead"}}), {checked_}));
    }
    stopped_ = Add(kStopInstance, machine_.target,
                   Object({{"instance", Text(machine_.id)}, {"state", OutputOf(checked_, "State")}}), needs);
  }

  void Copy() {
    for (Device& device : machine_.devices) {
      JsonValue payload = Object({{"volume", Text(device.volume)}, {"purpose", "at_rest"}});
      if (!stopped_.empty()) payload["stopped_at"] = OutputOf(stopped_, "StoppedAt");
      device.rest = Add(kSnapshotVolume, TargetOfOwner(device), payload, {stopped_.empty() ? checked_ : stopped_});
      JsonValue made = Object({{"snapshot", OutputOf(device.rest, "SnapshotId")},
                               {"key", device.key.key},
                               {"settings", SettingsOf(machine_, device)}});
      if (machine_.id.empty()) made["attributes"] = AttributesAfter(device);
      device.created = Add(kCreateVolume, TargetOfOwner(device), made, {device.rest});
      if (machine_.id.empty()) Proves(request_, device.created);
    }
  }

  void Swap() {
    std::vector<std::string> created;
    for (const Device& device : machine_.devices) created.push_back(device.created);
    for (Device& device : machine_.devices) {
      device.swapped = Add(kSwapVolume, TargetOfOwner(device),
                           Object({{"instance", Text(machine_.id)},
                                   {"device", Text(device.name)},
                                   {"old_volume", Text(device.volume)},
                                   {"new_volume", OutputOf(device.created, "VolumeId")},
                                   {"delete_on_termination", device.delete_on_termination},
                                   {"attributes", AttributesAfter(device)}}),
                           created);
    }
  }

  void Start() {
    std::vector<std::string> needs;
    for (const Device& device : machine_.devices) needs.push_back(device.swapped);
    JsonValue payload = Object({{"instance", Text(machine_.id)}, {"state", OutputOf(checked_, "State")}});
    if (JsonValue listed = ListedAfter(machine_); !listed.isNull()) payload["attributes"] = listed;
    started_ = Add(kStartInstance, machine_.target, payload, needs);
    Proves(request_, started_);
  }

  std::vector<std::string> Reconcile() {
    std::vector<std::string> last;
    for (const Device& device : machine_.devices) {
      const std::string after = started_.empty() ? device.created : started_;
      last.push_back(device.root ? ReconcileRoot(device, after) : ReconcileVolume(device, after));
    }
    return last;
  }

  std::string ReconcileVolume(const Device& device, const std::string& after) {
    Succession succession;
    succession.successors.push_back({std::string(device.owner->address), "NEW_VOLUME"});
    if (device.attachment != nullptr) {
      succession.successors.push_back(
          {std::string(device.attachment->address), device.name + ":NEW_VOLUME:" + machine_.id});
    }
    succession.set = AttributesAfter(device);
    if (!device.facts.Get("snapshot_id").empty()) succession.remove.emplace_back("snapshot_id");
    succession.names = Object({{"NEW_VOLUME", OutputOf(device.created, "VolumeId")}});
    succession.identity = Object({{"id", OutputOf(device.created, "VolumeId")}});
    succession.notes = {device.volume + " is kept and no longer Terraform's; its data is as readable as before"};
    succession.expected_changes = {"final_snapshot", "force_detach", "skip_destroy", "stop_instance_before_detaching"};
    return ReconcileSuccession(request_, TargetOfOwner(device), succession, {after});
  }

  // The instance stays the same object, so a refresh shows the new root, and only the arguments must not contradict it.
  std::string ReconcileRoot(const Device& device, const std::string& after) {
    JsonValue blocks(Json::arrayValue);
    blocks.append(Object({{"encrypted", true}, {"kms_key_id", device.key.key}}));
    return ReconcileSettings(request_, TargetOfOwner(device), Object({{"root_block_device", blocks}}),
                             {"associate_public_ip_address", "ebs_block_device", "instance_state", "public_dns",
                              "public_ip", "root_block_device"},
                             {after});
  }

  const RecipeRequest& request_;
  Machine machine_;
  std::string checked_, stopped_, started_;
};

}  // namespace

RecipePlan PlanVolumes(const RecipeRequest& request) {
  const Value& attributes = request.site.world->AttributesOf(request.instance);
  const std::string id = TextIn(attributes, "id");
  Machine machine;
  if (request.instance.type == "aws_ebs_volume") {
    if (const std::string problem = VolumeProblem(attributes); !problem.empty()) return {true, problem, {}};
    const std::vector<Attached> places = PlacesOf(request.site, id);
    if (places.size() > 1) return {true, "it is attached to several instances", {}};
    if (places.empty()) {
      machine.devices.push_back({&request.instance, nullptr, id, "", false, false, attributes, {}, {}, {}, {}});
    } else if (places.front().machine.empty() || places.front().device.empty()) {
      return {true, "the documents do not say to which instance and device it is attached", {}};
    } else {
      machine = Describe(request, places.front().machine);
    }
  } else {
    machine = Describe(request, id);
    if (machine.devices.empty() && machine.problem.empty()) {
      machine.problem = "the documents do not say which of its volumes fails";
    }
  }
  if (!machine.problem.empty()) return {true, machine.problem, {}};
  AnnounceMove(request, "move the volumes of " + (machine.id.empty() ? id : machine.id));
  return VolumeMove(request, std::move(machine)).Run();
}

}  // namespace tfseal

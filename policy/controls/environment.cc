#include "policy/controls/environment.h"

#include <algorithm>
#include <charconv>

#include "policy/controls/database.h"

namespace tfseal {

using terraform::ResourceInstance;
using terraform::Value;

Judgement Undecided(std::string message, std::string_view attribute, std::string_view remedy) {
  Judgement judgement = Pass(std::move(message), attribute);
  judgement.remedy = remedy;
  judgement.verdict = Verdict::kUnknown;
  return judgement;
}

Judgement Worst(std::vector<Judgement> judgements) {
  const auto rank = [](const Judgement& judgement) {
    return judgement.verdict == Verdict::kFail ? 0 : judgement.verdict == Verdict::kPass ? 2 : 1;
  };
  const auto worst = std::min_element(judgements.begin(), judgements.end(),
                                      [&](const Judgement& a, const Judgement& b) { return rank(a) < rank(b); });
  return worst == judgements.end() ? Undecided("nothing to judge") : std::move(*worst);
}

Found FollowEach(const World& world, const ResourceInstance& instance, std::string_view attribute,
                 std::string_view type, std::string_view key) {
  Found found;
  const Value value = world.AttributesOf(instance).At(attribute);
  const auto known = [&](const Value& item) {
    const auto named = world.Where(type, key, item.text());
    found.complete = found.complete && !named.empty();
    found.instances.insert(found.instances.end(), named.begin(), named.end());
  };
  bool unresolved = value.unknown();
  if (value.is_list()) {
    for (const Value& item : value.items()) {
      if (item.unknown()) {
        unresolved = true;
      } else {
        known(item);
      }
    }
  } else if (!value.text().empty()) {
    known(value);
  }
  // What is not known yet is what the configuration names.
  if (unresolved) {
    const Origin& origin = world.OriginOf(instance, attribute);
    bool resolved = origin.configured && origin.opaque.empty();
    for (const Origin::Target& target : origin.targets) {
      if (target.data_source || target.type != type) {
        resolved = false;
        continue;
      }
      const auto& instances = world.InstancesOf(target.address);
      resolved = resolved && !instances.empty();
      for (const ResourceInstance* each : instances) {
        if (target.key.empty() || each->address.ends_with(target.key)) found.instances.push_back(each);
      }
    }
    found.complete = found.complete && resolved && !found.instances.empty();
  }
  const auto by_address = [](const auto* a, const auto* b) { return a->address < b->address; };
  std::sort(found.instances.begin(), found.instances.end(), by_address);
  found.instances.erase(std::unique(found.instances.begin(), found.instances.end()), found.instances.end());
  return found;
}

std::vector<const ResourceInstance*> MembersOf(const Subject& cluster) {
  return cluster.world.PointingAt(cluster.instance, "aws_rds_cluster_instance", "cluster_identifier",
                                  {"id", "cluster_identifier"});
}

Found SubnetsOf(const Subject& database) {
  const World& world = database.world;
  Found subnets;
  const auto groups = world.Follow(database.instance, "db_subnet_group_name", "aws_db_subnet_group", {"name", "id"});
  if (groups.empty()) return {{}, false};
  for (const ResourceInstance* group : groups) {
    const Found some = FollowEach(world, *group, "subnet_ids", "aws_subnet");
    subnets.complete = subnets.complete && some.complete;
    subnets.instances.insert(subnets.instances.end(), some.instances.begin(), some.instances.end());
  }
  return subnets;
}

bool IsReplica(const Subject& database) {
  return database.instance.type == "aws_db_instance" && !database.At("replicate_source_db").empty() &&
         !LeftToAws(database, "replicate_source_db");
}

const ResourceInstance* SourceOf(const Subject& database) {
  if (!IsReplica(database)) return nullptr;
  const auto sources =
      database.world.Follow(database.instance, "replicate_source_db", "aws_db_instance", {"identifier", "arn", "id"});
  if (sources.size() != 1) return nullptr;
  const Subject source{*sources.front(), database.world.AttributesOf(*sources.front()), database.world,
                       database.requirements, database.now};
  return IsReplica(source) ? nullptr : sources.front();
}

Value OwnOrOfTheSource(const Subject& database, std::string_view attribute) {
  const Value own = database.At(attribute);
  const bool says = own.unknown() ? !LeftToAws(database, attribute) : !own.empty();
  const ResourceInstance* source = says ? nullptr : SourceOf(database);
  return source == nullptr ? own : database.world.AttributesOf(*source).At(attribute);
}

std::optional<int> CompareVersions(std::string_view a, std::string_view b) {
  while (true) {
    if (a.empty() && b.empty()) return 0;
    if (a.empty() || b.empty()) return std::nullopt;
    const auto take = [](std::string_view& text) {
      const std::size_t dot = text.find('.');
      const std::string_view part = text.substr(0, dot);
      text.remove_prefix(dot == std::string_view::npos ? text.size() : dot + 1);
      return part;
    };
    const std::string_view one = take(a);
    const std::string_view other = take(b);
    int left = 0;
    int right = 0;
    const bool numbers =
        std::from_chars(one.data(), one.data() + one.size(), left).ptr == one.data() + one.size() &&
        std::from_chars(other.data(), other.data() + other.size(), right).ptr == other.data() + other.size();
    if (numbers && left != right) return left < right ? -1 : 1;
    if (!numbers && one != other) return std::nullopt;
  }
}

}  // namespace tfseal

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "policy/controls/database.h"
#include "policy/controls/declarations.h"
#include "policy/controls/environment.h"

// The network around a database: the routes of its subnets, the rules of its security groups, the endpoints of its VPC.
namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

// Whether a route's gateway is an internet gateway: by id, or by what the configuration names at one of `paths`.
Judgement RouteToInternet(const World& world, const ResourceInstance& holder,
                          std::initializer_list<std::string_view> paths, const Value& gateway) {
  if (gateway.text().starts_with("igw-")) {
    return Fail(fmt::format("{} leads to an internet gateway", holder.address));
  }
  if (!gateway.unknown()) return Pass("no internet gateway");
  bool clear = false;
  for (const std::string_view path : paths) {
    const Origin& origin = world.OriginOf(holder, path);
    if (!origin.configured) continue;
    clear = origin.opaque.empty();
    for (const Origin::Target& target : origin.targets) {
      if (target.type == "aws_internet_gateway") {
        return Fail(fmt::format("{} leads to {}", holder.address, target.address));
      }
      clear = clear && !target.data_source;
    }
  }
  return clear ? Pass("no internet gateway")
               : Undecided(fmt::format("where {} leads is known only after apply", holder.address));
}

Judgement RouteTablePrivacy(const World& world, const ResourceInstance& table) {
  std::vector<Judgement> judgements = {Pass(fmt::format("{} has no route to an internet gateway", table.address))};
  const Value inlined = world.AttributesOf(table).At("route");
  const auto associated = world.PointingAt(table, "aws_route", "route_table_id", {"id"});
  // Computed where the configuration is there and writes no route into the table: routes of their own are judged below.
  const Origin& in_block = world.OriginOf(table, "route.gateway_id");
  const bool computed = in_block.known && !in_block.configured && !in_block.block_configured &&
                        !world.OriginOf(table, "route").configured;
  if (inlined.unknown() && !computed) {
    judgements.push_back(RouteToInternet(world, table, {"route.gateway_id", "route"}, inlined));
  }
  for (const Value& route : inlined.items()) {
    const Value gateway = route.unknown() ? route : route.Get("gateway_id");
    judgements.push_back(RouteToInternet(world, table, {"route.gateway_id", "route"}, gateway));
  }
  for (const ResourceInstance* route : associated) {
    judgements.push_back(RouteToInternet(world, *route, {"gateway_id"}, world.AttributesOf(*route).At("gateway_id")));
  }
  return Worst(std::move(judgements));
}

Judgement SubnetPrivacy(const World& world, const ResourceInstance& subnet) {
  const Value maps = world.AttributesOf(subnet).At("map_public_ip_on_launch");
  if (maps.AsBool() == true) return Fail(fmt::format("{} gives out public addresses", subnet.address));
  const auto associations = world.PointingAt(subnet, "aws_route_table_association", "subnet_id", {"id"});
  if (associations.empty()) {
    return Undecided(fmt::format("the route table of {} is not in this document", subnet.address), {},
                     "add an aws_route_table without a route to an internet gateway and an aws_route_table_association "
                     "for each subnet: a subnet without one follows the main table of its VPC");
  }
  std::vector<Judgement> judgements;
  for (const ResourceInstance* association : associations) {
    const Found tables = FollowEach(world, *association, "route_table_id", "aws_route_table");
    if (!tables.complete) {
      judgements.push_back(Undecided(fmt::format("the route table of {} is not in this document", subnet.address)));
    }
    for (const ResourceInstance* table : tables.instances) judgements.push_back(RouteTablePrivacy(world, *table));
  }
  return Worst(std::move(judgements));
}

Judgement EnvironmentPrivateSubnets(const Subject& subject) {
  if (!subject.requirements.settings.private_subnets) return NotAsked();
  if (LeftToAws(subject, "db_subnet_group_name")) {
    return Undecided("db_subnet_group_name is not set, so it is in the default VPC or where its source is",
                     "db_subnet_group_name");
  }
  const Found subnets = SubnetsOf(subject);
  std::vector<Judgement> judgements;
  for (const ResourceInstance* subnet : subnets.instances) {
    judgements.push_back(SubnetPrivacy(subject.world, *subnet));
  }
  if (!subnets.complete || judgements.empty()) {
    judgements.push_back(Undecided("not all of its subnets are in this document"));
  }
  Judgement judgement = Worst(std::move(judgements));
  if (judgement.verdict == Verdict::kPass) {
    judgement.message =
        fmt::format("none of its {} subnets has a route to an internet gateway", subnets.instances.size());
  }
  judgement.attribute = "db_subnet_group_name";
  return judgement;
}

// An IPv4 range; nullopt for anything else.
struct Range {
  std::uint32_t first = 0;
  int bits = 0;
};
std::optional<Range> ParseRange(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  Range range;
  std::string_view rest = text.substr(0, slash);
  for (int i = 0; i < 4; ++i) {
    unsigned part = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), part);
    if (error != std::errc() || part > 255) return std::nullopt;
    range.first = range.first << 8U | part;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    if (i < 3) {
      if (!rest.starts_with('.')) return std::nullopt;
      rest.remove_prefix(1);
    }
  }
  const std::string_view bits = text.substr(slash + 1);
  const auto [end, error] = std::from_chars(bits.data(), bits.data() + bits.size(), range.bits);
  if (!rest.empty() || error != std::errc() || end != bits.data() + bits.size() || range.bits < 0 || range.bits > 32) {
    return std::nullopt;
  }
  return range;
}

bool IsInside(std::string_view text, const std::vector<std::string>& allowed) {
  if (std::find(allowed.begin(), allowed.end(), text) != allowed.end()) return true;
  const auto range = ParseRange(text);
  if (!range) return false;
  return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& each) {
    const auto outer = ParseRange(each);
    if (!outer || outer->bits > range->bits) return false;
    const std::uint32_t mask = outer->bits == 0 ? 0 : ~std::uint32_t{0} << static_cast<unsigned>(32 - outer->bits);
    return (outer->first & mask) == (range->first & mask);
  });
}

// One ingress rule, inline or of its own, in the names of any of the three resources that write one.
Judgement RuleIngress(const std::vector<std::string>& allowed, std::string_view holder, const Value& rule) {
  if (rule.unknown()) return Undecided(fmt::format("a rule of {} is known only after apply", holder));
  bool unclear = false;
  for (const char* attribute : {"cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"}) {
    const Value value = rule.Get(attribute);
    if (value.empty() && !value.unknown()) continue;
    unclear = unclear || value.AnyUnknown();
    const auto range = [&](const Value& one) {
      return one.text().empty() || IsInside(one.text(), allowed) ? std::string_view() : one.text();
    };
    std::string_view outside = range(value);
    for (const Value& one : value.items()) outside = outside.empty() ? range(one) : outside;
    if (!outside.empty()) return Fail(fmt::format("{} lets {} in", holder, outside));
  }
  for (const char* attribute : {"protocol", "ip_protocol"}) {
    if (rule.Get(attribute).text() == "-1" || rule.Get(attribute).text() == "all") {
      return Fail(fmt::format("{} opens every port and protocol", holder));
    }
  }
  for (const char* attribute : {"prefix_list_ids", "prefix_list_id"}) {
    const Value lists = rule.Get(attribute);
    if (!lists.empty()) unclear = true;  // what is in a prefix list is not in the document
    if (lists.unknown()) unclear = true;
  }
  if (unclear) return Undecided(fmt::format("whom {} lets in cannot be told from this document", holder));
  return Pass(fmt::format("{} lets in only whom it may", holder));
}

Judgement GroupIngress(const Subject& subject, const ResourceInstance& group) {
  const World& world = subject.world;
  const std::vector<std::string>& allowed = *subject.requirements.settings.ingress_from;
  std::vector<Judgement> judgements = {Pass(fmt::format("{} lets in only whom it may", group.address))};
  const Value inlined = world.AttributesOf(group).At("ingress");
  for (const Value& rule : inlined.items()) judgements.push_back(RuleIngress(allowed, group.address, rule));
  bool of_their_own = false;
  for (const std::string_view type : {"aws_security_group_rule", "aws_vpc_security_group_ingress_rule"}) {
    for (const ResourceInstance* rule : world.PointingAt(group, type, "security_group_id", {"id"})) {
      const Value& attributes = world.AttributesOf(*rule);
      of_their_own = true;
      if (attributes.Get("type").text() == "egress") continue;
      judgements.push_back(RuleIngress(allowed, rule->address, attributes));
    }
  }
  // Computed where the rules are resources of their own: the provider does not want both. A group that is made without
  // any lets nobody in. (A dynamic block is not in the configuration, but then the plan has a list and no unknown.)
  const Origin& in_block = world.OriginOf(group, "ingress.cidr_blocks");
  const bool none_written = group.actions.create && in_block.known && !in_block.configured &&
                            !in_block.block_configured && !world.OriginOf(group, "ingress").configured;
  if (inlined.unknown() && !of_their_own && !none_written) {
    judgements.push_back(Undecided(fmt::format("ingress of {} is known only after apply", group.address)));
  }
  return Worst(std::move(judgements));
}

Judgement EnvironmentIngress(const Subject& subject) {
  if (!subject.requirements.settings.ingress_from) return NotAsked();
  constexpr std::string_view kGroups = "vpc_security_group_ids";
  const Value groups = subject.At(kGroups);
  if (LeftToAws(subject, kGroups) || (groups.empty() && !groups.unknown())) {
    return Undecided("vpc_security_group_ids is not set, so it has the default group of its VPC", kGroups);
  }
  const Found found = FollowEach(subject.world, subject.instance, kGroups, "aws_security_group");
  std::vector<Judgement> judgements;
  for (const ResourceInstance* group : found.instances) judgements.push_back(GroupIngress(subject, *group));
  if (!found.complete) judgements.push_back(Undecided("not all of its security groups are in this document"));
  Judgement judgement = Worst(std::move(judgements));
  judgement.attribute = kGroups;
  return judgement;
}

// "s3" of "com.amazonaws.eu-central-1.s3".
std::string_view ServiceOf(const Value& name) {
  const std::string_view text = name.text();
  if (!text.starts_with("com.amazonaws.")) return text.substr(text.rfind('.') + 1);
  const std::string_view rest = text.substr(14);
  const std::size_t dot = rest.find('.');
  return dot == std::string_view::npos ? rest : rest.substr(dot + 1);
}

Judgement EndpointsFrom(const Subject& subject, const std::vector<const ResourceInstance*>& endpoints) {
  std::vector<std::string> missing;
  bool unclear = false;
  for (const std::string& service : subject.requirements.settings.vpc_endpoints) {
    const bool there = std::any_of(endpoints.begin(), endpoints.end(), [&](const ResourceInstance* endpoint) {
      return ServiceOf(subject.world.AttributesOf(*endpoint).At("service_name")) == service;
    });
    if (!there) missing.push_back(service);
  }
  for (const ResourceInstance* endpoint : endpoints) {
    unclear = unclear || subject.world.AttributesOf(*endpoint).At("service_name").unknown();
  }
  const std::string wanted = fmt::format("{}", fmt::join(subject.requirements.settings.vpc_endpoints, ", "));
  if (missing.empty()) return Pass(fmt::format("its VPC has endpoints for {}", wanted));
  const std::string lacking = fmt::format("{}", fmt::join(missing, ", "));
  if (unclear) {
    return Undecided(fmt::format("whether its VPC has endpoints for {} cannot be told from this document", lacking));
  }
  Judgement judgement = Fail(fmt::format("its VPC has no endpoint for {}", lacking));
  judgement.offenders = std::move(missing);
  return judgement;
}

Judgement EnvironmentEndpoints(const Subject& subject) {
  if (subject.requirements.settings.vpc_endpoints.empty()) return NotAsked();
  const World& world = subject.world;
  const Found subnets = SubnetsOf(subject);
  std::vector<const ResourceInstance*> vpcs;
  bool complete = subnets.complete;
  for (const ResourceInstance* subnet : subnets.instances) {
    const Found found = FollowEach(world, *subnet, "vpc_id", "aws_vpc");
    complete = complete && found.complete;
    vpcs.insert(vpcs.end(), found.instances.begin(), found.instances.end());
  }
  std::sort(vpcs.begin(), vpcs.end());
  vpcs.erase(std::unique(vpcs.begin(), vpcs.end()), vpcs.end());
  if (vpcs.size() != 1 || !complete) {
    return Undecided("its VPC is not in this document, so neither are its endpoints for certain",
                     "db_subnet_group_name");
  }
  return EndpointsFrom(subject, world.PointingAt(*vpcs.front(), "aws_vpc_endpoint", "vpc_id", {"id"}));
}

}  // namespace

const Control kEnvironmentPrivateSubnets{
    .id = "TFS-ENV-050",
    .topic = Topic::kNetwork,
    .severity = Severity::kHigh,
    .title = "databases are in subnets without a route to an internet gateway",
    .types = kDatabaseTypes,
    .reads = kNames<"db_subnet_group_name", "name", "id", "subnet_ids", "map_public_ip_on_launch", "subnet_id",
                    "route_table_id", "route", "gateway_id">,
    .evaluate = EnvironmentPrivateSubnets,
    .why = "in a public subnet one wrong switch, publicly_accessible, puts the database on the internet",
    .remedy =
        "give aws_db_subnet_group subnets whose route table has no route to an internet gateway; moving an existing "
        "database to another subnet group replaces a cluster",
    .basis =
        "Amazon VPC User Guide: a subnet is public if its route table leads to an internet gateway. organisation: "
        "network.private_subnets in tfseal.yaml",
    .asked = [](const Requirements& r) { return r.settings.private_subnets; },
};

const Control kEnvironmentIngress{
    .id = "TFS-ENV-051",
    .topic = Topic::kNetwork,
    .severity = Severity::kHigh,
    .title = "security groups of databases let in only the ranges of the environment",
    .types = kDatabaseTypes,
    .reads = kNames<"vpc_security_group_ids", "id", "ingress", "security_group_id", "type", "cidr_blocks",
                    "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6", "protocol", "ip_protocol", "prefix_list_ids",
                    "prefix_list_id">,
    .evaluate = EnvironmentIngress,
    .why = "every address that may open a connection may try passwords",
    .remedy =
        "let in security groups instead of addresses (referenced_security_group_id), or narrow the ranges; rules "
        "change in place",
    .basis =
        "least privilege, NIST SP 800-53 AC-6 and SC-7, which name no range. organisation: network.ingress_from in "
        "tfseal.yaml",
    .asked = [](const Requirements& r) { return r.settings.ingress_from.has_value(); },
};

const Control kEnvironmentEndpoints{
    .id = "TFS-ENV-052",
    .topic = Topic::kNetwork,
    .severity = Severity::kLow,
    .title = "the database's VPC has endpoints for the AWS services of the environment",
    .types = kDatabaseTypes,
    .reads = kNames<"db_subnet_group_name", "name", "id", "subnet_ids", "vpc_id", "service_name">,
    .evaluate = EnvironmentEndpoints,
    .why =
        "without an endpoint, private subnets reach AWS services through a NAT gateway and the internet, or not at "
        "all",
    .remedy = "add an aws_vpc_endpoint for each service, in the VPC of the database",
    .basis = "organisation: network.endpoints in tfseal.yaml",
    .asked = [](const Requirements& r) { return !r.settings.vpc_endpoints.empty(); },
};

}  // namespace tfseal

#include <algorithm>

#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

struct Group {
  JsonValue described;
  std::string id;
};

Result<std::optional<Group>> FindGroup(const Action& action, RunContext& context) {
  const std::string name = TextOf(action.payload, "name");
  TFSEAL_ASSIGN(const std::string vpc, ResolvedText(action, "vpc", context));
  JsonValue filters(Json::arrayValue);
  filters.append(Object({{"Name", "group-name"}, {"Values", Texts({name})}}));
  if (!vpc.empty()) filters.append(Object({{"Name", "vpc-id"}, {"Values", Texts({vpc})}}));
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("ec2", "DescribeSecurityGroups", Object({{"Filters", filters}}), action, context));
  for (const JsonValue& group : answer["SecurityGroups"]) {
    if (TextOf(group, "GroupName") == name && (vpc.empty() || TextOf(group, "VpcId") == vpc)) {
      return std::optional<Group>(Group{group, TextOf(group, "GroupId")});
    }
  }
  return std::optional<Group>();
}

// "tcp 5432-5432 from 10.0.0.1/32", one for every source.
std::set<std::string> Rules(const JsonValue& permissions) {
  std::set<std::string> rules;
  for (const JsonValue& permission : permissions) {
    const std::string what = TextOf(permission, "IpProtocol") + " " + permission["FromPort"].asString() + "-" +
                             permission["ToPort"].asString() + " from ";
    for (const JsonValue& range : permission["IpRanges"]) rules.insert(what + TextOf(range, "CidrIp"));
    for (const JsonValue& range : permission["Ipv6Ranges"]) rules.insert(what + TextOf(range, "CidrIpv6"));
    for (const JsonValue& pair : permission["UserIdGroupPairs"]) rules.insert(what + TextOf(pair, "GroupId"));
    for (const JsonValue& list : permission["PrefixListIds"]) rules.insert(what + TextOf(list, "PrefixListId"));
  }
  return rules;
}

std::set<std::string> PlannedRules(const Action& action) {
  for (const ApiCall& call : action.calls) {
    if (call.operation == "AuthorizeSecurityGroupIngress") return Rules(call.parameters["IpPermissions"]);
  }
  return {};
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string name = TextOf(action.payload, "name");
  TFSEAL_ASSIGN(const auto group, FindGroup(action, context));
  if (!group) return NotDone("there is no security group " + name + " yet");
  const std::set<std::string> planned = PlannedRules(action);
  const std::set<std::string> live = Rules(group->described["IpPermissions"]);
  for (const std::string& rule : live) {
    if (!planned.contains(rule)) {
      return Conflict("security group " + name + " admits " + rule + ", so it is no fence",
                      "take that rule away, then run tfseal resume");
    }
  }
  if (live != planned) return NotDone("security group " + name + " does not admit the operator yet");
  JsonValue output = Object({{"GroupId", Text(group->id)}});
  JsonValue evidence = output;
  for (const std::string& rule : live) evidence["admits"].append(rule);
  return Done("security group " + name + " admits " + (live.empty() ? "nobody" : "the operator only"), output,
              evidence);
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const auto group, FindGroup(action, context));
  if (!group) return SendChange(CallOf(action, "CreateSecurityGroup"), action, context);
  JsonValue parameters = CallOf(action, "AuthorizeSecurityGroupIngress").parameters;
  parameters["GroupId"] = group->id;  // what the call before answered
  ApiCall call = CallOf(action, "AuthorizeSecurityGroupIngress");
  call.parameters = parameters;
  return SendChange(call, action, context);
}

}  // namespace

const Handler kCreateQuarantineGroupHandler = {.kind = "create_quarantine_group", .probe = Look, .execute = Act};

}  // namespace tfseal

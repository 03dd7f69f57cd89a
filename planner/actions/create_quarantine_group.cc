#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCreateQuarantineGroupFields[] = {
    {"name", FieldType::kText, true, "name of the group"},
    {"vpc", FieldType::kValue, false, "VPC id"},
    {"operators", FieldType::kTexts, false, "addresses from which copy and original are compared, as CIDR"},
    {"port", FieldType::kNumber, false, "port of the database, for the operators"},
};

void DeriveCreateQuarantineGroup(Action& action) {
  action.summary = "create the security group " + TextField(action, "name") +
                   (Field(action, "operators").empty() ? ", which admits nobody" : ", which admits the operator only");
  action.calls.push_back(Change("ec2", "CreateSecurityGroup",
                                Object({{"GroupName", Field(action, "name")},
                                        {"VpcId", Field(action, "vpc")},
                                        {"Description", "fence for a database that is being moved"}})));
  if (const JsonValue& operators = Field(action, "operators"); !operators.empty()) {
    JsonValue ranges(Json::arrayValue);
    JsonValue ranges6(Json::arrayValue);
    for (const JsonValue& address : operators) {
      const bool v6 = address.asString().find(':') != std::string::npos;
      (v6 ? ranges6 : ranges).append(Object({{v6 ? "CidrIpv6" : "CidrIp", address}, {"Description", "operator"}}));
    }
    JsonValue permission =
        Object({{"IpProtocol", "tcp"}, {"FromPort", Field(action, "port")}, {"ToPort", Field(action, "port")}});
    if (!ranges.empty()) permission["IpRanges"] = ranges;
    if (!ranges6.empty()) permission["Ipv6Ranges"] = ranges6;
    JsonValue permissions(Json::arrayValue);
    permissions.append(permission);
    action.calls.push_back(
        Change("ec2", "AuthorizeSecurityGroupIngress",
               Object({{"GroupId", OutputOf(action.id, "GroupId")}, {"IpPermissions", permissions}})));
  }
  action.postconditions.push_back(Check("no_ingress", "the group has no ingress rule but, if given, the operator's"));
  action.rollback.text = "delete the group when no database uses it";
  action.downtime.basis = "nothing uses the group yet";
}

}  // namespace

const ActionKind kCreateQuarantineGroup = {
    .name = "create_quarantine_group",
    .phase = "prepare",
    .does = "creates a security group that admits nobody but the operator",
    .fields = kCreateQuarantineGroupFields,
    .derive = DeriveCreateQuarantineGroup,
};

}  // namespace tfseal

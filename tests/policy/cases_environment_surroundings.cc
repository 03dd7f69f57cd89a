#include "tests/policy/cases_environment.h"

namespace tfseal {
namespace {
using enum Verdict;

constexpr std::string_view kCluster = "aws_rds_cluster";
constexpr std::string_view kInstance = "aws_db_instance";

constexpr std::string_view kInGroup = R"({"db_subnet_group_name": "g"})";
constexpr TestResource kSubnetGroup{"aws_db_subnet_group.g", R"({"name": "g", "subnet_ids": ["s1"]})"};
constexpr TestResource kHalfASubnetGroup{"aws_db_subnet_group.g", R"({"name": "g", "subnet_ids": ["s1", "s9"]})"};
constexpr TestResource kSubnet{"aws_subnet.s1", R"({"id": "s1", "vpc_id": "v"})"};
constexpr TestResource kPublicSubnet{"aws_subnet.s1", R"({"id": "s1", "map_public_ip_on_launch": true})"};
constexpr TestResource kAssociation{"aws_route_table_association.a", R"({"subnet_id": "s1", "route_table_id": "rt"})"};
constexpr TestResource kPrivateTable{"aws_route_table.rt",
                                     R"({"id": "rt", "route": [{"nat_gateway_id": "nat-1", "gateway_id": ""}]})"};
constexpr TestResource kPublicTable{"aws_route_table.rt", R"({"id": "rt", "route": [{"gateway_id": "igw-1"}]})"};
constexpr TestResource kUnclearTable{"aws_route_table.rt", R"({"id": "rt", "route": "<unknown>"})"};
constexpr TestResource kRouteOut{
    "aws_route.out", R"({"route_table_id": "rt", "gateway_id": "<unknown>"})",
    R"({"gateway_id": ["aws_internet_gateway.out.id", "aws_internet_gateway.out"], "route_table_id": ["var.table"]})"};

// The gateway of a block is known only after apply, and the configuration names what it will be.
constexpr TestResource kBlockToInternet{
    "aws_route_table.rt", R"({"id": "rt", "route": [{"gateway_id": "<unknown>"}]})",
    R"({"route[0].gateway_id": ["aws_internet_gateway.out.id", "aws_internet_gateway.out"]})"};
constexpr TestResource kBlockToSomewhere{"aws_route_table.rt",
                                         R"({"id": "rt", "route": [{"gateway_id": "<unknown>"}]})",
                                         R"({"vpc_id": ["aws_vpc.v.id", "aws_vpc.v"]})"};
constexpr TestResource kNoRoutes{"aws_route_table.rt", R"({"id": "rt", "route": "<unknown>"})",
                                 R"({"vpc_id": ["aws_vpc.v.id", "aws_vpc.v"]})"};
constexpr TestResource kLiteralIds{"aws_db_subnet_group.g", R"({"name": "g", "subnet_ids": ["s1", "s9"]})",
                                   R"({"subnet_ids": []})"};

}  // namespace

std::vector<ControlCase> EnvironmentNetworkCases() {
  const Requirements priv = Asking([](auto& s) { s.private_subnets = true; });
  const Requirements ingress = Asking([](auto& s) { s.ingress_from = std::vector<std::string>{"10.0.0.0/8"}; });
  const Requirements endpoints = Asking([](auto& s) { s.vpc_endpoints = {"kms"}; });
  constexpr std::string_view kP = "TFS-ENV-050";
  constexpr std::string_view kI = "TFS-ENV-051";
  constexpr std::string_view kE = "TFS-ENV-052";
  constexpr std::string_view kOpen = R"({"vpc_security_group_ids": ["sg"]})";
  const auto group = [](std::string_view attributes) { return TestResource{"aws_security_group.sg", attributes}; };
  const auto rule = [](std::string_view attributes) {
    return TestResource{"aws_vpc_security_group_ingress_rule.r", attributes};
  };
  constexpr TestResource kVpc{"aws_vpc.v", R"({"id": "v"})"};
  return {
      {kP, kCluster, kInGroup, kPass, {}, {kSubnetGroup, kSubnet, kAssociation, kPrivateTable}, priv},
      {kP, kCluster, kInGroup, kFail, {}, {kSubnetGroup, kSubnet, kAssociation, kPublicTable}, priv},
      {kP, kCluster, kInGroup, kFail, {}, {kSubnetGroup, kPublicSubnet, kAssociation, kPrivateTable}, priv},
      {kP, kCluster, kInGroup, kFail, {}, {kSubnetGroup, kSubnet, kAssociation, kPrivateTable, kRouteOut}, priv},
      {kP, kCluster, kInGroup, kUnknown, {}, {kSubnetGroup, kSubnet, kAssociation, kUnclearTable}, priv},
      {kP, kCluster, kInGroup, kUnknown, {}, {kHalfASubnetGroup, kSubnet, kAssociation, kPrivateTable}, priv},
      {kP, kCluster, kInGroup, kUnknown, {}, {kSubnetGroup, kSubnet}, priv},
      {kP, kCluster, kInGroup, kFail, {}, {kSubnetGroup, kSubnet, kAssociation, kBlockToInternet}, priv},
      {kP, kCluster, kInGroup, kUnknown, {}, {kSubnetGroup, kSubnet, kAssociation, kBlockToSomewhere}, priv},
      {kP, kCluster, kInGroup, kPass, {}, {kSubnetGroup, kSubnet, kAssociation, kNoRoutes}, priv},
      {kP, kCluster, kInGroup, kUnknown, {}, {kLiteralIds, kSubnet, kAssociation, kPrivateTable}, priv},
      {kP, kInstance, kInGroup, kUnknown, {}, {}, priv},
      NotAskedFor(kP, kCluster, kInGroup),

      {kI,
       kCluster,
       kOpen,
       kPass,
       {},
       {group(R"({"id": "sg", "ingress": [{"cidr_blocks": ["10.1.0.0/16"], "protocol": "tcp"}]})")},
       ingress},
      {kI,
       kCluster,
       kOpen,
       kFail,
       {},
       {group(R"({"id": "sg", "ingress": [{"cidr_blocks": ["0.0.0.0/0"], "protocol": "tcp"}]})")},
       ingress},
      {kI,
       kCluster,
       kOpen,
       kFail,
       {},
       {group(R"({"id": "sg", "ingress": [{"ipv6_cidr_blocks": ["::/0"], "protocol": "tcp"}]})")},
       ingress},
      {kI,
       kCluster,
       kOpen,
       kFail,
       {},
       {group(R"({"id": "sg", "ingress": [{"security_groups": ["sg2"], "protocol": "-1"}]})")},
       ingress},
      {kI,
       kCluster,
       kOpen,
       kPass,
       {},
       {group(R"({"id": "sg", "ingress": []})"),
        rule(R"({"security_group_id": "sg", "referenced_security_group_id": "x", "ip_protocol": "tcp"})")},
       ingress},
      {kI,
       kCluster,
       kOpen,
       kFail,
       {},
       {group(R"({"id": "sg", "ingress": []})"),
        rule(R"({"security_group_id": "sg", "cidr_ipv4": "203.0.113.0/24", "ip_protocol": "tcp"})")},
       ingress},
      {kI,
       kCluster,
       kOpen,
       kUnknown,
       {},
       {group(R"({"id": "sg", "ingress": []})"),
        rule(R"({"security_group_id": "sg", "prefix_list_id": "pl-1", "ip_protocol": "tcp"})")},
       ingress},
      {kI,
       kCluster,
       kOpen,
       kUnknown,
       {},
       {group(R"({"id": "sg", "ingress": []})"),
        rule(R"({"security_group_id": "sg", "cidr_ipv4": "<unknown>", "ip_protocol": "tcp"})")},
       ingress},
      {kI,
       kCluster,
       kOpen,
       kPass,
       {},
       {group(R"({"id": "sg"})"),
        {"aws_security_group_rule.r",
         R"({"type": "egress", "security_group_id": "sg", "cidr_blocks": ["0.0.0.0/0"], "protocol": "-1"})"}},
       ingress},
      {kI,
       kCluster,
       kOpen,
       kFail,
       {},
       {group(R"({"id": "sg"})"),
        {"aws_security_group_rule.r",
         R"({"type": "ingress", "security_group_id": "sg", "cidr_blocks": ["11.0.0.0/8"], "protocol": "tcp"})"}},
       ingress},
      // Made without a rule: it lets nobody in. The same where nobody knows what the configuration says, and where it
      // says something that is not known yet.
      {kI,
       kCluster,
       kOpen,
       kPass,
       {},
       {{"aws_security_group.sg", R"({"id": "sg", "ingress": "<unknown>"})", R"({"name": ["var.name"]})"}},
       ingress},
      {kI, kCluster, kOpen, kUnknown, {}, {group(R"({"id": "sg", "ingress": "<unknown>"})")}, ingress},
      {kI,
       kCluster,
       kOpen,
       kUnknown,
       {},
       {{"aws_security_group.sg", R"({"id": "sg", "ingress": "<unknown>"})", R"({"ingress": ["var.rules"]})"}},
       ingress},
      {kI,
       kCluster,
       kOpen,
       kUnknown,
       {},
       {{"aws_security_group.sg", R"({"id": "sg", "ingress": "<unknown>"})",
         R"({"ingress.security_groups": ["aws_security_group.app.id"]})"}},
       ingress},
      {kI, kCluster, kOpen, kUnknown, {}, {}, ingress},
      {kI, kInstance, "{}", kUnknown, {}, {}, ingress},
      NotAskedFor(kI, kCluster, kOpen),

      {kE,
       kCluster,
       kInGroup,
       kPass,
       {},
       {kSubnetGroup,
        kSubnet,
        kVpc,
        {"aws_vpc_endpoint.k", R"({"vpc_id": "v", "service_name": "com.amazonaws.us-east-1.kms"})"}},
       endpoints},
      {kE,
       kCluster,
       kInGroup,
       kFail,
       {},
       {kSubnetGroup,
        kSubnet,
        kVpc,
        {"aws_vpc_endpoint.k", R"({"vpc_id": "v", "service_name": "com.amazonaws.us-east-1.s3"})"}},
       endpoints},
      {kE, kCluster, kInGroup, kFail, {}, {kSubnetGroup, kSubnet, kVpc}, endpoints},
      {kE,
       kCluster,
       kInGroup,
       kUnknown,
       {},
       {kSubnetGroup, kSubnet, kVpc, {"aws_vpc_endpoint.k", R"({"vpc_id": "v", "service_name": "<unknown>"})"}},
       endpoints},
      {kE, kCluster, kInGroup, kUnknown, {}, {kSubnetGroup, kSubnet}, endpoints},
      NotAskedFor(kE, kCluster, kInGroup),
  };
}

std::vector<ControlCase> EnvironmentUpkeepCases() {
  const Requirements budget = Asking([](auto& s) {
    s.budget_alerts_percent = {80, 100};
    s.budget_monthly_usd_max = 15;
  });
  const Requirements lifecycle = Asking([](auto& s) { s.bucket_lifecycle = true; });
  const Requirements terraform = Asking([](auto& s) { s.terraform_versions = {"1.11.*"}; });
  const Requirements providers = Asking([](auto& s) { s.pinned_providers = true; });
  const Requirements modules = Asking([](auto& s) { s.pinned_modules = true; });
  constexpr std::string_view kB = "TFS-ENV-060";
  constexpr std::string_view kL = "TFS-ENV-061";
  constexpr std::string_view kBudget = "aws_budgets_budget";
  constexpr std::string_view kBucket = R"({"id": "b", "bucket": "b", "lifecycle_rule": []})";
  const auto rules = [](std::string_view attributes) {
    return TestResource{"aws_s3_bucket_lifecycle_configuration.l", attributes};
  };
  return {
      {kB,
       kBudget,
       R"({"budget_type": "COST", "limit_amount": "12", "limit_unit": "USD", "time_unit": "MONTHLY", "notification": [
           {"threshold": 80, "threshold_type": "PERCENTAGE", "subscriber_email_addresses": ["a@example.com"]},
           {"threshold": 100, "threshold_type": "PERCENTAGE", "subscriber_sns_topic_arns": ["arn:x"]}]})",
       kPass,
       {},
       {},
       budget},
      {kB,
       kBudget,
       R"({"budget_type": "COST", "limit_amount": "120", "limit_unit": "USD", "time_unit": "MONTHLY", "notification": [
           {"threshold": 80, "threshold_type": "PERCENTAGE", "subscriber_email_addresses": ["a@example.com"]},
           {"threshold": 100, "threshold_type": "PERCENTAGE", "subscriber_sns_topic_arns": ["arn:x"]}]})",
       kFail,
       {},
       {},
       budget},
      {kB,
       kBudget,
       R"({"budget_type": "COST", "limit_amount": "12", "limit_unit": "USD", "time_unit": "MONTHLY", "notification": [
           {"threshold": 80, "threshold_type": "PERCENTAGE", "subscriber_email_addresses": ["a@example.com"]},
           {"threshold": 100, "threshold_type": "PERCENTAGE"}]})",
       kFail,
       {},
       {},
       budget},
      {kB, kBudget, R"({"budget_type": "COST", "notification": "<unknown>"})", kUnknown, {}, {}, budget},
      {kB, kBudget, R"({"budget_type": "USAGE"})", kNotApplicable, {}, {}, budget},
      {kB, kCluster, "{}", kUnknown, {}, {}, budget},
      {kB, kCluster, "{}", kNotApplicable, {}, {{"aws_budgets_budget.b", "{}"}}, budget},
      NotAskedFor(kB, kBudget),

      {kL,
       "aws_s3_bucket",
       kBucket,
       kPass,
       {},
       {rules(R"({"bucket": "b", "rule": [{"status": "Enabled", "expiration": [{"days": 9}]}]})")},
       lifecycle},
      {kL,
       "aws_s3_bucket",
       kBucket,
       kFail,
       {},
       {rules(R"({"bucket": "b", "rule": [{"status": "Disabled", "expiration": [{"days": 9}]}]})")},
       lifecycle},
      {kL,
       "aws_s3_bucket",
       kBucket,
       kFail,
       {},
       {rules(
           R"({"bucket": "b", "rule": [{"status": "Enabled", "abort_incomplete_multipart_upload": [{"days_after_initiation": 9}]}]})")},
       lifecycle},
      {kL, "aws_s3_bucket", kBucket, kUnknown, {}, {rules(R"({"bucket": "b", "rule": "<unknown>"})")}, lifecycle},
      {kL, "aws_s3_bucket", R"({"id": "b", "lifecycle_rule": [{"enabled": true}]})", kPass, {}, {}, lifecycle},
      {kL, "aws_s3_bucket", kBucket, kFail, {}, {}, lifecycle},
      NotAskedFor(kL, "aws_s3_bucket", kBucket),

      // What the document as a whole says is tried in environment_settings_test.
      {"TFS-ENV-070", kCluster, "{}", kUnknown, {}, {}, terraform},
      NotAskedFor("TFS-ENV-070", kCluster),
      {"TFS-ENV-071", kCluster, "{}", kUnknown, {}, {}, providers},
      NotAskedFor("TFS-ENV-071", kCluster),
      {"TFS-ENV-072", kCluster, "{}", kNotApplicable, {}, {}, modules},
      NotAskedFor("TFS-ENV-072", kCluster),
  };
}

}  // namespace tfseal

#include "tests/policy/cases_environment.h"

namespace tfseal {
namespace {
using enum Verdict;

constexpr std::string_view kCluster = "aws_rds_cluster";
constexpr std::string_view kInstance = "aws_db_instance";
constexpr std::string_view kMember = "aws_rds_cluster_instance";

constexpr TestResource kTarget{"aws_db_proxy_target.t", R"({"db_cluster_identifier": "c", "db_proxy_name": "p"})"};

std::vector<ControlCase> WatchingCases() {
  const Requirements proxy = Asking([](auto& s) { s.proxy = true; });
  const Requirements insights = Asking([](auto& s) {
    s.insights = true;
    s.insights_retention_days_min = 31;
  });
  const Requirements none = Asking([](auto& s) { s.insights = false; });
  const Requirements days = Asking([](auto& s) { s.insights_retention_days_min = 31; });
  const Requirements monitoring = Asking([](auto& s) { s.monitoring_interval_max_seconds = 30; });
  constexpr std::string_view kC = R"({"cluster_identifier": "c", "id": "c"})";
  return {
      {"TFS-ENV-040",
       kCluster,
       kC,
       kPass,
       {},
       {kTarget, {"aws_db_proxy.p", R"({"name": "p", "require_tls": true})"}},
       proxy},
      {"TFS-ENV-040",
       kCluster,
       kC,
       kFail,
       {},
       {kTarget, {"aws_db_proxy.p", R"({"name": "p", "require_tls": false})"}},
       proxy},
      {"TFS-ENV-040", kCluster, kC, kFail, {}, {kTarget, {"aws_db_proxy.p", R"({"name": "p"})"}}, proxy},
      {"TFS-ENV-040",
       kCluster,
       kC,
       kUnknown,
       {},
       {kTarget, {"aws_db_proxy.p", R"({"name": "p", "require_tls": "<unknown>"})"}},
       proxy},
      {"TFS-ENV-040", kCluster, kC, kUnknown, {}, {kTarget}, proxy},
      {"TFS-ENV-040", kCluster, kC, kFail, {}, {}, proxy},
      {"TFS-ENV-040", kInstance, R"({"replicate_source_db": "x"})", kNotApplicable, {}, {}, proxy},
      NotAskedFor("TFS-ENV-040", kCluster, kC),

      {"TFS-ENV-041",
       kMember,
       R"({"performance_insights_enabled": true, "performance_insights_retention_period": 62})",
       kPass,
       {},
       {},
       insights},
      {"TFS-ENV-041", kMember, R"({"performance_insights_enabled": true})", kFail, {}, {}, insights},
      {"TFS-ENV-041", kMember, R"({"performance_insights_enabled": false})", kFail, {}, {}, insights},
      {"TFS-ENV-041", kMember, R"({"performance_insights_enabled": "<unknown>"})", kUnknown, {}, {}, insights},
      {"TFS-ENV-041", kMember, R"({"performance_insights_enabled": true})", kFail, {}, {}, none},
      {"TFS-ENV-041", kInstance, "{}", kPass, {}, {}, none},
      {"TFS-ENV-041", kInstance, "{}", kNotApplicable, {}, {}, days},
      {"TFS-ENV-041",
       kMember,
       R"({"cluster_identifier": "c"})",
       kPass,
       {},
       {{"aws_rds_cluster.c",
         R"({"id": "c", "performance_insights_enabled": true, "performance_insights_retention_period": 93})"}},
       insights},
      NotAskedFor("TFS-ENV-041", kMember),

      {"TFS-ENV-042", kMember, R"({"monitoring_interval": 15})", kPass, {}, {}, monitoring},
      {"TFS-ENV-042", kMember, R"({"monitoring_interval": 60})", kFail, {}, {}, monitoring},
      {"TFS-ENV-042", kInstance, R"({"monitoring_interval": 0})", kFail, {}, {}, monitoring},
      {"TFS-ENV-042", kInstance, "{}", kFail, {}, {}, monitoring},
      {"TFS-ENV-042", kInstance, R"({"monitoring_interval": "<unknown>"})", kUnknown, {}, {}, monitoring},
      NotAskedFor("TFS-ENV-042", kMember),
  };
}

std::vector<ControlCase> AlarmCases() {
  constexpr std::string_view kId = "TFS-ENV-043";
  const Requirements above = Asking([](auto& s) { s.alarms = {{"CPUUtilization", {true, 70}}}; });
  const Requirements below = Asking([](auto& s) { s.alarms = {{"FreeLocalStorage", {false, 1e9}}}; });
  const auto alarm = [](std::string_view attributes, std::string_view references = {}) {
    return TestResource{"aws_cloudwatch_metric_alarm.a", attributes, references};
  };
  constexpr std::string_view kC = R"({"cluster_identifier": "c", "id": "c"})";
  return {
      {kId,
       kCluster,
       kC,
       kPass,
       {},
       {alarm(R"({"metric_name": "CPUUtilization", "dimensions": {"DBClusterIdentifier": "c"}, "threshold": 70,
                  "comparison_operator": "GreaterThanThreshold", "alarm_actions": ["arn:aws:sns:x"]})")},
       above},
      {kId,
       kCluster,
       kC,
       kFail,
       {},
       {alarm(R"({"metric_name": "CPUUtilization", "dimensions": {"DBClusterIdentifier": "c"}, "threshold": 90,
                  "comparison_operator": "GreaterThanThreshold", "alarm_actions": ["arn:aws:sns:x"]})")},
       above},
      {kId,
       kCluster,
       kC,
       kFail,
       {},
       {alarm(R"({"metric_name": "CPUUtilization", "dimensions": {"DBClusterIdentifier": "c"}, "threshold": 70,
                  "comparison_operator": "GreaterThanThreshold", "alarm_actions": []})")},
       above},
      {kId,
       kCluster,
       kC,
       kFail,
       {},
       {alarm(R"({"metric_name": "CPUUtilization", "dimensions": {"DBClusterIdentifier": "c"}, "threshold": 70,
                  "comparison_operator": "LessThanThreshold", "alarm_actions": ["arn:aws:sns:x"]})")},
       above},
      {kId,
       kCluster,
       kC,
       kFail,
       {},
       {alarm(R"({"metric_name": "CPUUtilization", "dimensions": {"DBClusterIdentifier": "other"}, "threshold": 70,
                  "comparison_operator": "GreaterThanThreshold", "alarm_actions": ["arn:aws:sns:x"]})")},
       above},
      {kId, kCluster, kC, kFail, {}, {}, above},
      {kId,
       kCluster,
       kC,
       kUnknown,
       {},
       {alarm(R"({"metric_name": "CPUUtilization", "dimensions": {"DBClusterIdentifier": "c"}, "threshold": "<unknown>",
                  "comparison_operator": "GreaterThanThreshold", "alarm_actions": ["arn:aws:sns:x"]})")},
       above},
      {kId,
       kCluster,
       kC,
       kUnknown,
       {},
       {alarm(R"({"metric_name": "CPUUtilization", "dimensions": "<unknown>", "threshold": 70,
                  "comparison_operator": "GreaterThanThreshold", "alarm_actions": ["arn:aws:sns:x"]})")},
       above},
      // On a member of the cluster.
      {kId,
       kCluster,
       kC,
       kPass,
       {},
       {{"aws_rds_cluster_instance.m", R"({"cluster_identifier": "c", "identifier": "m"})"},
        alarm(
            R"({"metric_name": "FreeLocalStorage", "dimensions": {"DBInstanceIdentifier": "m"}, "threshold": 2000000000,
                  "comparison_operator": "LessThanOrEqualToThreshold", "alarm_actions": "<unknown>"})")},
       below},
      {kId,
       kInstance,
       R"({"identifier": "i"})",
       kFail,
       {},
       {alarm(R"({"metric_name": "FreeLocalStorage", "dimensions": {"DBInstanceIdentifier": "i"}, "threshold": 1000,
                  "comparison_operator": "LessThanThreshold", "alarm_actions": ["arn:aws:sns:x"]})")},
       below},
      NotAskedFor(kId, kCluster, kC),
  };
}

}  // namespace

std::vector<ControlCase> EnvironmentWatchingCases() {
  std::vector<ControlCase> all = WatchingCases();
  const std::vector<ControlCase> alarms = AlarmCases();
  all.insert(all.end(), alarms.begin(), alarms.end());
  return all;
}

}  // namespace tfseal

#include "apply/handlers/metrics.h"

#include <algorithm>
#include <map>

#include "apply/handlers/calls.h"
#include "planner/parameters.h"

namespace tfseal {

using std::chrono::minutes;

constexpr int kMinuteInSeconds = 60;

Result<std::vector<double>> CountedByMinute(const Metric& metric, TimePoint since, const Action& action,
                                            RunContext& context) {
  const TimePoint from = std::chrono::ceil<minutes>(since);
  const TimePoint to = std::max<TimePoint>(std::chrono::ceil<minutes>(context.clock.Now()), from + minutes(1));
  JsonValue dimensions(Json::arrayValue);
  for (const auto& [name, value] : metric.dimensions) {
    dimensions.append(Object({{"Name", Text(name)}, {"Value", Text(value)}}));
  }
  TFSEAL_ASSIGN(const JsonValue answer, ReadWorld("cloudwatch", "GetMetricStatistics",
                                                  Object({{"Namespace", Text(metric.space)},
                                                          {"MetricName", Text(metric.name)},
                                                          {"Dimensions", dimensions},
                                                          {"StartTime", Text(FormatTime(from))},
                                                          {"EndTime", Text(FormatTime(to))},
                                                          {"Period", kMinuteInSeconds},
                                                          {"Statistics", Texts({"Sum"})}}),
                                                  action, context));
  std::map<std::string, double> by_minute;
  for (const JsonValue& point : answer["Datapoints"]) {
    if (point["Sum"].isNumeric()) by_minute[TextAt(point, "Timestamp")] = point["Sum"].asDouble();
  }
  std::vector<double> counted;
  for (const auto& [minute, sum] : by_minute) counted.push_back(sum);
  return counted;
}

}  // namespace tfseal

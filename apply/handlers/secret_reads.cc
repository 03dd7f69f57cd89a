#include "apply/handlers/secret_reads.h"

#include <algorithm>

#include "apply/handlers/calls.h"
#include "core/time_text.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

// A secret may be asked for by ARN, by ARN without its random end, or by name.
bool NamesSecret(const std::string& id, const std::string& arn) {
  if (id.empty()) return false;
  if (id == arn) return true;
  constexpr std::string_view kMark = ":secret:";
  const std::size_t at = arn.find(kMark);
  if (at == std::string::npos) return false;
  if (id.starts_with("arn:")) return arn.starts_with(id + "-") && arn.find('-', id.size() + 1) == std::string::npos;
  const std::string name = arn.substr(at + kMark.size());
  return name == id || (name.starts_with(id + "-") && name.find('-', id.size() + 1) == std::string::npos);
}

bool IsRole(const JsonValue& identity, const std::string& role) {
  const JsonValue& issuer =
      identity["sessionContext"].isObject() ? identity["sessionContext"]["sessionIssuer"] : JsonValue::nullSingleton();
  if (TextAt(issuer, "userName") == role) return true;
  return TextAt(identity, "arn").find(":assumed-role/" + role + "/") != std::string::npos;
}

std::int64_t Milliseconds(TimePoint time) {
  return time.time_since_epoch().count();
}

}  // namespace

Result<SecretReads> SecretReadsBy(const std::string& role, const std::string& secret, TimePoint from, TimePoint to,
                                  const Action& action, RunContext& context) {
  from = std::chrono::floor<std::chrono::seconds>(from);  // CloudTrail's times are whole seconds, cut off
  JsonValue parameters = CallOf(action, "LookupEvents").parameters;
  parameters["StartTime"] = FormatTime(from);
  parameters["EndTime"] = FormatTime(to);
  TFSEAL_ASSIGN(const JsonValue answer, ReadWorld("cloudtrail", "LookupEvents", parameters, action, context));
  SecretReads reads;
  for (const JsonValue& entry : answer["Events"]) {
    const auto event = ParseJson(TextAt(entry, "CloudTrailEvent"));
    if (!event.ok() || !event->isObject() || TextAt(*event, "eventName") != "GetSecretValue") continue;
    const JsonValue& asked = (*event)["requestParameters"];
    if (!NamesSecret(TextAt(asked, "secretId"), secret) || !IsRole((*event)["userIdentity"], role)) continue;
    const std::string time = TextAt(*event, "eventTime");
    if (const auto at = ParseTime(time); at && (*at < from || *at > to)) continue;
    if (TextAt(*event, "errorCode").empty()) {
      ++reads.count;
    } else if (reads.refused.empty() || time < reads.refused) {
      reads.refused = time;
    }
  }
  return reads;
}

Result<std::vector<LogLine>> LogLinesWith(const std::string& log_group, const std::string& text, TimePoint from,
                                          TimePoint to, const Action& action, RunContext& context) {
  const JsonValue parameters = Object({{"logGroupName", Text(log_group)},
                                       {"filterPattern", Text("\"" + text + "\"")},
                                       {"startTime", static_cast<Json::Int64>(Milliseconds(from))},
                                       {"endTime", static_cast<Json::Int64>(Milliseconds(to))}});
  TFSEAL_ASSIGN(const JsonValue answer, ReadWorld("logs", "FilterLogEvents", parameters, action, context));
  std::vector<LogLine> lines;
  for (const JsonValue& event : answer["events"]) {
    if (TextAt(event, "message").find(text) == std::string::npos) continue;
    const JsonValue& at = event["timestamp"];
    const TimePoint time{std::chrono::milliseconds(at.isNumeric() ? at.asInt64() : 0)};
    lines.push_back({FormatTime(time), TextAt(event, "logStreamName")});
  }
  std::sort(lines.begin(), lines.end(), [](const LogLine& a, const LogLine& b) { return a.time < b.time; });
  return lines;
}

}  // namespace tfseal

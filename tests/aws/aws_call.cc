// Makes the calls that are on standard input, one JSON object a line, and prints the answers in their order:
//   {"service": "rds", "operation": "DescribeDBClusters", "region": "us-east-1", "parameters": {}, "paged": true}
// Lines with "together": true are collected and sent at once with the next line that has none.
#include <cstdio>
#include <string>
#include <vector>

#include "aws/session.h"
#include "core/system_clock.h"
#include "crypto/system_entropy.h"

namespace tfseal::aws {
namespace {

std::string Name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidInput:
      return "invalid_input";
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kConflict:
      return "conflict";
    case ErrorCode::kPermissionDenied:
      return "permission_denied";
    case ErrorCode::kUnavailable:
      return "unavailable";
    case ErrorCode::kUnauthenticated:
      return "unauthenticated";
    case ErrorCode::kThrottled:
      return "throttled";
    case ErrorCode::kTimeout:
      return "timeout";
    case ErrorCode::kOutcomeUnknown:
      return "outcome_unknown";
    case ErrorCode::kUsage:
      return "usage";
    default:
      return "internal";
  }
}

void Print(const Result<JsonValue>& answer) {
  JsonValue line(Json::objectValue);
  if (answer.ok()) {
    line["answer"] = *answer;
  } else {
    line["error"] = Name(answer.error().code);
    line["message"] = answer.error().message;
    line["hint"] = answer.error().hint;
    line["service_code"] = answer.error().service_code;
  }
  std::string text = WriteJsonLine(line);
  if (!text.ends_with('\n')) text += '\n';
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

std::string ReadLine() {
  std::string line;
  for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) line += static_cast<char>(c);
  return line;
}

int Run(Environment environment) {
  SystemClock clock;
  SystemEntropy entropy;
  SessionOptions options;
  options.environment = std::move(environment);
  const auto session = Session::Open(std::move(options), clock, entropy);
  if (!session.ok()) return Print(session.error()), 1;
  std::vector<Call> together;
  for (std::string line = ReadLine(); !line.empty(); line = ReadLine()) {
    const Result<JsonValue> json = ParseJson(line);
    if (!json.ok()) return 1;
    const JsonValue& call = *json;
    together.push_back({.service = call["service"].asString(),
                        .operation = call["operation"].asString(),
                        .region = call.get("region", (*session)->region()).asString(),
                        .parameters = call.get("parameters", JsonValue(Json::objectValue))});
    if (call["together"].asBool()) continue;
    if (together.size() > 1) {
      for (const Result<JsonValue>& answer : (*session)->api().SendAll(together)) Print(answer);
    } else if (call["paged"].asBool()) {
      Print(SendPaged((*session)->api(), together.front()));
    } else {
      Print((*session)->api().Send(together.front()));
    }
    together.clear();
  }
  return 0;
}

}  // namespace
}  // namespace tfseal::aws

int main(int, char**, char** environment) {
  tfseal::aws::Environment variables;
  for (; *environment != nullptr; ++environment) {
    const std::string_view entry = *environment;
    const std::size_t equals = entry.find('=');
    if (equals != std::string_view::npos) variables.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return tfseal::aws::Run(std::move(variables));
}

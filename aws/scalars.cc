#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "aws/protocol.h"
#include "aws/timestamp.h"
#include "aws/uri.h"
#include "core/base64.h"

// Numbers, times and the like as text, and back.

namespace tfseal::aws {
namespace {

Error Wrong(const Member& member, std::string_view expected) {
  const std::string name = member.name.empty() ? member.shape->name : member.name;
  return Error{.code = ErrorCode::kInvalidInput, .message = fmt::format("{} is not {}", name, expected), .hint = ""};
}

template <class T>
std::optional<T> ParseNumber(std::string_view text) {
  T value{};
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view Trim(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<TimePoint> ParseAnyTime(std::string_view text) {
  if (const auto time = ParseRfc3339(text)) return time;
  if (const auto time = ParseHttpDate(text)) return time;
  // A time zone that is left out means UTC.
  if (const auto time = ParseRfc3339(std::string(text) + "Z")) return time;
  const std::optional<double> seconds = ParseNumber<double>(text);
  // The years 1 to 9999, which is what RFC 3339 can say.
  if (!seconds || !(*seconds > -62135596800.0 && *seconds < 253402300800.0)) return std::nullopt;
  return TimePoint(std::chrono::milliseconds(std::llround(*seconds * 1000)));
}

}  // namespace

Result<std::string> FormatTimestamp(std::string_view rfc3339, TimestampFormat format) {
  const std::optional<TimePoint> time = ParseRfc3339(rfc3339);
  if (!time) return Error{.code = ErrorCode::kInvalidInput, .message = "a time is not RFC 3339", .hint = ""};
  if (format == TimestampFormat::kHttpDate) return FormatHttpDate(*time);
  if (format != TimestampFormat::kEpochSeconds) return FormatRfc3339(*time);
  const auto ms = time->time_since_epoch().count();
  return ms % 1000 == 0 ? fmt::format("{}", ms / 1000) : fmt::format("{:.3f}", static_cast<double>(ms) / 1000);
}

Result<std::string> ToText(const Member& member, const JsonValue& value, TimestampFormat usual) {
  switch (member.shape->type) {
    case ShapeType::kBoolean:
      return std::string(value.asBool() ? "true" : "false");
    case ShapeType::kInteger:
      return fmt::format("{}", value.asInt64());
    case ShapeType::kFloat:
      return value.isIntegral() ? fmt::format("{}", value.asInt64()) : fmt::format("{}", value.asDouble());
    case ShapeType::kTimestamp: {
      TimestampFormat format = member.timestamp;
      if (format == TimestampFormat::kProtocol) format = member.shape->timestamp;
      return FormatTimestamp(value.asString(), format == TimestampFormat::kProtocol ? usual : format);
    }
    case ShapeType::kString:
    case ShapeType::kBlob:
      return value.asString();
    default:
      return Wrong(member, "a single value");
  }
}

Result<JsonValue> FromText(const Member& member, std::string_view text) {
  switch (member.shape->type) {
    case ShapeType::kBoolean:
      if (Trim(text) == "true" || Trim(text) == "True") return JsonValue(true);
      if (Trim(text) == "false" || Trim(text) == "False") return JsonValue(false);
      return Wrong(member, "true or false");
    case ShapeType::kInteger:
      if (const auto number = ParseNumber<std::int64_t>(Trim(text))) return JsonValue(Json::Int64{*number});
      // A whole number that a service writes as 5.0.
      if (const auto number = ParseNumber<double>(Trim(text));
          number && std::abs(*number) < 9e15 && std::trunc(*number) == *number) {
        return JsonValue(static_cast<Json::Int64>(*number));
      }
      return Wrong(member, "a whole number");
    case ShapeType::kFloat:
      if (const auto number = ParseNumber<double>(Trim(text)); number && std::isfinite(*number)) {
        return JsonValue(*number);
      }
      return Wrong(member, "a number");
    case ShapeType::kTimestamp:
      if (const auto time = ParseAnyTime(Trim(text))) return JsonValue(FormatRfc3339(*time));
      return Wrong(member, "a time");
    case ShapeType::kString:
      if (member.shape->url_encoded) {
        if (const auto decoded = DecodeUri(text)) return JsonValue(*decoded);
      }
      return JsonValue(std::string(text));
    case ShapeType::kBlob:
      if (!FromBase64(Trim(text)).ok()) return Wrong(member, "base64");
      return JsonValue(std::string(Trim(text)));
    default:
      return Wrong(member, "a single value");
  }
}

}  // namespace tfseal::aws

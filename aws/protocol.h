#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/http.h"
#include "aws/service_model.h"
#include "aws/xml.h"
#include "core/json.h"
#include "core/result.h"

// Calls as HTTP requests, and HTTP answers as JSON: what https://smithy.io/2.0/aws/protocols/ says, driven by the
// model.

namespace tfseal::aws {

// The request without scheme and host. Parameters are checked against the model first: an unknown member, a missing
// one or one of the wrong type is kInvalidInput, and the error names the member, never a value.
Result<HttpRequest> BuildRequest(const ServiceModel& service, const Operation& operation, const JsonValue& parameters);

// The answer in the form that aws/api.h promises. What is not as the model says is kInvalidInput.
Result<JsonValue> ReadAnswer(const ServiceModel& service, const Operation& operation, const HttpResponse& response);

// What a service says when it refuses. Either text may be empty.
struct ServiceError {
  std::string code;  // "DBClusterNotFoundFault"
  std::string message;
};
ServiceError ReadServiceError(const ServiceModel& service, const HttpResponse& response);

// Every text that the call gives to a member that the model calls sensitive.
std::vector<std::string_view> SensitiveTexts(const Operation& operation, const JsonValue& parameters);

// The stages of the two functions above.
Status CheckParameters(const Member& input, const JsonValue& parameters);
Result<JsonValue> ToJsonBody(const Shape& shape, const JsonValue& value, bool whole_input);
// The query protocol's body: "Action=..&Version=..&Filters.member.1.Name=..".
Result<std::string> ToQueryBody(const ServiceModel& service, const Operation& operation, const JsonValue& parameters);
Result<std::string> ToXmlBody(const Member& member, const JsonValue& value, const std::string& root);
// A scalar as text, for everything that is not JSON.
Result<std::string> ToText(const Member& member, const JsonValue& value, TimestampFormat usual);
Result<std::string> FormatTimestamp(std::string_view rfc3339, TimestampFormat format);

Result<JsonValue> FromJsonBody(const Shape& shape, const JsonValue& value);
Result<JsonValue> FromXml(const Shape& shape, const XmlElement& element);
Result<JsonValue> FromText(const Member& member, std::string_view text);

}  // namespace tfseal::aws

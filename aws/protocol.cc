#include "aws/protocol.h"

#include <fmt/format.h>

#include "aws/build_rest.h"
#include "core/base64.h"
#include "crypto/digest.h"

namespace tfseal::aws {
namespace {

Result<HttpRequest> BuildJsonRequest(const ServiceModel& service, const Operation& operation,
                                     const JsonValue& parameters) {
  HttpRequest request;
  request.method = "POST";
  JsonValue body(Json::objectValue);
  if (operation.input) {
    TFSEAL_ASSIGN(body, ToJsonBody(*operation.input->shape, parameters, false));
  }
  request.body = WriteJsonLine(body);
  request.headers.push_back({"X-Amz-Target", fmt::format("{}.{}", service.target_prefix, operation.name)});
  request.headers.push_back({"Content-Type", "application/x-amz-json-" + service.json_version});
  if (service.query_errors) request.headers.push_back({"X-Amzn-Query-Mode", "true"});
  return request;
}

Result<HttpRequest> BuildQueryRequest(const ServiceModel& service, const Operation& operation,
                                      const JsonValue& parameters) {
  HttpRequest request;
  request.method = "POST";
  TFSEAL_ASSIGN(request.body, ToQueryBody(service, operation, parameters));
  request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"});
  return request;
}

Result<HttpRequest> Build(const ServiceModel& service, const Operation& operation, const JsonValue& parameters) {
  switch (service.protocol) {
    case Protocol::kJson:
      return BuildJsonRequest(service, operation, parameters);
    case Protocol::kQuery:
    case Protocol::kEc2:
      return BuildQueryRequest(service, operation, parameters);
    default:
      return BuildRestRequest(service, operation, parameters);
  }
}

Result<JsonValue> ReadXmlAnswer(const ServiceModel& service, const Operation& operation, const Shape& output,
                                std::string_view body) {
  TFSEAL_ASSIGN(const XmlElement root, ParseXml(body));
  const XmlElement* result = &root;
  if (service.protocol == Protocol::kQuery && !operation.result_wrapper.empty()) {
    result = root.Find(operation.result_wrapper);
    if (result == nullptr) {
      return Error{
          .code = ErrorCode::kInvalidInput, .message = "the answer has no " + operation.result_wrapper, .hint = ""};
    }
  }
  // The one operation whose answer is not the structure that the model says, but the text of its only member.
  if (service.name == "s3" && operation.name == "GetBucketLocation") {
    JsonValue answer(Json::objectValue);
    if (!root.text.empty()) answer["LocationConstraint"] = root.text;
    return answer;
  }
  return FromXml(output, *result);
}

Status ReadHeaders(const Shape& output, const HttpResponse& response, JsonValue& answer) {
  for (const Member& member : output.members) {
    if (member.location == Location::kStatusCode) answer[member.name] = response.status;
    if (member.location != Location::kHeader && member.location != Location::kHeaders) continue;
    std::string name = member.Wire();
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (member.location == Location::kHeader) {
      const std::optional<std::string_view> value = response.Find(name);
      // Lists in headers are not used by what we call.
      if (!value || value->empty() || member.shape->type == ShapeType::kList) continue;
      TFSEAL_ASSIGN(answer[member.name], FromText(member, *value));
      continue;
    }
    for (const Header& header : response.headers) {
      if (header.name.starts_with(name)) answer[member.name][header.name.substr(name.size())] = header.value;
    }
  }
  return {};
}

Result<JsonValue> ReadPayload(const ServiceModel& service, const Operation& operation, const Member& payload,
                              const std::string& body) {
  if (payload.shape->type == ShapeType::kBlob) return JsonValue(ToBase64(body));
  if (payload.shape->type == ShapeType::kString) return JsonValue(body);
  if (body.empty()) return JsonValue(Json::nullValue);
  if (service.protocol == Protocol::kRestXml) return ReadXmlAnswer(service, operation, *payload.shape, body);
  TFSEAL_ASSIGN(const JsonValue json, ParseJson(body));
  return FromJsonBody(*payload.shape, json);
}

Result<JsonValue> ReadBody(const ServiceModel& service, const Operation& operation, const Shape& output,
                           const HttpResponse& response) {
  if (!output.payload.empty()) {
    const Member* const payload = output.Find(output.payload);
    TFSEAL_ASSIGN(const JsonValue value, ReadPayload(service, operation, *payload, response.body));
    JsonValue answer(Json::objectValue);
    if (!value.isNull()) answer[payload->name] = value;
    return answer;
  }
  if (service.protocol == Protocol::kJson || service.protocol == Protocol::kRestJson) {
    if (response.body.empty()) return JsonValue(Json::objectValue);
    TFSEAL_ASSIGN(const JsonValue json, ParseJson(response.body));
    return FromJsonBody(output, json);
  }
  if (response.body.empty() && service.protocol == Protocol::kRestXml) return JsonValue(Json::objectValue);
  return ReadXmlAnswer(service, operation, output, response.body);
}

}  // namespace

Result<HttpRequest> BuildRequest(const ServiceModel& service, const Operation& operation, const JsonValue& parameters) {
  if (operation.input) {
    TFSEAL_TRY(CheckParameters(*operation.input, parameters));
  } else if (!parameters.empty()) {
    return Error{.code = ErrorCode::kInvalidInput, .message = operation.name + " has no parameters", .hint = ""};
  }
  TFSEAL_ASSIGN(HttpRequest request, Build(service, operation, parameters));
  if (operation.needs_checksum) {
    request.headers.push_back({"x-amz-sdk-checksum-algorithm", "SHA256"});
    request.headers.push_back({"x-amz-checksum-sha256", ToBase64(Sha256Raw(request.body))});
  }
  request.repeatable = operation.reads;
  return request;
}

Result<JsonValue> ReadAnswer(const ServiceModel& service, const Operation& operation, const HttpResponse& response) {
  if (!operation.output) return JsonValue(Json::objectValue);
  const Shape& output = *operation.output->shape;
  TFSEAL_ASSIGN(JsonValue answer, ReadBody(service, operation, output, response));
  TFSEAL_TRY(ReadHeaders(output, response, answer));
  return answer;
}

}  // namespace tfseal::aws

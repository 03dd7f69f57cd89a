#include <fmt/format.h>

#include "aws/protocol.h"

// What a service says when it refuses, in any of the ways there are. The protocol alone does not tell: a gateway in
// front of a JSON service may answer in XML.

namespace tfseal::aws {
namespace {

// "com.amazonaws.kms#NotFoundException:http://..." is NotFoundException.
std::string WithoutDecoration(std::string_view code) {
  if (const std::size_t hash = code.rfind('#'); hash != std::string_view::npos) code = code.substr(hash + 1);
  return std::string(code.substr(0, code.find(':')));
}

const XmlElement* FindDeep(const XmlElement& element, std::string_view name, int levels) {
  if (element.name == name) return &element;
  if (levels == 0) return nullptr;
  for (const XmlElement& child : element.children) {
    if (const XmlElement* const found = FindDeep(child, name, levels - 1)) return found;
  }
  return nullptr;
}

ServiceError FromXmlError(const std::string& body) {
  const Result<XmlElement> root = ParseXml(body);
  if (!root.ok()) return {};
  // <ErrorResponse><Error>, <Response><Errors><Error> or just <Error>.
  const XmlElement* const error = FindDeep(*root, "Error", 2);
  if (error == nullptr) return {};
  ServiceError read;
  if (const XmlElement* const code = error->Find("Code")) read.code = code->text;
  if (const XmlElement* const message = error->Find("Message")) read.message = message->text;
  return read;
}

std::string FirstText(const JsonValue& json, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (json[name].isString()) return json[name].asString();
  }
  return "";
}

ServiceError FromJsonError(const HttpResponse& response) {
  ServiceError read;
  const Result<JsonValue> json = ParseJson(response.body);
  if (json.ok() && json->isObject()) {
    read.code = WithoutDecoration(FirstText(*json, {"__type", "code", "Code"}));
    read.message = FirstText(*json, {"message", "Message", "errorMessage"});
  }
  if (const auto type = response.Find("x-amzn-errortype")) read.code = WithoutDecoration(*type);
  return read;
}

}  // namespace

ServiceError ReadServiceError(const ServiceModel& service, const HttpResponse& response) {
  const std::size_t start = response.body.find_first_not_of(" \t\r\n");
  const bool looks_like_xml = start != std::string::npos && response.body[start] == '<';
  ServiceError error = looks_like_xml ? FromXmlError(response.body) : FromJsonError(response);
  if (service.query_errors) {
    if (const auto query = response.Find("x-amzn-query-error")) error.code = query->substr(0, query->find(';'));
  }
  return error;
}

}  // namespace tfseal::aws

#include <fmt/format.h>

#include "aws/build_rest.h"
#include "aws/uri.h"
#include "core/base64.h"

// The REST protocols: members travel in path, query, headers and body.

namespace tfseal::aws {
namespace {

Error Invalid(std::string message) {
  return Error{.code = ErrorCode::kInvalidInput, .message = std::move(message), .hint = ""};
}

TimestampFormat UsualFormat(Location location) {
  return location == Location::kHeader ? TimestampFormat::kHttpDate : TimestampFormat::kIso8601;
}

// "{Key+}" keeps slashes, "{Bucket}" does not.
Result<std::string> FillPath(std::string_view path, const Shape* input, const JsonValue& parameters) {
  std::string filled;
  while (!path.empty()) {
    const std::size_t open = path.find('{');
    filled += path.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::size_t close = path.find('}', open);
    std::string_view label = path.substr(open + 1, close - open - 1);
    path = path.substr(close + 1);
    const bool greedy = label.ends_with('+');
    if (greedy) label.remove_suffix(1);
    const Member* found = nullptr;
    for (const Member& member : input->members) {
      if (member.location == Location::kUri && member.Wire() == label) found = &member;
    }
    if (found == nullptr)
      return Error{.code = ErrorCode::kInternal, .message = "a path has an unknown label", .hint = ""};
    TFSEAL_ASSIGN(const std::string text, ToText(*found, parameters[found->name], TimestampFormat::kIso8601));
    if (text.empty()) return Invalid(found->name + " is empty");
    if (!greedy && (text == "." || text == "..")) return Invalid(found->name + " is not a name");
    filled += EncodeUri(text, greedy ? Slash::kKeep : Slash::kEncode);
  }
  return filled;
}

void AddQuery(HttpRequest& request, std::string_view key, std::string_view value) {
  if (!request.query.empty()) request.query += '&';
  request.query += EncodeUri(key) + "=" + EncodeUri(value);
}

Status AddQueryMember(HttpRequest& request, const Member& member, const JsonValue& value) {
  const Shape& shape = *member.shape;
  if (shape.type == ShapeType::kMap) {
    for (const std::string& key : value.getMemberNames()) {
      const JsonValue values = value[key].isArray() ? value[key] : [&] {
        JsonValue one(Json::arrayValue);
        one.append(value[key]);
        return one;
      }();
      for (const JsonValue& text : values) AddQuery(request, key, text.asString());
    }
    return {};
  }
  if (shape.type == ShapeType::kList) {
    for (const JsonValue& element : value) {
      TFSEAL_ASSIGN(const std::string text, ToText(shape.element, element, TimestampFormat::kIso8601));
      AddQuery(request, member.Wire(), text);
    }
    return {};
  }
  TFSEAL_ASSIGN(const std::string text, ToText(member, value, TimestampFormat::kIso8601));
  AddQuery(request, member.Wire(), text);
  return {};
}

Status AddHeaderMember(HttpRequest& request, const Member& member, const JsonValue& value) {
  if (member.shape->type == ShapeType::kList) {
    std::string joined;
    for (const JsonValue& element : value) {
      TFSEAL_ASSIGN(const std::string text, ToText(member.shape->element, element, TimestampFormat::kHttpDate));
      joined += (joined.empty() ? "" : ",") + text;
    }
    request.headers.push_back({member.Wire(), joined});
    return {};
  }
  TFSEAL_ASSIGN(const std::string text, ToText(member, value, UsualFormat(Location::kHeader)));
  request.headers.push_back({member.Wire(), text});
  return {};
}

Status AddMembers(HttpRequest& request, const Shape& input, const JsonValue& parameters) {
  for (const Member& member : input.members) {
    const JsonValue& value = parameters[member.name];
    if (value.isNull()) continue;
    switch (member.location) {
      case Location::kQuery:
        TFSEAL_TRY(AddQueryMember(request, member, value));
        break;
      case Location::kHeader:
        TFSEAL_TRY(AddHeaderMember(request, member, value));
        break;
      case Location::kHeaders:
        for (const std::string& key : value.getMemberNames()) {
          request.headers.push_back({member.Wire() + key, value[key].asString()});
        }
        break;
      default:
        break;
    }
  }
  return {};
}

Status AddPayload(HttpRequest& request, const ServiceModel& service, const Member& payload, const JsonValue& value) {
  if (value.isNull()) return {};
  if (payload.shape->type == ShapeType::kBlob) {
    TFSEAL_ASSIGN(request.body, FromBase64(value.asString()));
    return {};
  }
  if (payload.shape->type == ShapeType::kString) {
    request.body = value.asString();
    return {};
  }
  if (service.protocol == Protocol::kRestXml) {
    TFSEAL_ASSIGN(request.body, ToXmlBody(payload, value, payload.Wire()));
    request.headers.push_back({"Content-Type", "application/xml"});
    return {};
  }
  TFSEAL_ASSIGN(const JsonValue body, ToJsonBody(*payload.shape, value, false));
  request.body = WriteJsonLine(body);
  request.headers.push_back({"Content-Type", "application/json"});
  return {};
}

Status AddBody(HttpRequest& request, const ServiceModel& service, const Member& input, const JsonValue& parameters) {
  const Shape& shape = *input.shape;
  if (!shape.payload.empty()) {
    const Member* const payload = shape.Find(shape.payload);
    return AddPayload(request, service, *payload, parameters[payload->name]);
  }
  bool has_body = false;
  for (const Member& member : shape.members) has_body = has_body || member.location == Location::kBody;
  if (!has_body) return {};
  if (service.protocol == Protocol::kRestXml) {
    TFSEAL_ASSIGN(request.body, ToXmlBody(input, parameters, input.Wire().empty() ? shape.name : input.Wire()));
    request.headers.push_back({"Content-Type", "application/xml"});
    return {};
  }
  TFSEAL_ASSIGN(const JsonValue body, ToJsonBody(shape, parameters, true));
  request.body = WriteJsonLine(body);
  request.headers.push_back({"Content-Type", "application/json"});
  return {};
}

}  // namespace

Result<HttpRequest> BuildRestRequest(const ServiceModel& service, const Operation& operation,
                                     const JsonValue& parameters) {
  HttpRequest request;
  request.method = operation.method;
  const std::string_view uri = operation.uri;
  const std::size_t question = std::min(uri.find('?'), uri.size());
  const Shape* const input = operation.input ? operation.input->shape : nullptr;
  TFSEAL_ASSIGN(request.path, FillPath(uri.substr(0, question), input, parameters));
  // "?encryption" is sent as "encryption=", which is also how it is signed.
  for (std::string_view rest = uri.substr(std::min(question + 1, uri.size())); !rest.empty();) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    AddQuery(request, pair.substr(0, equals), equals < pair.size() ? pair.substr(equals + 1) : "");
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (input != nullptr) {
    TFSEAL_TRY(AddMembers(request, *input, parameters));
    TFSEAL_TRY(AddBody(request, service, *operation.input, parameters));
  }
  return request;
}

}  // namespace tfseal::aws

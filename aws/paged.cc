#include <fmt/format.h>

#include "aws/api.h"
#include "aws/service_model.h"

namespace tfseal::aws {
namespace {

// More pages than this are a service that never ends: the largest account has fewer.
constexpr int kPagesMax = 10'000;

bool GoesOn(const Pages& pages, const JsonValue& answer) {
  if (!pages.more.empty() && answer.isMember(pages.more)) return answer[pages.more].asBool();
  const JsonValue& token = answer[pages.outputs.front()];
  return token.isString() && !token.asString().empty();
}

void Join(const Pages& pages, const JsonValue& page, JsonValue& whole) {
  for (const std::string& list : pages.lists) {
    if (!page[list].isArray()) continue;
    JsonValue& joined = whole[list];
    if (!joined.isArray()) joined = JsonValue(Json::arrayValue);
    for (const JsonValue& element : page[list]) joined.append(element);
  }
}

}  // namespace

Result<JsonValue> SendPaged(Api& api, Call call) {
  const ServiceModel* const service = FindService(call.service);
  const Operation* const operation = service == nullptr ? nullptr : service->Find(call.operation);
  if (operation == nullptr || !operation->pages) return api.Send(call);
  const Pages& pages = *operation->pages;
  TFSEAL_ASSIGN(JsonValue whole, api.Send(call));
  JsonValue last = whole;
  for (int page = 1; GoesOn(pages, last); ++page) {
    bool is_new = false;
    for (std::size_t i = 0; i < pages.inputs.size(); ++i) {
      const JsonValue& token = i < pages.outputs.size() ? last[pages.outputs[i]] : JsonValue::nullSingleton();
      if (token.isNull()) {
        call.parameters.removeMember(pages.inputs[i]);
        continue;
      }
      is_new = is_new || call.parameters[pages.inputs[i]] != token;
      call.parameters[pages.inputs[i]] = token;
    }
    if (!is_new || page >= kPagesMax) {
      return Error{
          .code = ErrorCode::kUnavailable,
          .message = fmt::format("{} {} in {}: the pages do not end", call.service, call.operation, call.region),
          .hint = ""};
    }
    TFSEAL_ASSIGN(last, api.Send(call));
    Join(pages, last, whole);
  }
  for (const std::string& output : pages.outputs) whole.removeMember(output);
  if (!pages.more.empty()) whole.removeMember(pages.more);
  return whole;
}

}  // namespace tfseal::aws

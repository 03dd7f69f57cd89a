#include "apply/handler.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "apply/handlers/list.h"

namespace tfseal {
namespace {

constexpr const Handler* kHandlers[] = {
#define TFSEAL_HANDLER(name) &name,
#include "apply/handlers/list.inc"
#undef TFSEAL_HANDLER
    nullptr,
};

Result<JsonValue> Resolve(const JsonValue& value, const std::map<std::string, JsonValue>& outputs) {
  if (value.isArray()) {
    JsonValue list(Json::arrayValue);
    for (const JsonValue& item : value) {
      TFSEAL_ASSIGN(const JsonValue resolved, Resolve(item, outputs));
      list.append(resolved);
    }
    return list;
  }
  if (!value.isObject()) return value;
  if (value.isMember("output_of") && value["output_of"].isString() && value["field"].isString()) {
    const std::string id = value["output_of"].asString();
    const std::string field = value["field"].asString();
    const auto found = outputs.find(id);
    const JsonValue* output = found == outputs.end() ? nullptr : FieldAt(found->second, field);
    if (output == nullptr || output->isNull()) {
      return Error{ErrorCode::kNotFound, "action " + id + " has not answered " + field + " yet",
                   "resume the run that carries this plan out; its journal has the answer"};
    }
    return *output;
  }
  JsonValue object(Json::objectValue);
  for (const std::string& name : value.getMemberNames()) {
    TFSEAL_ASSIGN(object[name], Resolve(value[name], outputs));
  }
  return object;
}

}  // namespace

const JsonValue* FieldAt(const JsonValue& value, std::string_view path) {
  const JsonValue* at = &value;
  while (!path.empty()) {
    if (path.front() == '[') {
      const std::size_t end = path.find(']');
      if (end == std::string_view::npos || !at->isArray()) return nullptr;
      unsigned index = 0;
      const char* last = path.data() + end;
      if (std::from_chars(path.data() + 1, last, index).ptr != last || index >= at->size()) return nullptr;
      at = &(*at)[index];
      path.remove_prefix(end + 1);
    } else {
      const std::size_t end = std::min(path.find_first_of(".["), path.size());
      const std::string name(path.substr(0, end));
      if (!at->isObject() || !at->isMember(name)) return nullptr;
      at = &(*at)[name];
      path.remove_prefix(end);
    }
    if (!path.empty() && path.front() == '.') path.remove_prefix(1);
  }
  return at;
}

const Handler* FindHandler(std::string_view kind) {
  const auto found = std::find_if(std::begin(kHandlers), std::end(kHandlers), [kind](const Handler* handler) {
    return handler != nullptr && handler->kind == kind;
  });
  return found == std::end(kHandlers) ? nullptr : *found;
}

std::string WithNames(std::string text, const Action& action, const std::map<std::string, JsonValue>& outputs) {
  if (!action.payload.isMember("names")) return text;
  const JsonValue& names = action.payload["names"];
  for (const std::string& name : names.getMemberNames()) {
    const auto known = Resolve(names[name], outputs);
    if (!known.ok() || !known->isString()) continue;
    const std::string value = known->asString();
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size())) {
      text.replace(at, name.size(), value);
    }
  }
  return text;
}

Result<JsonValue> ResolveParameters(const JsonValue& parameters, const std::map<std::string, JsonValue>& outputs) {
  return Resolve(parameters, outputs);
}

}  // namespace tfseal

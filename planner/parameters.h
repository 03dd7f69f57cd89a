#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.h"

namespace tfseal {

// Short ways to write the JSON of payloads and API parameters. A parameter whose value is null is left out, so that
// "not set in the source" and "not sent" are the same thing.
inline JsonValue Text(std::string_view text) {
  return JsonValue(std::string(text));
}

inline JsonValue Texts(const std::vector<std::string>& texts) {
  JsonValue list(Json::arrayValue);
  for (const std::string& text : texts) list.append(text);
  return list;
}

using Parameter = std::pair<const char*, JsonValue>;

inline JsonValue Object(std::initializer_list<Parameter> parameters) {
  JsonValue object(Json::objectValue);
  for (const Parameter& parameter : parameters) {
    if (!parameter.second.isNull()) object[parameter.first] = parameter.second;
  }
  return object;
}

template <class T, class F>
JsonValue ListOf(const std::vector<T>& items, F to_json) {
  JsonValue list(Json::arrayValue);
  for (const T& item : items) list.append(to_json(item));
  return list;
}

// Members of a document that somebody else may have written: the empty value where the type is not the expected one.
inline std::string TextAt(const JsonValue& object, const char* name) {
  return object.isObject() && object[name].isString() ? object[name].asString() : std::string();
}

// What an earlier action returns when it is carried out, e.g. the ARN of a key that the plan itself creates.
// `field` is the path in the reply of the action's last call.
inline JsonValue OutputOf(std::string_view action_id, std::string_view field) {
  return Object({{"output_of", Text(action_id)}, {"field", Text(field)}});
}

inline bool IsOutput(const JsonValue& value) {
  return value.isObject() && value.isMember("output_of");
}

}  // namespace tfseal

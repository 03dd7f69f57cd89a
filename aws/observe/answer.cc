#include "aws/observe/answer.h"

#include <algorithm>

namespace tfseal::observe {
namespace {

using terraform::Arena;
using terraform::Member;
using terraform::Value;

constexpr const char* kUnknownMark = "\x01unknown";

std::string AsText(const JsonValue& value) {
  if (value.isString()) return value.asString();
  if (value.isBool()) return value.asBool() ? "true" : "false";
  if (value.isNumeric()) return WriteJsonLine(value);
  return {};
}

bool Is(const JsonValue* value, std::string_view text) {
  return value != nullptr && AsText(*value) == text;
}

std::string_view Cut(std::string_view* rest, char separator) {
  const std::size_t end = rest->find(separator);
  const std::string_view first = rest->substr(0, end);
  *rest = end == std::string_view::npos ? std::string_view() : rest->substr(end + 1);
  return first;
}

// The first step of a path, up to a dot outside brackets: a filter's text may contain dots.
std::string_view CutStep(std::string_view* path) {
  bool in_brackets = false;
  for (std::size_t i = 0; i < path->size(); ++i) {
    const char c = (*path)[i];
    if (c == '[') in_brackets = true;
    if (c == ']') in_brackets = false;
    if (c == '.' && !in_brackets) {
      const std::string_view step = path->substr(0, i);
      *path = path->substr(i + 1);
      return step;
    }
  }
  const std::string_view step = *path;
  *path = {};
  return step;
}

const JsonValue* MemberOf(const JsonValue* object, std::string_view name) {
  if (object == nullptr || !object->isObject()) return nullptr;
  const JsonValue* member = object->find(name.data(), name.data() + name.size());
  return member == nullptr || member->isNull() ? nullptr : member;
}

// "0" is an index, "Name=x" the item whose member is x.
const JsonValue* ItemOf(const JsonValue* list, std::string_view selector) {
  if (list == nullptr || !list->isArray()) return nullptr;
  const std::size_t equals = selector.find('=');
  if (equals == std::string_view::npos) {
    const auto index = static_cast<Json::ArrayIndex>(selector.empty() ? 0 : selector.front() - '0');
    return index < list->size() ? &(*list)[index] : nullptr;
  }
  for (const JsonValue& item : *list) {
    if (Is(MemberOf(&item, selector.substr(0, equals)), selector.substr(equals + 1))) return &item;
  }
  return nullptr;
}

// The texts of a filter, parted by commas, of which `text` starts with one.
bool StartsWithOneOf(std::string_view text, std::string_view prefixes) {
  while (!prefixes.empty()) {
    if (text.starts_with(Cut(&prefixes, ','))) return true;
  }
  return false;
}

bool PassesOne(const JsonValue& item, std::string_view condition) {
  const std::size_t at = condition.find_first_of("^!=?-");
  const JsonValue* member = MemberOf(&item, condition.substr(0, at));
  if (at == std::string_view::npos) return member != nullptr;
  const std::string text = member == nullptr ? std::string() : AsText(*member);
  const std::string_view wanted = condition.substr(at + 1);
  switch (condition[at]) {
    case '?':
      return !text.empty();
    case '-':
      return text.empty();
    case '=':
      return text == wanted;
    case '^':
      return StartsWithOneOf(text, wanted);
    default:
      return !StartsWithOneOf(text, wanted);
  }
}

// The place of "a[0].b" in `to`, made on the way; the last step may be an index.
JsonValue& PlaceFor(std::string_view path, JsonValue* to) {
  JsonValue* place = to;
  while (!path.empty()) {
    std::string_view step = CutStep(&path);
    const std::size_t bracket = step.find('[');
    if (!place->isObject() || IsUnknownJson(*place)) *place = JsonValue(Json::objectValue);
    place = &(*place)[std::string(step.substr(0, bracket))];
    if (bracket == std::string_view::npos) continue;
    const auto index = static_cast<Json::ArrayIndex>(step[bracket + 1] - '0');
    if (!place->isArray()) *place = JsonValue(Json::arrayValue);
    if (place->size() <= index) place->resize(index + 1);
    place = &(*place)[index];
  }
  return *place;
}

JsonValue NamedValues(const JsonValue& list, std::string_view argument) {
  JsonValue map(Json::objectValue);
  const std::string_view name_member = Cut(&argument, ' ');
  for (const JsonValue& item : list) {
    const JsonValue* name = MemberOf(&item, name_member);
    const JsonValue* value = MemberOf(&item, argument);
    if (name != nullptr) map[AsText(*name)] = value == nullptr ? JsonValue("") : *value;
  }
  return map;
}

// A map of objects as a list of them: its keys under one name, one of their members under another.
JsonValue Entries(const JsonValue& map, std::string_view argument) {
  JsonValue list(Json::arrayValue);
  const std::string key_name(Cut(&argument, ' '));
  const std::string value_name(Cut(&argument, ' '));
  if (!map.isObject()) return list;
  for (auto entry = map.begin(); entry != map.end(); ++entry) {
    JsonValue item(Json::objectValue);
    item[key_name] = entry.name();
    const JsonValue* value = MemberOf(&*entry, argument);
    item[value_name] = value == nullptr ? UnknownJson() : *value;
    list.append(item);
  }
  return list;
}

bool Contains(const JsonValue& value, std::string_view text) {
  if (!value.isArray()) return AsText(value).find(text) != std::string::npos;
  return std::any_of(value.begin(), value.end(), [&](const JsonValue& item) { return AsText(item) == text; });
}

// "null", "false", "35", "\"NONE\"", "[]", "{}"; what is none of these is not known.
JsonValue Literal(std::string_view text) {
  const auto wrapped = ParseJson("[" + std::string(text) + "]");
  return wrapped.ok() && wrapped->size() == 1 ? (*wrapped)[0] : UnknownJson();
}

JsonValue Converted(const JsonValue& value, const Attribute& attribute) {
  switch (attribute.as) {
    case As::kSame:
      break;
    case As::kText:
      return AsText(value);
    case As::kEquals:
      return AsText(value) == attribute.argument;
    case As::kDiffers:
      return AsText(value) != attribute.argument;
    case As::kContains:
      return Contains(value, attribute.argument);
    case As::kJson:
      return value.isString() ? value : JsonValue(WriteJsonLine(value));
    case As::kAfterLast: {
      const std::string text = AsText(value);
      const std::size_t at = text.rfind(attribute.argument);
      return at == std::string::npos ? text : text.substr(at + attribute.argument.size());
    }
    case As::kConstant:
      return Literal(attribute.argument);
    case As::kOneItem: {
      JsonValue list(Json::arrayValue);
      list.append(value);
      return list;
    }
    case As::kNameValue:
      return NamedValues(value, attribute.argument);
    case As::kEntries:
      return Entries(value, attribute.argument);
  }
  return value;
}

const JsonValue* FindOneOf(const JsonValue* object, std::string_view members) {
  if (object == nullptr) return nullptr;
  while (!members.empty()) {
    if (const JsonValue* found = Find(*object, Cut(&members, '|')); found != nullptr) return found;
  }
  return nullptr;
}

using FileValue = std::function<JsonValue(std::string_view path)>;

void MapOne(const Attribute& attribute, std::string_view path, std::string_view member, const JsonValue* object,
            const FileValue& file, JsonValue* to);

// "rule[].a" from "Rules[].A": item by item.
void MapEach(const Attribute& attribute, std::string_view path, std::string_view member, const JsonValue* object,
             const FileValue& file, JsonValue* to) {
  const std::size_t path_end = path.find("[]");
  const std::size_t member_end = member.find("[]");
  const JsonValue* list = object == nullptr ? nullptr : Find(*object, member.substr(0, member_end));
  JsonValue& items = PlaceFor(path.substr(0, path_end), to);
  if (list == nullptr || !list->isArray()) {
    if (attribute.if_missing == kUnknown) {
      items = UnknownJson();
    } else if (!items.isArray()) {
      items = JsonValue(Json::arrayValue);
    }
    return;
  }
  if (!items.isArray()) items = JsonValue(Json::arrayValue);
  const auto after = [](std::string_view text, std::size_t end) {
    text.remove_prefix(std::min(end + 2, text.size()));
    return text.starts_with('.') ? text.substr(1) : text;
  };
  for (Json::ArrayIndex i = 0; i < list->size(); ++i) {
    if (items.size() <= i) items.append(JsonValue(Json::objectValue));
    MapOne(attribute, after(path, path_end), after(member, member_end), &(*list)[i], file, &items[i]);
  }
}

void MapOne(const Attribute& attribute, std::string_view path, std::string_view member, const JsonValue* object,
            const FileValue& file, JsonValue* to) {
  if (path.find("[]") != std::string_view::npos) {
    MapEach(attribute, path, member, object, file, to);
    return;
  }
  if (const JsonValue* found = FindOneOf(object, member); found != nullptr) {
    PlaceFor(path, to) = Converted(*found, attribute);
    return;
  }
  if (attribute.if_missing == kAbsent) {
    // The answer was read, and the block is not in it: that is known.
    const std::string top(TopLevel(path));
    if (!to->isMember(top)) (*to)[top] = JsonValue(Json::nullValue);
    return;
  }
  JsonValue& place = PlaceFor(path, to);
  if (attribute.if_missing == kUnknown) {
    place = UnknownJson();
  } else if (attribute.if_missing == kFromFile) {
    place = file(attribute.path);
  } else {
    place = Literal(attribute.if_missing);
  }
}

JsonValue ParameterValue(std::string_view text, const TextOf& text_of, bool* complete) {
  if (text.starts_with('[') && text.ends_with(']')) {
    JsonValue list(Json::arrayValue);
    std::string_view items = text.substr(1, text.size() - 2);
    while (!items.empty()) list.append(FillIn(Cut(&items, ','), text_of, complete));
    return list;
  }
  if (text == "true" || text == "false") return text == "true";
  if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos) {
    return JsonValue(static_cast<Json::Int64>(std::stoll(std::string(text))));
  }
  return FillIn(text, text_of, complete);
}

}  // namespace

JsonValue UnknownJson() {
  JsonValue unknown(Json::objectValue);
  unknown[kUnknownMark] = true;
  return unknown;
}

bool IsUnknownJson(const JsonValue& value) {
  return value.isObject() && value.isMember(kUnknownMark);
}

std::string FillIn(std::string_view pattern, const TextOf& text_of, bool* complete) {
  std::string filled;
  while (!pattern.empty()) {
    const std::size_t open = pattern.find('{');
    filled += pattern.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::size_t close = pattern.find('}', open);
    std::string_view names = pattern.substr(open + 1, close - open - 1);
    std::string text;
    while (!names.empty() && text.empty()) text = text_of(Cut(&names, '|'));
    if (text.empty()) *complete = false;
    filled += text;
    pattern.remove_prefix(close + 1);
  }
  return filled;
}

bool Passes(const JsonValue& item, std::string_view filter) {
  while (!filter.empty()) {
    if (filter.front() != '[') return PassesOne(item, filter);
    const std::size_t close = filter.find(']');
    if (!PassesOne(item, filter.substr(1, close - 1))) return false;
    filter.remove_prefix(close + 1);
  }
  return true;
}

JsonValue FillInParameters(std::string_view pattern, const TextOf& text_of, bool* complete) {
  constexpr std::string_view kOr = " || ";
  const std::size_t other = pattern.find(kOr);
  std::string_view rest = pattern.substr(0, other);
  JsonValue parameters(Json::objectValue);
  bool all = true;
  while (!rest.empty()) {
    std::string_view entry = Cut(&rest, ';');
    while (entry.starts_with(' ')) entry.remove_prefix(1);
    const std::string_view name = Cut(&entry, '=');
    PlaceFor(name, &parameters) = ParameterValue(entry, text_of, &all);
  }
  if (!all && other != std::string_view::npos) {
    return FillInParameters(pattern.substr(other + kOr.size()), text_of, complete);
  }
  *complete = *complete && all;
  return parameters;
}

std::vector<std::string_view> NamesIn(std::string_view pattern) {
  std::vector<std::string_view> names;
  for (std::size_t open = pattern.find('{'); open != std::string_view::npos; open = pattern.find('{', open + 1)) {
    std::string_view alternatives = pattern.substr(open + 1, pattern.find('}', open) - open - 1);
    while (!alternatives.empty()) names.push_back(Cut(&alternatives, '|'));
  }
  return names;
}

const JsonValue* Find(const JsonValue& from, std::string_view path) {
  const JsonValue* found = &from;
  if (path == ".") return found;
  while (!path.empty() && found != nullptr) {
    const std::string_view step = CutStep(&path);
    const std::size_t bracket = step.find('[');
    if (bracket != 0) found = MemberOf(found, step.substr(0, bracket));
    if (bracket != std::string_view::npos) found = ItemOf(found, step.substr(bracket + 1, step.size() - bracket - 2));
  }
  return found;
}

std::vector<const JsonValue*> FindAll(const JsonValue& answer, std::string_view objects) {
  std::vector<const JsonValue*> found;
  if (objects == ".") return {&answer};
  const std::size_t bracket = std::min(objects.find('['), objects.size());
  const JsonValue* list = Find(answer, objects.substr(0, bracket));
  if (list == nullptr || !list->isArray()) return found;
  for (const JsonValue& item : *list) {
    if (Passes(item, objects.substr(bracket))) found.push_back(&item);
  }
  return found;
}

void MapAttributes(std::span<const Attribute> attributes, const JsonValue* object, const FileValue& file,
                   JsonValue* to) {
  for (const Attribute& attribute : attributes) {
    MapOne(attribute, attribute.path, attribute.member, object, file, to);
  }
}

void MarkUnknown(std::span<const Attribute> attributes, JsonValue* to) {
  for (const Attribute& attribute : attributes) {
    (*to)[std::string(TopLevel(attribute.path))] = UnknownJson();
  }
}

std::string_view TopLevel(std::string_view path) {
  return path.substr(0, path.find_first_of(".["));
}

Value ToValue(const JsonValue& json, Arena* arena) {
  if (json.isNull()) return Value::Null();
  if (IsUnknownJson(json)) return Value::Unknown();
  if (json.isBool()) return Value::Bool(json.asBool());
  if (json.isNumeric()) return Value::Number(arena->Copy(WriteJsonLine(json)));
  if (json.isString()) return Value::String(arena->Copy(json.asString()));
  if (json.isArray()) {
    auto* items = arena->AllocateArray<Value>(json.size());
    for (Json::ArrayIndex i = 0; i < json.size(); ++i) items[i] = ToValue(json[i], arena);
    return Value::List({items, json.size()});
  }
  auto* members = arena->AllocateArray<Member>(json.size());
  std::size_t count = 0;
  for (auto member = json.begin(); member != json.end(); ++member) {
    members[count].key = arena->Copy(member.name());
    members[count].value = ToValue(*member, arena);
    ++count;
  }
  return Value::Map({members, count});
}

JsonValue ToJson(const Value& value) {
  if (value.unknown()) return UnknownJson();
  if (value.unset()) return JsonValue(Json::nullValue);
  if (value.is_list()) {
    JsonValue list(Json::arrayValue);
    for (const Value& item : value.items()) list.append(ToJson(item));
    return list;
  }
  if (value.is_map()) {
    JsonValue map(Json::objectValue);
    for (const Member& member : value.members()) map[std::string(member.key)] = ToJson(member.value);
    return map;
  }
  if (value.kind() == terraform::ValueKind::kBool) return *value.AsBool();
  if (value.kind() == terraform::ValueKind::kNumber) return Literal(value.text());
  return JsonValue(std::string(value.text()));
}

}  // namespace tfseal::observe

#include "apply/journal_lock.h"

#include <fmt/format.h>

#include "core/json.h"
#include "core/time_text.h"

namespace tfseal {
namespace {

std::string TextOf(const JsonValue& json, const char* name) {
  return json.isObject() && json[name].isString() ? json[name].asString() : std::string();
}

}  // namespace

std::string LockOwner::ToText() const {
  JsonValue json(Json::objectValue);
  json["run"] = identity.run;
  json["host"] = identity.host;
  json["user"] = identity.user;
  json["pid"] = Json::Int64(identity.pid);
  json["since"] = FormatTime(since);
  json["heard"] = FormatTime(heard);
  if (released) json["released"] = true;
  return WriteJsonLine(json);
}

LockOwner LockOwner::FromText(std::string_view text) {
  LockOwner owner;
  while (text.ends_with('\n')) text.remove_suffix(1);
  const auto parsed = ParseJson(text);
  const JsonValue json = parsed.ok() && parsed->isObject() ? *parsed : JsonValue(Json::objectValue);
  owner.identity.run = TextOf(json, "run");
  owner.identity.host = TextOf(json, "host");
  owner.identity.user = TextOf(json, "user");
  if (json["pid"].isInt64()) owner.identity.pid = json["pid"].asInt64();
  owner.since = ParseTime(TextOf(json, "since")).value_or(TimePoint{});
  owner.heard = ParseTime(TextOf(json, "heard")).value_or(TimePoint{});
  owner.released = json["released"].isBool() && json["released"].asBool();
  return owner;
}

std::string LockedBy(std::string_view journal, const LockOwner& owner, TimePoint now) {
  if (owner.identity.run.empty()) return fmt::format("{} is locked by another run", journal);
  return fmt::format("{} is locked by run {}, process {} of {} on {}, since {}, last heard of {} ago", journal,
                     owner.identity.run, owner.identity.pid, owner.identity.user, owner.identity.host,
                     FormatTime(owner.since), DurationWords(now - owner.heard));
}

}  // namespace tfseal

#include <gtest/gtest.h>

#include <filesystem>

#include "aws/protocol.h"
#include "core/file.h"

// A plan whose call the client cannot make fails in the middle of a run: every call of every golden plan is held
// against the models of the APIs here.

namespace tfseal {
namespace {

// A handler puts something else there when the time has come: what an earlier action gave, a secret, what AWS has by
// then.
bool IsReference(const JsonValue& value) {
  if (!value.isObject()) return false;
  for (const char* marker : {"output_of", "token_of", "value_from", "existing_policy_and", "existing_policy_without",
                             "as_before_except", "each_revision_of"}) {
    if (value.isMember(marker)) return true;
  }
  return value.isMember("Statement");  // a policy, which is sent as text
}

// Without such places: of their type nothing is known yet.
JsonValue Known(const JsonValue& value, bool& open) {
  JsonValue known = value;
  if (value.isObject()) {
    for (const std::string& name : value.getMemberNames()) {
      if (IsReference(value[name])) {
        known.removeMember(name);
        open = true;
      } else {
        known[name] = Known(value[name], open);
      }
    }
  } else if (value.isArray()) {
    known = JsonValue(Json::arrayValue);
    for (const JsonValue& element : value) {
      if (IsReference(element)) {
        open = true;
      } else {
        known.append(Known(element, open));
      }
    }
  }
  return known;
}

void ExpectKnown(const JsonValue& call, const std::string& where) {
  const aws::ServiceModel* service = aws::FindService(call["service"].asString());
  ASSERT_NE(service, nullptr) << where << call["service"].asString();
  const aws::Operation* operation = service->Find(call["operation"].asString());
  ASSERT_NE(operation, nullptr) << where << call["operation"].asString();
  bool open = false;
  const JsonValue parameters = Known(call["parameters"], open);
  const auto request = aws::BuildRequest(*service, *operation, parameters);
  const bool misses_what_is_open = open && !request.ok() && request.error().message.ends_with(" is missing");
  EXPECT_TRUE(request.ok() || misses_what_is_open)
      << where << call["operation"].asString() << ": " << (request.ok() ? "" : request.error().message);
}

TEST(CallsOfPlans, AreCallsThatTheClientCanMake) {
  int calls = 0;
  for (const auto& folder :
       std::filesystem::directory_iterator(std::filesystem::path(TFSEAL_SOURCE_DIR) / "tests/golden")) {
    const std::filesystem::path path = folder.path() / "want.actions.json";
    if (!std::filesystem::exists(path)) continue;
    const JsonValue plan = ParseJson(ReadFileBounded(path.string(), std::size_t{16} << 20).value()).value();
    for (const JsonValue& action : plan["actions"]) {
      const std::string where = folder.path().filename().string() + " " + action["kind"].asString() + ": ";
      for (const JsonValue& call : action["calls"]) ExpectKnown(call, where);
      for (const JsonValue& call : action["rollback"]["calls"]) ExpectKnown(call, where);
      if (action["poll"].isObject() && action["poll"].isMember("call")) ExpectKnown(action["poll"]["call"], where);
      calls += static_cast<int>(action["calls"].size());
    }
  }
  EXPECT_GT(calls, 100);
}

}  // namespace
}  // namespace tfseal

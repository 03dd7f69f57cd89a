#include "apply/handlers/exposed_value.h"

#include <gtest/gtest.h>

#include "apply/handlers/task_definition.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

TEST(KeyShape, KnowsBase64AndHexOf32Bytes) {
  const std::string hex(64, 'a');
  for (const std::string& key :
       {std::string("Q0FOQVJZLXBhenBhei1tYXN0ZXIta2V5LTAwMDAwMDE="),
        std::string("Q0FOQVJZLXBhenBhei1tYXN0ZXIta2V5LTAwMDAwMDE"),
        std::string("base64:Q0FOQVJZLXBhenBhei1tYXN0ZXIta2V5LTAwMDAwMDE="), hex, "hex:" + hex}) {
    EXPECT_TRUE(KeyShapeOf(key).valid()) << key.size();
  }
  EXPECT_EQ(KeyShapeOf("Q0FOQVJZLXNob3J0LWtleS0wMQ==").bytes, 19U);
  EXPECT_FALSE(KeyShapeOf("Q0FOQVJZLXNob3J0LWtleS0wMQ==").valid());
  EXPECT_FALSE(KeyShapeOf("hex:aa").valid());
  EXPECT_FALSE(KeyShapeOf("").valid());
  EXPECT_FALSE(KeyShapeOf("not a key at all!").valid());
}

TEST(RunDigestOf, TellsEqualFromDifferentAndSaysNothingElse) {
  EXPECT_EQ(RunDigest("a value"), RunDigest("a value"));
  EXPECT_NE(RunDigest("a value"), RunDigest("another"));
  EXPECT_EQ(RunDigest("a value").size(), 32U);
}

JsonValue Definition() {
  return ParseJson(R"({"taskDefinitionArn":"arn:aws:ecs:us-east-1:1:task-definition/app:7","family":"app","revision":7,
    "status":"ACTIVE","cpu":"256","containerDefinitions":[
      {"name":"side","environment":[{"name":"KEY","value":"stays"}]},
      {"name":"app","environment":[{"name":"KEY","value":"v"},{"name":"A","value":"1"}],
       "secrets":[{"name":"DB","valueFrom":"arn:db"}]}]})")
      .value();
}

TEST(NextRevision, ChangesOneContainerAndKeepsEverythingElse) {
  const JsonValue except = Object({{"container", "app"},
                                   {"secrets", Object({{"KEY", "arn:secret"}})},
                                   {"environment", Object({{"NAME", "secret"}})},
                                   {"keep_environment", JsonValue(Json::arrayValue)},
                                   {"remove_environment", Texts({"KEY"})}});
  const auto next = NextRevision(Definition(), except, "");
  ASSERT_TRUE(next.ok());
  EXPECT_FALSE(next->isMember("revision"));
  EXPECT_EQ((*next)["cpu"], "256");
  EXPECT_EQ((*next)["containerDefinitions"][0], Definition()["containerDefinitions"][0]);
  const JsonValue& app = (*next)["containerDefinitions"][1];
  EXPECT_FALSE(ShowsVariable(*next, "app", "KEY"));
  EXPECT_TRUE(ShowsVariable(*next, "side", "KEY"));
  EXPECT_EQ(app["secrets"].size(), 2U);
  EXPECT_TRUE(Satisfies(*next, except, ""));
  EXPECT_FALSE(Satisfies(Definition(), except, ""));
  EXPECT_EQ(NextRevision(*next, except, "").value(), *next);
}

TEST(NextRevision, RefusesWhatIsNotThereAnyMore) {
  const auto keep =
      NextRevision(Definition(), Object({{"container", "app"}, {"keep_environment", Texts({"GONE"})}}), "");
  ASSERT_FALSE(keep.ok());
  EXPECT_EQ(keep.error().code, ErrorCode::kConflict);
  EXPECT_FALSE(NextRevision(Definition(), Object({{"container", "other"}}), "").ok());
}

}  // namespace
}  // namespace tfseal

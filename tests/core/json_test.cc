#include "core/json.h"

#include <gtest/gtest.h>

namespace tfseal {
namespace {

TEST(Json, RefusesWhatIsNotOneStrictDocument) {
  for (const char* text : {"", "{", "{}x", "{\"a\":1,\"a\":2}", "[1,]", "// c\n{}", "nan"}) {
    EXPECT_FALSE(ParseJson(text).ok()) << text;
  }
}

TEST(Json, WritesKeysSorted) {
  const auto value = ParseJson(R"({"b":1,"a":[true,null,"ü"]})");
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(WriteJsonLine(*value), R"({"a":[true,null,"ü"],"b":1})");
}

}  // namespace
}  // namespace tfseal

#include "core/json.h"

#include <gtest/gtest.h>

#include "core/json_text.h"

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

TEST(JsonText, WritesWhatTheParserReadsBack) {
  JsonText text;
  text.BeginObject();
  text.Key("empty");
  text.BeginArray();
  text.EndArray();
  text.Key("flag");
  text.Bool(true);
  text.Key("list");
  text.Strings({"a\"b\\c", "tab\t line\n bell\a", "ü"});
  text.Key("number");
  text.Number(18446744073709551615U);
  text.EndObject();
  const std::string document = text.Finish();
  EXPECT_TRUE(document.starts_with("{\n  \"empty\": [],\n  \"flag\": true,\n  \"list\": [\n    \"a"));
  const auto value = ParseJson(document);
  ASSERT_TRUE(value.ok()) << document;
  EXPECT_EQ((*value)["list"][1].asString(), "tab\t line\n bell\a");
  EXPECT_EQ((*value)["list"][2].asString(), "ü");
  EXPECT_EQ((*value)["number"].asUInt64(), 18446744073709551615U);
  EXPECT_TRUE((*value)["empty"].isArray());
}

}  // namespace
}  // namespace tfseal

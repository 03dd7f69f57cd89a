#include "core/json.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "core/json_text.h"
#include "core/shared_text.h"

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

TEST(JsonText, GivesASinkTheSameTextInPieces) {
  const auto write = [](JsonText& text) {
    text.BeginArray();
    for (int i = 0; i < 5000; ++i) {
      text.BeginObject();
      text.Key("text with\ta tab");
      text.String("a \"quoted\" word, a back\\slash and \x01 in a longer text");
      text.EndObject();
    }
    text.EndArray();
    return text.Finish();
  };
  JsonText whole;
  std::string pieces;
  std::size_t count = 0;
  JsonText piecewise([&](std::string_view piece) {
    pieces += piece;
    ++count;
  });
  pieces += write(piecewise);
  EXPECT_EQ(pieces, write(whole));
  EXPECT_GT(count, 3U);
  EXPECT_TRUE(ParseJson(pieces).ok());
}

TEST(SharedText, OwnsCopiesAndPointsToWhatLasts) {
  std::string origin = "a text of its own";
  SharedText owned(origin);
  origin.assign(origin.size(), 'x');
  SharedText copy = owned;
  const SharedText moved = std::move(owned);
  EXPECT_EQ(copy, "a text of its own");
  EXPECT_EQ(moved, copy);
  static constexpr std::string_view kLiteral = "a literal";
  copy = SharedText::Lasting(kLiteral);
  EXPECT_EQ(copy, "a literal");
  EXPECT_EQ("it is " + copy, "it is a literal");
  EXPECT_TRUE(SharedText().empty());
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

// JSON inside an attribute: read as strictly as a document, again and again with the same reader.
#include "terraform/json_text_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace tfseal::terraform {
namespace {

TEST(JsonTextReader, ReadsWhatPoliciesAndContainersHold) {
  JsonTextReader reader;
  for (int again = 0; again < 3; ++again) {
    const auto value =
        reader.Read(" {\"Sid\":\"a\\u003cb\",\"Action\":[\"kms:*\",\"x\"],\"n\":12,\"t\":true,\"e\":{}} \n");
    ASSERT_TRUE(value.ok());
    EXPECT_EQ(value->Get("Sid").text(), "a<b");
    ASSERT_EQ(value->Get("Action").items().size(), 2U);
    EXPECT_EQ(value->Get("Action").items()[0].text(), "kms:*");
    EXPECT_EQ(value->Get("n").text(), "12");
    EXPECT_EQ(value->Get("t").AsBool(), true);
    EXPECT_TRUE(value->Get("e").is_map());
    ASSERT_TRUE(reader.Read("[{\"name\":\"app\"}]").ok());
  }
}

TEST(JsonTextReader, RefusesEverythingElse) {
  JsonTextReader reader;
  std::string deep(300, '[');
  deep.append(300, ']');
  for (const std::string& text :
       {std::string(), std::string("  "), std::string("12"), std::string("\"text\""), std::string("{"),
        std::string("{\"a\":1}}"), std::string("{\"a\":1} x"), std::string("{\"a\":1,\"a\":2}"), std::string("{a:1}"),
        std::string("[1,]"), std::string("[1 2]"), std::string("{\"a\" 1}"), std::string("[\"\\x\"]"),
        std::string("[\"\\ud800\"]"), std::string("[\"a\nb\"]"), std::string("[tru]"), std::string("[01]"),
        std::string("// c\n{}"), deep}) {
    EXPECT_FALSE(reader.Read(text).ok()) << text.substr(0, 20);
    EXPECT_TRUE(reader.Read("[]").ok());
  }
}

TEST(JsonTextReader, ReadsTextsOfEverySize) {
  JsonTextReader reader;
  std::string items = "\"x\"";
  for (int size = 1; size < 20'000; size = size * 3 + 1) {
    while (items.size() < static_cast<std::size_t>(size) * 40) items += ",\"a text that is long enough to be kept\"";
    const std::string json = "[" + items + "]";
    const auto value = reader.Read(json);
    ASSERT_TRUE(value.ok()) << size;
    EXPECT_EQ(value->items()[0].text(), "x");
    EXPECT_EQ(value->items().size(), 1 + (items.size() - 3) / 40);
  }
}

}  // namespace
}  // namespace tfseal::terraform

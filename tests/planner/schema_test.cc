#include <gtest/gtest.h>

#include <set>

#include "core/file.h"
#include "core/json.h"
#include "planner/action_kind.h"

// docs/schema/actions.json says the same as the kinds themselves.
namespace tfseal {
namespace {

JsonValue Schema() {
  const auto text = ReadFileBounded(std::string(TFSEAL_SOURCE_DIR) + "/docs/schema/actions.json", 1 << 22);
  EXPECT_TRUE(text.ok());
  const auto json = ParseJson(*text);
  EXPECT_TRUE(json.ok());
  return *json;
}

TEST(ActionSchema, HasEveryKindWithItsFields) {
  const JsonValue schema = Schema();
  const JsonValue& payloads = schema["$defs"]["payloads"];
  EXPECT_EQ(payloads.size(), AllActionKinds().size());
  for (const ActionKind* kind : AllActionKinds()) {
    const JsonValue& payload = payloads[std::string(kind->name)];
    ASSERT_TRUE(payload.isObject()) << kind->name;
    std::set<std::string> required;
    for (const JsonValue& name : payload["required"]) required.insert(name.asString());
    EXPECT_EQ(payload["properties"].size(), kind->fields.size()) << kind->name;
    for (const PayloadField& field : kind->fields) {
      EXPECT_TRUE(payload["properties"].isMember(std::string(field.name))) << kind->name << "." << field.name;
      EXPECT_EQ(required.contains(std::string(field.name)), field.required) << kind->name << "." << field.name;
    }
  }
}

TEST(ActionKinds, AreDescribedInTheFormat) {
  const auto text = ReadFileBounded(std::string(TFSEAL_SOURCE_DIR) + "/docs/plan-format.md", 1 << 20);
  ASSERT_TRUE(text.ok());
  for (const ActionKind* kind : AllActionKinds()) {
    EXPECT_NE(text->find("`" + std::string(kind->name) + "` | " + std::string(kind->does)), std::string::npos)
        << kind->name;
  }
}

}  // namespace
}  // namespace tfseal

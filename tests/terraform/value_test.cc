#include "terraform/value.h"

#include <gtest/gtest.h>

#include <string>

namespace tfseal::terraform {
namespace {

// Names are looked at eight bytes at a time: the end of the first step may be anywhere in the eight, or behind them.
TEST(ValueTest, FindsTheFirstStepHoweverLongItIs) {
  for (std::size_t size = 1; size <= 40; ++size) {
    const std::string name(size, 'n');
    const std::string inner_name(size, 'i');
    Member inner[] = {{inner_name, Value::String("found")}};
    Value items[] = {Value::Map(inner)};
    const std::string list_name = name + 's';  // a Member only points to its name
    Member outer[] = {{name, Value::Map(inner)}, {list_name, Value::List(items)}};
    const Value map = Value::Map(outer);
    EXPECT_EQ(map.At(name + '.' + inner_name).text(), "found") << size;
    EXPECT_EQ(map.At(list_name + "[0]." + inner_name).text(), "found") << size;
    EXPECT_TRUE(map.At(name).is_map()) << size;
    EXPECT_TRUE(map.At(name + "x").absent()) << size;
    EXPECT_TRUE(map.At(name + ".x").absent()) << size;
  }
}

// A byte that differs from a dot or a bracket in its highest bit only is part of a name.
TEST(ValueTest, NamesMayHoldAnyOtherByte) {
  for (int c = 1; c < 256; ++c) {
    if (c == '.' || c == '[') continue;
    const std::string name = "before" + std::string(1, static_cast<char>(c)) + "behind it";
    Member members[] = {{name, Value::String("found")}};
    EXPECT_EQ(Value::Map(members).At(name).text(), "found") << c;
  }
}

}  // namespace
}  // namespace tfseal::terraform

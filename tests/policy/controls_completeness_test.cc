#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "policy/control.h"
#include "tests/policy/control_cases.h"

namespace tfseal {
namespace {

// What a control says about small made-up resources: nothing set, and every attribute it reads in every shape alone.
std::set<Verdict> SeenOnMadeUpResources(const Control& control) {
  std::set<Verdict> seen;
  for (const std::string_view type : control.types) {
    std::vector<std::string> all = {"{}"};
    for (const std::string_view attribute : control.reads) {
      for (const char* value : {"null", "\"<unknown>\"", "true", "false", "0", "40", "\"\"", "\"x\"", "[]", "[{}]"}) {
        all.push_back(fmt::format(R"({{"{}": {}}})", attribute, value));
      }
    }
    for (const std::string& attributes : all) {
      seen.insert(Judge(ControlCase{control.id, type, attributes, Verdict::kPass}).verdict);
    }
  }
  return seen;
}

// The tables are complete if they have a row for every verdict that the control is seen to give.
TEST(Controls, HaveACaseForEveryVerdictTheyGive) {
  std::map<std::string, std::set<Verdict>> covered;
  for (const auto& table : {DatabaseControlCases(), StoreControlCases(), EnvironmentControlCases()}) {
    for (const ControlCase& row : table) covered[std::string(row.control)].insert(row.want);
  }
  ASSERT_GT(AllControls().size(), 150U);
  for (const Control* control : AllControls()) {
    EXPECT_FALSE(covered[std::string(control->id)].empty()) << control->id;
    for (const Verdict verdict : SeenOnMadeUpResources(*control)) {
      EXPECT_TRUE(covered[std::string(control->id)].contains(verdict))
          << control->id << " has no case that ends " << Name(verdict);
    }
  }
}

TEST(Controls, SayWhatAPersonNeeds) {
  for (const Control* control : AllControls()) {
    EXPECT_FALSE(control->title.empty() || control->why.empty() || control->remedy.empty() || control->basis.empty())
        << control->id;
    EXPECT_FALSE(control->title.ends_with('.') || control->remedy.ends_with('.')) << control->id;
    EXPECT_FALSE(control->types.empty()) << control->id;
  }
}

}  // namespace
}  // namespace tfseal

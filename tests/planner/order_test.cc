#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "planner/action_kind.h"
#include "planner/action_plan.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

Action Check(const std::string& application, int wave, std::vector<std::string> needs = {}) {
  Action action =
      MakeAction(kCheckHealth, {"", "database", application, "", ""}, Object({{"application", Text(application)}}));
  action.wave = wave;
  action.needs = std::move(needs);
  return action;
}

std::vector<std::string> Names(const std::vector<Action>& actions) {
  std::vector<std::string> names;
  for (const Action& action : actions) names.push_back(action.target.identifier);
  return names;
}

TEST(Order, PutsRequirementsFirstThenWavesThenNames) {
  const Action base = Check("z-base", 1);
  const auto ordered = Order({Check("c", 2), Check("b", 1, {base.id}), Check("a", 2), base});
  ASSERT_TRUE(ordered.ok());
  EXPECT_EQ(Names(*ordered), (std::vector<std::string>{"z-base", "b", "a", "c"}));
}

TEST(Order, IsTheSameForEveryOrderOfInput) {
  std::vector<Action> actions;
  for (int i = 0; i < 20; ++i) {
    std::vector<std::string> needs;
    if (i > 2) needs = {actions[static_cast<std::size_t>(i / 2)].id, actions[static_cast<std::size_t>(i - 1)].id};
    actions.push_back(Check("app" + std::to_string(i * 7 % 20), i % 3, needs));
  }
  const auto expected = Order(actions);
  ASSERT_TRUE(expected.ok());
  std::mt19937 random(20261122);  // NOLINT: the same every time
  for (int round = 0; round < 50; ++round) {
    std::shuffle(actions.begin(), actions.end(), random);
    const auto ordered = Order(actions);
    ASSERT_TRUE(ordered.ok());
    EXPECT_EQ(Names(*ordered), Names(*expected));
  }
}

TEST(Order, MovesWhatAnEarlierWaveRequiresIntoThatWave) {
  const Action key = Check("key", 3);
  const auto ordered = Order({key, Check("database", 1, {key.id})});
  ASSERT_TRUE(ordered.ok());
  EXPECT_EQ((*ordered)[0].target.identifier, "key");
  EXPECT_EQ((*ordered)[0].wave, 1);
}

TEST(Order, RefusesCyclesAndPrintsThem) {
  Action a = Check("a", 1);
  Action b = Check("b", 1, {a.id});
  a.needs = {b.id};
  const auto ordered = Order({a, b, Check("c", 1)});
  ASSERT_FALSE(ordered.ok());
  EXPECT_NE(ordered.error().message.find("cycle"), std::string::npos);
  EXPECT_NE(ordered.error().message.find(a.id), std::string::npos);
  EXPECT_NE(ordered.error().message.find(b.id), std::string::npos);
}

TEST(Order, RefusesWhatDoesNotExistAndWhatIsThereTwice) {
  EXPECT_FALSE(Order({Check("a", 1, {"0123"})}).ok());
  EXPECT_FALSE(Order({Check("a", 1), Check("a", 2)}).ok());
}

TEST(ActionId, FollowsKindTargetAndPayloadAlone) {
  Action a = Check("a", 1);
  Action later = Check("a", 7, {"something"});
  EXPECT_EQ(a.id, later.id);
  EXPECT_EQ(a.id.size(), 32U);
  EXPECT_NE(a.id, Check("b", 1).id);
}

}  // namespace
}  // namespace tfseal

// What must not change a verdict: what the reader leaves out, the order of the resources, judging twice.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/json.h"
#include "terraform/read.h"
#include "tests/property/fixture_plans.h"

namespace tfseal {
namespace {

using terraform::Document;
using terraform::Interest;
using testing::FixturePlan;
using testing::FixturePlans;
using testing::kFixtureNow;

Document Read(const FixturePlan& plan, const Interest& interest) {
  auto document = terraform::ReadDocumentFromMemory(plan.bytes, plan.name, interest);
  EXPECT_TRUE(document.ok()) << plan.name << ": " << (document.ok() ? "" : document.error().message);
  return document.ok() ? std::move(document).value() : Document();
}

std::string Report(const Document& document, const FixturePlan& plan) {
  return WriteJsonDocument(ToJson(Gate(document, plan.policy, kFixtureNow), document));
}

TEST(SameVerdict, WhenEverythingIsReadOrOnlyWhatTheGateAsksFor) {
  for (const FixturePlan& plan : FixturePlans()) {
    const std::string expected = Report(Read(plan, Interest::Everything()), plan);
    EXPECT_EQ(Report(Read(plan, GateInterest()), plan), expected) << plan.name;
    EXPECT_EQ(Report(Read(plan, GateInterest().ChangesOnly()), plan), expected) << plan.name;
    EXPECT_EQ(Report(Read(plan, GateInterest(plan.policy).ChangesOnly()), plan), expected) << plan.name;
  }
}

TEST(SameVerdict, WhateverTheOrderOfTheResources) {
  std::mt19937 random(7);
  for (const FixturePlan& plan : FixturePlans()) {
    Document document = Read(plan, GateInterest());
    const std::string expected = Report(document, plan);
    EXPECT_EQ(Report(document, plan), expected) << plan.name << ", judged twice";
    for (int i = 0; i < 3; ++i) {
      std::shuffle(document.resources.begin(), document.resources.end(), random);
      std::shuffle(document.drift.begin(), document.drift.end(), random);
      EXPECT_EQ(Report(document, plan), expected) << plan.name;
    }
  }
}

}  // namespace
}  // namespace tfseal

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

// Of a report: what it says about what decides, and how many findings it has beside.
struct Deciding {
  std::string said;
  std::uint64_t others = 0;
};

Deciding Split(const GateReport& report) {
  JsonValue said(Json::objectValue);
  said["verdict"] = std::string(Name(report.verdict));
  for (const std::string& because : report.because) said["because"].append(because);
  for (const std::string& note : report.notes) said["notes"].append(note);
  for (const OpenObligation& open : report.obligations) said["obligations"].append(ToJson(open));
  for (const WaiverUse& use : report.waivers) said["waivers"].append(ToJson(use));
  for (const Destroyed& destroyed : report.destroys) said["destroys"].append(std::string(destroyed.address));
  said["judged"] = static_cast<Json::UInt64>(report.judged);
  said["passed"] = static_cast<Json::UInt64>(report.passed);
  Deciding deciding{"", report.unlisted};
  for (const Finding& finding : report.findings) {
    if (finding.decides()) {
      said["findings"].append(ToJson(finding));
    } else {
      ++deciding.others;
    }
  }
  deciding.said = WriteJsonDocument(said);
  return deciding;
}

TEST(SameVerdict, WhetherAdviceIsListedOrCounted) {
  const PolicyFile none;
  std::uint64_t counted = 0;
  for (const FixturePlan& plan : FixturePlans()) {
    const Document document = Read(plan, GateInterest());
    for (const PolicyFile* policy : {&plan.policy, &none}) {
      const GateReport few = Gate(document, *policy, kFixtureNow, Listing::kDeciding);
      const Deciding all = Split(Gate(document, *policy, kFixtureNow, Listing::kFindings));
      EXPECT_EQ(Split(few).said, all.said) << plan.name;
      EXPECT_EQ(Split(few).others, all.others) << plan.name;
      counted += few.unlisted;
    }
  }
  EXPECT_GT(counted, 0U);
}

}  // namespace
}  // namespace tfseal

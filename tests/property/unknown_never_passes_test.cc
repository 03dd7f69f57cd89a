// Knowing less never makes a control pass: each attribute that a control reads is made unknown in turn.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "policy/control.h"
#include "policy/world.h"
#include "terraform/read.h"
#include "tests/property/fixture_plans.h"

namespace tfseal {
namespace {

using terraform::Document;
using terraform::Interest;
using terraform::Member;
using terraform::ResourceInstance;
using terraform::Value;
using testing::FixturePlan;
using testing::FixturePlans;

Verdict Evaluate(const Control& control, const Document& document, const ResourceInstance& instance,
                 const Requirements& requirements) {
  const World world(document, Side::kAfter);
  return control.evaluate(Subject{instance, instance.after, world, requirements}).verdict;
}

bool Judges(const Control& control, const ResourceInstance& instance) {
  return instance.has_after() &&
         std::find(control.types.begin(), control.types.end(), instance.type) != control.types.end();
}

// Where nothing in the configuration can be unknown, an unknown attribute is the provider's or AWS's default, which a
// control may know.
bool OnlyTheProviderCanSetIt(const Document& document, const ResourceInstance& instance, std::string_view attribute) {
  return World(document, Side::kAfter).OriginOf(instance, attribute).LeftToProvider();
}

// Makes a member of what will be there unknown, judges, and puts it back. A pass with an obligation is no pass yet: the
// configuration binds the unknown to something in the plan, and `verify` closes it.
void Blind(const Control& control, const Document& document, ResourceInstance& instance,
           const Requirements& requirements, std::string_view name) {
  const Value whole = instance.after;
  std::vector<Member> members;
  for (const Member& member : whole.members()) {
    members.push_back({member.key, member.key == name ? Value::Unknown() : member.value});
  }
  instance.after = Value::Map(members);
  const World world(document, Side::kAfter);
  const Judgement judgement = control.evaluate(Subject{instance, instance.after, world, requirements});
  instance.after = whole;
  EXPECT_FALSE(judgement.verdict == Verdict::kPass && judgement.obligations.empty())
      << control.id << " at " << instance.address << " fails, and passes once " << name << " is unknown";
}

TEST(UnknownNeverPasses, AtAnyControlOverTheCapturedPlans) {
  int blinded = 0;
  const Requirements requirements;
  for (const FixturePlan& plan : FixturePlans()) {
    // The creations hold every resource of their folder once.
    if (plan.name.find("create") == std::string::npos) continue;
    auto read = terraform::ReadDocumentFromMemory(plan.bytes, plan.name, Interest::Everything());
    ASSERT_TRUE(read.ok()) << plan.name;
    Document& document = *read;
    for (const Control* control : AllControls()) {
      for (ResourceInstance& instance : document.resources) {
        if (!Judges(*control, instance)) continue;
        if (Evaluate(*control, document, instance, requirements) != Verdict::kFail) continue;
        for (const Member& member : instance.after.members()) {
          const bool read_by_it =
              std::find(control->reads.begin(), control->reads.end(), member.key) != control->reads.end();
          if (!read_by_it || OnlyTheProviderCanSetIt(document, instance, member.key)) continue;
          Blind(*control, document, instance, requirements, member.key);
          ++blinded;
        }
      }
    }
  }
  EXPECT_GT(blinded, 20);
}

}  // namespace
}  // namespace tfseal

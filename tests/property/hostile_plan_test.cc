// Damaged plans: nothing that happens to the bytes of a plan may end the process or turn a refusal into an approval.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "terraform/read.h"
#include "tests/property/fixture_plans.h"

namespace tfseal {
namespace {

using testing::FixturePlan;
using testing::FixturePlans;
using testing::kFixtureNow;

// kUnusable also stands for what the reader refuses.
GateVerdict Judge(std::string_view bytes, const FixturePlan& plan) {
  const auto document = terraform::ReadDocumentFromMemory(bytes, plan.name, GateInterest());
  if (!document.ok()) return GateVerdict::kUnusable;
  if (document->kind != terraform::DocumentKind::kPlan) return GateVerdict::kUnusable;
  return Gate(*document, plan.policy, kFixtureNow).verdict;
}

TEST(HostilePlan, APartOfAPlanIsRefused) {
  for (const FixturePlan& plan : FixturePlans()) {
    for (std::size_t percent = 0; percent < 100; ++percent) {
      const std::string_view part = std::string_view(plan.bytes).substr(0, plan.bytes.size() * percent / 100);
      EXPECT_EQ(Judge(part, plan), GateVerdict::kUnusable) << plan.name << " cut at " << percent << " %";
    }
    // The last closing bracket is the shortest thing that can be missing.
    const std::string_view unclosed = std::string_view(plan.bytes).substr(0, plan.bytes.rfind('}'));
    EXPECT_EQ(Judge(unclosed, plan), GateVerdict::kUnusable) << plan.name << " without its last bracket";
  }
}

#if defined(__SANITIZE_ADDRESS__)
constexpr int kFlips = 1'500;  // the sanitizers make each some ten times as slow
#else
constexpr int kFlips = 10'000;
#endif

TEST(HostilePlan, AChangedByteNeverTurnsDenyIntoAllow) {
  constexpr std::uint32_t kSeed = 20260101;
  std::mt19937 random(kSeed);
  std::vector<const FixturePlan*> denied;
  for (const FixturePlan& plan : FixturePlans()) {
    if (Judge(plan.bytes, plan) == GateVerdict::kDeny) denied.push_back(&plan);
  }
  ASSERT_GE(denied.size(), 25U);
  int read_all_the_same = 0;
  for (int i = 0; i < kFlips; ++i) {
    const FixturePlan& plan = *denied[random() % denied.size()];
    std::string bytes = plan.bytes;
    const std::size_t at = random() % bytes.size();
    const auto byte = static_cast<unsigned char>(random() % 256);
    if (static_cast<unsigned char>(bytes[at]) == byte) continue;
    bytes[at] = static_cast<char>(byte);
    const GateVerdict verdict = Judge(bytes, plan);
    read_all_the_same += verdict == GateVerdict::kUnusable ? 0 : 1;
    EXPECT_NE(verdict, GateVerdict::kAllow)
        << plan.name << ": byte " << at << " set to " << int{byte} << " (seed " << kSeed << ", flip " << i << "): ..."
        << plan.bytes.substr(at < 60 ? 0 : at - 60, 120);
  }
  EXPECT_GT(read_all_the_same, kFlips / 10) << "the flips never got past the reader";
}

}  // namespace
}  // namespace tfseal

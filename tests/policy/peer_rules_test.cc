#include "policy/peer_rules.h"

#include <gtest/gtest.h>

#include <string>

#include "policy/control.h"

namespace tfseal {
namespace {

// A row either names controls that there are, or says why there is none.
TEST(PeerRules, AreCoveredOrSayWhyNot) {
  ASSERT_EQ(AllPeerRules().size(), 92U);
  std::size_t covered = 0;
  for (const PeerRules& row : AllPeerRules()) {
    EXPECT_NE(row.controls.empty(), row.reason.empty()) << row.resource << " " << row.topic;
    covered += row.controls.empty() ? 0 : 1;
    std::string_view rest = row.controls;
    while (!rest.empty()) {
      const std::string_view id = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), id.size() + 1));
      EXPECT_NE(FindControl(id), nullptr) << id;
    }
  }
  EXPECT_GE(covered, 78U);
}

}  // namespace
}  // namespace tfseal

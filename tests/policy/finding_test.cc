#include "policy/finding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tfseal {
namespace {

using ::testing::ElementsAre;
using Texts = std::vector<std::string>;

TEST(FewTextsTest, ReadsBackWhatWasGiven) {
  EXPECT_THAT(Texts(FewTexts(Texts{"before: encrypted", "", "after: not"})),
              ElementsAre("before: encrypted", "", "after: not"));
  EXPECT_TRUE(FewTexts(Texts{}).empty());
  EXPECT_TRUE(Texts(FewTexts()).empty());
  EXPECT_FALSE(FewTexts(Texts{""}).empty());
}

TEST(FewTextsTest, GrowsWithoutChangingItsCopies) {
  RecentTexts recent;
  FewTexts grown(Texts{"one"}, recent);
  const FewTexts shared(Texts{"one"}, recent);
  EXPECT_EQ((*grown.begin()).data(), (*shared.begin()).data());
  grown.push_back("two");
  EXPECT_THAT(Texts(grown), ElementsAre("one", "two"));
  EXPECT_THAT(Texts(shared), ElementsAre("one"));
}

TEST(FewTextsTest, NulCannotSplitAText) {
  EXPECT_THAT(Texts(FewTexts(Texts{std::string("a\0b", 3)})), ElementsAre("a b"));
}

TEST(FindingTest, HasItsRarePartsOnlyWhenWritten) {
  Finding finding;
  EXPECT_TRUE(finding.rare->file.empty());
  finding.rare.Own().file = "main.tf";
  const Finding copy = finding;
  finding.rare.Own().file = "other.tf";
  EXPECT_EQ(copy.rare->file, "main.tf");
  EXPECT_EQ(finding.rare->file, "other.tf");
}

}  // namespace
}  // namespace tfseal

#include "core/visible_text.h"

#include <gtest/gtest.h>

namespace tfseal {
namespace {

TEST(Visible, ShowsWhatIsNotSeen) {
  EXPECT_EQ(Visible("a\nb\x7f\x1b"), "a\\x0ab\\x7f\\x1b");
  EXPECT_EQ(Visible("\xE2\x80\xAE"), "\\u202e");
  EXPECT_EQ(Visible("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(Visible("\xC3\xA4\xF0\x9F\x94\x91"), "\xC3\xA4\xF0\x9F\x94\x91");
}

// GitHub's runner reads "::name" at the start of a line, whatever space is before it; a text may be wrapped anywhere.
TEST(Visible, GivesTheRunnerOfGitHubNoCommand) {
  EXPECT_EQ(Visible("::add-mask::x"), "\\x3a:add-mask::x");
  EXPECT_EQ(Visible("a ::error::x"), "a \\x3a:error::x");
  EXPECT_EQ(Visible("a\xE3\x80\x80::error::x"), "a\xE3\x80\x80\\x3a:error::x");
  EXPECT_EQ(Visible("##[set-output name=a]b"), "#\\x23[set-output name=a]b");
  for (const std::string_view meant :
       {"::/0", "open to ::1/128", "AWS::S3::Bucket", "arn:aws:iam::aws:policy/x", "a:b"}) {
    EXPECT_EQ(Visible(meant), meant);
  }
}

// Agents of Azure Pipelines and of TeamCity look for theirs anywhere in a line.
TEST(Visible, GivesAnAgentNoCommand) {
  EXPECT_EQ(Visible("a##vso[task.setvariable variable=a]b"), "a#\\x23vso[task.setvariable variable=a]b");
  EXPECT_EQ(Visible("##teamcity[x]"), "#\\x23teamcity[x]");
  EXPECT_EQ(Visible("###vso[x]"), "##\\x23vso[x]");
  for (const std::string_view meant : {"##", "## heading [x]", "#1 ##vso", "a#b[0]"}) EXPECT_EQ(Visible(meant), meant);
  for (const std::string_view text : {"###vso[x] ::error::", ":::error::x", "##[a]##[b]"}) {
    EXPECT_EQ(Visible(Visible(text)), Visible(text)) << text;
  }
}

}  // namespace
}  // namespace tfseal

#include "core/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

namespace tfseal {
namespace {

class FileTest : public ::testing::Test {
 protected:
  FileTest() {
    std::string folder = ::testing::TempDir() + "tfseal-file-XXXXXX";
    folder_ = ::mkdtemp(folder.data());
  }
  [[nodiscard]] std::string In(const std::string& name) const { return folder_ + "/" + name; }

  static std::string Content(const std::string& path) {
    const auto content = ReadFileBounded(path, 1000);
    return content.ok() ? *content : "unreadable";
  }

  std::string folder_;
};

TEST_F(FileTest, ReplacesWhatWasThere) {
  ASSERT_TRUE(WriteFileAtomically(In("plan"), "old").ok());
  ASSERT_TRUE(WriteFileAtomically(In("plan"), "new").ok());
  EXPECT_EQ(Content(In("plan")), "new");
}

// `--out /dev/null`, run as root, must not leave a file in the place of the device.
TEST_F(FileTest, WritesToADeviceAndLeavesItThere) {
  ASSERT_TRUE(WriteFileAtomically("/dev/null", "content").ok());
  struct ::stat null = {};
  ASSERT_EQ(::stat("/dev/null", &null), 0);
  EXPECT_TRUE(S_ISCHR(null.st_mode));
}

TEST_F(FileTest, ALinkStaysALink) {
  ASSERT_TRUE(WriteFileAtomically(In("target"), "old").ok());
  ASSERT_EQ(::symlink(In("target").c_str(), In("link").c_str()), 0);
  ASSERT_TRUE(WriteFileAtomically(In("link"), "new").ok());
  struct ::stat link = {};
  ASSERT_EQ(::lstat(In("link").c_str(), &link), 0);
  EXPECT_TRUE(S_ISLNK(link.st_mode));
  EXPECT_EQ(Content(In("target")), "new");
}

TEST_F(FileTest, AFailureLeavesNothingBehind) {
  EXPECT_FALSE(WriteFileAtomically(In("missing/plan"), "new").ok());
  EXPECT_NE(::access(In("missing").c_str(), F_OK), 0);
}

}  // namespace
}  // namespace tfseal

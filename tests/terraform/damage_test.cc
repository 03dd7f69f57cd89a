// A damaged plan is never read as one that destroys less: of a real plan, every cut and ten thousand wrong bytes are
// either refused or leave all of its destruction visible.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "core/file.h"
#include "terraform/read.h"

namespace tfseal::terraform {
namespace {

std::string Capture(const std::string& name) {
  Result<std::string> bytes =
      ReadFileBounded(std::string(TFSEAL_SOURCE_DIR) + "/fixtures/terraform-json/" + name, std::size_t{1} << 24U);
  if (!bytes.ok()) {
    ADD_FAILURE() << bytes.error().message;
    return "";
  }
  return std::move(bytes).value();
}

std::ptrdiff_t Destroyed(const Document& document) {
  return std::count_if(document.resources.begin(), document.resources.end(),
                       [](const ResourceInstance& resource) { return resource.actions.destroy; });
}

class DestroyingPlan : public ::testing::Test {
 protected:
  void SetUp() override {
    bytes_ = Capture("pazpaz/14-destroy.json");
    while (!bytes_.empty() && bytes_.back() == '\n') bytes_.pop_back();
    Result<Document> document = ReadDocumentFromMemory(bytes_, "plan.json", Interest::Everything());
    ASSERT_TRUE(document.ok()) << document.error().message;
    destroyed_ = Destroyed(*document);
    ASSERT_GT(destroyed_, 3);
  }

  std::string bytes_;
  std::ptrdiff_t destroyed_ = 0;
};

TEST_F(DestroyingPlan, CutAnywhereIsRefused) {
  for (std::size_t percent = 0; percent < 100; ++percent) {
    const std::size_t size = bytes_.size() * percent / 100;
    const auto document =
        ReadDocumentFromMemory(std::string_view(bytes_).substr(0, size), "plan.json", Interest::Everything());
    EXPECT_FALSE(document.ok()) << percent << " %";
  }
  for (std::size_t missing = 1; missing < 200; ++missing) {
    const std::string_view cut = std::string_view(bytes_).substr(0, bytes_.size() - missing);
    EXPECT_FALSE(ReadDocumentFromMemory(cut, "plan.json", Interest::Everything()).ok()) << missing << " bytes";
  }
}

TEST_F(DestroyingPlan, WithOneWrongByteHidesNoDestruction) {
  std::mt19937 random(4711);
  int refused = 0;
  for (int round = 0; round < 10000; ++round) {
    const std::size_t at = random() % bytes_.size();
    const char before = bytes_[at];
    bytes_[at] =
        static_cast<char>(random() % 2 == 0 ? static_cast<unsigned>(before) ^ (1U << (random() % 8)) : random());
    const auto document = ReadDocumentFromMemory(bytes_, "plan.json", Interest::Everything());
    if (document.ok()) {
      EXPECT_GE(Destroyed(*document), destroyed_)
          << "byte " << at << " changed from " << static_cast<int>(before) << " to " << static_cast<int>(bytes_[at]);
    } else {
      ++refused;
    }
    bytes_[at] = before;
  }
  EXPECT_GT(refused, 500);
}

// What the gate reads is a part of what there is; the part must be the same.
TEST(Interest, ReadsTheSameAsEverythingDoes) {
  for (const char* name : {"z360/04-encrypt-flip-staging.json", "everything/10-targeted.json"}) {
    const std::string bytes = Capture(name);
    const std::vector<std::string_view> attributes = {"storage_encrypted", "kms_key_id", "arn", "tags"};
    const auto all = ReadDocumentFromMemory(bytes, name, Interest::Everything());
    const auto some =
        ReadDocumentFromMemory(bytes, name, Interest::Only({"aws_rds_cluster", "aws_kms_key"}, attributes));
    ASSERT_TRUE(all.ok() && some.ok());
    EXPECT_EQ(all->resources_seen, some->resources_seen);
    std::size_t next = 0;
    for (const ResourceInstance& resource : all->resources) {
      if (resource.type != "aws_rds_cluster" && resource.type != "aws_kms_key") continue;
      ASSERT_LT(next, some->resources.size());
      const ResourceInstance& kept = some->resources[next++];
      EXPECT_EQ(kept.address, resource.address);
      EXPECT_EQ(kept.actions.list, resource.actions.list);
      for (const std::string_view attribute : attributes) {
        const Value wanted = resource.after.Get(attribute);
        EXPECT_EQ(kept.after.Get(attribute).kind(), wanted.kind()) << resource.address << " " << attribute;
        EXPECT_TRUE(wanted.AnyUnknown() || kept.after.Get(attribute).SameAs(wanted))
            << resource.address << " " << attribute;
      }
    }
    EXPECT_GT(next, 1U);
    EXPECT_EQ(next, some->resources.size());
  }
}

}  // namespace
}  // namespace tfseal::terraform

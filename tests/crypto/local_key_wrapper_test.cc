#include "crypto/local_key_wrapper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "crypto/aes_kwp.h"
#include "crypto/system_entropy.h"
#include "tests/crypto/vectors.h"

namespace tfseal {
namespace {

using ::testing::HasSubstr;
using testing::Pattern;
using ::testing::StartsWith;

class LocalKeyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "tfseal-local-key-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& bytes, mode_t mode = 0600) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path) << bytes;
    chmod(path.c_str(), mode);
    return path;
  }
  std::unique_ptr<KeyWrapper> Open(LocalWrap wrap, unsigned seed = 1) {
    auto wrapper = OpenLocalKey({Write("key" + std::to_string(seed), Pattern(32, seed)), wrap}, entropy_);
    EXPECT_TRUE(wrapper.ok());
    return std::move(wrapper).value();
  }

  std::string folder_;
  SystemEntropy entropy_;
};

constexpr LocalWrap kWraps[] = {LocalWrap::kAesKwp, LocalWrap::kAesGcm, LocalWrap::kAesGcmNonceColumn};

TEST_F(LocalKeyTest, UnwrapsWhatItWrapped) {
  for (const LocalWrap wrap : kWraps) {
    const auto wrapper = Open(wrap);
    const std::vector<EncryptionContext> contexts = {{}, {{"table", "connections"}}, {{"table", "c"}, {"pk", "1"}}};
    auto keys = wrapper->NewDataKeys(contexts);
    ASSERT_EQ(keys.size(), contexts.size());
    std::set<std::string> seen;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      ASSERT_TRUE(keys[i].ok());
      EXPECT_EQ(keys[i]->plaintext.size(), 32U);
      EXPECT_TRUE(seen.insert(std::string(keys[i]->plaintext.Expose())).second);
      EXPECT_EQ(keys[i]->wrapped.context, contexts[i]);
      const WrappedKey wrapped = keys[i]->wrapped;
      EXPECT_EQ(wrapped.blob.size(), wrap == LocalWrap::kAesKwp ? 40U : wrap == LocalWrap::kAesGcm ? 60U : 48U);
      EXPECT_EQ(wrapped.nonce.size(), wrap == LocalWrap::kAesGcmNonceColumn ? 12U : 0U);
      auto plain = wrapper->Unwrap({&wrapped, 1});
      ASSERT_TRUE(plain[0].ok());
      EXPECT_EQ(plain[0]->Expose(), keys[i]->plaintext.Expose());
      for (std::size_t j = 0; j < contexts.size(); ++j) {
        const WrappedKey elsewhere{wrapped.blob, wrapped.nonce, contexts[j]};
        EXPECT_EQ(wrapper->Unwrap({&elsewhere, 1})[0].ok(), i == j);
      }
    }
    EXPECT_EQ(wrapper->calls(), 0U);
    EXPECT_THAT(wrapper->id(), StartsWith("local:"));
  }
}

TEST_F(LocalKeyTest, RefusesEveryChange) {
  for (const LocalWrap wrap : kWraps) {
    const auto wrapper = Open(wrap);
    const EncryptionContext context = {{"a", "b"}};
    const WrappedKey wrapped = wrapper->NewDataKeys({&context, 1})[0]->wrapped;
    for (std::size_t bit = 0; bit < 8 * wrapped.blob.size(); ++bit) {
      WrappedKey changed = wrapped;
      changed.blob[bit / 8] = static_cast<char>(changed.blob[bit / 8] ^ (1 << bit % 8));
      EXPECT_FALSE(wrapper->Unwrap({&changed, 1})[0].ok());
    }
    for (std::size_t size = 0; size < wrapped.blob.size(); ++size) {
      const WrappedKey changed{wrapped.blob.substr(0, size), wrapped.nonce, wrapped.context};
      EXPECT_FALSE(wrapper->Unwrap({&changed, 1})[0].ok());
    }
    const WrappedKey longer{wrapped.blob + "x", wrapped.nonce, wrapped.context};
    EXPECT_FALSE(wrapper->Unwrap({&longer, 1})[0].ok());
    const auto other = Open(wrap, 2);
    const auto refused = other->Unwrap({&wrapped, 1});
    ASSERT_FALSE(refused[0].ok());
    EXPECT_EQ(refused[0].error().code, ErrorCode::kInvalidInput);
    EXPECT_NE(other->id(), wrapper->id());
  }
}

// One damaged key does not take the others with it.
TEST_F(LocalKeyTest, ErrorsStayWithTheirItem) {
  const auto from = Open(LocalWrap::kAesGcm, 1);
  const auto to = Open(LocalWrap::kAesKwp, 2);
  const std::vector<EncryptionContext> contexts(3);
  std::vector<WrappedKey> keys;
  std::vector<std::string> plain;
  for (auto& key : from->NewDataKeys(contexts)) {
    keys.push_back(key->wrapped);
    plain.emplace_back(key->plaintext.Expose());
  }
  keys[1].blob[20] = static_cast<char>(keys[1].blob[20] ^ 1);
  const auto moved = to->Rewrap(*from, keys, contexts);
  ASSERT_EQ(moved.size(), 3U);
  EXPECT_TRUE(moved[0].ok());
  EXPECT_FALSE(moved[1].ok());
  ASSERT_TRUE(moved[2].ok());
  const auto opened = to->Unwrap({&*moved[2], 1});
  EXPECT_EQ(opened[0]->Expose(), plain[2]);
  EXPECT_TRUE(to->NewDataKeys({}).empty());
}

// Without a context it is plain RFC 5649 under the key of the file, which other tools read.
TEST_F(LocalKeyTest, KwpIsTheStandards) {
  const auto wrapper = Open(LocalWrap::kAesKwp, 5);
  const EncryptionContext none;
  const auto key = wrapper->NewDataKeys({&none, 1});
  const auto opened = AesKwp().Unwrap(Pattern(32, 5), key[0]->wrapped.blob);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->Expose(), key[0]->plaintext.Expose());
}

TEST_F(LocalKeyTest, TheFileIsLookedAt) {
  const auto error = [this](const std::string& path) {
    const auto wrapper = OpenLocalKey({path, LocalWrap::kAesKwp}, entropy_);
    return wrapper.ok() ? std::string("opened") : wrapper.error().message;
  };
  EXPECT_EQ(error(Write("fine", Pattern(32, 1))), "opened");
  EXPECT_EQ(error(Write("fine2", Pattern(32, 1), 0400)), "opened");
  EXPECT_THAT(error(Write("group", Pattern(32, 1), 0640)), HasSubstr("others than its owner"));
  EXPECT_THAT(error(Write("world", Pattern(32, 1), 0604)), HasSubstr("others than its owner"));
  EXPECT_THAT(error(Write("short", Pattern(31, 1))), HasSubstr("has 31 bytes, not 32"));
  EXPECT_THAT(error(Write("long", Pattern(33, 1))), HasSubstr("has 33 bytes, not 32"));
  EXPECT_THAT(error(folder_ + "/none"), HasSubstr("does not exist"));
  EXPECT_THAT(error(folder_), HasSubstr("is not a regular file"));
}

class SealCountTest : public LocalKeyTest {
 protected:
  // Uses the key once, with what the counter file says before.
  Result<WrappedKey> UseOnce(const std::string& count) {
    const std::string path = Write("key", Pattern(32, 1));
    if (!count.empty()) Write("key.seals", count);
    const auto wrapper = OpenLocalKey({path, LocalWrap::kAesGcm}, entropy_);
    auto state = (*wrapper)->Describe();
    detail_ = state.ok() ? state->detail : state.error().message;
    usable_ = state.ok() && state->usable;
    const EncryptionContext none;
    auto keys = (*wrapper)->NewDataKeys({&none, 1});
    if (!keys[0].ok()) return keys[0].error();
    return keys[0]->wrapped;
  }
  std::string Count() {
    std::ifstream file(folder_ + "/key.seals");
    std::string text;
    std::getline(file, text);
    return text;
  }

  std::string detail_;
  bool usable_ = false;
};

TEST_F(SealCountTest, IsReservedBeforeItIsUsed) {
  ASSERT_TRUE(UseOnce("").ok());
  EXPECT_EQ(Count(), "00000000000000065536");
  ASSERT_TRUE(UseOnce("").ok());
  EXPECT_EQ(Count(), "00000000000000131072") << "a process that ends has used what it reserved";
}

TEST_F(SealCountTest, WarnsAndRefuses) {
  ASSERT_TRUE(UseOnce("00000000001073741823\n").ok());
  EXPECT_THAT(detail_, HasSubstr("for development"));
  ASSERT_TRUE(UseOnce("00000000001073741824\n").ok());
  EXPECT_THAT(detail_, HasSubstr("make a new key"));
  EXPECT_TRUE(usable_);
  ASSERT_TRUE(UseOnce("00000000004294967295\n").ok());
  EXPECT_EQ(Count(), "00000000004294967296");
  const auto refused = UseOnce("00000000004294967296\n");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_FALSE(usable_);
}

TEST_F(SealCountTest, ADamagedCountIsNotGuessed) {
  for (const char* text : {"12\n", "0000000000000000001x\n", "00000000000000000001\n\n", "00000000000000000001"}) {
    const auto refused = UseOnce(text);
    ASSERT_FALSE(refused.ok()) << text;
    EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt);
  }
}

}  // namespace
}  // namespace tfseal

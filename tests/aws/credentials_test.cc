#include <gtest/gtest.h>

#include "aws/credential_chain.h"
#include "aws/credentials/process.h"
#include "crypto/secret_bytes.h"
#include "tests/aws/fakes.h"

namespace tfseal::aws {
namespace {

using std::chrono::minutes;

// Gives credentials that live for an hour, or fails.
class Hourly : public CredentialProvider {
 public:
  explicit Hourly(FakeClock& clock) : clock_(clock) {}
  Result<std::optional<Credentials>> Load() override {
    if (absent) return std::optional<Credentials>();
    if (failing) return Error{.code = ErrorCode::kUnauthenticated, .message = "no", .hint = ""};
    Credentials credentials;
    credentials.access_key_id = "K" + std::to_string(++loads);
    credentials.secret_access_key = SecretBytes("s");
    credentials.expires = clock_.now + life;
    return std::optional<Credentials>(std::move(credentials));
  }
  int loads = 0;
  bool failing = false;
  bool absent = false;
  minutes life{60};

 private:
  FakeClock& clock_;
};

struct Chain {
  explicit Chain(unsigned char random = 0xFF) : entropy(random) {
    std::vector<std::unique_ptr<CredentialProvider>> providers;
    providers.push_back(std::make_unique<Hourly>(clock));
    first = static_cast<Hourly*>(providers.back().get());
    providers.push_back(std::make_unique<Hourly>(clock));
    second = static_cast<Hourly*>(providers.back().get());
    second->loads = 100;
    chain = std::make_unique<CredentialChain>(std::move(providers), clock, entropy);
  }
  std::string Key() {
    const auto credentials = chain->Get();
    return credentials.ok() ? (*credentials)->access_key_id : "error";
  }
  FakeClock clock;
  FixedEntropy entropy;
  Hourly* first = nullptr;
  Hourly* second = nullptr;
  std::unique_ptr<CredentialChain> chain;
};

TEST(CredentialChain, RenewsBeforeTheEndAndNotAllAtOnce) {
  Chain late(0x00);
  Chain early(0xFF);
  for (Chain* chain : {&late, &early}) EXPECT_EQ(chain->Key(), "K1");
  for (Chain* chain : {&late, &early}) chain->clock.now += minutes(53);
  EXPECT_EQ(late.Key(), "K1");
  EXPECT_EQ(early.Key(), "K1");
  for (Chain* chain : {&late, &early}) chain->clock.now += std::chrono::seconds(90);
  EXPECT_EQ(late.Key(), "K1");
  EXPECT_EQ(early.Key(), "K2");
  late.clock.now += std::chrono::seconds(30);
  EXPECT_EQ(late.Key(), "K2");
}

TEST(CredentialChain, OldOnesServeUntilTheirEndIfRenewingFails) {
  Chain chain;
  EXPECT_EQ(chain.Key(), "K1");
  chain.first->failing = true;
  chain.clock.now += minutes(56);
  EXPECT_EQ(chain.Key(), "K1");
  chain.clock.now += minutes(5);
  EXPECT_EQ(chain.Key(), "error");
  chain.first->failing = false;
  EXPECT_EQ(chain.Key(), "K2");
}

TEST(CredentialChain, WhatAServiceRefusedIsNotUsedAgain) {
  Chain chain;
  EXPECT_EQ(chain.Key(), "K1");
  chain.chain->Invalidate();
  chain.first->failing = true;
  EXPECT_EQ(chain.Key(), "error");
  EXPECT_EQ(chain.Key(), "error");
  chain.first->failing = false;
  EXPECT_EQ(chain.Key(), "K2");
}

TEST(CredentialChain, NobodyBecomesSomebodyElse) {
  Chain chain;
  EXPECT_EQ(chain.Key(), "K1");
  chain.chain->Invalidate();
  chain.first->absent = true;
  EXPECT_EQ(chain.Key(), "error");  // the second provider would have some
  Chain other;
  other.first->failing = true;
  EXPECT_EQ(other.Key(), "error");
  Chain third;
  third.first->absent = true;
  EXPECT_EQ(third.Key(), "K101");
}

TEST(CredentialChain, ShortLivedOnesAreNotRenewedWithEveryCall) {
  Chain chain;
  chain.first->life = minutes(4);
  EXPECT_EQ(chain.Key(), "K1");
  chain.clock.now += minutes(1);
  EXPECT_EQ(chain.Key(), "K1");
  chain.clock.now += minutes(2);
  EXPECT_EQ(chain.Key(), "K2");
}

TEST(Process, WordsAreSplitAsAShellWould) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(SplitCommand("  a  b\t'c d' \"e \\\" $F\" g\\ h '' "), (Words{"a", "b", "c d", "e \" $F", "g h", ""}));
  EXPECT_EQ(SplitCommand(R"(C:\\x "a\b" 'a\b')"), (Words{R"(C:\x)", R"(a\b)", R"(a\b)"}));
  EXPECT_EQ(SplitCommand("a;b|c>d"), (Words{"a;b|c>d"}));
  EXPECT_FALSE(SplitCommand("a 'b"));
}

TEST(SecretBytes, IsMovedNotCopied) {
  SecretBytes one("canary");
  SecretBytes two(std::move(one));
  EXPECT_EQ(two.Expose(), "canary");
  EXPECT_TRUE(one.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
  one = two.Clone();
  EXPECT_TRUE(EqualInConstantTime(one.Expose(), two.Expose()));
  EXPECT_FALSE(EqualInConstantTime(one.Expose(), "canarx"));
  EXPECT_FALSE(EqualInConstantTime(one.Expose(), "canary1"));
  std::string text = "canary-that-is-long-enough-for-the-heap";
  const char* const bytes = text.data();
  Wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(std::string_view(bytes, 6), std::string_view("\0\0\0\0\0\0", 6));
}

}  // namespace
}  // namespace tfseal::aws

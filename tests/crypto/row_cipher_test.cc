#include "crypto/row_cipher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "crypto/digest.h"
#include "crypto/system_entropy.h"
#include "tests/crypto/vectors.h"

namespace tfseal {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::Pattern;

class RowCipherTest : public ::testing::Test {
 protected:
  Envelope Sealed(std::string_view text, bool committing) {
    Envelope envelope;
    EXPECT_TRUE(cipher_.Seal(key_, text, aad_, committing, envelope).ok());
    return envelope;
  }

  SystemEntropy entropy_;
  RowCipher cipher_{entropy_};
  SecretBytes key_{Pattern(32, 7)};
  std::string aad_ = AssociatedData(AadScheme::kTfsealV1, {"connections", "payload", "\x01\x02", "tenant"});
};

TEST_F(RowCipherTest, OpensWhatItSealed) {
  for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 300U, 16'384U, 1'048'576U}) {
    for (const bool committing : {false, true}) {
      const std::string text = Pattern(size, 3);
      const Envelope envelope = Sealed(text, committing);
      EXPECT_EQ(envelope.iv.size(), 12U);
      EXPECT_EQ(envelope.tag.size(), 16U);
      EXPECT_EQ(envelope.commitment.size(), committing ? 32U : 0U);
      const auto opened = cipher_.Open(key_, envelope, aad_);
      ASSERT_TRUE(opened.ok());
      EXPECT_EQ(opened->Expose(), text);
    }
  }
}

TEST_F(RowCipherTest, OpensIntoMemoryThatIsThere) {
  SecretBytes into;
  for (const std::size_t size : {300U, 300U, 20U, 0U, 300U}) {
    const std::string text = Pattern(size, static_cast<unsigned>(size));
    ASSERT_TRUE(cipher_.OpenInto(key_, Sealed(text, false), aad_, into).ok());
    EXPECT_EQ(into.Expose(), text);
  }
  Envelope damaged = Sealed(Pattern(300, 9), false);
  damaged.tag[0] = static_cast<char>(damaged.tag[0] ^ 1);
  ASSERT_FALSE(cipher_.OpenInto(key_, damaged, aad_, into).ok());
  EXPECT_EQ(into.Expose(), std::string(300, '\0'));
}

TEST_F(RowCipherTest, NeverGivesAnIvTwice) {
  std::set<std::string> ivs;
  for (int i = 0; i < 3000; ++i) EXPECT_TRUE(ivs.insert(Sealed("x", false).iv).second);
}

TEST_F(RowCipherTest, LeavesTheOtherPartsAlone) {
  Envelope envelope;
  envelope.wrapped_key = "wrapped";
  envelope.key_reference = "v2";
  ASSERT_TRUE(cipher_.Seal(key_, "text", aad_, false, envelope).ok());
  EXPECT_EQ(envelope.wrapped_key, "wrapped");
  EXPECT_EQ(envelope.key_reference, "v2");
}

TEST_F(RowCipherTest, RefusesEveryChange) {
  const Envelope envelope = Sealed(Pattern(40, 4), true);
  for (std::string Envelope::*part : {&Envelope::iv, &Envelope::ciphertext, &Envelope::tag, &Envelope::commitment}) {
    for (std::size_t bit = 0; bit < 8 * (envelope.*part).size(); ++bit) {
      Envelope changed = envelope;
      char& byte = (changed.*part)[bit / 8];
      byte = static_cast<char>(byte ^ (1 << bit % 8));
      EXPECT_FALSE(cipher_.Open(key_, changed, aad_).ok());
    }
    for (std::size_t size = 0; size < (envelope.*part).size(); ++size) {
      Envelope changed = envelope;
      (changed.*part).resize(size);
      // A value without a commitment is a value of a format without one: the formats see to it that it is there.
      if (part == &Envelope::commitment && size == 0) continue;
      EXPECT_FALSE(cipher_.Open(key_, changed, aad_).ok());
    }
  }
  for (std::size_t bit = 0; bit < 8 * aad_.size(); ++bit) {
    std::string changed = aad_;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(cipher_.Open(key_, envelope, changed).ok());
  }
  EXPECT_TRUE(cipher_.Open(key_, envelope, aad_).ok());
}

// GCM itself lets one be made that opens under two keys; the commitment is what tells them apart, and it is looked at
// before anything is opened.
TEST_F(RowCipherTest, LooksAtTheCommitmentFirst) {
  const Envelope envelope = Sealed("text", true);
  const auto opened = cipher_.Open(SecretBytes(Pattern(32, 8)), envelope, aad_);
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().message, HasSubstr("commitment"));
  EXPECT_EQ(opened.error().code, ErrorCode::kInvalidInput);
}

TEST_F(RowCipherTest, RefusesKeysOfOtherLengths) {
  for (const std::size_t size : {0U, 16U, 24U, 31U, 33U, 64U}) {
    Envelope envelope;
    EXPECT_FALSE(cipher_.Seal(SecretBytes(Pattern(size, 1)), "x", aad_, false, envelope).ok());
    EXPECT_FALSE(cipher_.Open(SecretBytes(Pattern(size, 1)), Sealed("x", false), aad_).ok());
  }
}

TEST_F(RowCipherTest, ErrorsShowNothing) {
  const SecretBytes key("CANARY-KEY-0123456789abcdefghijk");
  Envelope envelope;
  ASSERT_TRUE(cipher_.Seal(key, "CANARY-PLAINTEXT", aad_, true, envelope).ok());
  envelope.ciphertext = "CANARY-CIPHERTEXT";
  std::string messages;
  messages += cipher_.Open(key, envelope, aad_).error().message;
  envelope.tag = "CANARY-TAG";
  messages += cipher_.Open(key, envelope, aad_).error().message;
  envelope.iv = "CANARY-IV";
  messages += cipher_.Open(key, envelope, aad_).error().message;
  messages += cipher_.Open(SecretBytes("CANARY-SHORT"), envelope, aad_).error().message;
  EXPECT_THAT(messages, HasSubstr("authentication failed"));
  EXPECT_THAT(messages, Not(HasSubstr("CANARY")));
}

// Byte for byte as docs/row-formats.md has it.
TEST(AssociatedData, HasLengths) {
  const std::string bytes = AssociatedData(AadScheme::kTfsealV1, {"connections", "payload", "42", "acme"});
  EXPECT_EQ(Hex(bytes),
            "74667365616c41440101"
            "0000000b636f6e6e656374696f6e73"
            "000000077061796c6f6164"
            "000000023432"
            "0000000461636d65");
  EXPECT_EQ(AssociatedData(AadScheme::kNone, {"a", "b", "c", "d"}), "");
}

TEST(AssociatedData, DiffersForEveryPlace) {
  const std::vector<SealedPlace> places = {
      {"a", "b", "c", ""}, {"ab", "", "c", ""}, {"a", "bc", "", ""},  {"a", "b", "", "c"},
      {"", "a", "b", "c"}, {"", "", "", ""},    {"a", "b", "c", "c"}, {std::string("a\0", 2), "b", "c", ""}};
  std::set<std::string> seen;
  for (const SealedPlace& place : places) EXPECT_TRUE(seen.insert(AssociatedData(AadScheme::kTfsealV1, place)).second);
}

TEST(KeyCommitment, IsHmacOfTheKey) {
  const std::string key = Pattern(32, 9);
  EXPECT_EQ(KeyCommitment(SecretBytes(key)), HmacSha256(key, "tfseal:key-commitment:v1"));
}

}  // namespace
}  // namespace tfseal

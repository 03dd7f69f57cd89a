// What NIST and the RFCs say that these functions give.
#include "tests/crypto/vectors.h"

#include <gtest/gtest.h>

#include "crypto/aes_gcm.h"
#include "crypto/aes_kwp.h"
#include "crypto/digest.h"
#include "crypto/hkdf.h"

namespace tfseal {
namespace {

using testing::Bin;
using testing::Vectors;

TEST(Vectors, AesGcm) {
  AesGcm gcm;
  int sealed = 0;
  int refused = 0;
  for (const JsonValue& c : Vectors("crypto-vectors/aes-gcm.json")) {
    SCOPED_TRACE(c["name"].asString());
    const std::string key = Bin(c["key"]);
    const std::string iv = Bin(c["iv"]);
    const std::string aad = Bin(c["aad"]);
    const std::string text = Bin(c["text"]);
    const std::string ciphertext = Bin(c["ciphertext"]);
    const std::string tag = Bin(c["tag"]);
    std::string opened(ciphertext.size(), '?');
    const bool valid = gcm.Open({key, iv, aad, ciphertext}, tag, opened.data());
    ASSERT_EQ(valid, c["valid"].asBool());
    if (!valid) {
      EXPECT_EQ(opened, std::string(ciphertext.size(), '\0')) << "nothing is given out";
      ++refused;
      continue;
    }
    EXPECT_EQ(opened, text);
    std::string again(text.size(), '?');
    std::string new_tag(kGcmTagSize, '?');
    gcm.Seal({key, iv, aad, text}, again.data(), new_tag.data());
    EXPECT_EQ(again, ciphertext);
    EXPECT_EQ(new_tag, tag);
    ++sealed;
  }
  EXPECT_GT(sealed, 500);
  EXPECT_GT(refused, 100);
}

TEST(Vectors, AesKwp) {
  AesKwp kwp;
  int wrapped = 0;
  int refused = 0;
  for (const JsonValue& c : Vectors("crypto-vectors/aes-kwp.json")) {
    SCOPED_TRACE(c["name"].asString());
    const std::string key = Bin(c["key"]);
    const Result<SecretBytes> opened = kwp.Unwrap(key, Bin(c["wrapped"]));
    ASSERT_EQ(opened.ok(), c["valid"].asBool());
    if (!opened.ok()) {
      ++refused;
      continue;
    }
    EXPECT_EQ(opened->Expose(), Bin(c["text"]));
    EXPECT_EQ(kwp.Wrap(key, Bin(c["text"])), Bin(c["wrapped"]));
    ++wrapped;
  }
  EXPECT_GT(wrapped, 500);
  EXPECT_GT(refused, 50);
}

// What somebody who has the wrapping key can make: other lengths, dirty padding, other constants.
TEST(Vectors, AesKwpMadeToDeceive) {
  AesKwp kwp;
  int valid = 0;
  int refused = 0;
  for (const JsonValue& c : Vectors("crypto-vectors/aes-kwp-hostile.json")) {
    const Result<SecretBytes> opened = kwp.Unwrap(Bin(c["key"]), Bin(c["wrapped"]));
    EXPECT_EQ(opened.ok(), c["valid"].asBool()) << c["name"].asString();
    if (opened.ok()) {
      EXPECT_EQ(opened->Expose(), Bin(c["text"]));
    }
    ++(opened.ok() ? valid : refused);
  }
  EXPECT_EQ(valid, 9);
  EXPECT_GT(refused, 300);
}

TEST(Vectors, Hkdf) {
  const JsonValue cases = Vectors("crypto-vectors/hkdf-sha256.json");
  EXPECT_EQ(cases.size(), 3U);
  for (const JsonValue& c : cases) {
    const std::string key = Bin(c["key"]);
    const std::string salt = Bin(c["salt"]);
    const std::string info = Bin(c["info"]);
    const auto derived = Hkdf({.hash = HkdfHash::kSha256, .key = key, .salt = salt, .info = info}, c["size"].asUInt());
    ASSERT_TRUE(derived.ok());
    EXPECT_EQ(derived->Expose(), Bin(c["derived"])) << c["name"].asString();
  }
  EXPECT_FALSE(Hkdf({.hash = HkdfHash::kSha256, .key = "k", .salt = {}, .info = {}}, 255 * 32 + 1).ok());
  EXPECT_FALSE(Hkdf({.hash = HkdfHash::kSha256, .key = "k", .salt = {}, .info = {}}, 0).ok());
}

TEST(Vectors, HmacSha256) {
  const JsonValue cases = Vectors("crypto-vectors/hmac-sha256.json");
  EXPECT_GE(cases.size(), 6U);
  for (const JsonValue& c : cases) {
    // One of them has a truncated result.
    const std::string mac = Bin(c["mac"]);
    EXPECT_EQ(HmacSha256(Bin(c["key"]), Bin(c["text"])).substr(0, mac.size()), mac) << c["name"].asString();
  }
}

// Many keys side by side give what each gives alone, whatever their lengths and whichever of them are damaged.
TEST(AesKwp, ManyAreAsEachAlone) {
  AesKwp kwp;
  const std::string wrapping = testing::Pattern(32, 1);
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < 700; ++i)
    keys.push_back(testing::Pattern(i < 600 ? 32 : i - 599, static_cast<unsigned>(i)));
  const std::vector<std::string_view> texts(keys.begin(), keys.end());
  std::vector<std::string> wrapped = kwp.WrapAll(wrapping, texts);
  ASSERT_EQ(wrapped.size(), keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) EXPECT_EQ(wrapped[i], AesKwp().Wrap(wrapping, keys[i])) << i;
  for (std::size_t i = 0; i < wrapped.size(); i += 7) wrapped[i][i % wrapped[i].size()] ^= 1;
  for (std::size_t i = 1; i < wrapped.size(); i += 70) wrapped[i].resize(wrapped[i].size() - 1);
  wrapped[2].clear();
  wrapped[3].resize(8);
  const std::vector<std::string_view> blobs(wrapped.begin(), wrapped.end());
  const std::vector<Result<SecretBytes>> opened = kwp.UnwrapAll(wrapping, blobs);
  ASSERT_EQ(opened.size(), keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const bool damaged = i % 7 == 0 || i % 70 == 1 || i == 2 || i == 3;
    ASSERT_EQ(opened[i].ok(), !damaged) << i;
    if (!damaged) {
      EXPECT_EQ(opened[i]->Expose(), keys[i]) << i;
    }
  }
}

// A key that stays in the context gives what it gives each time anew; a call with another key ends that.
TEST(AesGcm, AKeptKeyIsTheSameKey) {
  const std::string key = testing::Pattern(32, 1);
  const std::string iv = testing::Pattern(12, 2);
  const std::string text = testing::Pattern(60, 3);
  const auto seal = [&](AesGcm& gcm, std::string_view with) {
    std::string sealed(text.size() + kGcmTagSize, '\0');
    gcm.Seal({with, iv, "aad", text}, sealed.data(), sealed.data() + text.size());
    return sealed;
  };
  AesGcm gcm;
  gcm.UseKey(key);
  const std::string sealed = seal(gcm, {});
  AesGcm fresh;
  EXPECT_EQ(sealed, seal(fresh, key));
  EXPECT_EQ(sealed, seal(gcm, {}));
  std::string opened(text.size(), '\0');
  const std::string_view ciphertext = std::string_view(sealed).substr(0, text.size());
  const std::string_view tag = std::string_view(sealed).substr(text.size());
  EXPECT_TRUE(gcm.Open({{}, iv, "aad", ciphertext}, tag, opened.data()));
  EXPECT_EQ(opened, text);
  EXPECT_FALSE(gcm.Open({{}, iv, "other", ciphertext}, tag, opened.data()));
  EXPECT_NE(seal(gcm, testing::Pattern(32, 9)), sealed);
  EXPECT_DEATH(seal(gcm, {}), "");
}

TEST(AesKwp, RefusesEveryChange) {
  AesKwp kwp;
  const std::string wrapping = testing::Pattern(32, 1);
  const std::string wrapped = kwp.Wrap(wrapping, testing::Pattern(32, 2));
  ASSERT_EQ(wrapped.size(), 40U);
  for (std::size_t bit = 0; bit < 8 * wrapped.size(); ++bit) {
    std::string changed = wrapped;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(kwp.Unwrap(wrapping, changed).ok()) << bit;
  }
  for (std::size_t size = 0; size < wrapped.size(); ++size) {
    EXPECT_FALSE(kwp.Unwrap(wrapping, wrapped.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(kwp.Unwrap(wrapping, wrapped + std::string(8, '\0')).ok());
  EXPECT_TRUE(kwp.Unwrap(wrapping, wrapped).ok());
}

}  // namespace
}  // namespace tfseal

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base64.h"
#include "crypto/formats/row_formats.h"
#include "tests/crypto/vectors.h"

namespace tfseal {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::Pattern;

// Seed data of an application with envelope encryption: payload, iv, wrapped key, nonce of the wrapped key.
FormatOptions Connections() {
  FormatOptions options;
  options.columns = {
      {ColumnRole::kCiphertext}, {ColumnRole::kIv}, {ColumnRole::kWrappedKey}, {ColumnRole::kWrappedKeyNonce}};
  return options;
}

std::unique_ptr<RowFormat> Make(const FormatOptions& options) {
  auto format = MakeRowFormat(options);
  EXPECT_TRUE(format.ok()) << format.error().message;
  return std::move(format).value();
}

Envelope Sample() {
  return {.iv = Pattern(12, 1),
          .ciphertext = Pattern(50, 2),
          .tag = Pattern(16, 3),
          .wrapped_key = Pattern(60, 4),
          .wrapped_key_nonce = {},
          .commitment = {},
          .key_reference = {},
          .associated = {}};
}

void ExpectSame(const Envelope& a, const Envelope& b) {
  EXPECT_EQ(a.iv, b.iv);
  EXPECT_EQ(a.ciphertext, b.ciphertext);
  EXPECT_EQ(a.tag, b.tag);
  EXPECT_EQ(a.wrapped_key, b.wrapped_key);
  EXPECT_EQ(a.wrapped_key_nonce, b.wrapped_key_nonce);
  EXPECT_EQ(a.commitment, b.commitment);
}

TEST(Columns, PutsPartsWhereTheyBelong) {
  const auto format = Make(Connections());
  const Envelope e = Sample();
  const auto values = format->Build(e);
  ASSERT_TRUE(values.ok());
  EXPECT_EQ((*values)[0], e.ciphertext + e.tag);
  EXPECT_EQ((*values)[1], e.iv);
  EXPECT_EQ((*values)[2], e.wrapped_key);
  EXPECT_EQ((*values)[3], std::nullopt);
  const auto parsed = format->Parse(*values);
  ASSERT_TRUE(parsed.ok());
  ExpectSame(*parsed, e);
}

// What a rewrap reads: the wrapped key, and of the other columns how long they are.
TEST(Columns, TheWrappedKeyIsReadAndWrittenAlone) {
  const auto format = Make(Connections());
  ASSERT_TRUE(format->keeps_key_apart());
  const auto length = [](std::uint32_t n) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>((n >> shift) & 0xFFU);
    return bytes;
  };
  Envelope e;
  ColumnValues values = {length(66), length(12), Pattern(60, 4), std::nullopt};
  ASSERT_TRUE(format->ParseKeyInto(values, e).ok());
  EXPECT_EQ(e.wrapped_key, Pattern(60, 4));
  EXPECT_EQ(e.wrapped_key_nonce, "");
  EXPECT_EQ(e.ciphertext + e.iv + e.tag, "");
  e.wrapped_key = Pattern(60, 9);
  ColumnValues built;
  ASSERT_TRUE(format->BuildKeyInto(e, built).ok());
  EXPECT_EQ(built, (ColumnValues{std::nullopt, std::nullopt, Pattern(60, 9), std::nullopt}));
  values[0] = length(15);
  EXPECT_THAT(format->ParseKeyInto(values, e).error().message, HasSubstr("has 15 bytes, less than 16"));
  values[0] = length(16);
  EXPECT_TRUE(format->ParseKeyInto(values, e).ok());
  values[1] = length(11);
  EXPECT_THAT(format->ParseKeyInto(values, e).error().message, HasSubstr("iv has 11 bytes, not 12"));
  values[1] = std::nullopt;
  EXPECT_FALSE(format->ParseKeyInto(values, e).ok());
  values[1] = length(12);
  values[2] = std::string(6145, 'w');
  EXPECT_FALSE(format->ParseKeyInto(values, e).ok());
  values[2] = std::nullopt;
  EXPECT_TRUE(format->ParseKeyInto(values, e).ok()) << "a row of before envelope encryption";
  values[3] = "nonce";
  EXPECT_FALSE(format->ParseKeyInto(values, e).ok());
  FormatOptions direct;
  direct.columns = {{ColumnRole::kCiphertext}, {ColumnRole::kIv}};
  EXPECT_FALSE(Make(direct)->keeps_key_apart());
}

TEST(Columns, EveryPlacementComesBack) {
  int layouts = 0;
  for (const IvPlace iv : {IvPlace::kColumn, IvPlace::kPrefix}) {
    for (const TagPlace tag : {TagPlace::kSuffix, TagPlace::kPrefix, TagPlace::kColumn}) {
      for (const ByteEncoding encoding : {ByteEncoding::kRaw, ByteEncoding::kBase64, ByteEncoding::kHex}) {
        for (const std::size_t size : {0U, 1U, 50U}) {
          FormatOptions options;
          options.iv = iv;
          options.tag = tag;
          options.columns = {{ColumnRole::kWrappedKey, encoding}, {ColumnRole::kCiphertext, encoding}};
          if (iv == IvPlace::kColumn) options.columns.push_back({ColumnRole::kIv, encoding});
          if (tag == TagPlace::kColumn) options.columns.push_back({ColumnRole::kTag, encoding});
          options.columns.push_back({ColumnRole::kCommitment, encoding});
          const auto format = Make(options);
          for (const ColumnKind kind : format->columns()) {
            EXPECT_EQ(kind, encoding == ByteEncoding::kRaw ? ColumnKind::kBytes : ColumnKind::kText);
          }
          Envelope e = Sample();
          e.ciphertext = Pattern(size, 9);
          e.commitment = Pattern(32, 5);
          const auto values = format->Build(e);
          ASSERT_TRUE(values.ok());
          const auto parsed = format->Parse(*values);
          ASSERT_TRUE(parsed.ok()) << parsed.error().message;
          ExpectSame(*parsed, e);
          ++layouts;
        }
      }
    }
  }
  EXPECT_EQ(layouts, 54);
}

// Nothing of what an envelope or the values held before is in what is read or written into them.
TEST(Columns, WritesOverWhatWasThere) {
  for (const ByteEncoding encoding : {ByteEncoding::kRaw, ByteEncoding::kBase64}) {
    FormatOptions options;
    options.columns = {{ColumnRole::kCiphertext, encoding},
                       {ColumnRole::kIv, encoding},
                       {ColumnRole::kWrappedKey, encoding},
                       {ColumnRole::kWrappedKeyNonce, encoding}};
    const auto format = Make(options);
    Envelope e = Sample();
    e.wrapped_key.clear();
    const auto values = format->Build(e);
    ASSERT_TRUE(values.ok());
    const std::string before = Pattern(100, 77);
    Envelope into{before, before, before, before, before, before, before, before};
    ASSERT_TRUE(format->ParseInto(*values, into).ok());
    ExpectSame(into, e);
    EXPECT_EQ(into.key_reference, "");
    EXPECT_EQ(into.associated, "");
    ColumnValues over(4, before);
    ASSERT_TRUE(format->ReplaceInto(over, e, over).ok());
    EXPECT_EQ(over, *values);
  }
}

TEST(Columns, PrefixesAreIvThenTag) {
  FormatOptions options;
  options.iv = IvPlace::kPrefix;
  options.tag = TagPlace::kPrefix;
  options.columns = {{ColumnRole::kCiphertext}};
  Envelope e = Sample();
  e.wrapped_key.clear();
  const auto values = Make(options)->Build(e);
  ASSERT_TRUE(values.ok());
  EXPECT_EQ((*values)[0], e.iv + e.tag + e.ciphertext);
}

// Rows from before envelope encryption.
TEST(Columns, LegacyRowsHaveNoWrappedKey) {
  const auto format = Make(Connections());
  const Envelope e = Sample();
  for (const std::optional<std::string>& missing : {std::optional<std::string>(), std::optional<std::string>("")}) {
    const ColumnValues values = {e.ciphertext + e.tag, e.iv, missing, std::nullopt};
    const auto parsed = format->Parse(values);
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->wrapped_key, "");
  }
}

TEST(Columns, RefusalsNameTheColumn) {
  const auto format = Make(Connections());
  const Envelope e = Sample();
  const std::string text = e.ciphertext + e.tag;
  const auto why = [&format](const ColumnValues& values) {
    const auto parsed = format->Parse(values);
    EXPECT_FALSE(parsed.ok());
    return parsed.ok() ? std::string() : parsed.error().message;
  };
  EXPECT_EQ(why({text, e.iv.substr(1), e.wrapped_key, std::nullopt}), "iv has 11 bytes, not 12");
  EXPECT_EQ(why({text, e.iv + "x", e.wrapped_key, std::nullopt}), "iv has 13 bytes, not 12");
  EXPECT_EQ(why({text.substr(0, 15), e.iv, e.wrapped_key, std::nullopt}), "ciphertext has 15 bytes, less than 16");
  EXPECT_EQ(why({std::nullopt, e.iv, e.wrapped_key, std::nullopt}), "ciphertext is null");
  EXPECT_EQ(why({text, std::nullopt, e.wrapped_key, std::nullopt}), "iv is null");
  EXPECT_EQ(why({text, e.iv, Pattern(6145, 1), std::nullopt}), "wrapped key has 6145 bytes, more than 6144");
  EXPECT_EQ(why({text, e.iv, std::nullopt, "nonce"}), "wrapped key nonce is there without a wrapped key");
  EXPECT_EQ(why({text, e.iv}), "the value has 2 columns, not 4");
}

TEST(Columns, TextIsCanonical) {
  FormatOptions options;
  options.iv = IvPlace::kPrefix;
  for (const auto& [encoding, good, bad] : std::vector<std::tuple<ByteEncoding, std::string, std::vector<std::string>>>{
           {ByteEncoding::kBase64,
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
             " AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-_",
             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=="}},
           {ByteEncoding::kHex,
            std::string(56, '0'),
            {std::string(57, '0'), std::string(54, '0') + "0A", "\\x" + std::string(56, '0'),
             std::string(55, '0') + " "}}}) {
    options.columns = {{ColumnRole::kCiphertext, encoding}};
    const auto format = Make(options);
    EXPECT_TRUE(format->Parse(ColumnValues{good}).ok());
    for (const std::string& text : bad) EXPECT_FALSE(format->Parse(ColumnValues{text}).ok()) << text;
  }
}

TEST(Columns, BuildRefusesWhatHasNoPlace) {
  const auto format = Make(Connections());
  const auto refuses = [&format](std::string Envelope::*part, std::string value) {
    Envelope e = Sample();
    e.*part = std::move(value);
    return !format->Build(e).ok();
  };
  EXPECT_TRUE(refuses(&Envelope::commitment, Pattern(32, 1)));
  EXPECT_TRUE(refuses(&Envelope::key_reference, "v2"));
  EXPECT_TRUE(refuses(&Envelope::associated, "header"));
  EXPECT_TRUE(refuses(&Envelope::iv, "short"));
  EXPECT_TRUE(refuses(&Envelope::tag, "short"));
  Envelope nonce = Sample();
  nonce.wrapped_key.clear();
  nonce.wrapped_key_nonce = "nonce";
  EXPECT_FALSE(format->Build(nonce).ok());
}

TEST(Columns, OptionsFitTogether) {
  const auto refused = [](const FormatOptions& options) {
    const auto format = MakeRowFormat(options);
    return format.ok() ? std::string() : format.error().message;
  };
  FormatOptions options;
  EXPECT_EQ(refused(options), "ciphertext has no column");
  options.columns = {{ColumnRole::kCiphertext}};
  EXPECT_EQ(refused(options), "iv has no column");
  options.columns = {{ColumnRole::kCiphertext}, {ColumnRole::kIv}, {ColumnRole::kIv}};
  EXPECT_EQ(refused(options), "iv is mapped twice");
  options.columns = {{ColumnRole::kCiphertext}, {ColumnRole::kIv}, {ColumnRole::kTag}};
  EXPECT_EQ(refused(options), "tag has a column and a place in the ciphertext");
  options.columns = {{ColumnRole::kCiphertext}, {ColumnRole::kIv}, {ColumnRole::kWrappedKeyNonce}};
  EXPECT_EQ(refused(options), "wrapped key nonce has a column, and the wrapped key has none");
  options.name = "colunms";
  const auto unknown = MakeRowFormat(options);
  ASSERT_FALSE(unknown.ok());
  EXPECT_THAT(unknown.error().hint, HasSubstr("columns"));
}

TEST(Columns, ErrorsShowNothing) {
  FormatOptions options = Connections();
  for (FormatColumn& column : options.columns) column.encoding = ByteEncoding::kBase64;
  const auto format = Make(options);
  std::string messages;
  for (std::size_t i = 0; i < 4; ++i) {
    ColumnValues values = {ToBase64(Pattern(50, 1)), ToBase64(Pattern(12, 1)), ToBase64("x"), std::nullopt};
    values[i] = "CANARY";
    const auto parsed = format->Parse(values);
    ASSERT_FALSE(parsed.ok());
    messages += parsed.error().message + parsed.error().hint;
  }
  EXPECT_THAT(messages, Not(HasSubstr("CANARY")));
}

}  // namespace
}  // namespace tfseal

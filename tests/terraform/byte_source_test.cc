// Encodings that plans come in, and bytes that arrive in pieces of any size.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "crypto/digest.h"
#include "terraform/document_reader.h"
#include "terraform/read.h"

namespace tfseal::terraform {
namespace {

const char kPlan[] =
    "{\"format_version\":\"1.2\",\"resource_changes\":[{\"address\":\"aws_kms_key.k\",\"change\":{\"actions\":["
    "\"create\"],"
    "\"after\":{\"description\":\"\xE2\x80\x9C\xF0\x9F\x94\x91 f\xC3\xBCr die DB\xE2\x80\x9D\"}}}]}\r\n";
const char kDescription[] = "\xE2\x80\x9C\xF0\x9F\x94\x91 f\xC3\xBCr die DB\xE2\x80\x9D";

std::string Utf16(std::u16string_view text, bool big_endian) {
  std::string bytes;
  for (const char16_t unit : text) {
    const char high = static_cast<char>(unit >> 8U);
    const char low = static_cast<char>(unit & 0xFFU);
    bytes += big_endian ? high : low;
    bytes += big_endian ? low : high;
  }
  return bytes;
}

const std::u16string_view kWidePlan =
    u"{\"format_version\":\"1.2\",\"resource_changes\":[{\"address\":\"aws_kms_key.k\",\"change\":{\"actions\":["
    u"\"create\"],"
    u"\"after\":{\"description\":\"\u201C\U0001F511 f\u00FCr die DB\u201D\"}}}]}\r\n";

struct Encoded {
  std::string name;
  std::string bytes;
  bool noted;
};

class Encodings : public ::testing::TestWithParam<Encoded> {};

TEST_P(Encodings, AreReadInPiecesOfAnySize) {
  const std::string& bytes = GetParam().bytes;
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}, std::size_t{64}, SIZE_MAX}) {
    ByteSource source = ByteSource::FromMemory(bytes, "plan.json", piece);
    const Result<Document> document = ReadDocumentFrom(source, "plan.json", Interest::Everything());
    ASSERT_TRUE(document.ok()) << piece << ": " << document.error().message;
    ASSERT_EQ(document->resources.size(), 1U);
    EXPECT_EQ(document->resources[0].after.Get("description").text(), kDescription) << piece;
    EXPECT_EQ(document->bytes, bytes.size());
    EXPECT_EQ(document->sha256, Sha256Hex(bytes)) << "of the bytes as given";
    EXPECT_EQ(!document->notes.empty(), GetParam().noted);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Encodings,
                         ::testing::Values(Encoded{"utf8", kPlan, false},
                                           Encoded{"utf8_with_mark", std::string("\xEF\xBB\xBF") + kPlan, true},
                                           Encoded{"utf16_little_endian", "\xFF\xFE" + Utf16(kWidePlan, false), true},
                                           Encoded{"utf16_big_endian", "\xFE\xFF" + Utf16(kWidePlan, true), true},
                                           Encoded{"utf16_little_endian_without_mark", Utf16(kWidePlan, false), true},
                                           Encoded{"utf16_big_endian_without_mark", Utf16(kWidePlan, true), true}),
                         [](const auto& param_info) { return param_info.param.name; });

TEST(Utf16, CutInACharacterIsAnError) {
  const std::string whole = "\xFF\xFE" + Utf16(kWidePlan, false);
  for (std::size_t size = 3; size < whole.size() - 4; ++size) {
    EXPECT_FALSE(ReadDocumentFromMemory(whole.substr(0, size), "plan.json", Interest::Everything()).ok()) << size;
  }
  std::u16string lone(kWidePlan);
  lone[lone.find(u'\xD83D') + 1] = u'x';
  EXPECT_FALSE(ReadDocumentFromMemory("\xFF\xFE" + Utf16(lone, false), "plan.json", Interest::Everything()).ok());
}

TEST(Files, ThatCannotBeReadSayWhy) {
  const auto missing = ReadDocument("no/such/plan.json", Interest::Everything());
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  const auto directory = ReadDocument("/", Interest::Everything());
  ASSERT_FALSE(directory.ok());
  EXPECT_THAT(directory.error().message, ::testing::HasSubstr("is a directory"));
}

}  // namespace
}  // namespace tfseal::terraform

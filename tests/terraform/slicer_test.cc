// The scanner: every instruction set finds the same structure, wherever the reads end, and work grows with the input.
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "terraform/block_scan.h"
#include "terraform/json_text.h"
#include "terraform/slicer.h"

namespace tfseal::terraform {
namespace {

struct Scanned {
  ScanEnd end = ScanEnd::kNeedsBytes;
  std::size_t done = 0;
  std::vector<std::uint32_t> at;
  std::vector<std::uint32_t> match;
  bool operator==(const Scanned&) const = default;
};

Scanned Scan(BlockScanFunction function, const std::string& text, std::size_t step, bool indexed) {
  std::vector<std::uint32_t> at(text.size() + 128);
  std::vector<std::uint32_t> match(text.size() + 128);
  BlockScan scan;
  if (indexed) {
    scan.at = at.data();
    scan.match = match.data();
    scan.room = at.size();
  }
  Scanned result;
  for (std::size_t size = std::min(step, text.size());; size = std::min(size + step, text.size())) {
    result.end = function(text.data(), size, size == text.size(), scan);
    if (result.end != ScanEnd::kNeedsBytes || size == text.size()) break;
  }
  result.done = scan.done;
  if (indexed && result.end == ScanEnd::kClosed) {
    result.at.assign(at.begin(), at.begin() + static_cast<std::ptrdiff_t>(scan.entries));
    for (std::size_t i = 0; i < scan.entries; ++i) {
      const bool bracket = std::strchr("{}[]", text[at[i]]) != nullptr;
      result.match.push_back(bracket ? match[i] : 0);
    }
  }
  return result;
}

// The same by hand, byte by byte.
Scanned ScanByHand(const std::string& text) {
  Scanned result;
  std::vector<std::uint32_t> open;
  bool in_string = false;
  bool escaped = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto note = [&] {
      result.at.push_back(static_cast<std::uint32_t>(i));
      result.match.push_back(0);
    };
    if (in_string ? static_cast<unsigned char>(c) < 0x20 : c == '\\') return {ScanEnd::kForbidden, i, {}, {}};
    if (escaped) {
      escaped = false;
    } else if (c == '\\') {
      escaped = true;
    } else if (c == '"') {
      in_string = !in_string;
      note();
    } else if (!in_string && (c == ',' || c == ':')) {
      note();
    } else if (!in_string && (c == '{' || c == '[')) {
      note();
      if (open.size() == kDepthLimit) return {ScanEnd::kTooDeep, i, {}, {}};
      open.push_back(static_cast<std::uint32_t>(result.at.size() - 1));
    } else if (!in_string && (c == '}' || c == ']')) {
      note();
      const std::uint32_t partner = open.back();
      open.pop_back();
      if (text[result.at[partner]] + 2 != c) return {ScanEnd::kMismatched, i, {}, {}};
      result.match[partner] = static_cast<std::uint32_t>(result.at.size() - 1);
      result.match.back() = partner;
      if (open.empty()) {
        result.end = ScanEnd::kClosed;
        result.done = i + 1;
        return result;
      }
    }
  }
  return {ScanEnd::kNeedsBytes, text.size(), {}, {}};
}

std::string RandomText(std::mt19937& random) {
  static constexpr char kAlphabet[] = "{}[]\"\"\",,: a1\n";
  std::string text(1, random() % 2 == 0 ? '{' : '[');
  const std::size_t size = random() % 400;
  for (std::size_t i = 0; i < size; ++i) {
    if (random() % 2 == 0) {
      text += "[\"ab\\\"c\",{\"k\":1}],";
    } else {
      text += kAlphabet[random() % (sizeof(kAlphabet) - 1)];
    }
  }
  return text + (text[0] == '{' ? "}" : "]");
}

TEST(BlockScan, AgreesWithReadingByteByByte) {
  BlockScanChoice choices[4];
  const std::size_t count = BlockScanChoices(choices);
  ASSERT_GE(count, 1U);
  std::mt19937 random(20261122);
  std::size_t closed = 0;
  for (int round = 0; round < 4000; ++round) {
    const std::string text = RandomText(random);
    const Scanned expected = ScanByHand(text);
    closed += expected.end == ScanEnd::kClosed && expected.done > 64 ? 1 : 0;
    for (std::size_t i = 0; i < count; ++i) {
      for (const std::size_t step : {std::size_t{64}, std::size_t{65}, std::size_t{190}, text.size()}) {
        ASSERT_EQ(Scan(choices[i].function, text, step, true), expected)
            << choices[i].name << " " << step << " " << text;
        const Scanned skipped = Scan(choices[i].function, text, step, false);
        ASSERT_EQ(skipped.end, expected.end) << choices[i].name << " " << text;
        ASSERT_EQ(skipped.done, expected.done) << choices[i].name << " " << text;
      }
    }
  }
  EXPECT_GT(closed, 20U) << "the random texts must not all end at once";
}

TEST(BlockScan, StopsAtTheDepthLimit) {
  for (const std::size_t depth : {std::size_t{511}, std::size_t{512}, std::size_t{513}}) {
    const std::string text = std::string(depth, '[') + std::string(depth, ']');
    EXPECT_EQ(Scan(ChooseBlockScan(), text, text.size(), true).end, depth > 512 ? ScanEnd::kTooDeep : ScanEnd::kClosed);
  }
}

// Walks any document through a small buffer and counts its values.
std::size_t CountValues(Slicer& slicer) {
  std::size_t count = 1;
  std::string_view key;
  std::string text;
  if (slicer.Peek() == '{') {
    slicer.EnterObject();
    while (slicer.NextMember(key)) count += CountValues(slicer);
  } else if (slicer.Peek() == '[') {
    slicer.EnterArray();
    while (slicer.NextElement()) count += CountValues(slicer);
  } else if (!slicer.TakeString(text) && !slicer.TakeScalar(text)) {
    slicer.FailHere("has no value");
  }
  return count;
}

TEST(Slicer, WalksAcrossTheEndsOfItsBuffer) {
  std::string json = "[";
  for (int i = 0; i < 300; ++i) {
    json +=
        R"({"name":"a long enough value with \"quotes\" and \u00e9","list":[1,-2.5e3,true,false,null],"empty":{}} , )";
  }
  json += "0]";
  for (std::size_t piece = 1; piece < 300; piece += 13) {
    ByteSource source = ByteSource::FromMemory(json, "test", piece);
    Slicer slicer(source, 256);
    EXPECT_EQ(CountValues(slicer), 1U + 300 * 9 + 1) << piece;
    EXPECT_TRUE(slicer.AtEnd()) << slicer.error().message;
  }
}

TEST(Slicer, LeavesAnObjectFromItsMiddle) {
  std::string json = "[";
  for (int i = 0; i < 100; ++i) {
    json += R"({"name":"a \"}\" b", "rest" : {"x":[1,{"y":"]}"}]},"more":"}", "last":[{}] } , )";
  }
  json += "0]";
  for (std::size_t piece = 1; piece < 300; piece += 13) {
    ByteSource source = ByteSource::FromMemory(json, "test", piece);
    Slicer slicer(source, 256);
    slicer.EnterArray();
    std::size_t objects = 0;
    while (slicer.NextElement() && slicer.Peek() == '{') {
      std::string_view key;
      slicer.EnterObject();
      slicer.NextMember(key);
      slicer.Skip();
      slicer.NextMember(key);
      EXPECT_EQ(key, "rest");
      EXPECT_TRUE(slicer.SkipRestOfObject()) << slicer.error().message;
      ++objects;
    }
    EXPECT_EQ(objects, 100U) << piece;
    EXPECT_TRUE(slicer.Skip() && !slicer.NextElement() && slicer.AtEnd());
  }
}

TEST(Slicer, CapturesElementsLargerThanItsBuffer) {
  const std::string large = R"({"text":")" + std::string(5000, 'x') + R"(","list":[)" + std::string(4000, ' ') + "]}";
  const std::string json = "[" + large + ",{}," + large + "]";
  for (const std::size_t piece : {std::size_t{1}, std::size_t{100}, std::size_t{4096}, SIZE_MAX}) {
    ByteSource source = ByteSource::FromMemory(json, "test", piece);
    Slicer slicer(source, 256);
    slicer.EnterArray();
    std::vector<std::string> captured;
    JsonSlice slice;
    while (slicer.NextElement() && slicer.Capture("the list", slice)) captured.emplace_back(slice.text, slice.size);
    ASSERT_FALSE(slicer.failed()) << slicer.error().message;
    EXPECT_EQ(captured, (std::vector<std::string>{large, "{}", large}));
    EXPECT_TRUE(slicer.AtEnd());
  }
}

TEST(Slicer, SkipsOnlyWhatIsTheSameAndReadInAlready) {
  const std::string one = R"({"a":[1,"}"],"b":{}})";
  const std::string json = "[" + one + " , " + one + R"(,{"a":[1,"}"],"b":[]},"a",)" + one + "]";
  for (std::size_t piece = 1; piece < 200; piece += 7) {
    ByteSource source = ByteSource::FromMemory(json, "test", piece);
    Slicer slicer(source, 256);
    slicer.EnterArray();
    std::string known;
    std::size_t same = 0;
    std::size_t others = 0;
    while (slicer.NextElement()) {
      if (slicer.SkipSame(known)) {
        ++same;
        continue;
      }
      slicer.Peek();
      const std::uint64_t start = slicer.offset();
      EXPECT_TRUE(slicer.Skip());
      if (++others == 1) {
        known = slicer.TakenSince(start);
        EXPECT_TRUE(known.empty() || known == one) << known;
      }
    }
    EXPECT_TRUE(slicer.AtEnd()) << slicer.error().message;
    EXPECT_EQ(same + others, 5U) << piece;
    EXPECT_GE(others, 3U) << piece;
    if (piece > json.size()) {
      EXPECT_EQ(same, 2U);
      EXPECT_EQ(slicer.TakenSince(slicer.offset()), "");
    }
  }
}

// Bytes that the slicer looks at or moves, for a document of `elements` elements.
std::uint64_t Work(std::size_t elements, bool capture) {
  std::string json = "[";
  for (std::size_t i = 0; i < elements; ++i) {
    json += R"({"a":[{"b":"text"},2,3]},)";
  }
  json += R"({"large":")" + std::string(elements * 20, 'x') + R"("}])";
  ByteSource source = ByteSource::FromMemory(json, "test", 4096);
  Slicer slicer(source, 8192);
  slicer.EnterArray();
  JsonSlice slice;
  while (slicer.NextElement() && (capture ? slicer.Capture("the list", slice) : slicer.Skip())) continue;
  EXPECT_TRUE(slicer.AtEnd());
  return slicer.work();
}

TEST(Slicer, WorkGrowsWithTheInputAndNoFaster) {
  for (const bool capture : {false, true}) {
    const std::uint64_t once = Work(20000, capture);
    const std::uint64_t four_times = Work(80000, capture);
    EXPECT_GT(once, 20000U);
    EXPECT_LT(four_times, once * 5) << capture;
  }
}

TEST(JsonText, KnowsNumbers) {
  for (const char* number : {"0", "-0", "12", "1.5", "-1.5e10", "1E+9", "123456789012345678901234567890"}) {
    EXPECT_TRUE(IsNumber(number)) << number;
  }
  for (const char* other : {"", "-", "01", "1.", ".5", "1e", "1e+", "+1", "0x1", "1 ", "Infinity", "NaN"}) {
    EXPECT_FALSE(IsNumber(other)) << other;
  }
}

TEST(JsonText, FindsInvalidUtf8) {
  EXPECT_EQ(FirstInvalidUtf8("plain \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x94\x91"), 17U);
  struct Case {
    std::string text;
    std::size_t at;
  };
  for (const Case& c : {Case{"a\xFF", 1}, Case{"a\xC0\xAF", 1}, Case{"\xED\xA0\x80", 0}, Case{"\xF4\x90\x80\x80", 0},
                        Case{"ab\xE2\x82", 2}, Case{"\x80", 0}, Case{"\xE0\x80\x80", 0}}) {
    EXPECT_EQ(FirstInvalidUtf8(c.text), c.at);
  }
}

TEST(JsonText, FindsBackslashesAtEveryPlace) {
  for (std::size_t size = 0; size < 100; ++size) {
    std::string text(size, '\x5D');  // one bit away from a backslash
    EXPECT_FALSE(HasBackslash(text)) << size;
    for (std::size_t i = 0; i < size; ++i) {
      text[i] = '\\';
      EXPECT_TRUE(HasBackslash(text)) << size << " " << i;
      text[i] = '\x5D';
    }
  }
}

TEST(JsonText, KnowsWhereAStringStopsBeingPlain) {
  for (std::size_t size = 0; size < 40; ++size) {
    std::string text(size, '!');  // one above a quote is not one, nor is any byte of a UTF-8 character
    if (size > 2) text.replace(size / 2, 2, "\xC3\xA2");
    EXPECT_EQ(PlainPrefix(text), size);
    for (std::size_t i = 0; i < size; ++i) {
      for (const char special : {'"', '\\', '\n', '\x1F', '\0'}) {
        std::string other = text;
        other[i] = special;
        EXPECT_EQ(PlainPrefix(other), i) << size << " " << static_cast<int>(special);
      }
    }
  }
}

}  // namespace
}  // namespace tfseal::terraform

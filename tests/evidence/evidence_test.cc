#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>

#include "core/file.h"
#include "core/system_clock.h"
#include "crypto/digest.h"
#include "evidence/chain.h"
#include "evidence/merkle.h"
#include "evidence/seal.h"
#include "tests/support/run_program.h"

namespace tfseal::evidence {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Made for this test alone.
constexpr const char* kPrivateKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpe4SpFzFhvP8bf2Bg\n"
    "-----END PRIVATE KEY-----\n";

Ed25519SigningKey SigningKey() {
  return Ed25519SigningKey::FromPem(kPrivateKey).value();
}

class EvidenceTest : public ::testing::Test {
 public:
  std::string Path() const { return directory_.path() + "/job-1.jsonl"; }
  std::string Text() const { return ReadFileBounded(Path(), 1 << 20).value(); }
  void Write(int records) {
    auto writer = ChainWriter::Open(Path(), clock_);
    ASSERT_TRUE(writer.ok());
    for (int i = 0; i < records; ++i) {
      JsonValue body(Json::objectValue);
      body["rows"] = i * 1000;
      ASSERT_TRUE(writer->Append("segment", body).ok());
    }
  }

 private:
  testing::TemporaryDirectory directory_;
  SystemClock clock_;
};

TEST(Merkle, TheRootsOfRfc6962) {
  // The leaves and roots of the reference log of certificate transparency.
  const std::vector<std::string> leaves = {std::string(),
                                           std::string(1, '\0'),
                                           "\x10",
                                           "\x20\x21",
                                           "\x30\x31",
                                           "\x40\x41\x42\x43",
                                           "\x50\x51\x52\x53\x54\x55\x56\x57",
                                           "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"};
  const std::vector<std::string> roots = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                          "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                          "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                          "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                          "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                          "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                          "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  MerkleTree tree;
  EXPECT_EQ(Hex(tree.Root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    tree.Append(leaves[i]);
    EXPECT_EQ(Hex(tree.Root()), roots[i]) << i;
  }
}

TEST_F(EvidenceTest, AChainGoesOnWhereItEnded) {
  Write(3);
  Write(2);
  const Chain chain = ReadChain(Text());
  EXPECT_THAT(chain.problems, IsEmpty());
  ASSERT_EQ(chain.records.size(), 5U);
  EXPECT_EQ(chain.records[4].sequence, 4U);
  EXPECT_EQ(chain.records[4].body["rows"].asInt(), 1000);
}

TEST_F(EvidenceTest, EveryBitFlipIsSeen) {
  Write(3);
  const std::string text = Text();
  const auto key = SigningKey();
  const std::string seal = MakeSeal(ReadChain(text), "job-1.jsonl", JsonValue("ok"), &key).value();
  const std::vector<Ed25519PublicKey> trusted = {key.public_key()};
  const SealCheck good = CheckSeal(ReadChain(text), "job-1.jsonl", seal, trusted);
  EXPECT_THAT(good.problems, IsEmpty());
  EXPECT_EQ(good.signature, SignatureState::kGood);
  EXPECT_EQ(good.outcome.asString(), "ok");
  for (std::size_t i = 0; i < text.size() * 8; ++i) {
    std::string flipped = text;
    flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << (i % 8)));
    EXPECT_THAT(CheckSeal(ReadChain(flipped), "job-1.jsonl", seal, trusted).problems, Not(IsEmpty())) << i;
  }
  // The last byte of the seal is the end of its line.
  for (std::size_t i = 0; i < (seal.size() - 1) * 8; ++i) {
    std::string flipped = seal;
    flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << (i % 8)));
    const SealCheck check = CheckSeal(ReadChain(text), "job-1.jsonl", flipped, trusted);
    EXPECT_TRUE(!check.problems.empty() || check.signature != SignatureState::kGood) << i;
  }
}

TEST_F(EvidenceTest, DroppedReorderedRepeatedAndCutLinesAreSeen) {
  Write(4);
  const std::string text = Text();
  const std::string seal = MakeSeal(ReadChain(text), "job-1.jsonl", JsonValue("ok"), nullptr).value();
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at) + 1;
    lines.push_back(text.substr(at, end - at));
    at = end;
  }
  const auto problems = [&](const std::vector<std::string>& changed) {
    std::string joined;
    for (const std::string& line : changed) joined += line;
    return CheckSeal(ReadChain(joined), "job-1.jsonl", seal, {}).problems;
  };
  EXPECT_THAT(problems(lines), IsEmpty());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::vector<std::string> dropped = lines;
    dropped.erase(dropped.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_THAT(problems(dropped), Not(IsEmpty())) << "without line " << i;
    std::vector<std::string> repeated = lines;
    repeated.insert(repeated.begin() + static_cast<std::ptrdiff_t>(i), lines[i]);
    EXPECT_THAT(problems(repeated), Not(IsEmpty())) << "line " << i << " twice";
    for (std::size_t j = i + 1; j < lines.size(); ++j) {
      std::vector<std::string> swapped = lines;
      std::swap(swapped[i], swapped[j]);
      EXPECT_THAT(problems(swapped), Not(IsEmpty())) << i << " and " << j;
    }
  }
  for (std::size_t bytes = 0; bytes < text.size(); ++bytes) {
    EXPECT_THAT(CheckSeal(ReadChain(text.substr(0, bytes)), "job-1.jsonl", seal, {}).problems, Not(IsEmpty())) << bytes;
  }
  EXPECT_THAT(CheckSeal(ReadChain(text), "job-2.jsonl", seal, {}).problems, Not(IsEmpty())) << "another chain's seal";
}

TEST_F(EvidenceTest, BehindTheSealOfARunThatIsNotOverThereMayBeMore) {
  JsonValue begun(Json::objectValue);
  begun["end"] = std::string(kBegun);
  const std::string first = MakeSeal(ReadChain(""), "job-1.jsonl", begun, nullptr).value();
  Write(2);
  const std::string two = Text();
  const std::string open = MakeSeal(ReadChain(two), "job-1.jsonl", begun, nullptr).value();
  JsonValue over(Json::objectValue);
  over["end"] = "retired";
  const std::string closed = MakeSeal(ReadChain(two), "job-1.jsonl", over, nullptr).value();
  Write(3);
  const std::string five = Text();
  const auto check = [](const std::string& text, const std::string& seal) {
    return CheckSeal(ReadChain(text), "job-1.jsonl", seal, {});
  };
  for (const auto& [seal, unsealed] : {std::pair{first, 5U}, std::pair{open, 3U}}) {
    EXPECT_THAT(check(five, seal).problems, IsEmpty());
    EXPECT_EQ(check(five, seal).unsealed, unsealed);
    EXPECT_THAT(check(five, seal).incomplete, HasSubstr("of 5 records are sealed"));
  }
  EXPECT_THAT(check(two, open).incomplete, HasSubstr("stopped after 2 records"));
  EXPECT_THAT(check(two, closed).incomplete, IsEmpty());
  // What was over does not go on, and what is sealed stays as it was.
  EXPECT_THAT(check(five, closed).problems, Not(IsEmpty()));
  EXPECT_THAT(check("", open).problems, Not(IsEmpty()));
  const std::size_t line = five.find('\n') + 1;
  EXPECT_THAT(check(five.substr(line), open).problems, Not(IsEmpty())) << "without the first line";
  EXPECT_THAT(check(five, "").problems, Not(IsEmpty())) << "without its seal";
  // A power failure leaves part of a line.
  for (std::size_t bytes = two.size() + 1; bytes < five.size(); ++bytes) {
    if (five[bytes - 1] == '\n') continue;
    EXPECT_THAT(check(five.substr(0, bytes), open).problems, IsEmpty()) << bytes;
    EXPECT_THAT(check(five.substr(0, bytes), open).incomplete, HasSubstr("does not end")) << bytes;
    EXPECT_THAT(check(five.substr(0, bytes), closed).problems, Not(IsEmpty())) << bytes;
  }
}

TEST_F(EvidenceTest, ALineThatWasCutOffIsWrittenAnew) {
  Write(2);
  const std::string two = Text();
  ASSERT_TRUE(WriteFileAtomically(Path(), two + two.substr(0, 40)).ok());
  Write(1);
  const Chain chain = ReadChain(Text());
  EXPECT_THAT(chain.problems, IsEmpty());
  EXPECT_EQ(chain.torn, 0U);
  EXPECT_EQ(chain.records.size(), 3U);
  EXPECT_EQ(Text().substr(0, two.size()), two);
}

// A limit on the size of files does what a device does that has no room for the whole line.
TEST_F(EvidenceTest, ADeviceThatIsFullLeavesNoHalfLine) {
  Write(2);
  const std::string two = Text();
  SystemClock clock;
  auto writer = ChainWriter::Open(Path(), clock);
  ASSERT_TRUE(writer.ok());
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit small = before;
  small.rlim_cur = two.size() + 20;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status written = writer->Append("segment", JsonValue(Json::objectValue));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_NE(std::signal(SIGXFSZ, handler), SIG_ERR);
  EXPECT_FALSE(written.ok());
  EXPECT_EQ(Text(), two);
  EXPECT_FALSE(writer->Append("segment", JsonValue(Json::objectValue)).ok()) << "the first error ends it";
  Write(1);
  EXPECT_EQ(ReadChain(Text()).records.size(), 3U);
}

TEST_F(EvidenceTest, AForgedChainNeedsTheKey) {
  Write(2);
  const auto key = SigningKey();
  const auto other =
      Ed25519PublicKey::FromBytes(Sha256Raw("not the key of anybody"));  // no point of the curve is needed to refuse
  const std::string unsigned_seal = MakeSeal(ReadChain(Text()), "job-1.jsonl", JsonValue("ok"), nullptr).value();
  const std::vector<Ed25519PublicKey> trusted = {key.public_key()};
  EXPECT_EQ(CheckSeal(ReadChain(Text()), "job-1.jsonl", unsigned_seal, trusted).signature, SignatureState::kNone);
  const std::string seal = MakeSeal(ReadChain(Text()), "job-1.jsonl", JsonValue("ok"), &key).value();
  const std::vector<Ed25519PublicKey> others = {*other};
  EXPECT_EQ(CheckSeal(ReadChain(Text()), "job-1.jsonl", seal, others).signature, SignatureState::kUnknown);
}

TEST_F(EvidenceTest, AChainThatIsDamagedIsNotContinued) {
  Write(2);
  std::string text = Text();
  text[10] = 'x';
  ASSERT_TRUE(WriteFileAtomically(Path(), text).ok());
  SystemClock clock;
  const auto writer = ChainWriter::Open(Path(), clock);
  ASSERT_FALSE(writer.ok());
  EXPECT_EQ(writer.error().code, ErrorCode::kCorrupt);
}

TEST(Keys, AJwkSetGoesThereAndBack) {
  const std::vector<Ed25519PublicKey> keys = {SigningKey().public_key()};
  const auto back = FromJwks(WriteJsonLine(ToJwks(keys)));
  ASSERT_TRUE(back.ok());
  ASSERT_EQ(back->size(), 1U);
  EXPECT_EQ(back->front().bytes(), keys.front().bytes());
  EXPECT_FALSE(Ed25519SigningKey::FromPem("-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n").ok());
}

// Another implementation of JWS and of Ed25519 reads what is written here.
TEST_F(EvidenceTest, APythonProgramVerifiesTheSeal) {
  Write(2);
  const auto key = SigningKey();
  testing::TemporaryDirectory directory;
  ASSERT_TRUE(WriteFileAtomically(directory.path() + "/seal.json",
                                  MakeSeal(ReadChain(Text()), "job-1.jsonl", JsonValue("ok"), &key).value())
                  .ok());
  const std::vector<Ed25519PublicKey> keys = {key.public_key()};
  ASSERT_TRUE(WriteFileAtomically(directory.path() + "/jwks.json", WriteJsonLine(ToJwks(keys))).ok());
  const char* program = R"(
import base64, hashlib, json, sys
try:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.exit(77)
def raw(text):
    return base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))
seal = json.load(open('seal.json'))
jwk = json.load(open('jwks.json'))['keys'][0]
one = seal['signatures'][0]
Ed25519PublicKey.from_public_bytes(raw(jwk['x'])).verify(raw(one['signature']), (one['protected'] + '.' + seal['payload']).encode())
thumb = hashlib.sha256(json.dumps({'crv': 'Ed25519', 'kty': 'OKP', 'x': jwk['x']}, separators=(',', ':')).encode()).digest()
assert raw(json.loads(raw(one['protected']))['kid']) == thumb
print(json.loads(raw(seal['payload']))['predicate']['records'])
)";
  testing::ProgramOptions options;
  options.directory = directory.path();
  const auto run = testing::RunProgram({"/usr/bin/env", "python3", "-c", program}, options);
  if (run.exit_code == 77 || run.exit_code == 127) GTEST_SKIP() << "SKIP: python3 with cryptography is not installed";
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "2\n");
}

}  // namespace
}  // namespace tfseal::evidence

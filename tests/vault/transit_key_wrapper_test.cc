// Against tests/vault/transit_server.py, which encrypts as Vault's documentation says.
#include "vault/transit_key_wrapper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <sstream>

#include "aws/curl_http.h"
#include "core/json.h"
#include "core/system_clock.h"
#include "crypto/system_entropy.h"
#include "tests/support/run_program.h"

namespace tfseal::vault {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct Server {
  int port = 0;
  pid_t process = 0;
};

// Port 0: Python's cryptography is missing.
Server Start(const std::vector<std::string>& flags) {
  std::vector<std::string> arguments = {"python3", std::string(TFSEAL_SOURCE_DIR) + "/tests/vault/transit_server.py"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  const testing::ProgramRun run = testing::RunProgram(arguments);
  Server server;
  std::istringstream(run.out) >> server.port >> server.process;
  EXPECT_TRUE(run.exit_code == 0 || run.exit_code == 77) << run.err;
  return server;
}

class TransitTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = Start({}); }
  static void TearDownTestSuite() {
    if (server_.process > 0) kill(server_.process, SIGKILL);
  }
  void SetUp() override {
    if (server_.port == 0) GTEST_SKIP() << "the Python package cryptography is not installed";
    Post("/v1/transit/keys/app", "{}");
    Post("/v1/transit/keys/bound", R"({"derived": true})");
    options_.retry.first_pause = options_.retry.first_pause_throttled = std::chrono::milliseconds(1);
  }

  std::string Ask(const std::string& method, const std::string& path, const std::string& body) {
    aws::HttpRequest request;
    request.method = method;
    request.scheme = "http";
    request.host = "127.0.0.1:" + std::to_string(server_.port);
    request.path = path;
    request.body = body;
    request.headers = {{"X-Vault-Token", "hvs.canary-token"}};
    const aws::HttpAnswer answer = aws::Exchange(transport_, std::move(request));
    EXPECT_TRUE(answer.response && answer.response->status == 200) << path;
    return answer.response ? answer.response->body : "";
  }
  void Post(const std::string& path, const std::string& body) { Ask("POST", path, body); }

  Result<std::unique_ptr<KeyWrapper>> TryOpen(const std::string& key, int version = 0,
                                              const std::string& token = "hvs.canary-token") {
    options_.address = "http://127.0.0.1:" + std::to_string(server_.port);
    options_.key = key;
    options_.version = version;
    return OpenTransitKey({transport_, clock_, entropy_}, options_, SecretBytes(token));
  }
  std::unique_ptr<KeyWrapper> Open(const std::string& key, int version = 0) {
    auto wrapper = TryOpen(key, version);
    EXPECT_TRUE(wrapper.ok()) << wrapper.error().message;
    return wrapper.ok() ? std::move(wrapper).value() : nullptr;
  }
  static std::vector<WrappedKey> Fresh(KeyWrapper& wrapper, const std::vector<EncryptionContext>& contexts,
                                       std::vector<std::string>& plain) {
    std::vector<WrappedKey> wrapped;
    for (auto& key : wrapper.NewDataKeys(contexts)) {
      EXPECT_TRUE(key.ok()) << key.error().message;
      if (!key.ok()) continue;
      EXPECT_EQ(key->plaintext.size(), 32U);
      plain.emplace_back(key->plaintext.Expose());
      wrapped.push_back(key->wrapped);
    }
    return wrapped;
  }

  static Server server_;
  aws::CurlTransport transport_{aws::CurlOptions{}};
  SystemClock clock_;
  SystemEntropy entropy_;
  TransitOptions options_;
};
Server TransitTest::server_;

const EncryptionContext kRow = {{"table", "connections"}};

TEST_F(TransitTest, UnwrapsWhatItWrapped) {
  options_.keys_per_call = 3;
  const auto wrapper = Open("app");
  EXPECT_EQ(wrapper->id(), "vault:transit/app:v1");
  std::vector<std::string> plain;
  const auto wrapped = Fresh(*wrapper, std::vector<EncryptionContext>(8), plain);
  ASSERT_EQ(wrapped.size(), 8U);
  const auto opened = wrapper->Unwrap(wrapped);
  for (std::size_t i = 0; i < wrapped.size(); ++i) {
    EXPECT_THAT(wrapped[i].blob, StartsWith("vault:v1:"));
    ASSERT_TRUE(opened[i].ok()) << opened[i].error().message;
    EXPECT_EQ(opened[i]->Expose(), plain[i]);
  }
  EXPECT_EQ(wrapper->calls(), 1U + 8U + 3U);
}

TEST_F(TransitTest, DerivedKeysBindTheContext) {
  const auto wrapper = Open("bound");
  std::vector<std::string> plain;
  auto wrapped = Fresh(*wrapper, {kRow, {}}, plain);
  EXPECT_TRUE(wrapper->Unwrap(wrapped)[0].ok());
  EXPECT_TRUE(wrapper->Unwrap(wrapped)[1].ok());
  wrapped[0].context = {{"table", "other"}};
  EXPECT_EQ(wrapper->Unwrap(wrapped)[0].error().code, ErrorCode::kInvalidInput);
  const auto unbound = Open("app");
  const auto refused = unbound->NewDataKeys({{kRow, {}}});
  EXPECT_THAT(refused[0].error().message, HasSubstr("not derived"));
  EXPECT_TRUE(refused[1].ok());
}

TEST_F(TransitTest, RewrapStaysInsideOfVault) {
  const auto old = Open("bound");
  std::vector<std::string> plain;
  auto wrapped = Fresh(*old, {kRow, kRow, kRow}, plain);
  Post("/v1/transit/keys/bound/rotate", "{}");
  const auto latest = Open("bound");
  EXPECT_EQ(latest->id(), "vault:transit/bound:v2");
  wrapped[1].blob.back() = wrapped[1].blob.back() == '=' ? 'A' : '=';
  const auto before = ParseJson(Ask("GET", "/test/calls", "")).value().size();
  const auto moved = latest->Rewrap(*old, wrapped, std::vector<EncryptionContext>(3, kRow));
  const JsonValue calls = ParseJson(Ask("GET", "/test/calls", "")).value();
  for (Json::ArrayIndex i = before; i < calls.size(); ++i) EXPECT_EQ(calls[i].asString(), "POST rewrap/bound");
  EXPECT_EQ(calls.size(), before + 1);
  EXPECT_FALSE(moved[1].ok()) << "one that is damaged does not take the others with it";
  for (const std::size_t i : {0U, 2U}) {
    ASSERT_TRUE(moved[i].ok()) << moved[i].error().message;
    EXPECT_THAT(moved[i]->blob, StartsWith("vault:v2:"));
    EXPECT_EQ(latest->Unwrap({&*moved[i], 1})[0]->Expose(), plain[i]);
    EXPECT_FALSE(old->Unwrap({&*moved[i], 1})[0].ok()) << "not under the pinned version";
  }
  // To another key, or to another context, the data key has to be shown.
  const auto other = Open("app")->Rewrap(*old, {wrapped.data(), 1}, {{EncryptionContext{}}});
  ASSERT_TRUE(other[0].ok());
  EXPECT_EQ(Open("app")->Unwrap({&*other[0], 1})[0]->Expose(), plain[0]);
}

TEST_F(TransitTest, ARotationInBetweenIsNoticed) {
  const auto wrapper = Open("app");
  Post("/v1/transit/keys/app/rotate", "{}");
  EXPECT_EQ(wrapper->NewDataKeys({{EncryptionContext{}}})[0].error().code, ErrorCode::kCorrupt);
  Post("/v1/transit/keys/app/config", R"({"min_decryption_version": 2})");
  const auto state = wrapper->Describe();
  ASSERT_TRUE(state.ok());
  EXPECT_FALSE(state->usable);
  EXPECT_TRUE(Open("app")->Describe()->usable);
  EXPECT_EQ(TryOpen("app", 7).error().code, ErrorCode::kNotFound);
}

TEST_F(TransitTest, DamagedKeysAreRefusedEachForItself) {
  const auto wrapper = Open("app");
  std::vector<std::string> plain;
  const auto wrapped = Fresh(*wrapper, {{}}, plain);
  std::vector<WrappedKey> changed;
  for (std::size_t i = 0; i < wrapped[0].blob.size(); ++i) {
    changed.push_back(wrapped[0]);
    char& c = changed.back().blob[i];
    c = c == 'A' ? 'B' : 'A';
    changed.push_back(wrapped[0]);
    changed.back().blob.resize(i);
  }
  changed.push_back(wrapped[0]);
  const auto opened = wrapper->Unwrap(changed);
  for (std::size_t i = 0; i + 1 < opened.size(); ++i) {
    ASSERT_FALSE(opened[i].ok()) << i;
    EXPECT_EQ(opened[i].error().code, ErrorCode::kInvalidInput);
    if (changed[i].blob.size() > 20) {
      EXPECT_THAT(opened[i].error().message, Not(HasSubstr(changed[i].blob.substr(10, 10))));
    }
  }
  EXPECT_TRUE(opened.back().ok());
}

TEST_F(TransitTest, WhatIsTemporaryIsTriedAgain) {
  const auto wrapper = Open("app");
  std::vector<std::string> plain;
  const auto wrapped = Fresh(*wrapper, {{}}, plain);
  for (const char* status : {"429", "500", "503", "412"}) {
    Post("/test/fault", std::string(R"({"times": 2, "path": "decrypt/", "status": )") + status + "}");
    const std::uint64_t before = wrapper->calls();
    EXPECT_TRUE(wrapper->Unwrap(wrapped)[0].ok()) << status;
    EXPECT_EQ(wrapper->calls() - before, 3U);
  }
  Post("/test/fault", R"({"times": 5, "path": "decrypt/", "status": 503})");
  const auto sealed = wrapper->Unwrap(wrapped);
  EXPECT_EQ(sealed[0].error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(sealed[0].error().message, Not(HasSubstr("CANARY")));
  Post("/test/fault", R"({"times": 1, "path": "decrypt/", "status": 403})");
  EXPECT_EQ(wrapper->Unwrap(wrapped)[0].error().code, ErrorCode::kPermissionDenied);
}

TEST_F(TransitTest, TheTokenIsNeededAndNotShown) {
  const auto denied = TryOpen("app", 0, "hvs.canary-wrong");
  EXPECT_EQ(denied.error().code, ErrorCode::kPermissionDenied);
  EXPECT_THAT(denied.error().message + denied.error().hint, Not(HasSubstr("canary")));
  EXPECT_EQ(TryOpen("app", 0, "").error().code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(TryOpen("none").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(TryOpen("../sys").error().code, ErrorCode::kInvalidInput);
  options_.mount = "a b";
  EXPECT_EQ(TryOpen("app").error().code, ErrorCode::kInvalidInput);
}

TEST(TransitTls, CertificatesAreVerified) {
  const testing::TemporaryDirectory folder;
  const Server server = Start({"--tls", folder.path()});
  if (server.port == 0) GTEST_SKIP() << "the Python package cryptography is not installed";
  SystemClock clock;
  SystemEntropy entropy;
  TransitOptions options;
  options.key = "app";
  options.address = "https://localhost:" + std::to_string(server.port);
  options.retry.attempts_max = 1;
  aws::CurlTransport stranger{aws::CurlOptions{}};
  const auto refused = OpenTransitKey({stranger, clock, entropy}, options, SecretBytes("hvs.canary-token"));
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  aws::CurlOptions known;
  known.ca_bundle = folder.path() + "/ca.pem";
  aws::CurlTransport trusting{known};
  const auto missing = OpenTransitKey({trusting, clock, entropy}, options, SecretBytes("hvs.canary-token"));
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound) << "it got as far as asking for the key";
  options.address = "http://vault.example.com:8200";
  EXPECT_FALSE(OpenTransitKey({trusting, clock, entropy}, options, SecretBytes("hvs.canary-token")).ok());
  kill(server.process, SIGKILL);
}

}  // namespace
}  // namespace tfseal::vault

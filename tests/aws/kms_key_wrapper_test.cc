// Against the emulator, whose KMS really encrypts. What AWS never answers (another key's name) comes from a wrapper
// around the client that changes the answers.
#include "aws/kms_key_wrapper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "aws/kms_key_name.h"
#include "aws/session.h"
#include "core/base64.h"
#include "core/system_clock.h"
#include "crypto/local_key_wrapper.h"
#include "crypto/system_entropy.h"
#include "tests/support/emulator.h"
#include "tests/support/run_program.h"

namespace tfseal::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ChangedApi : public Api {
 public:
  explicit ChangedApi(Api& api) : api_(api) {}
  Result<JsonValue> Send(const Call& call) override { return Change(call, api_.Send(call)); }
  std::vector<Result<JsonValue>> SendAll(std::span<const Call> calls) override {
    std::vector<Result<JsonValue>> answers = api_.SendAll(calls);
    for (std::size_t i = 0; i < answers.size(); ++i) answers[i] = Change(calls[i], std::move(answers[i]));
    return answers;
  }
  std::function<void(const Call&, JsonValue&)> change = [](const Call&, JsonValue&) {};

 private:
  Result<JsonValue> Change(const Call& call, Result<JsonValue> answer) {
    if (answer.ok()) change(call, *answer);
    return answer;
  }
  Api& api_;
};

class KmsKeyTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { emulator_ = testing::Emulator::Start().release(); }
  static void TearDownTestSuite() { delete emulator_; }

  void SetUp() override {
    if (emulator_ == nullptr) GTEST_SKIP() << "moto is not installed";
    emulator_->Reset();
    SessionOptions options;
    options.environment = {{"AWS_ENDPOINT_URL", emulator_->url()},
                           {"AWS_ACCESS_KEY_ID", "test"},
                           {"AWS_SECRET_ACCESS_KEY", "test-canary"},
                           {"AWS_REGION", "us-east-1"},
                           {"AWS_EC2_METADATA_DISABLED", "true"}};
    options.on_request = [this](std::string_view, std::string_view) { ++requests_; };
    auto session = Session::Open(std::move(options), clock_, entropy_);
    ASSERT_TRUE(session.ok()) << session.error().message;
    session_ = std::move(session).value();
    api_.emplace(session_->api());
    from_ = NewKey();
    to_ = NewKey();
  }

  JsonValue Send(const std::string& operation, JsonValue parameters) {
    auto answer = session_->api().Send({"kms", operation, "us-east-1", std::move(parameters)});
    EXPECT_TRUE(answer.ok()) << answer.error().message;
    return answer.ok() ? *answer : JsonValue();
  }
  std::string NewKey() { return Send("CreateKey", JsonValue(Json::objectValue))["KeyMetadata"]["Arn"].asString(); }
  void On(const std::string& operation, const std::string& key) {
    JsonValue parameters;
    parameters["KeyId"] = key;
    Send(operation, parameters);
  }
  void Alias(const std::string& operation, const std::string& key) {
    JsonValue parameters;
    parameters["AliasName"] = "alias/app/master";
    parameters["TargetKeyId"] = key;
    Send(operation, parameters);
  }
  std::unique_ptr<KeyWrapper> Open(const std::string& key) {
    auto wrapper = OpenKmsKey(*api_, {.key = key, .region = "us-east-1", .requests_sent = &requests_});
    EXPECT_TRUE(wrapper.ok()) << wrapper.error().message;
    return wrapper.ok() ? std::move(wrapper).value() : nullptr;
  }
  // Keys wrapped under `wrapper`, and what is in them.
  static std::vector<WrappedKey> Fresh(KeyWrapper& wrapper, const std::vector<EncryptionContext>& contexts,
                                       std::vector<std::string>& plain) {
    std::vector<WrappedKey> wrapped;
    for (auto& key : wrapper.NewDataKeys(contexts)) {
      EXPECT_TRUE(key.ok()) << key.error().message;
      if (!key.ok()) continue;
      plain.emplace_back(key->plaintext.Expose());
      wrapped.push_back(key->wrapped);
    }
    return wrapped;
  }

  static testing::Emulator* emulator_;
  SystemClock clock_;
  SystemEntropy entropy_;
  std::uint64_t requests_ = 0;
  std::unique_ptr<Session> session_;
  std::optional<ChangedApi> api_;
  std::string from_, to_;
};
testing::Emulator* KmsKeyTest::emulator_ = nullptr;

const EncryptionContext kConnections = {{"column", "payload"}, {"table", "connections"}};

TEST_F(KmsKeyTest, UnwrapsWhatItWrapped) {
  const auto wrapper = Open(from_);
  EXPECT_EQ(wrapper->id(), from_);
  const std::vector<EncryptionContext> contexts = {{}, kConnections, {{"table", "other"}}};
  std::vector<std::string> plain;
  const auto wrapped = Fresh(*wrapper, contexts, plain);
  ASSERT_EQ(wrapped.size(), 3U);
  const auto opened = wrapper->Unwrap(wrapped);
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(opened[i].ok());
    EXPECT_EQ(opened[i]->Expose(), plain[i]);
    EXPECT_EQ(opened[i]->size(), 32U);
    WrappedKey elsewhere = wrapped[i];
    elsewhere.context = {{"table", "elsewhere"}};
    const auto refused = wrapper->Unwrap({&elsewhere, 1});
    ASSERT_FALSE(refused[0].ok());
    EXPECT_EQ(refused[0].error().code, ErrorCode::kInvalidInput);
  }
  EXPECT_EQ(wrapper->calls(), 1U + 3U + 3U + 3U);
}

TEST_F(KmsKeyTest, MovesKeysWithoutShowingThem) {
  const auto from = Open(from_);
  const auto to = Open(to_);
  std::vector<std::string> plain;
  const auto old_keys = Fresh(*from, {kConnections, {}, kConnections}, plain);
  const std::vector<EncryptionContext> contexts = {kConnections, kConnections, {}};
  std::vector<std::string> operations;
  api_->change = [&operations](const Call& call, JsonValue& answer) {
    operations.push_back(call.operation);
    EXPECT_FALSE(answer.isMember("Plaintext"));
  };
  const auto moved = to->Rewrap(*from, old_keys, contexts);
  EXPECT_THAT(operations, ::testing::Each("ReEncrypt"));
  EXPECT_EQ(operations.size(), 3U);
  api_->change = [](const Call&, JsonValue&) {};
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(moved[i].ok()) << moved[i].error().message;
    EXPECT_EQ(moved[i]->context, contexts[i]);
    EXPECT_EQ(to->Unwrap({&*moved[i], 1})[0]->Expose(), plain[i]);
    EXPECT_FALSE(from->Unwrap({&*moved[i], 1})[0].ok());
  }
}

TEST_F(KmsKeyTest, ErrorsStayWithTheirItem) {
  const auto from = Open(from_);
  const auto to = Open(to_);
  std::vector<std::string> plain;
  auto keys = Fresh(*from, {{}, {}, {}}, plain);
  keys[1].blob[60] = static_cast<char>(keys[1].blob[60] ^ 1);
  const auto moved = to->Rewrap(*from, keys, std::vector<EncryptionContext>(3));
  EXPECT_TRUE(moved[0].ok());
  ASSERT_FALSE(moved[1].ok());
  EXPECT_EQ(moved[1].error().code, ErrorCode::kInvalidInput);
  EXPECT_TRUE(moved[2].ok());
}

TEST_F(KmsKeyTest, TheAliasIsFollowedOnce) {
  Alias("CreateAlias", from_);
  const auto wrapper = Open("alias/app/master");
  EXPECT_EQ(wrapper->id(), from_);
  Alias("UpdateAlias", to_);
  std::vector<std::string> plain;
  const auto wrapped = Fresh(*wrapper, {kConnections}, plain);
  EXPECT_EQ(Open(from_)->Unwrap(wrapped)[0]->Expose(), plain[0]) << "still the first key";
  EXPECT_EQ(Open("alias/app/master")->id(), to_);
  EXPECT_EQ(Open("arn:aws:kms:us-east-1:123456789012:alias/app/master")->id(), to_);
}

TEST_F(KmsKeyTest, DisabledAndDeletedKeysAreConflicts) {
  const auto wrapper = Open(from_);
  std::vector<std::string> plain;
  const auto wrapped = Fresh(*wrapper, {{}}, plain);
  EXPECT_TRUE(wrapper->Describe()->usable);
  On("DisableKey", from_);
  auto state = wrapper->Describe();
  ASSERT_TRUE(state.ok());
  EXPECT_FALSE(state->usable);
  EXPECT_EQ(state->detail, "Disabled");
  EXPECT_EQ(state->id, from_);
  EXPECT_EQ(wrapper->Unwrap(wrapped)[0].error().code, ErrorCode::kConflict);
  EXPECT_EQ(Open(to_)->Rewrap(*wrapper, wrapped, {{kConnections}})[0].error().code, ErrorCode::kConflict);
  On("EnableKey", from_);
  EXPECT_TRUE(wrapper->Unwrap(wrapped)[0].ok());
  On("ScheduleKeyDeletion", from_);
  state = wrapper->Describe();
  ASSERT_TRUE(state.ok());
  EXPECT_FALSE(state->usable);
  EXPECT_THAT(state->detail, HasSubstr("PendingDeletion until 20"));
  EXPECT_EQ(wrapper->Unwrap(wrapped)[0].error().code, ErrorCode::kConflict);
}

TEST_F(KmsKeyTest, AnswersOfAnotherKeyAreNotTaken) {
  const auto from = Open(from_);
  const auto to = Open(to_);
  std::vector<std::string> plain;
  const auto wrapped = Fresh(*from, {{}}, plain);
  for (const char* member : {"KeyId", "SourceKeyId"}) {
    api_->change = [&](const Call&, JsonValue& answer) {
      if (answer.isMember(member)) answer[member] = NewKey();
    };
    const auto moved = to->Rewrap(*from, wrapped, {{kConnections}});
    EXPECT_EQ(moved[0].error().code, ErrorCode::kCorrupt) << member;
  }
  api_->change = [&](const Call&, JsonValue& answer) { answer["KeyId"] = to_; };
  EXPECT_EQ(from->Unwrap(wrapped)[0].error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(from->NewDataKeys({{kConnections}})[0].error().code, ErrorCode::kCorrupt);
  api_->change = [&](const Call&, JsonValue& answer) { answer["KeyMetadata"]["Arn"] = to_; };
  EXPECT_EQ(from->Describe().error().code, ErrorCode::kCorrupt);
  EXPECT_FALSE(OpenKmsKey(*api_, {.key = from_}).ok());
}

TEST_F(KmsKeyTest, DamagedAnswersAreRefusedAndNotShown) {
  const auto wrapper = Open(from_);
  std::vector<std::string> plain;
  const auto wrapped = Fresh(*wrapper, {{}}, plain);
  std::string messages;
  for (const JsonValue& text : {JsonValue("CANARY"), JsonValue(5), JsonValue(ToBase64("CANARY-SHORT")), JsonValue()}) {
    api_->change = [&](const Call&, JsonValue& answer) { answer["Plaintext"] = text; };
    const auto opened = wrapper->Unwrap(wrapped);
    // What others wrapped may have another length than our own keys.
    if (text == JsonValue(ToBase64("CANARY-SHORT"))) {
      ASSERT_TRUE(opened[0].ok());
    } else {
      ASSERT_FALSE(opened[0].ok());
      messages += opened[0].error().message + opened[0].error().hint;
    }
    const auto made = wrapper->NewDataKeys({{kConnections}});
    ASSERT_FALSE(made[0].ok());
    messages += made[0].error().message;
  }
  api_->change = [&](const Call&, JsonValue& answer) { answer["CiphertextBlob"] = "CANARY"; };
  messages += wrapper->NewDataKeys({{kConnections}})[0].error().message;
  EXPECT_THAT(messages, Not(HasSubstr("CANARY")));
  EXPECT_THAT(messages, Not(HasSubstr(ToBase64("CANARY-SHORT"))));
  WrappedKey canary{"CANARY-BLOB-THAT-IS-NO-BLOB", "", {}};
  api_->change = [](const Call&, JsonValue&) {};
  const auto refused = wrapper->Unwrap({&canary, 1});
  EXPECT_THAT(refused[0].error().message, Not(HasSubstr("CANARY")));
  EXPECT_THAT(refused[0].error().message, Not(HasSubstr(ToBase64(canary.blob))));
}

TEST_F(KmsKeyTest, ThrottledCallsAreRepeatedAndCounted) {
  const auto wrapper = Open(from_);
  std::vector<std::string> plain;
  const auto wrapped = Fresh(*wrapper, {{}, {}}, plain);
  const std::uint64_t before = wrapper->calls();
  emulator_->Post("/faults", R"([{"action": "Decrypt", "times": 2, "code": "ThrottlingException"}])");
  const auto opened = wrapper->Unwrap(wrapped);
  EXPECT_TRUE(opened[0].ok() && opened[1].ok());
  EXPECT_EQ(wrapper->calls() - before, 4U);
  // An answer that is lost: nothing was changed, so it is asked again.
  emulator_->Post("/faults", R"([{"action": "ReEncrypt", "drop": true, "after": true}])");
  EXPECT_TRUE(Open(to_)->Rewrap(*wrapper, wrapped, std::vector<EncryptionContext>(2))[0].ok());
}

TEST_F(KmsKeyTest, DeniedIsSaidForEach) {
  const auto wrapper = Open(from_);
  std::vector<std::string> plain;
  const auto wrapped = Fresh(*wrapper, {{}, {}}, plain);
  emulator_->Post("/faults", R"([{"action": "Decrypt", "times": 1, "code": "AccessDeniedException"}])");
  const auto opened = wrapper->Unwrap(wrapped);
  EXPECT_NE(opened[0].ok(), opened[1].ok());
  EXPECT_EQ((opened[0].ok() ? opened[1] : opened[0]).error().code, ErrorCode::kPermissionDenied);
}

TEST_F(KmsKeyTest, TakesKeysOfOtherWrappers) {
  const testing::TemporaryDirectory folder;
  const std::string path = folder.path() + "/key";
  ASSERT_EQ(testing::RunProgram({"/bin/sh", "-c", "umask 077; head -c 32 /dev/urandom > " + path}).exit_code, 0);
  auto local = OpenLocalKey({path, LocalWrap::kAesKwp}, entropy_);
  ASSERT_TRUE(local.ok());
  std::vector<std::string> plain;
  auto keys = Fresh(**local, {kConnections, {}, {}}, plain);
  keys[1].blob[3] = static_cast<char>(keys[1].blob[3] ^ 1);
  const auto to = Open(to_);
  const auto moved = to->Rewrap(**local, keys, std::vector<EncryptionContext>(3, kConnections));
  ASSERT_EQ(moved.size(), 3U);
  ASSERT_TRUE(moved[0].ok() && moved[2].ok());
  EXPECT_EQ(moved[1].error().code, ErrorCode::kInvalidInput);
  EXPECT_EQ(to->Unwrap({&*moved[0], 1})[0]->Expose(), plain[0]);
  EXPECT_EQ(to->Unwrap({&*moved[2], 1})[0]->Expose(), plain[2]);
  // And back: the local key unwraps what KMS shows.
  const auto back = (*local)->Rewrap(*to, {&*moved[0], 1}, {{kConnections}});
  EXPECT_EQ((*local)->Unwrap({&*back[0], 1})[0]->Expose(), plain[0]);
}

TEST_F(KmsKeyTest, ManyAtATimeInTheirOrder) {
  auto wrapper = OpenKmsKey(*api_, {.key = from_, .calls_at_once = 7});
  ASSERT_TRUE(wrapper.ok());
  std::vector<std::string> plain;
  std::vector<EncryptionContext> contexts;
  for (int i = 0; i < 30; ++i) contexts.push_back({{"n", std::to_string(i)}});
  const auto wrapped = Fresh(**wrapper, contexts, plain);
  const auto opened = (*wrapper)->Unwrap(wrapped);
  ASSERT_EQ(opened.size(), 30U);
  for (std::size_t i = 0; i < 30; ++i) EXPECT_EQ(opened[i]->Expose(), plain[i]);
}

TEST_F(KmsKeyTest, OtherKindsOfKeysAreRefused) {
  JsonValue parameters;
  parameters["KeySpec"] = "RSA_2048";
  parameters["KeyUsage"] = "ENCRYPT_DECRYPT";
  const std::string rsa = Send("CreateKey", parameters)["KeyMetadata"]["Arn"].asString();
  const auto refused = OpenKmsKey(*api_, {.key = rsa});
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("RSA_2048"));
  const auto missing =
      OpenKmsKey(*api_, {.key = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"});
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
}

TEST(KmsKeyName, FormsOfKeys) {
  const std::string arn = "arn:aws:kms:eu-west-1:123456789012:key/12345678-90ab-cdef-1234-567890abcdef";
  EXPECT_TRUE(IsKmsKeyArn(arn));
  EXPECT_TRUE(IsKmsKeyArn("arn:aws-cn:kms:cn-north-1:123456789012:key/mrk-0123"));
  EXPECT_FALSE(IsKmsKeyArn("arn:aws:kms:eu-west-1:123456789012:alias/a"));
  EXPECT_EQ(ParseKmsKeyName(arn, "us-east-1")->region, "eu-west-1");
  EXPECT_EQ(ParseKmsKeyName("alias/app/master", "us-east-1")->region, "us-east-1");
  EXPECT_TRUE(ParseKmsKeyName("12345678-90ab-cdef-1234-567890abcdef", "us-east-1").ok());
  EXPECT_TRUE(ParseKmsKeyName("arn:aws:kms:us-east-1:123456789012:alias/app", "").ok());
  for (const char* text :
       {"", "alias/", "a b", "arn:aws:kms:us-east-1:12345:key/a", "arn:aws:s3:us-east-1:123456789012:key/a",
        "arn:aws:kms:us-east-1:123456789012:grant/a", "arn:aws:kms::123456789012:key/a",
        "arn:aws:kms:us-east-1:123456789012:key/", "key/1234", "arn:aws:kms"}) {
    EXPECT_FALSE(ParseKmsKeyName(text, "us-east-1").ok()) << text;
  }
  EXPECT_THAT(ParseKmsKeyName("alias/app", "").error().hint, HasSubstr("AWS_REGION"));
}

// What the runbook of a real application has in its catalogue of keys.
TEST(KmsKeyName, TheArnOfAnAliasIsNotThatOfAKey) {
  const auto refused = ParseKmsKeyName("arn:aws:kms:us-east-1:123456789012:key/alias/app/master", "us-east-1");
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("either key/ID or alias/NAME"));
  EXPECT_THAT(refused.error().hint, HasSubstr("arn:aws:kms:us-east-1:123456789012:alias/app/master"));
  EXPECT_THAT(refused.error().hint, HasSubstr("--key-id alias/app/master"));
}

}  // namespace
}  // namespace tfseal::aws

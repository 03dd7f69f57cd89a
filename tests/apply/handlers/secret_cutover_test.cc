// The secret cutover, step by step on the emulator: the plan that the planner makes of the example, its handlers, the
// real client. What a run leaves behind is searched for the value.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "apply/handler.h"
#include "aws/session.h"
#include "core/file.h"
#include "core/system_clock.h"
#include "core/time_text.h"
#include "crypto/system_entropy.h"
#include "planner/action_kind.h"
#include "planner/parameters.h"
#include "tests/planner/plan_cases.h"
#include "tests/support/emulator.h"
#include "tests/support/run_program.h"

namespace tfseal::test {
namespace {

using testing::Emulator;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RunProgram;
using testing::TemporaryDirectory;

constexpr const char* kCanary = "Q0FOQVJZLXBhenBhei1tYXN0ZXIta2V5LTAwMDAwMDE=";
constexpr const char* kOther = "Q0FOQVJZLW90aGVyLW1hc3Rlci1rZXktMDAwMDAwMDI=";
constexpr const char* kShortKey = "Q0FOQVJZLXNob3J0LWtleS0wMQ==";
constexpr const char* kFamily = "pazpaz-api-production";
constexpr const char* kCluster = "pazpaz-production";
constexpr const char* kLogGroup = "/aws/ecs/pazpaz-api-production";
constexpr const char* kTaskRole = "PazPazECSTaskRole";
constexpr const char* kTrust =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ecs-tasks.amazonaws.com"}}]})";

// The time of this machine, moved: a watch of a day ends in the blink of an eye.
class MovedClock : public Clock {
 public:
  [[nodiscard]] TimePoint Now() const override { return clock_.Now() + offset; }
  void SleepFor(std::chrono::milliseconds) override {}
  std::chrono::milliseconds offset{0};

 private:
  SystemClock clock_;
};

// An application that fetches its secret itself is one that the policy knows with a secret of its own.
ActionPlan PlanOfExample(bool fetches) {
  std::vector<terraform::Document> documents;
  documents.push_back(ReadFixture("pazpaz/state-after-phase1.show.json"));
  std::string policy = "version: 1\ndefaults:\n  require: [plaintext_secret]\n";
  if (fetches) {
    policy += "applications:\n  - { name: pazpaz, secret: pazpaz/encryption-key-v1, ecs: { cluster: " +
              std::string(kCluster) + ", services: [pazpaz-api] } }\n";
  }
  auto plan = MakePlan(documents, PolicyOf(policy), {.strategy = "", .now = kNow});
  EXPECT_TRUE(plan.ok());
  return plan.ok() ? std::move(plan).value() : ActionPlan{};
}

class SecretCutover : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    static const std::unique_ptr<Emulator>& started = *new std::unique_ptr<Emulator>(Emulator::Start());
    emulator_ = started.get();
  }
  static void TearDownTestSuite() {
    if (emulator_ != nullptr) emulator_->Stop();
  }

  void SetUp() override {
    if (emulator_ == nullptr) GTEST_SKIP() << "the emulator is not there: pip install 'moto[server]==5.2.1'";
    emulator_->Reset();
    emulator_->Post("/world", R"({"pending":1,"holds":{},"failing_rollouts":[]})");
    aws::SessionOptions options;
    options.environment = {{"AWS_ENDPOINT_URL", emulator_->url()},
                           {"AWS_REGION", "us-east-1"},
                           {"AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"},
                           {"AWS_SECRET_ACCESS_KEY", "example"},
                           {"AWS_EC2_METADATA_DISABLED", "true"},
                           {"AWS_CONFIG_FILE", folder_.path() + "/none"},
                           {"AWS_SHARED_CREDENTIALS_FILE", folder_.path() + "/none"}};
    auto session = aws::Session::Open(std::move(options), session_clock_, entropy_);
    ASSERT_TRUE(session.ok()) << session.error().message;
    session_ = std::move(session).value();
    context_.emplace(RunContext{session_->api(), clock_, outputs_, {}, {}});
    MakeRecipient();
    MakeWorld(kCanary);
  }

  JsonValue Send(const std::string& service, const std::string& operation, const JsonValue& parameters) {
    auto answer = session_->api().Send({service, operation, "us-east-1", parameters});
    EXPECT_TRUE(answer.ok()) << operation << ": " << (answer.ok() ? "" : answer.error().message);
    return answer.ok() ? std::move(answer).value() : JsonValue();
  }

  JsonValue Definition(const std::string& family, const std::string& value) const {
    JsonValue environment(Json::arrayValue);
    environment.append(Object({{"name", "ENVIRONMENT"}, {"value", "production"}}));
    environment.append(Object({{"name", "ENCRYPTION_MASTER_KEY"}, {"value", Text(value)}}));
    JsonValue container =
        Object({{"name", "pazpaz-api"},
                {"image", "pazpaz-api:1"},
                {"essential", true},
                {"cpu", 128},
                {"memory", 256},
                {"environment", environment},
                {"logConfiguration", Object({{"logDriver", "awslogs"},
                                             {"options", Object({{"awslogs-group", kLogGroup},
                                                                 {"awslogs-region", "us-east-1"},
                                                                 {"awslogs-stream-prefix", "api"}})}})}});
    JsonValue containers(Json::arrayValue);
    containers.append(container);
    return Object({{"family", Text(family)},
                   {"taskRoleArn", Text(std::string("arn:aws:iam::123456789012:role/") + kTaskRole)},
                   {"containerDefinitions", containers}});
  }

  void MakeWorld(const std::string& value) {
    Send("logs", "CreateLogGroup", Object({{"logGroupName", kLogGroup}}));
    Send("iam", "CreateRole", Object({{"RoleName", kTaskRole}, {"AssumeRolePolicyDocument", kTrust}}));
    Send("ecs", "CreateCluster", Object({{"clusterName", kCluster}}));
    Send("ecs", "RegisterTaskDefinition", Definition(kFamily, value));
    Send("ecs", "CreateService",
         Object(
             {{"cluster", kCluster}, {"serviceName", "pazpaz-api"}, {"taskDefinition", kFamily}, {"desiredCount", 2}}));
    for (int i = 0; i < 3; ++i) Service();
  }

  JsonValue Service() {
    const JsonValue answer =
        Send("ecs", "DescribeServices", Object({{"cluster", kCluster}, {"services", Texts({"pazpaz-api"})}}));
    return answer["services"][0];
  }

  void MakeRecipient() {
    const auto made =
        RunProgram({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder_.path() + "/key.pem",
                    "-out", folder_.path() + "/recipient.pem", "-days", "3650", "-subj", "/CN=security"});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    context_->settings.recipient_certificate_path = folder_.path() + "/recipient.pem";
    context_->settings.sealed_dir = folder_.path() + "/sealed";
  }

  void Note(const std::string& text) { transcript_ += text + "\n"; }

  Probe Look(const Action& action) {
    auto probe = FindHandler(action.kind->name)->probe(action, *context_);
    if (!probe.ok()) {
      Note(probe.error().message + probe.error().hint);
      ADD_FAILURE() << action.kind->name << ": " << probe.error().message;
      return Probe{ProbeState::kConflict, probe.error().message};
    }
    Note(probe->text + probe->hint + WriteJsonLine(probe->output) + WriteJsonLine(probe->evidence));
    return std::move(probe).value();
  }

  // Once: the change that the handler makes.
  Status Change(const Action& action) {
    Status status = FindHandler(action.kind->name)->execute(action, *context_);
    if (!status.ok()) Note(status.error().message + status.error().hint);
    return status;
  }

  // As the executor does: look, change, look again.
  Probe Drive(const Action& action) {
    Probe probe;
    for (int step = 0; step < 40; ++step) {
      probe = Look(action);
      if (probe.state == ProbeState::kNotDone) {
        const Status changed = Change(action);
        if (!changed.ok() && changed.error().code != ErrorCode::kOutcomeUnknown) {
          probe = Probe{ProbeState::kConflict, changed.error().message, changed.error().hint};
          return probe;
        }
      } else if (probe.state != ProbeState::kUnderway) {
        break;
      }
    }
    if (probe.state == ProbeState::kDone) outputs_[action.id] = probe.output;
    return probe;
  }

  Probe Undo(const Action& action) {
    Probe probe;
    for (int step = 0; step < 40; ++step) {
      auto looked = FindHandler(action.kind->name)->probe_undone(action, *context_);
      EXPECT_TRUE(looked.ok()) << (looked.ok() ? "" : looked.error().message);
      if (!looked.ok()) break;
      probe = std::move(looked).value();
      if (probe.state == ProbeState::kNotDone) break;  // the effect is gone
      if (probe.state != ProbeState::kDone) continue;
      const Status undone = FindHandler(action.kind->name)->undo(action, *context_);
      EXPECT_TRUE(undone.ok()) << undone.error().message;
    }
    return probe;
  }

  void Approve(const Action& action) { context_->settings.approvals[action.id] = "dana"; }

  // Everything that this file is about, up to and including the nth action of the kind; people confirm what they have
  // to, and a watch is over at once.
  void DriveUntil(const ActionPlan& plan, const ActionKind& kind, int nth = 1) {
    for (const Action& action : plan.actions) {
      if (FindHandler(action.kind->name) == nullptr || IsOthers(*action.kind)) continue;
      Probe probe = Drive(action);
      if (probe.state == ProbeState::kWaiting) {
        if (probe.until) clock_.offset += std::chrono::hours(25);
        if (!probe.until) Approve(action);
        probe = Drive(action);
      }
      ASSERT_EQ(probe.state, ProbeState::kDone) << action.kind->name << ": " << probe.text << " / " << probe.hint;
      if (action.kind == &kind && --nth == 0) return;
    }
  }

  static bool IsOthers(const ActionKind& kind) {
    return kind.name == "open_wave" || kind.name == "reconcile_terraform" || kind.name == "seal_evidence" ||
           kind.name == "soak";
  }

  static const Action& Of(const ActionPlan& plan, const ActionKind& kind, int nth = 1) {
    for (const Action& action : plan.actions) {
      if (action.kind == &kind && --nth == 0) return action;
    }
    TFSEAL_CHECK(false);
    return plan.actions.front();
  }

  std::string SecretValue(const std::string& name) {
    return TextAt(Send("secretsmanager", "GetSecretValue", Object({{"SecretId", Text(name)}})), "SecretString");
  }

  std::vector<std::string> Revisions(const char* status) {
    std::vector<std::string> names;
    const JsonValue answer =
        Send("ecs", "ListTaskDefinitions", Object({{"familyPrefix", kFamily}, {"status", status}}));
    for (const JsonValue& arn : answer["taskDefinitionArns"]) names.push_back(arn.asString());
    return names;
  }

  void ExpectNoValueAnywhere() {
    for (const char* value : {kCanary, kOther, kShortKey}) EXPECT_THAT(transcript_, Not(HasSubstr(value)));
    if (!std::filesystem::exists(folder_.path() + "/sealed")) return;
    for (const auto& file : std::filesystem::directory_iterator(folder_.path() + "/sealed")) {
      const auto content = ReadFileBounded(file.path().string(), 1 << 20);
      ASSERT_TRUE(content.ok());
      EXPECT_THAT(*content, Not(HasSubstr(kCanary)));
    }
  }

  static Emulator* emulator_;
  TemporaryDirectory folder_;
  SystemClock session_clock_;
  SystemEntropy entropy_;
  MovedClock clock_;
  std::unique_ptr<aws::Session> session_;
  std::map<std::string, JsonValue> outputs_;
  std::optional<RunContext> context_;
  std::string transcript_;
};

Emulator* SecretCutover::emulator_ = nullptr;

TEST_F(SecretCutover, MovesAnApplicationThatFetchesTheSecretItself) {
  const ActionPlan plan = PlanOfExample(/*fetches=*/true);
  DriveUntil(plan, kDeregisterTaskDefinitions);
  EXPECT_EQ(SecretValue("pazpaz/encryption-key-v1"), kCanary);
  EXPECT_EQ(Revisions("ACTIVE").size(), 1U);
  EXPECT_TRUE(Revisions("INACTIVE").empty());
  const JsonValue running =
      Send("ecs", "DescribeTaskDefinition", Object({{"taskDefinition", Service()["taskDefinition"]}}));
  EXPECT_THAT(WriteJsonLine(running), Not(HasSubstr("ENCRYPTION_MASTER_KEY")));
  EXPECT_THAT(WriteJsonLine(running), HasSubstr("SECRETS_MANAGER_KEY_NAME"));
  ExpectNoValueAnywhere();
  // A second look, without any memory of the run: nothing is done again.
  for (const Action& action : plan.actions) {
    if (FindHandler(action.kind->name) == nullptr || IsOthers(*action.kind)) continue;
    const Probe probe = Look(action);
    EXPECT_NE(probe.state, ProbeState::kNotDone) << action.kind->name << ": " << probe.text;
  }
}

TEST_F(SecretCutover, MovesAnApplicationThatIsGivenTheSecret) {
  const ActionPlan plan = PlanOfExample(/*fetches=*/false);
  DriveUntil(plan, kDeregisterTaskDefinitions);
  EXPECT_EQ(SecretValue("pazpaz-api-production/encryption-master-key"), kCanary);
  const JsonValue running =
      Send("ecs", "DescribeTaskDefinition", Object({{"taskDefinition", Service()["taskDefinition"]}}));
  const JsonValue& container = running["taskDefinition"]["containerDefinitions"][0];
  ASSERT_EQ(container["secrets"].size(), 1U);
  EXPECT_EQ(container["secrets"][0]["name"].asString(), "ENCRYPTION_MASTER_KEY");
  EXPECT_THAT(WriteJsonLine(container["environment"]), Not(HasSubstr("ENCRYPTION_MASTER_KEY")));
  EXPECT_THAT(TextAt(running["taskDefinition"], "executionRoleArn"), HasSubstr("pazpaz-api-production-execution"));
  ExpectNoValueAnywhere();
}

TEST_F(SecretCutover, OpensTheSealedCopyWithOpenssl) {
  const ActionPlan plan = PlanOfExample(true);
  const Action& seal = Of(plan, kSealExposedValue);
  const Probe waiting = Drive(seal);
  EXPECT_EQ(waiting.state, ProbeState::kWaiting) << waiting.text;
  EXPECT_THAT(waiting.hint, HasSubstr(seal.id));
  const std::string file = folder_.path() + "/sealed/pazpaz-api-production.1.pazpaz-api.ENCRYPTION_MASTER_KEY.cms.pem";
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const auto opened = RunProgram(
      {"openssl", "cms", "-decrypt", "-binary", "-inform", "PEM", "-in", file, "-inkey", folder_.path() + "/key.pem"});
  EXPECT_EQ(opened.exit_code, 0) << opened.err;
  EXPECT_EQ(opened.out, kCanary);
  Approve(seal);
  const Probe done = Look(seal);
  EXPECT_EQ(done.state, ProbeState::kDone);
  EXPECT_EQ(done.evidence["files"][0]["sha256"].asString().size(), 64U);
  ExpectNoValueAnywhere();
}

TEST_F(SecretCutover, SaysWhoIsMissingWithoutARecipient) {
  context_->settings.recipient_certificate_path.clear();
  const Probe probe = Look(Of(PlanOfExample(true), kSealExposedValue));
  EXPECT_EQ(probe.state, ProbeState::kWaiting);
  EXPECT_THAT(probe.hint, HasSubstr("--recipient"));
}

TEST_F(SecretCutover, FindsTheValueInEveryFamilyAndEveryRevision) {
  Send("ecs", "RegisterTaskDefinition", Definition("pazpaz-worker", kCanary));
  Send("ecs", "RegisterTaskDefinition", Definition("pazpaz-other", kOther));
  Send("ecs", "DeregisterTaskDefinition", Object({{"taskDefinition", "pazpaz-worker:1"}}));
  const Probe probe = Look(Of(PlanOfExample(true), kInventorySecretUse));
  ASSERT_EQ(probe.state, ProbeState::kDone) << probe.text;
  std::set<std::string> seen;
  for (const JsonValue& use : probe.evidence["uses"])
    seen.insert(TextAt(use, "revision") + " " + TextAt(use, "status"));
  EXPECT_THAT(seen, ::testing::ElementsAre("pazpaz-api-production:1 ACTIVE", "pazpaz-worker:1 INACTIVE"));
  EXPECT_EQ(probe.evidence["uses"][0]["used_by"][0], "service pazpaz-production/pazpaz-api");
  EXPECT_EQ(probe.evidence["values"][0]["key_bytes"].asInt(), 32);
  ExpectNoValueAnywhere();
}

TEST_F(SecretCutover, RefusesAKeyOfTheWrongLength) {
  Send("ecs", "RegisterTaskDefinition", Definition(kFamily, kShortKey));
  Send("ecs", "UpdateService",
       Object({{"cluster", kCluster}, {"service", "pazpaz-api"}, {"taskDefinition", "pazpaz-api-production:2"}}));
  for (int i = 0; i < 4; ++i) Service();
  const ActionPlan plan = PlanOfExample(true);
  const Action& inventory = Of(plan, kInventorySecretUse);
  const Probe probe = Look(inventory);
  EXPECT_EQ(probe.state, ProbeState::kConflict);
  EXPECT_THAT(probe.text, HasSubstr("32 bytes"));
  Approve(inventory);
  EXPECT_EQ(Look(inventory).state, ProbeState::kDone);
  ExpectNoValueAnywhere();
}

// Scenario 1: the secret cannot be had, the application falls back, nothing is broken.
TEST_F(SecretCutover, AFallbackStopsTheWatchAndNamesThePlaceOnly) {
  const ActionPlan plan = PlanOfExample(true);
  DriveUntil(plan, kRegisterTaskDefinition);
  Send("secretsmanager", "DeleteSecret",
       Object({{"SecretId", "pazpaz/encryption-key-v1"}, {"RecoveryWindowInDays", 7}}));
  ASSERT_EQ(Drive(Of(plan, kDeployTaskDefinition)).state, ProbeState::kDone);
  const Probe probe = Look(Of(plan, kWatchService));
  EXPECT_EQ(probe.state, ProbeState::kConflict);
  EXPECT_THAT(probe.text, HasSubstr("fell back"));
  EXPECT_THAT(probe.text, HasSubstr("log stream api/pazpaz-api/"));
  EXPECT_THAT(probe.text, Not(HasSubstr("secret_id")));
  EXPECT_EQ(Look(Of(plan, kCreateSecret)).state, ProbeState::kConflict);
  ExpectNoValueAnywhere();
}

// Scenario 2: the application cannot start, the previous revision serves again.
TEST_F(SecretCutover, AFailedRolloutIsAConflictAndGoesBack) {
  const ActionPlan plan = PlanOfExample(true);
  DriveUntil(plan, kRegisterTaskDefinition);
  emulator_->Post("/world", R"({"failing_rollouts":["pazpaz-api-production:2"]})");
  const Action& deploy = Of(plan, kDeployTaskDefinition);
  const Probe failed = Drive(deploy);
  EXPECT_EQ(failed.state, ProbeState::kConflict);
  EXPECT_THAT(failed.text, HasSubstr("pazpaz-api-production:2"));
  const Probe undone = Undo(deploy);
  EXPECT_EQ(undone.state, ProbeState::kNotDone) << undone.text;
  EXPECT_THAT(TextAt(Service(), "taskDefinition"), HasSubstr("pazpaz-api-production:1"));
  EXPECT_EQ(Service()["runningCount"].asInt(), 2);
  // It stays a conflict until somebody says that the cause is gone.
  EXPECT_EQ(Look(deploy).state, ProbeState::kConflict);
  emulator_->Post("/world", R"({"failing_rollouts":[]})");
  Approve(deploy);
  EXPECT_EQ(Drive(deploy).state, ProbeState::kDone);
}

// Scenario 3: the secret holds the wrong key. The right one becomes a new version; nothing is deleted.
TEST_F(SecretCutover, AWrongKeyIsReplacedByANewVersion) {
  const ActionPlan plan = PlanOfExample(true);
  DriveUntil(plan, kCreateSecret);
  const Action& create = Of(plan, kCreateSecret);
  const JsonValue wrong = Object({{"SecretId", "pazpaz/encryption-key-v1"}, {"SecretString", kOther}});
  Send("secretsmanager", "PutSecretValue", wrong);
  EXPECT_EQ(Look(create).state, ProbeState::kNotDone);
  EXPECT_EQ(Drive(create).state, ProbeState::kDone);
  EXPECT_EQ(SecretValue("pazpaz/encryption-key-v1"), kCanary);
  Send("secretsmanager", "PutSecretValue", wrong);
  EXPECT_EQ(Undo(create).state, ProbeState::kNotDone);
  EXPECT_EQ(SecretValue("pazpaz/encryption-key-v1"), kCanary);
  const std::string calls = emulator_->Get("/faults/calls");
  EXPECT_THAT(calls, Not(HasSubstr("DeleteSecret")));
  ExpectNoValueAnywhere();
}

// After the cut-over the secret decides: what old revisions still show is not put back over a newer key.
TEST_F(SecretCutover, AKeyThatWasReplacedIsNotPutBack) {
  const ActionPlan plan = PlanOfExample(true);
  DriveUntil(plan, kDeployTaskDefinition, 2);
  Send("secretsmanager", "PutSecretValue",
       Object({{"SecretId", "pazpaz/encryption-key-v1"}, {"SecretString", kOther}}));
  const Action& create = Of(plan, kCreateSecret);
  EXPECT_EQ(Look(create).state, ProbeState::kConflict);
  EXPECT_FALSE(Change(create).ok());
  EXPECT_EQ(Undo(create).state, ProbeState::kNotDone);
  EXPECT_EQ(SecretValue("pazpaz/encryption-key-v1"), kOther);
  ExpectNoValueAnywhere();
}

TEST_F(SecretCutover, ASecretOfSomebodyElseWithAnotherValueIsAConflict) {
  const ActionPlan plan = PlanOfExample(true);
  DriveUntil(plan, kSealExposedValue);
  const std::string key = outputs_.at(Of(plan, kCreateKey).id)["KeyMetadata"]["Arn"].asString();
  Send("secretsmanager", "CreateSecret",
       Object({{"Name", "pazpaz/encryption-key-v1"}, {"KmsKeyId", Text(key)}, {"SecretString", kOther}}));
  const Action& create = Of(plan, kCreateSecret);
  EXPECT_EQ(Look(create).state, ProbeState::kConflict);
  EXPECT_FALSE(Change(create).ok());
  EXPECT_EQ(SecretValue("pazpaz/encryption-key-v1"), kOther);
  ExpectNoValueAnywhere();
}

TEST_F(SecretCutover, ARoleThatMayAlsoWriteIsNoProof) {
  const ActionPlan plan = PlanOfExample(true);
  DriveUntil(plan, kCreateSecret);
  const auto put = [this](const char* document) {
    Send("iam", "PutRolePolicy",
         Object({{"RoleName", kTaskRole}, {"PolicyName", "wide"}, {"PolicyDocument", document}}));
  };
  put(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}]})");
  const Action& grant = Of(plan, kGrantSecretAccess);
  const Probe wide = Drive(grant);
  EXPECT_EQ(wide.state, ProbeState::kConflict);
  EXPECT_THAT(wide.text, HasSubstr("policy wide"));
  // A condition that nobody can evaluate here is neither yes nor no.
  put(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*","Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1"}}}]})");
  EXPECT_EQ(Look(grant).state, ProbeState::kConflict);
  Approve(grant);
  EXPECT_EQ(Look(grant).state, ProbeState::kDone);
  put(R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"secretsmanager:GetSecretValue","Resource":"*"}]})");
  EXPECT_EQ(Look(grant).state, ProbeState::kConflict);
  EXPECT_EQ(Undo(grant).state, ProbeState::kNotDone);
}

TEST_F(SecretCutover, ARevisionThatSomebodyRunsIsNotDeleted) {
  const ActionPlan plan = PlanOfExample(true);
  DriveUntil(plan, kRotateExposedValue);
  Send("ecs", "CreateService",
       Object({{"cluster", kCluster},
               {"serviceName", "old"},
               {"taskDefinition", "pazpaz-api-production:1"},
               {"desiredCount", 1}}));
  const Probe probe = Drive(Of(plan, kDeregisterTaskDefinitions));
  EXPECT_EQ(probe.state, ProbeState::kConflict);
  EXPECT_THAT(probe.text, HasSubstr("service pazpaz-production/old"));
  EXPECT_EQ(Revisions("ACTIVE").size(), 3U);
}

TEST_F(SecretCutover, AWatchNeedsProofThatTheTasksRead) {
  const ActionPlan plan = PlanOfExample(true);
  DriveUntil(plan, kDeployTaskDefinition);
  const Action& watch = Of(plan, kWatchService);
  const Probe early = Look(watch);
  ASSERT_EQ(early.state, ProbeState::kWaiting) << early.text;
  ASSERT_TRUE(early.until.has_value());
  EXPECT_GT(*early.until, clock_.Now() + std::chrono::hours(23));
  // Nobody has read: the events of the window are those of another role.
  JsonValue payload = watch.payload;
  payload["role"] = "SomebodyElse";
  clock_.offset += std::chrono::hours(25);
  const Probe unproven = Look(MakeAction(kWatchService, watch.target, payload));
  EXPECT_EQ(unproven.state, ProbeState::kConflict);
  EXPECT_THAT(unproven.text, HasSubstr("0 reads"));
  const Probe done = Look(watch);
  EXPECT_EQ(done.state, ProbeState::kDone) << done.text;
  EXPECT_EQ(done.evidence["fallbacks"].asInt(), 0);
}

// The answer of every change is lost once: what was done is seen, and done once.
TEST_F(SecretCutover, ALostAnswerIsLookedFor) {
  JsonValue faults(Json::arrayValue);
  const std::vector<std::string> changes = {"CreateKey",
                                            "EnableKeyRotation",
                                            "CreateAlias",
                                            "CreateSecret",
                                            "PutRolePolicy",
                                            "RegisterTaskDefinition",
                                            "UpdateService",
                                            "DeregisterTaskDefinition",
                                            "DeleteTaskDefinitions"};
  for (const std::string& change : changes) {
    faults.append(Object({{"action", Text(change)}, {"after", true}, {"drop", true}}));
  }
  emulator_->Post("/faults", WriteJsonLine(faults));
  const ActionPlan plan = PlanOfExample(true);
  DriveUntil(plan, kDeregisterTaskDefinitions);
  EXPECT_EQ(Look(Of(plan, kCreateKey)).state, ProbeState::kDone);  // two keys with the tag would be a conflict
  EXPECT_THAT(TextAt(Service(), "taskDefinition"), HasSubstr("pazpaz-api-production:3"));
  const JsonValue secret = Send("secretsmanager", "DescribeSecret", Object({{"SecretId", "pazpaz/encryption-key-v1"}}));
  EXPECT_EQ(secret["VersionIdsToStages"].size(), 1U);
  ExpectNoValueAnywhere();
}

TEST_F(SecretCutover, ADisabledKeyIsNotUsed) {
  const ActionPlan plan = PlanOfExample(true);
  DriveUntil(plan, kSealExposedValue);
  const std::string key = outputs_.at(Of(plan, kCreateKey).id)["KeyMetadata"]["Arn"].asString();
  Send("kms", "DisableKey", Object({{"KeyId", Text(key)}}));
  const Probe probe = Drive(Of(plan, kCreateSecret));
  EXPECT_EQ(probe.state, ProbeState::kConflict);
  EXPECT_THAT(probe.hint, HasSubstr("enable-key"));
  EXPECT_EQ(Look(Of(plan, kCreateKey)).state, ProbeState::kConflict);
}

TEST_F(SecretCutover, AChangeThatIsRefusedIsAnErrorAndChangesNothing) {
  const ActionPlan plan = PlanOfExample(true);
  DriveUntil(plan, kSealExposedValue);
  emulator_->Post("/faults", R"([{"action":"CreateSecret","times":1,"code":"AccessDeniedException"}])");
  const Action& create = Of(plan, kCreateSecret);
  const Status refused = Change(create);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(Look(create).state, ProbeState::kNotDone);
  EXPECT_EQ(Drive(create).state, ProbeState::kDone);
  ExpectNoValueAnywhere();
}

}  // namespace
}  // namespace tfseal::test

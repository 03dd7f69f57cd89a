#include "aws/observe/observe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "aws/observe/answer.h"
#include "aws/observe/iam_policy.h"
#include "aws/observe/observed_type.h"
#include "aws/observe/permission.h"
#include "aws/observe/snapshot_builder.h"
#include "policy/control.h"
#include "policy/coverage.h"
#include "terraform/read.h"

namespace tfseal::observe {
namespace {

using ::testing::IsEmpty;

// An account that answers each operation with what is put into it, or with an error.
class Account : public aws::Api {
 public:
  std::map<std::string, JsonValue> answers;
  std::map<std::string, Error> errors;

  Result<JsonValue> Send(const aws::Call& call) override {
    if (const auto error = errors.find(call.operation); error != errors.end()) return error->second;
    if (const auto answer = answers.find(call.operation); answer != answers.end()) return answer->second;
    return Error{ErrorCode::kNotFound, "there is no such thing", ""};
  }
  std::vector<Result<JsonValue>> SendAll(std::span<const aws::Call> calls) override {
    std::vector<Result<JsonValue>> all;
    for (const aws::Call& call : calls) all.push_back(Send(call));
    return all;
  }
};

JsonValue Json(std::string_view text) {
  auto json = ParseJson(text);
  EXPECT_TRUE(json.ok()) << text;
  return json.ok() ? *json : JsonValue();
}

terraform::Document State(const std::string& resources) {
  auto document = terraform::ReadDocumentFromMemory(
      R"({"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"a","outputs":{},"resources":[)" + resources +
          "]}",
      "terraform.tfstate", terraform::Interest::Everything());
  EXPECT_TRUE(document.ok()) << (document.ok() ? "" : document.error().message);
  return std::move(document).value();
}

std::string Resource(const std::string& type, const std::string& attributes) {
  return R"({"mode":"managed","type":")" + type +
         R"(","name":"x","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{"schema_version":0,"attributes":)" +
         attributes + "}]}";
}

const std::string kKeyState = Resource(
    "aws_kms_key",
    R"({"id":"11111111-2222-3333-4444-555555555555","arn":"arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555",)"
    R"("key_id":"11111111-2222-3333-4444-555555555555","enable_key_rotation":true,"is_enabled":true,"policy":"{}","rotation_period_in_days":90})");

Account AccountWithKey() {
  Account account;
  account.answers["DescribeKey"] = Json(
      R"({"KeyMetadata":{"Arn":"arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555",)"
      R"("KeyId":"11111111-2222-3333-4444-555555555555","Enabled":true,"KeyState":"Enabled","KeyUsage":"ENCRYPT_DECRYPT",)"
      R"("KeySpec":"SYMMETRIC_DEFAULT","KeyManager":"CUSTOMER","Origin":"AWS_KMS"}})");
  account.answers["GetKeyRotationStatus"] = Json(R"({"KeyRotationEnabled":false})");
  account.answers["GetKeyPolicy"] = Json(R"({"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[]}"})");
  return account;
}

Observation Look(Account& account, const terraform::Document& document) {
  Requests requests(account, false);
  return ObserveDocuments(requests, std::span(&document, 1), {"us-east-1", "123456789012"});
}

TEST(ObservedTypes, AreAllThatAControlJudges) {
  std::set<std::string_view> judged;
  for (const Control* control : AllControls()) {
    if (control->asked == nullptr) judged.insert(control->types.begin(), control->types.end());
  }
  for (const std::string_view type : judged) {
    EXPECT_TRUE((FindObservedType(type) != nullptr) != !WhyNotObserved(type).empty())
        << type << " must be in aws/observe/list.inc, once";
  }
}

// Whatever a control of the type looks at is read from AWS, exists in Terraform only, or identifies the object.
TEST(ObservedTypes, TellEveryAttributeThatAControlReads) {
  std::vector<std::string> missing;
  for (const RelevantAttribute& attribute : BuiltInAttributes()) {
    const ObservedType* type = FindObservedType(attribute.type);
    const std::string_view top = TopLevel(attribute.path);
    if (type == nullptr || !AttributesJudged(attribute.type).contains(top)) continue;
    bool told =
        std::find(type->terraform_only.begin(), type->terraform_only.end(), top) != type->terraform_only.end() ||
        std::find(type->secret.begin(), type->secret.end(), top) != type->secret.end();
    for (const Read& read : type->reads) {
      for (const Attribute& each : read.attributes) told = told || TopLevel(each.path) == top;
      for (const std::string_view name : NamesIn(read.parameters)) told = told || name == top;
    }
    if (!told) missing.push_back(attribute.type + "." + std::string(top));
  }
  EXPECT_THAT(missing, IsEmpty());
}

TEST(ObserveDocuments, SaysWhatAwsSays) {
  Account account = AccountWithKey();
  const terraform::Document state = State(kKeyState);
  const Observation observation = Look(account, state);
  ASSERT_EQ(observation.documents.front().resources.size(), 1U);
  const terraform::ResourceInstance& key = observation.documents.front().resources.front();
  EXPECT_EQ(key.address, "aws_kms_key.x");
  EXPECT_EQ(key.before.Get("enable_key_rotation").AsBool(), true);
  EXPECT_EQ(key.after.Get("enable_key_rotation").AsBool(), false);
  EXPECT_THAT(observation.unread, IsEmpty());
  EXPECT_THAT(observation.gone, IsEmpty());
}

TEST(ObserveDocuments, LeavesUnknownWhatMayNotBeRead) {
  Account account = AccountWithKey();
  account.errors["GetKeyPolicy"] = Error{ErrorCode::kPermissionDenied, "no", "", "AccessDeniedException"};
  const terraform::Document state = State(kKeyState);
  const Observation observation = Look(account, state);
  const terraform::Value after = observation.documents.front().resources.front().after;
  EXPECT_TRUE(after.Get("policy").unknown());
  EXPECT_TRUE(after.Get("enable_key_rotation").known());
  ASSERT_EQ(observation.unread.size(), 1U);
  EXPECT_EQ(observation.unread.front().action, "kms:GetKeyPolicy");
  EXPECT_EQ(observation.unread.front().code, ErrorCode::kPermissionDenied);
}

TEST(ObserveDocuments, LeavesUnknownWhatAnAnswerDoesNotSay) {
  Account account = AccountWithKey();
  account.answers["DescribeKey"]["KeyMetadata"].removeMember("Enabled");
  const terraform::Document state = State(kKeyState);
  const Observation observation = Look(account, state);
  EXPECT_TRUE(observation.documents.front().resources.front().after.Get("is_enabled").unknown());
  ASSERT_EQ(observation.unread.size(), 1U);
  EXPECT_THAT(observation.unread.front().attributes, ::testing::Contains("is_enabled"));
}

TEST(ObserveDocuments, TellsWhatIsGone) {
  Account account;
  const terraform::Document state = State(kKeyState);
  const Observation observation = Look(account, state);
  EXPECT_THAT(observation.documents.front().resources, IsEmpty());
  ASSERT_EQ(observation.gone.size(), 1U);
  EXPECT_EQ(observation.gone.front().region, "eu-west-1");
}

TEST(ObserveDocuments, LooksAtNothingOfAnotherAccount) {
  Account account = AccountWithKey();
  const terraform::Document state = State(kKeyState);
  Requests requests(account, false);
  const Observation observation = ObserveDocuments(requests, std::span(&state, 1), {"us-east-1", "999999999999"});
  EXPECT_EQ(requests.total(), 0U);
  EXPECT_TRUE(observation.documents.front().resources.front().after.Get("enable_key_rotation").unknown());
}

// A database's key that no document has: its owner comes from KMS.
TEST(ObserveDocuments, LooksUpKeysInUse) {
  Account account = AccountWithKey();
  account.answers["DescribeDBClusters"] = Json(
      R"({"DBClusters":[{"DBClusterIdentifier":"orders","StorageEncrypted":true,"DeletionProtection":true,"BackupRetentionPeriod":7,)"
      R"("KmsKeyId":"arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"}]})");
  const terraform::Document state = State(Resource(
      "aws_rds_cluster",
      R"({"id":"orders","cluster_identifier":"orders","arn":"arn:aws:rds:eu-west-1:123456789012:cluster:orders"})"));
  const Observation observation = Look(account, state);
  ASSERT_EQ(observation.keys.size(), 1U);
  EXPECT_EQ(observation.keys.front().manager, "CUSTOMER");
  EXPECT_EQ(observation.documents.front().key_lookups.size(), 1U);
}

// Whatever else a state says of it: what counts is whether everybody may start the image now.
TEST(ObserveDocuments, TellsThatAnImageBecamePublic) {
  const terraform::Document state =
      State(Resource("aws_ami_launch_permission",
                     R"({"id":"ami-1-123456789012","image_id":"ami-1","account_id":"123456789012","group":null})"));
  const auto group = [&](std::string_view permissions) {
    Account account;
    account.answers["DescribeImageAttribute"] =
        Json(R"({"ImageId":"ami-1","LaunchPermissions":)" + std::string(permissions) + "}");
    const Observation observation = Look(account, state);
    EXPECT_THAT(observation.unread, IsEmpty());
    return std::string(observation.documents.front().resources.front().after.Get("group").text());
  };
  EXPECT_EQ(group(R"([{"UserId":"123456789012"},{"Group":"all"}])"), "all");
  EXPECT_EQ(group(R"([{"UserId":"123456789012"}])"), "");
}

TEST(ObserveDocuments, TellsTheGroupsOfAnApplicationsProperties) {
  const terraform::Document state = State(
      Resource("aws_kinesisanalyticsv2_application", R"({"id":"x","name":"rivers","application_configuration":[]})"));
  Account account;
  account.answers["DescribeApplication"] =
      Json(R"({"ApplicationDetail":{"ApplicationConfigurationDescription":{"EnvironmentPropertyDescriptions":)"
           R"({"PropertyGroupDescriptions":[{"PropertyGroupId":"sink","PropertyMap":{"password":"canary"}}]}}}})");
  const Observation observation = Look(account, state);
  const terraform::Value after = observation.documents.front().resources.front().after;
  const terraform::Value group = after.At("application_configuration[0].environment_properties[0].property_group[0]");
  EXPECT_EQ(group.Get("property_group_id").text(), "sink");
  EXPECT_EQ(group.Get("property_map").Get("password").text(), "canary");
}

TEST(ObserveDocuments, TellsTheKeyOfReplicas) {
  const terraform::Document state = State(Resource(
      "aws_s3_bucket_replication_configuration", R"({"id":"charts","bucket":"charts","rule":[{"status":"Enabled"}]})"));
  Account account;
  account.answers["GetBucketReplication"] =
      Json(R"({"ReplicationConfiguration":{"Rules":[{"ID":"far","Status":"Enabled","Destination":)"
           R"({"Bucket":"arn:aws:s3:::far","EncryptionConfiguration":{"ReplicaKmsKeyID":"alias/far"}}},)"
           R"({"ID":"near","Status":"Disabled","Destination":{"Bucket":"arn:aws:s3:::near"}}]}})");
  const Observation observation = Look(account, state);
  const terraform::Value after = observation.documents.front().resources.front().after;
  EXPECT_EQ(after.At("rule[0].destination[0].encryption_configuration[0].replica_kms_key_id").text(), "alias/far");
  EXPECT_EQ(after.At("rule[1].status").text(), "Disabled");
  EXPECT_TRUE(after.At("rule[1].destination[0].encryption_configuration[0].replica_kms_key_id").absent());
}

TEST(ObserveDocuments, TellsThatAPolicyOfItsOwnIsGone) {
  const terraform::Document state = State(
      Resource("aws_cloudwatch_log_resource_policy", R"({"id":"dns","policy_name":"dns","policy_document":"{}"})"));
  Account account;
  account.answers["DescribeResourcePolicies"] =
      Json(R"({"resourcePolicies":[{"policyName":"another","policyDocument":"{}"}]})");
  EXPECT_EQ(Look(account, state).gone.size(), 1U);
}

TEST(Requests, SendTheSameCallOnce) {
  Account account = AccountWithKey();
  const terraform::Document state =
      State(kKeyState + "," + Resource("aws_kms_key_policy", R"({"id":"x","key_id":"x","policy":"{}"})"));
  Requests requests(account, true);
  ObserveDocuments(requests, std::span(&state, 1), {"us-east-1", "123456789012"});
  EXPECT_EQ(requests.sent().at("kms DescribeKey"), 1U);
}

TEST(Policies, NeverAllowEverything) {
  const JsonValue verify = PolicyForVerify({}, {});
  for (const JsonValue& statement : verify["Statement"]) {
    for (const JsonValue& action : statement["Action"]) {
      EXPECT_EQ(action.asString().find('*'), std::string::npos);
      const std::string name = action.asString().substr(action.asString().find(':') + 1);
      const bool reads = name.starts_with("Describe") || name.starts_with("Get") || name.starts_with("List") ||
                         name.starts_with("BatchGet") || name == "Select" || name == "GET";
      EXPECT_TRUE(reads) << action.asString();
      EXPECT_NE(action.asString(), "secretsmanager:GetSecretValue");
    }
  }
}

// Service Authorization Reference.
TEST(Policies, CallActionsWhatIamCallsThem) {
  EXPECT_EQ(ActionOf("sso-admin", "GetInlinePolicyForPermissionSet"), "sso:GetInlinePolicyForPermissionSet");
  EXPECT_EQ(ActionOf("kinesisanalyticsv2", "DescribeApplication"), "kinesisanalytics:DescribeApplication");
  EXPECT_EQ(ActionOf("apigatewayv2", "GetStage"), "apigateway:GET");
  EXPECT_EQ(ActionOf("s3control", "GetAccessPoint"), "s3:GetAccessPoint");
}

TEST(Policies, OfCallsNameWhatTheyAreFor) {
  NeededCall restore{
      "rds", "RestoreDBClusterFromSnapshot",
      Json(R"({"DBClusterIdentifier":"orders-new","KmsKeyId":"arn:aws:kms:eu-west-1:123456789012:key/k"})"),
      "123456789012", "eu-west-1"};
  const std::string policy = WriteJsonLine(PolicyForCalls(std::span(&restore, 1), "aws"));
  EXPECT_NE(policy.find("arn:aws:rds:eu-west-1:123456789012:cluster:orders-new"), std::string::npos) << policy;
  EXPECT_NE(policy.find(R"("kms:ViaService":"rds.eu-west-1.amazonaws.com")"), std::string::npos) << policy;
  EXPECT_NE(policy.find(R"("kms:GrantIsForAWSResource":"true")"), std::string::npos) << policy;
  EXPECT_EQ(policy.find(R"("*")"), std::string::npos) << policy;
}

}  // namespace
}  // namespace tfseal::observe

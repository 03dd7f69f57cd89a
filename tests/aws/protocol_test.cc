#include "aws/protocol.h"

#include <gtest/gtest.h>

#include "aws/error_class.h"

namespace tfseal::aws {
namespace {

HttpRequest Build(const char* service, const char* operation, const char* parameters) {
  const ServiceModel& model = *FindService(service);
  Result<HttpRequest> request = BuildRequest(model, *model.Find(operation), ParseJson(parameters).value());
  EXPECT_TRUE(request.ok()) << request.error().message;
  return request.ok() ? *request : HttpRequest();
}

TEST(Protocol, QueryNamesListsAsTheModelSays) {
  EXPECT_EQ(
      Build("rds", "CreateDBCluster",
            R"({"DBClusterIdentifier": "a b", "Engine": "e", "AvailabilityZones": ["z1"], "VpcSecurityGroupIds": ["s"],
                      "StorageEncrypted": false, "Tags": [{"Key": "k", "Value": "&"}], "EnableCloudwatchLogsExports": []})")
          .body,
      "Action=CreateDBCluster&Version=2014-10-31&AvailabilityZones.AvailabilityZone.1=z1&DBClusterIdentifier=a%20b&"
      "EnableCloudwatchLogsExports=&Engine=e&StorageEncrypted=false&Tags.Tag.1.Key=k&Tags.Tag.1.Value=%26&"
      "VpcSecurityGroupIds.VpcSecurityGroupId.1=s");
  EXPECT_EQ(Build("sns", "CreateTopic", R"({"Name": "n", "Attributes": {"A": "1"}})").body,
            "Action=CreateTopic&Version=2010-03-31&Attributes.entry.1.key=A&Attributes.entry.1.value=1&Name=n");
  EXPECT_EQ(
      Build("ec2", "DescribeVolumes", R"({"VolumeIds": ["v"], "Filters": [{"Name": "n", "Values": ["x"]}]})").body,
      "Action=DescribeVolumes&Version=2016-11-15&Filter.1.Name=n&Filter.1.Value.1=x&VolumeId.1=v");
}

TEST(Protocol, RestFillsPathQueryAndHeaders) {
  const HttpRequest put =
      Build("s3", "PutObject",
            R"({"Bucket": "b", "Key": "x/ü", "Body": "aGk=", "IfNoneMatch": "*", "Metadata": {"a": "1"}})");
  EXPECT_EQ(put.method, "PUT");
  EXPECT_EQ(put.path, "/b/x/%C3%BC");
  EXPECT_EQ(put.body, "hi");
  EXPECT_FALSE(put.repeatable);
  const HttpRequest get = Build("s3", "GetBucketEncryption", R"({"Bucket": "b"})");
  EXPECT_EQ(get.query, "encryption=");
  EXPECT_TRUE(get.repeatable);
  const HttpRequest points =
      Build("backup", "ListRecoveryPointsByResource", R"({"ResourceArn": "arn:a/b", "MaxResults": 5})");
  EXPECT_EQ(points.path, "/resources/arn%3Aa%2Fb/recovery-points/");
  EXPECT_EQ(points.query, "maxResults=5");
  const HttpRequest encryption =
      Build("s3", "PutBucketEncryption",
            R"({"Bucket": "b", "ServerSideEncryptionConfiguration": {"Rules": [{"BucketKeyEnabled": true}]}})");
  EXPECT_EQ(encryption.body,
            "<ServerSideEncryptionConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule>"
            "<BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>");
}

TEST(Protocol, APathCannotBeLeftByAName) {
  const ServiceModel& backup = *FindService("backup");
  for (const char* name : {"..", ".", ""}) {
    JsonValue parameters(Json::objectValue);
    parameters["BackupVaultName"] = name;
    EXPECT_FALSE(BuildRequest(backup, *backup.Find("DescribeBackupVault"), parameters).ok()) << name;
  }
}

TEST(Protocol, TimesAreWrittenAsEachProtocolWants) {
  const char* const times = R"({"StartTime": "2026-11-01T00:00:00Z", "EndTime": "2026-11-02T00:00:00Z",
                                "MetricDataQueries": []})";
  EXPECT_NE(Build("cloudwatch", "GetMetricData", times).body.find("StartTime=2026-11-01T00%3A00%3A00Z"),
            std::string::npos);
  EXPECT_NE(Build("cloudtrail", "LookupEvents", R"({"StartTime": "2026-11-01T00:00:00Z"})").body.find("1793491200"),
            std::string::npos);
}

TEST(Protocol, SensitiveTextsAreFound) {
  const Operation& put = *FindService("secretsmanager")->Find("PutSecretValue");
  const JsonValue parameters = ParseJson(R"({"SecretId": "s", "SecretString": "canary"})").value();
  EXPECT_EQ(SensitiveTexts(put, parameters), (std::vector<std::string_view>{"canary"}));
}

TEST(ErrorClass, GoesByHowServicesNameThings) {
  const auto code = [](const char* name, int status = 400) { return Classify(name, status).code; };
  EXPECT_EQ(code("DBClusterNotFoundFault", 404), ErrorCode::kNotFound);
  EXPECT_EQ(code("InvalidVolume.NotFound"), ErrorCode::kNotFound);
  EXPECT_EQ(code("NoSuchEntity", 404), ErrorCode::kNotFound);
  EXPECT_EQ(code("AWS.SimpleQueueService.NonExistentQueue"), ErrorCode::kNotFound);
  EXPECT_EQ(code("ResourceExistsException"), ErrorCode::kConflict);
  EXPECT_EQ(code("DBSnapshotAlreadyExists"), ErrorCode::kConflict);
  EXPECT_EQ(code("InvalidDBClusterStateFault"), ErrorCode::kConflict);
  EXPECT_EQ(code("KMSInvalidStateException"), ErrorCode::kConflict);
  EXPECT_EQ(code("SnapshotQuotaExceeded"), ErrorCode::kConflict);
  EXPECT_EQ(code("PreconditionFailed", 412), ErrorCode::kConflict);
  EXPECT_EQ(code("InvalidParameterCombination"), ErrorCode::kInvalidInput);
  EXPECT_EQ(code("ValidationException"), ErrorCode::kInvalidInput);
  EXPECT_EQ(code("AccessDeniedException"), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code("UnrecognizedClientException"), ErrorCode::kUnauthenticated);
  EXPECT_EQ(code("", 403), ErrorCode::kPermissionDenied);
  EXPECT_EQ(Classify("Throttling", 400).refusal, Refusal::kThrottled);
  EXPECT_EQ(Classify("ExpiredToken", 403).refusal, Refusal::kExpired);
  EXPECT_EQ(Classify("InternalFailure", 500).refusal, Refusal::kBroken);
  EXPECT_EQ(Classify("", 302).refusal, Refusal::kFinal);
  EXPECT_EQ(Classify("InternalError", 200).refusal, Refusal::kBroken);
}

}  // namespace
}  // namespace tfseal::aws

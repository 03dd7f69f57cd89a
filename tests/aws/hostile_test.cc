// What a service, or somebody between, could answer: never a crash, never a value that was not there.
#include <gtest/gtest.h>

#include <random>

#include "aws/protocol.h"
#include "aws/shared_config.h"
#include "aws/xml.h"

namespace tfseal::aws {
namespace {

constexpr std::string_view kAnswer =
    "<DescribeDBClustersResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><DescribeDBClustersResult>"
    "<DBClusters><DBCluster><DBClusterIdentifier>a &amp; b</DBClusterIdentifier><Port>5432</Port>"
    "<StorageEncrypted>true</StorageEncrypted><ClusterCreateTime>2026-01-01T00:00:00Z</ClusterCreateTime>"
    "<TagList><Tag><Key>k</Key><Value><![CDATA[v]]></Value></Tag></TagList></DBCluster></DBClusters>"
    "</DescribeDBClustersResult></DescribeDBClustersResponse>";

Result<JsonValue> Read(std::string body) {
  const ServiceModel& rds = *FindService("rds");
  return ReadAnswer(rds, *rds.Find("DescribeDBClusters"), {.status = 200, .headers = {}, .body = std::move(body)});
}

TEST(Hostile, TheAnswerItselfIsRead) {
  const Result<JsonValue> answer = Read(std::string(kAnswer));
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  const JsonValue& cluster = (*answer)["DBClusters"][0];
  EXPECT_EQ(cluster["DBClusterIdentifier"].asString(), "a & b");
  EXPECT_EQ(cluster["Port"].asInt(), 5432);
  EXPECT_TRUE(cluster["StorageEncrypted"].asBool());
  EXPECT_EQ(cluster["TagList"][0]["Value"].asString(), "v");
}

TEST(Hostile, EveryTruncationIsAnError) {
  for (std::size_t size = 0; size < kAnswer.size(); ++size) {
    EXPECT_FALSE(Read(std::string(kAnswer.substr(0, size))).ok()) << size;
  }
}

// An answer that says something about encryption says it in a cluster that is there.
TEST(Hostile, MutationsNeverCrash) {
  std::mt19937 random(20261122);
  int read = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string text(kAnswer);
    const int changes = 1 + static_cast<int>(random() % 4);
    for (int j = 0; j < changes; ++j) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, 1 + random() % 8);
          break;
        case 2:
          text.insert(at, text.substr(random() % text.size(), random() % 30));
          break;
        default:
          text[at] = "<>&;/\"'"[random() % 7];
      }
    }
    if (Read(std::move(text)).ok()) ++read;
  }
  EXPECT_GT(read, 0);
}

TEST(Hostile, XmlHasLimits) {
  std::string deep;
  for (int i = 0; i < 65; ++i) deep += "<a>";
  for (int i = 0; i < 65; ++i) deep += "</a>";
  EXPECT_FALSE(ParseXml(deep).ok());
  EXPECT_TRUE(ParseXml(deep.substr(3, deep.size() - 7)).ok());
  EXPECT_FALSE(ParseXml("<!DOCTYPE a><a/>").ok());
  EXPECT_FALSE(ParseXml("<a/><b/>").ok());
  EXPECT_FALSE(ParseXml("").ok());
  EXPECT_EQ(ParseXml("<x:a>1<b/>2</x:a>").value().text, "12");
  // An entity of one's own stays a text.
  EXPECT_EQ(ParseXml("<a>&b;</a>").value().text, "&b;");
}

TEST(Hostile, ErrorsAreReadInEveryForm) {
  const auto read = [](const char* service, std::string body, std::vector<Header> headers = {}) {
    return ReadServiceError(*FindService(service),
                            {.status = 400, .headers = std::move(headers), .body = std::move(body)})
        .code;
  };
  EXPECT_EQ(read("rds", "<ErrorResponse><Error><Code>A</Code></Error></ErrorResponse>"), "A");
  EXPECT_EQ(read("ec2", "<Response><Errors><Error><Code>A</Code></Error></Errors></Response>"), "A");
  EXPECT_EQ(read("s3", "<?xml version=\"1.0\"?>\n<Error><Code>A</Code></Error>"), "A");
  EXPECT_EQ(read("kms", R"({"__type": "com.amazonaws.kms#A"})"), "A");
  EXPECT_EQ(read("kms", "<ErrorResponse><Error><Code>A</Code></Error></ErrorResponse>"), "A");
  EXPECT_EQ(read("efs", "{}", {{"x-amzn-errortype", "A:http://x/"}}), "A");
  EXPECT_EQ(read("sqs", R"({"__type": "B"})", {{"x-amzn-query-error", "A;Sender"}}), "A");
  for (const char* body : {"", "{", "[]", "null", "<", "<a>", R"({"__type": 5})", R"({"__type": {}})"}) {
    EXPECT_EQ(read("kms", body), "") << body;
    EXPECT_EQ(read("rds", body), "") << body;
  }
}

TEST(Hostile, SharedConfigurationOfAnyKind) {
  std::mt19937 random(3);
  const std::string good = "[default]\nregion = eu-west-1\ns3 =\n  a = b\n[profile x]\nrole_arn: y\n";
  for (int i = 0; i < 20'000; ++i) {
    std::string text = good;
    for (int j = 0; j < 3; ++j) text[random() % text.size()] = "[]=:\n \t#\0\xff"[random() % 10];
    (void)ParseConfigFile(text, "config");
  }
  const auto sections = ParseConfigFile(good, "config");
  ASSERT_TRUE(sections.ok());
  EXPECT_EQ(sections->at("default").at("s3.a"), "b");
  // The error names the line, and shows nothing of it.
  const auto damaged = ParseConfigFile("[default]\naws_secret_access_key canary\n", "config");
  ASSERT_FALSE(damaged.ok());
  EXPECT_EQ(damaged.error().message.find("canary"), std::string::npos);
  EXPECT_NE(damaged.error().message.find("config:2"), std::string::npos);
}

}  // namespace
}  // namespace tfseal::aws

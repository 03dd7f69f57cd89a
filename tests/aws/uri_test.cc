#include "aws/uri.h"

#include <gtest/gtest.h>

#include <random>

#include "aws/endpoint.h"
#include "aws/timestamp.h"
#include "core/base64.h"

namespace tfseal::aws {
namespace {

TEST(Uri, EncodesAllButTheUnreserved) {
  EXPECT_EQ(EncodeUri("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(EncodeUri("a b/\xC3\xBC+"), "a%20b%2F%C3%BC%2B");
  EXPECT_EQ(EncodeUri("a b/c", Slash::kKeep), "a%20b/c");
}

TEST(Uri, DecodingIsStrictAndUndoesEncoding) {
  EXPECT_EQ(DecodeUri("%41%2f"), "A/");
  for (const char* broken : {"%", "%4", "%G1", "a%1"}) EXPECT_FALSE(DecodeUri(broken)) << broken;
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes(random() % 40, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    EXPECT_EQ(DecodeUri(EncodeUri(bytes)), bytes);
    EXPECT_EQ(FromBase64(ToBase64(bytes)).value(), bytes);
    // Anything at all: a value or nothing, and never more than there was.
    const auto decoded = DecodeUri(bytes);
    EXPECT_TRUE(!decoded || decoded->size() <= bytes.size());
    (void)NormalizePath(bytes);
    (void)ParseUri("https://" + bytes);
    (void)ParseRfc3339(bytes);
    (void)ParseHttpDate(bytes);
  }
}

TEST(Uri, MutatedEndpointsNeverBecomeAnotherHost) {
  std::mt19937 random(11);
  const std::string good = "https://rds.us-east-1.amazonaws.com:443/base?q=1";
  for (int i = 0; i < 20000; ++i) {
    std::string text = good;
    for (int j = 0; j < 3; ++j) text[random() % text.size()] = static_cast<char>(random());
    const auto uri = ParseUri(text);
    if (!uri) continue;
    EXPECT_EQ(uri->host.find_first_of("@/?#\\ \r\n"), std::string::npos) << text;
    EXPECT_FALSE(uri->HostName().empty());
  }
}

TEST(Uri, EndpointsAreHostsAndNothingElse) {
  const auto uri = ParseUri("HTTPS://[::1]:8443/a/");
  ASSERT_TRUE(uri);
  EXPECT_EQ(uri->scheme, "https");
  EXPECT_EQ(uri->HostName(), "::1");
  EXPECT_EQ(uri->path, "/a");
  EXPECT_TRUE(uri->IsLoopback());
  EXPECT_TRUE(ParseUri("http://127.0.0.1:5000")->IsLoopback());
  EXPECT_FALSE(ParseUri("http://127.0.0.1.example.com")->IsLoopback());
  EXPECT_FALSE(ParseUri("http://localhost.example.com")->IsLoopback());
  for (const char* bad : {"ftp://a", "http://", "http://u:p@h", "http://h:", "http://h:66000", "http://h#f", "h"}) {
    EXPECT_FALSE(ParseUri(bad)) << bad;
  }
}

TEST(Base64, OnlyTheCanonicalFormIsRead) {
  EXPECT_EQ(FromBase64("YQ==").value(), "a");
  for (const char* bad : {"YQ", "YQ=", "YR==", "YWI", "YWJ=", "Y!==", "====", "YQ==YQ=="}) {
    EXPECT_FALSE(FromBase64(bad).ok()) << bad;
  }
}

TEST(Timestamp, IsReadAndWrittenInAllFormsOfAws) {
  const TimePoint time = *ParseRfc3339("2026-02-28T23:59:59.250Z");
  EXPECT_EQ(FormatRfc3339(time), "2026-02-28T23:59:59.250Z");
  EXPECT_EQ(FormatIso8601Basic(time), "20260228T235959Z");
  EXPECT_EQ(FormatHttpDate(time), "Sat, 28 Feb 2026 23:59:59 GMT");
  EXPECT_EQ(ParseHttpDate("Sat, 28 Feb 2026 23:59:59 GMT"), std::chrono::floor<std::chrono::seconds>(time));
  EXPECT_EQ(ParseRfc3339("2026-03-01T00:59:59.25+01:00"), time);
  EXPECT_EQ(FormatRfc3339(*ParseRfc3339("20260228T235959Z")), "2026-02-28T23:59:59Z");
  for (const char* bad : {"2026-02-30T00:00:00Z", "2026-02-28T24:00:00Z", "2026-02-28", "2026-02-28T00:00:00", "x"}) {
    EXPECT_FALSE(ParseRfc3339(bad)) << bad;
  }
}

std::string HostOf(const char* service, const char* region, bool fips = false) {
  EndpointOptions options;
  options.fips = fips;
  const auto endpoint = ResolveEndpoint(*FindService(service), region, options);
  return endpoint.ok() ? endpoint->host + " " + endpoint->signing_region : "error";
}

TEST(Endpoint, KnowsPartitionsAndGlobalServices) {
  EXPECT_EQ(HostOf("rds", "us-east-1"), "rds.us-east-1.amazonaws.com us-east-1");
  EXPECT_EQ(HostOf("docdb", "eu-west-1"), "rds.eu-west-1.amazonaws.com eu-west-1");
  EXPECT_EQ(HostOf("kms", "cn-north-1"), "kms.cn-north-1.amazonaws.com.cn cn-north-1");
  EXPECT_EQ(HostOf("iam", "eu-west-1"), "iam.amazonaws.com us-east-1");
  EXPECT_EQ(HostOf("iam", "us-gov-east-1"), "iam.us-gov.amazonaws.com us-gov-west-1");
  EXPECT_EQ(HostOf("iam", "cn-northwest-1"), "iam.cn-north-1.amazonaws.com.cn cn-north-1");
  EXPECT_EQ(HostOf("sts", "eu-west-1"), "sts.eu-west-1.amazonaws.com eu-west-1");
  EXPECT_EQ(HostOf("ecr", "us-east-1"), "api.ecr.us-east-1.amazonaws.com us-east-1");
  EXPECT_EQ(HostOf("kms", "us-iso-east-1"), "kms.us-iso-east-1.c2s.ic.gov us-iso-east-1");
  EXPECT_EQ(HostOf("kms", "us-east-1", true), "kms-fips.us-east-1.amazonaws.com us-east-1");
  EXPECT_EQ(HostOf("iam", "cn-north-1", true), "error");
  for (const char* region : {"", "us east", "evil.example.com/", "us-east-1#", "US-EAST-1", "-x"}) {
    EXPECT_EQ(HostOf("rds", region), "error") << region;
  }
}

}  // namespace
}  // namespace tfseal::aws

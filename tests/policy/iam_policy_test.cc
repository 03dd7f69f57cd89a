#include "policy/iam_policy.h"

#include <gtest/gtest.h>

namespace tfseal {
namespace {

IamPolicy Policy(std::string_view json) {
  auto policy = ParseIamPolicy(json);
  EXPECT_TRUE(policy.ok()) << json;
  return policy.ok() ? *policy : IamPolicy();
}

TEST(IamPolicy, ReadsSingleValuesAndListsAlike) {
  const IamPolicy one = Policy(R"({"Statement": {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}})");
  ASSERT_EQ(one.statements.size(), 1U);
  EXPECT_EQ(one.statements[0].name, "#1");
  const IamPolicy many = Policy(R"({"Statement": [{"Sid": "A", "Effect": "Allow", "Action": ["kms:Decrypt"]},
                                                  {"Effect": "Deny", "NotAction": "iam:*"}]})");
  ASSERT_EQ(many.statements.size(), 2U);
  EXPECT_EQ(many.statements[0].name, "A");
  EXPECT_EQ(many.statements[1].name, "#2");
  EXPECT_FALSE(many.statements[1].allows);
}

TEST(IamPolicy, RefusesWhatIsNoPolicyWithoutTellingIt) {
  for (const std::string_view text : {"", "CANARY", "[]", "{}", R"({"Statement": "CANARY"})",
                                      R"({"Statement": ["CANARY"]})", R"({"Statement": [], "Statement": []})"}) {
    const auto policy = ParseIamPolicy(text);
    ASSERT_FALSE(policy.ok()) << text;
    EXPECT_EQ(policy.error().message.find("CANARY"), std::string::npos);
  }
}

TEST(IamPolicy, MatchesActionsWithWildcardsAndWithoutCase) {
  EXPECT_TRUE(CoversAction("*", "kms:Decrypt"));
  EXPECT_TRUE(CoversAction("kms:*", "kms:Decrypt"));
  EXPECT_TRUE(CoversAction("KMS:decrypt", "kms:Decrypt"));
  EXPECT_TRUE(CoversAction("kms:De*pt", "kms:Decrypt"));
  EXPECT_TRUE(CoversAction("kms:?ecrypt", "kms:Decrypt"));
  EXPECT_FALSE(CoversAction("kms:Decrypt?", "kms:Decrypt"));
  EXPECT_FALSE(CoversAction("s3:*", "kms:Decrypt"));
  EXPECT_FALSE(CoversAction("", "kms:Decrypt"));
}

struct OpenCase {
  std::string_view principal;  // with its name
  std::string_view condition;
  bool open;
};

TEST(IamPolicy, KnowsWhatAnyoneCouldUse) {
  constexpr OpenCase kCases[] = {
      {R"("Principal": "*")", "{}", true},
      {R"("Principal": {"AWS": "*"})", "{}", true},
      {R"("Principal": {"AWS": ["arn:aws:iam::1:root", "*"]})", "{}", true},
      {R"("NotPrincipal": {"AWS": "arn:aws:iam::1:root"})", "{}", true},
      {R"("Principal": {"AWS": "arn:aws:iam::1:root"})", "{}", false},
      {R"("Principal": {"Service": "logs.amazonaws.com"})", "{}", false},
      {R"("Principal": "*")", R"({"StringEquals": {"kms:CallerAccount": "1"}})", false},
      {R"("Principal": "*")", R"({"StringEquals": {"KMS:calleraccount": "1", "kms:ViaService": "rds.x"}})", false},
      {R"("Principal": "*")", R"({"StringEquals": {"aws:PrincipalOrgID": ["o-1", "o-2"]}})", false},
      {R"("Principal": "*")", R"({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::b"}})", false},
      {R"("Principal": "*")", R"({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/*"}})", false},
      {R"("Principal": "*")", R"({"StringEquals": {"aws:SourceVpce": "vpce-1"}})", false},
      {R"("Principal": "*")", R"({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})", false},
      {R"("Principal": "*")", R"({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}})", true},
      // Other accounts come through the same service.
      {R"("Principal": "*")", R"({"StringEquals": {"kms:ViaService": "rds.eu-west-1.amazonaws.com"}})", true},
      {R"("Principal": "*")", R"({"StringLike": {"aws:PrincipalArn": "*"}})", true},
      // A role of that name can be made in any account.
      {R"("Principal": "*")", R"({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}})", true},
      {R"("Principal": "*")", R"({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::????????????:role/admin"}})", true},
      {R"("Principal": "*")", R"({"ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::1:role/a", "arn:aws:*"]}})", true},
      {R"("Principal": "*")", R"({"ArnLike": {"aws:PrincipalArn": "arn:aws*:iam::1:role/adm*"}})", false},
      {R"("Principal": "*")", R"({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}})", true},
      {R"("Principal": "*")", R"({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::b/*"}})", false},
      {R"("Principal": "*")", R"({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:1:*"}})", false},
      {R"("Principal": "*")", R"({"StringLike": {"kms:CallerAccount": "7*"}})", true},
      {R"("Principal": "*")", R"({"StringLike": {"aws:PrincipalOrgID": "o-*"}})", true},
      {R"("Principal": "*")", R"({"StringLike": {"aws:userid": "*:deploy"}})", true},
      {R"("Principal": "*")", R"({"StringLike": {"aws:userid": "AROA1:*"}})", false},
      {R"("Principal": "*")", R"({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}})", true},
      {R"("Principal": "*")", R"({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})", false},
      {R"("Principal": "*")", R"({"IpAddress": {"aws:SourceIp": "2001:db8::/32"}})", false},
      {R"("Principal": "*")", R"({"IpAddress": {"aws:SourceIp": "::/1"}})", true},
      {R"("Principal": "*")", R"({"StringNotEquals": {"aws:PrincipalAccount": "1"}})", true},
      // Holds where the key is missing as well.
      {R"("Principal": "*")", R"({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}})", true},
      {R"("Principal": "*")", R"({"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1"}})", true},
      {R"("Principal": "*")", R"({"Bool": {"aws:SecureTransport": "true"}})", true},
  };
  for (const OpenCase& row : kCases) {
    const std::string json = R"({"Statement": [{"Sid": "S", "Effect": "Allow", "Action": "kms:Decrypt", )" +
                             std::string(row.principal) + R"(, "Condition": )" + std::string(row.condition) + "}]}";
    EXPECT_EQ(!StatementsOpenToAnyone(Policy(json)).empty(), row.open) << json;
  }
}

TEST(IamPolicy, ADenyOpensNothing) {
  EXPECT_TRUE(
      StatementsOpenToAnyone(Policy(R"({"Statement": {"Effect": "Deny", "Principal": "*", "Action": "*"}})")).empty());
}

TEST(IamPolicy, SeesWhichServicesAStatementReaches) {
  const auto reaches = [](std::string_view resource, std::string_view service) {
    const IamPolicy policy =
        Policy(R"({"Statement": {"Effect": "Allow", "Action": "*", "Resource": ")" + std::string(resource) + "\"}}");
    return ReachesService(policy.statements.at(0), service);
  };
  EXPECT_TRUE(reaches("*", "kms"));
  EXPECT_TRUE(reaches("arn:aws:kms:*:*:key/*", "kms"));
  EXPECT_TRUE(reaches("arn:aws:*:eu-west-1:1:*", "kms"));
  EXPECT_TRUE(reaches("arn:*", "kms"));
  EXPECT_FALSE(reaches("arn:aws:s3:::logs/*", "kms"));
  EXPECT_FALSE(reaches("arn:aws:secretsmanager:x:1:secret:a", "kms"));
}

}  // namespace
}  // namespace tfseal

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "policy/gate.h"
#include "policy/policy_file.h"
#include "policy/profiles.h"
#include "terraform/read.h"

namespace tfseal {
namespace {

using testing::HasSubstr;

PolicyFile Accepted(const std::string& text) {
  auto read = ReadPolicyFile(text, "tfseal.yaml");
  const auto* mistakes = std::get_if<std::vector<Diagnostic>>(&read);
  EXPECT_EQ(mistakes, nullptr) << (mistakes == nullptr ? "" : mistakes->front().message) << "\n" << text;
  return mistakes == nullptr ? std::get<PolicyFile>(std::move(read)) : PolicyFile();
}

std::string FirstMistake(const std::string& text) {
  auto read = ReadPolicyFile(text, "tfseal.yaml");
  const auto* mistakes = std::get_if<std::vector<Diagnostic>>(&read);
  return mistakes == nullptr || mistakes->empty() ? "" : mistakes->front().message + " | " + mistakes->front().hint;
}

// A number without what it rests on is folklore.
TEST(Profiles, SayOnEveryLineWhatItRestsOn) {
  ASSERT_EQ(ProfileNames().size(), 5U);
  for (const std::string_view name : ProfileNames()) {
    const Profile* profile = FindProfile(name);
    ASSERT_NE(profile, nullptr);
    Accepted(std::string(profile->text));
    std::string_view rest = profile->text.substr(profile->text.find("defaults:"));
    rest.remove_prefix(rest.find('\n') + 1);
    int lines = 0;
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      const std::string_view words = line.substr(std::min(line.size(), line.find_first_not_of(' ')));
      if (words.empty() || words.starts_with('#') || words.ends_with(':')) continue;
      ++lines;
      bool says = false;
      for (const char* basis : {"# [regulation] ", "# [standard] ", "# [vendor-benchmark] ", "# [organisation] "}) {
        says = says || line.find(basis) != std::string_view::npos;
      }
      EXPECT_TRUE(says) << name << ": " << line;
    }
    EXPECT_GT(lines, 8) << name;
  }
}

// What the texts do not say must not be passed off as theirs.
TEST(Profiles, ClaimNoNumberForALaw) {
  for (const char* name : {"hipaa", "pci", "soc2", "nist"}) {
    const std::string_view text = FindProfile(name)->text;
    for (const char* number : {"min: ", "max_period_days: "}) {
      for (std::size_t at = text.find(number); at != std::string_view::npos; at = text.find(number, at + 1)) {
        const std::string_view line = text.substr(at, text.find('\n', at) - at);
        EXPECT_NE(line.find("[organisation]"), std::string_view::npos) << name << ": " << line;
      }
    }
  }
}

TEST(Settings, DecideUnlessAListOfTopicsSaysOtherwise) {
  const PolicyFile decides = Accepted("version: 1\nenvironments: { prod: { instances: { min: 2 } } }\n");
  EXPECT_TRUE(decides.environments[0].requirements.Requires(Topic::kAvailability));
  EXPECT_FALSE(decides.defaults.requirements.Requires(Topic::kAvailability));
  EXPECT_TRUE(decides.notes.empty());
  const PolicyFile advises =
      Accepted("version: 1\ndefaults: { require: [encryption] }\nenvironments: { prod: { instances: { min: 2 } } }\n");
  EXPECT_FALSE(advises.environments[0].requirements.Requires(Topic::kAvailability));
  ASSERT_EQ(advises.notes.size(), 1U);
  EXPECT_THAT(advises.notes[0], HasSubstr("availability"));
  // A window also says when actions run, so on its own it never decides.
  const PolicyFile window =
      Accepted("version: 1\nenvironments: { prod: { maintenance_window: \"sun:04:00-sun:05:00\" } }\n");
  EXPECT_FALSE(window.environments[0].requirements.Requires(Topic::kMaintenance));
}

TEST(Settings, RefuseWhatCannotBe) {
  const auto prod = [](const std::string& settings) {
    return "version: 1\nenvironments: { prod: { " + settings + " } }\n";
  };
  EXPECT_THAT(FirstMistake(prod("capacity: { min: 0.5, max: 4, auto_pause: required }")),
              HasSubstr("pauses only with a minimum of 0"));
  EXPECT_THAT(FirstMistake(prod("capacity: { min: 8, max: 4 }")), HasSubstr("more than capacity.max"));
  EXPECT_THAT(FirstMistake(prod("capacity: { auto_pause: somtimes }")), HasSubstr("never, allowed, required"));
  EXPECT_THAT(FirstMistake(prod("alarms: { CPUUtilization: 80 }")), HasSubstr("must be a map"));
  EXPECT_THAT(FirstMistake(prod("alarms: { CPUUtilization: { above: \"80\" } }")), HasSubstr("must be a number"));
  EXPECT_THAT(FirstMistake(prod("network: { ingress_from: [everywhere] }")), HasSubstr("not a range"));
  EXPECT_THAT(FirstMistake(prod("tls: { min_protocol: TLS1.2 }")), HasSubstr("TLSv1.2"));
  EXPECT_THAT(FirstMistake(prod("budgt: {}")), HasSubstr("did you mean \"budget\""));
  EXPECT_THAT(FirstMistake(prod("engine: { min_version: fifteen }")), HasSubstr("not a version"));
}

constexpr std::string_view kPlan = R"({"format_version":"1.2","terraform_version":"1.11.4","resource_changes":[
  {"address":"module.db.aws_rds_cluster.c","module_address":"module.db","mode":"managed","type":"aws_rds_cluster","name":"c",
   "provider_name":"registry.terraform.io/hashicorp/aws","change":{"actions":["create"],"before":null,
   "after":{"cluster_identifier":"orders-prod","backup_retention_period":35,"tags":{"Environment":"prod"}},
   "after_unknown":{},"before_sensitive":false,"after_sensitive":{}}}],
  "configuration":{"provider_config":{"aws":{"name":"aws","full_name":"registry.terraform.io/hashicorp/aws","version_constraint":"PROVIDER"}},
   "root_module":{"module_calls":{"db":{"source":"SOURCE","version_constraint":"MODULE","module":{"resources":[
     {"address":"aws_rds_cluster.c","mode":"managed","type":"aws_rds_cluster","name":"c","provider_config_key":"aws",
      "expressions":{"cluster_identifier":{"constant_value":"orders-prod"}}}]}}}}}})";

std::string Plan(const std::string& provider, const std::string& source, const std::string& module) {
  std::string text(kPlan);
  for (const auto& [mark, value] : {std::pair("PROVIDER", provider), {"SOURCE", source}, {"MODULE", module}}) {
    text.replace(text.find(mark), std::string_view(mark).size(), value);
  }
  return text;
}

// What the gate says about the cluster under one control: "pass" unless there is a finding.
std::string SaysOf(const std::string& plan, const std::string& policy_text, std::string_view control) {
  const PolicyFile policy = Accepted(policy_text);
  auto document = terraform::ReadDocumentFromMemory(plan, "plan.json", GateInterest(policy));
  EXPECT_TRUE(document.ok());
  const GateReport report = Gate(*document, policy, 0);
  for (const Finding& finding : report.findings) {
    if (finding.control == control) return std::string(Name(finding.verdict));
  }
  return "pass";
}

TEST(PinnedVersions, AreJudgedOnTheDocument) {
  const std::string pinned =
      "version: 1\ndefaults: { terraform: { versions: [\"1.11.*\"], providers: pinned, modules: pinned } }\n";
  const std::string old = "version: 1\ndefaults: { terraform: { versions: [\"1.5.7\"] } }\n";
  const std::string registry = "terraform-aws-modules/rds-aurora/aws";
  EXPECT_EQ(SaysOf(Plan("5.100.0", registry, "9.1.0"), pinned, "TFS-ENV-070"), "pass");
  EXPECT_EQ(SaysOf(Plan("5.100.0", registry, "9.1.0"), old, "TFS-ENV-070"), "fail");
  for (const char* constraint : {"5.100.0", "= 5.100.0", "~> 5.100.0"}) {
    EXPECT_EQ(SaysOf(Plan(constraint, registry, "9.1.0"), pinned, "TFS-ENV-071"), "pass") << constraint;
  }
  for (const char* constraint : {"", "~> 5.100", ">= 5.0.0", ">= 5.0.0, < 6.0.0"}) {
    EXPECT_EQ(SaysOf(Plan(constraint, registry, "9.1.0"), pinned, "TFS-ENV-071"), "fail") << constraint;
  }
  EXPECT_EQ(SaysOf(Plan("5.100.0", registry, "9.1.0"), pinned, "TFS-ENV-072"), "pass");
  EXPECT_EQ(SaysOf(Plan("5.100.0", registry, "~> 9.1.0"), pinned, "TFS-ENV-072"), "fail");
  EXPECT_EQ(SaysOf(Plan("5.100.0", registry, ""), pinned, "TFS-ENV-072"), "fail");
  EXPECT_EQ(SaysOf(Plan("5.100.0", "./modules/db", ""), pinned, "TFS-ENV-072"), "pass");
  EXPECT_EQ(SaysOf(Plan("5.100.0", "git::https://example.com/db.git?ref=v1.2.3", ""), pinned, "TFS-ENV-072"), "pass");
  EXPECT_EQ(SaysOf(Plan("5.100.0", "git::https://example.com/db.git?ref=main", ""), pinned, "TFS-ENV-072"), "fail");
}

TEST(ApplicationSettings, LieOverTheEnvironmentOfTheirDatabase) {
  const std::string prod =
      "version: 1\nenvironments: { prod: { match: { tags: { Environment: prod } }, backup: { retention_days: { min: 7 "
      "} } } }\n";
  const std::string stricter = prod +
                               "applications: [{ name: orders, database: { identifier: \"orders-*\" }, settings: { "
                               "backup: { retention_days: { min: 36 } } } }]\n";
  const std::string other = prod +
                            "applications: [{ name: other, database: { identifier: \"other-*\" }, settings: { backup: "
                            "{ retention_days: { min: 36 } } } }]\n";
  const std::string plan = Plan("5.100.0", "./db", "");
  EXPECT_EQ(SaysOf(plan, prod, "TFS-RDS-003"), "pass");
  EXPECT_EQ(SaysOf(plan, stricter, "TFS-RDS-003"), "fail");
  EXPECT_EQ(SaysOf(plan, other, "TFS-RDS-003"), "pass");
  EXPECT_THAT(FirstMistake(prod + "applications: [{ name: a, settings: { instances: { min: 1 } } }]\n"),
              HasSubstr("need its database.identifier"));
}

// What Terraform says is no answer of AWS.
TEST(Settings, AreUnknownWhereAwsIsAsked) {
  const PolicyFile policy = Accepted("version: 1\ndefaults: { engine: { names: [mysql] } }\n");
  auto document = terraform::ReadDocumentFromMemory(Plan("5.100.0", "./db", ""), "plan.json", GateInterest(policy));
  ASSERT_TRUE(document.ok());
  const Report report = Evaluate(*document, policy, 0, Listing::kFindings, Facts::kLive);
  bool seen = false;
  for (const Finding& finding : report.findings) {
    if (finding.control != "TFS-ENV-001") continue;
    seen = true;
    EXPECT_EQ(Name(finding.verdict), "unknown");
    EXPECT_TRUE(finding.required);
  }
  EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace tfseal

#include "policy/policy_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/file.h"
#include "policy/glob.h"
#include "policy/schedule_text.h"
#include "terraform/arena.h"
#include "terraform/read.h"

namespace tfseal {
namespace {

using terraform::Document;
using terraform::Member;
using terraform::ResourceInstance;
using terraform::Value;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

PolicyFile Accepted(std::string_view text) {
  auto read = ReadPolicyFile(text, "tfseal.yaml");
  if (auto* mistakes = std::get_if<std::vector<Diagnostic>>(&read)) {
    for (const Diagnostic& mistake : *mistakes) ADD_FAILURE() << Render(mistake) << " | " << mistake.hint;
    return {};
  }
  return std::get<PolicyFile>(std::move(read));
}

std::vector<std::string> Mistakes(std::string_view text) {
  const auto read = ReadPolicyFile(text, "tfseal.yaml");
  std::vector<std::string> lines;
  if (const auto* mistakes = std::get_if<std::vector<Diagnostic>>(&read)) {
    for (const Diagnostic& mistake : *mistakes) lines.push_back(Render(mistake) + " | " + mistake.hint);
  }
  return lines;
}

// A resource with the attributes it has after the change; all texts must be literals.
struct Example {
  Document document;
  std::vector<Member> members;
  std::vector<Member> tags;
  ResourceInstance instance;

  Example& With(std::string_view name, std::string_view text) {
    members.push_back({name, Value::String(text)});
    return *this;
  }
  Example& Tagged(std::string_view name, std::string_view text) {
    tags.push_back({name, Value::String(text)});
    return *this;
  }
  std::string EnvironmentIn(const PolicyFile& policy) {
    if (!tags.empty()) members.push_back({"tags_all", Value::Map(tags)});
    instance.after = Value::Map(members);
    return EnvironmentOf(policy, document, instance).name;
  }
};

Example Resource(std::string_view address) {
  Example example;
  example.instance.address = address;
  return example;
}

constexpr std::string_view kWhole = R"(version: 1
defaults:
  require: [encryption, customer_key]
  encryption: { key: customer-managed, rotation: { required: true, max_period_days: 365 } }
  backup: { retention_days: { min: 7 } }
environments:
  dev:
    wave: 1
    match: { accounts: ["012345678901"], regions: [us-east-1], addresses: ["module.dev.**"], tags: { Environment: dev }, names: ["*-dev-*"] }
    backup: { retention_days: { min: 3 }, window: "03:00-04:00" }
  prod:
    wave: 2
    match: { tags: { Environment: production } }
    require: [tls]
    encryption: { rotation: { required: false } }
    backup: { retention_days: { min: 35 }, copy_key: separate }
    maintenance_window: "sun:04:00-sun:05:00"
    soak: 48h
    approvals: { required: 1 }
applications:
  - name: orders
    database: { identifier: "orders-*", url_env: ORDERS_URL }
    secret: arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf
    ecs: { cluster: orders, services: [web, queue] }
    health: { url: "https://orders.example.com/health", expect: 204 }
waivers:
  - { control: encryption, address: 'module.legacy.aws_rds_cluster.old', reason: "decommissioned", owner: data, ticket: OPS-12, expires: 2026-12-31 }
rekey: { anything: [goes, here] }
)";

TEST(PolicyFile, ReadsEveryField) {
  const PolicyFile policy = Accepted(kWhole);
  ASSERT_EQ(policy.environments.size(), 2U);
  const Environment& dev = policy.environments[0];
  EXPECT_EQ(dev.name, "dev");
  EXPECT_EQ(dev.wave, 1);
  EXPECT_THAT(dev.match.accounts, ElementsAre("012345678901")) << "a leading zero is part of an account";
  EXPECT_EQ(dev.backup_window, "03:00-04:00");
  EXPECT_EQ(dev.requirements.retention_min_days, 3);
  const Environment& prod = policy.environments[1];
  EXPECT_TRUE(prod.separate_copy_key);
  EXPECT_EQ(prod.approvals_required, 1);
  EXPECT_EQ(prod.soak, std::chrono::hours(48));
  ASSERT_TRUE(prod.maintenance_window.has_value());
  EXPECT_EQ(prod.maintenance_window->first_minute, 4 * 60);
  EXPECT_EQ(prod.maintenance_window->last_minute, 5 * 60);
  ASSERT_EQ(policy.applications.size(), 1U);
  EXPECT_EQ(policy.applications[0].database_url_env, "ORDERS_URL");
  EXPECT_THAT(policy.applications[0].ecs_services, ElementsAre("web", "queue"));
  EXPECT_EQ(policy.applications[0].health_expect, 204);
  ASSERT_EQ(policy.waivers.size(), 1U);
  EXPECT_EQ(policy.waivers[0].expires, *ParseTimestamp("2027-01-01T00:00:00Z")) << "valid to the end of its last day";
}

TEST(PolicyFile, EnvironmentInheritsTheDefaultsAndItsListReplacesTheirs) {
  const PolicyFile policy = Accepted(kWhole);
  ASSERT_EQ(policy.environments.size(), 2U);
  const Requirements& dev = policy.environments[0].requirements;
  const Requirements& prod = policy.environments[1].requirements;
  EXPECT_THAT(dev.require, ElementsAre(Topic::kEncryption, Topic::kCustomerKey));
  EXPECT_TRUE(dev.rotation_required);
  EXPECT_THAT(prod.require, ElementsAre(Topic::kTls));
  EXPECT_FALSE(prod.rotation_required);
  EXPECT_EQ(prod.rotation_max_period_days, 365) << "a number that is not overridden stays";
  EXPECT_TRUE(prod.customer_managed_key);
}

TEST(PolicyFile, WhoseKeyIsAskedForDecides) {
  const auto requires_it = [](const std::string& rest) {
    return Accepted("version: 1\n" + rest).defaults.requirements.Requires(Topic::kCustomerKey);
  };
  EXPECT_FALSE(requires_it(""));
  EXPECT_TRUE(requires_it("defaults: { encryption: { key: customer-managed } }\n"));
  EXPECT_TRUE(requires_it("profile: cis\ndefaults: { encryption: { key: customer-managed } }\n"));
  EXPECT_FALSE(requires_it("profile: hipaa\ndefaults: { encryption: { key: any } }\n"));
  EXPECT_TRUE(requires_it("profile: hipaa\ndefaults: { encryption: { rotation: { required: true } } }\n"));

  const PolicyFile inherits = Accepted(
      "version: 1\ndefaults: { require: [encryption, customer_key], encryption: { key: customer-managed } }\n"
      "environments: { dev: { encryption: { key: aws-managed } }, prod: {} }\n");
  EXPECT_FALSE(inherits.environments.at(0).requirements.Requires(Topic::kCustomerKey));
  EXPECT_TRUE(inherits.environments.at(1).requirements.Requires(Topic::kCustomerKey));

  // A list that somebody wrote beside it counts, and that the two do not agree is told.
  const PolicyFile lists = Accepted(
      "version: 1\ndefaults: { require: [encryption], encryption: { key: customer-managed } }\n"
      "environments: { dev: { require: [customer_key], encryption: { key: any } } }\n");
  EXPECT_FALSE(lists.defaults.requirements.Requires(Topic::kCustomerKey));
  EXPECT_TRUE(lists.environments.at(0).requirements.Requires(Topic::kCustomerKey));
  EXPECT_THAT(lists.notes, ElementsAre(HasSubstr("defaults asks for customer_key, which its `require` does not list"),
                                       HasSubstr("environment dev asks for no customer-managed key")));
}

TEST(PolicyFile, AnEmptyListRequiresNothing) {
  const PolicyFile policy = Accepted("version: 1\nenvironments: { scratch: { require: [] } }\n");
  ASSERT_EQ(policy.environments.size(), 1U);
  EXPECT_THAT(policy.environments[0].requirements.require, IsEmpty());
  EXPECT_FALSE(policy.defaults.requirements.require.empty());
}

TEST(PolicyFile, DefaultsApplyWhereverTheyStandInTheFile) {
  const PolicyFile policy = Accepted("version: 1\nenvironments: { a: { wave: 1 } }\ndefaults: { require: [tls] }\n");
  ASSERT_EQ(policy.environments.size(), 1U);
  EXPECT_THAT(policy.environments[0].requirements.require, ElementsAre(Topic::kTls));
}

TEST(PolicyFile, OneMistakeEach) {
  struct Case {
    const char* text;
    const char* where;  // "line:column: "
    const char* says;
  };
  const Case cases[] = {
      {"version: 1\nenviroments: {}\n", ":2:1: ", "did you mean \"environments\"?"},
      {"version: 1\ndefaults: { require: [encyption] }\n", ":2:23: ", "did you mean \"encryption\"?"},
      {"version: 1\ndefaults: { require: encryption }\n", ":2:22: ", "must be a list"},
      {"version: 1\ndefaults: { backup: { retention_days: 7 } }\n", ":2:39: ", "must be a map"},
      {"version: 1\ndefaults: { backup: { retention_days: { min: soon } } }\n", ":2:46: ", "must be a whole number"},
      {"version: 1\ndefaults: { backup: { retention_days: { min: \"7\" } } }\n", ":2:46: ", "without quotes"},
      {"version: 1\ndefaults: { encryption: { rotation: { required: yes } } }\n", ":2:49: ", "true or false"},
      {"version: 1\ndefaults: { encryption: { key: custmer-managed } }\n",
       ":2:32: ", "did you mean \"customer-managed\"?"},
      {"version: 1\ndefaults: { wave: 1 }\n", ":2:13: ", "unknown key \"wave\" in defaults"},
      {"version: 1\ndefaults:\n", ":2:1: ", "has no value"},
      {"version: 2\n", ":1:10: ", "version 2 is not known"},
      {"defaults: {}\n", ":1:1: ", "\"version\" is missing"},
      {"version: 1\nprofile: hippa\n", ":2:10: ", "did you mean \"hipaa\"?"},
      {"version: 1\nenvironments: { a: {}, a: {} }\n", ":2:24: ", "\"a\" is there twice"},
      {"version: 1\nenvironments: { a: { match: { accounts: [12345] } } }\n", ":2:42: ", "12 digits"},
      {"version: 1\nenvironments: { a: { match: { regions: [virginia] } } }\n", ":2:41: ", "not an AWS region"},
      {"version: 1\nenvironments: { a: { match: { names: [\"a-?\"] } } }\n", ":2:39: ", "not a wildcard"},
      {"version: 1\nenvironments: { a: { match: { names: [\"a***\"] } } }\n", ":2:39: ", "is not a pattern"},
      {"version: 1\nenvironments: { a: { match: { addresses: ['x[\"a'] } } }\n", ":2:43: ", "a quote is not closed"},
      {"version: 1\nenvironments: { a: { wave: 0 } }\n", ":2:28: ", "from 1 to 1000"},
      {"version: 1\nenvironments: { a: { soak: 2days } }\n", ":2:28: ", "48h, 2d or 30m"},
      {"version: 1\nenvironments: { a: { maintenance_window: \"sun:04:00-sun:04:10\" } }\n", ":2:42: ", "30 minutes"},
      {"version: 1\nenvironments: { a: { backup: { window: \"25:00-26:00\" } } }\n", ":2:40: ", "30 minutes"},
      {"version: 1\napplications: [{ name: a, database: { url_env: \"postgres://u:CANARY@h/d\" } }]\n",
       ":2:48: ", "name of an environment variable"},
      // What is written there goes into the plan and into reports.
      {"version: 1\napplications: [{ name: a, health: { url: \"https://u:CANARY@h/x\" } }]\n",
       ":2:42: ", "must not hold a user or a password"},
      {"version: 1\nwaivers: [{ control: encryption, address: a.b, reason: \"caf\xE9\" }]\n",
       ":2:56: ", "is not valid UTF-8"},
      {"version: 1\nwaivers: [{ control: encryption, address: a.b, reason: r, owner: o, expires: 2026-02-30 }]\n",
       ":2:78: ", "not a date of the calendar"},
      {"version: 1\nwaivers: [{ control: encryption, address: a.b, owner: o, expires: 2026-02-28 }]\n",
       ":2:11: ", "needs \"reason\""},
      {"version: 1\nwaivers: [{ control: pitrr, address: a.b, reason: r, owner: o, expires: 2026-02-28 }]\n",
       ":2:22: ", "did you mean \"pitr\"?"},
      {"", "", "the file is empty"},
      {"version: [1\n", ":2:1: ", ""},
      {"version: 1\n---\nversion: 1\n", ":2:1: ", "a second document"},
  };
  for (const Case& each : cases) {
    const auto mistakes = Mistakes(each.text);
    ASSERT_EQ(mistakes.size(), 1U) << each.text << testing::PrintToString(mistakes);
    EXPECT_THAT(mistakes[0], HasSubstr(std::string("tfseal.yaml") + each.where)) << each.text;
    EXPECT_THAT(mistakes[0], HasSubstr(each.says)) << each.text;
    EXPECT_THAT(mistakes[0], testing::Not(HasSubstr("CANARY")));
  }
}

TEST(PolicyFile, ReportsAllMistakesAtOnceInTheOrderOfTheFile) {
  const auto mistakes = Mistakes(R"(version: 1
profile: iso
defaults:
  require: [encryption, tsl]
  backups: {}
waivers:
  - { control: encryption, address: "a.b", owner: x, expires: soon }
)");
  EXPECT_THAT(mistakes,
              ElementsAre(HasSubstr(":2:10: unknown profile"), HasSubstr(":4:25: unknown topic \"tsl\""),
                          HasSubstr(":5:3: unknown key \"backups\""), HasSubstr(":7:5: a waiver needs \"reason\""),
                          HasSubstr(":7:63: expires is not a date")));
}

TEST(PolicyFile, AProfileLiesUnderWhatTheFileSays) {
  const PolicyFile policy =
      Accepted("version: 1\nprofile: hipaa\ndefaults: { backup: { retention_days: { min: 14 } } }\n");
  EXPECT_EQ(policy.profile, "hipaa");
  EXPECT_TRUE(policy.defaults.requirements.Requires(Topic::kAuditLog));
  EXPECT_TRUE(policy.defaults.requirements.customer_managed_key);
  EXPECT_EQ(policy.defaults.requirements.rotation_max_period_days, 365);
  EXPECT_EQ(policy.defaults.requirements.retention_min_days, 14);
  EXPECT_THAT(policy.notes, IsEmpty());
}

TEST(PolicyFile, BoundsWhatAliasesAndNestingCanDo) {
  EXPECT_THAT(Mistakes("version: 1\ndefaults: &d { require: [tls] }\nenvironments: { a: *d }\n"), IsEmpty());
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) laughs += (j ? ", *a" : "*a") + std::to_string(i - 1);
    laughs += "]\n";
  }
  EXPECT_THAT(Mistakes(laughs), ElementsAre(HasSubstr("aliases expand to too much")));
  EXPECT_THAT(Mistakes(std::string(100'000, '[')), ElementsAre(HasSubstr("nested deeper")));
  EXPECT_THAT(Mistakes(std::string(2'000'000, '#')), ElementsAre(HasSubstr("larger than")));
}

TEST(PolicyFile, ReadsThePoliciesOfTheCapturedScenarios) {
  int read = 0;
  for (const auto& folder : std::filesystem::directory_iterator(TFSEAL_SOURCE_DIR "/fixtures/terraform-json")) {
    if (!folder.is_directory()) continue;
    const auto text = ReadFileBounded((folder.path() / "tfseal.yaml").string(), 1 << 20);
    ASSERT_TRUE(text.ok()) << folder.path();
    Accepted(*text);
    ++read;
  }
  EXPECT_GE(read, 5);
}

TEST(EnvironmentOf, MatchesByTheNamesThatResourcesHave) {
  const PolicyFile policy =
      Accepted("version: 1\nenvironments: { sandbox: { match: { names: [\"lumen-sandbox-*\"] } } }\n");
  const auto environment = [&](std::string_view attribute, std::string_view text) {
    return Resource("aws_x.y").With(attribute, text).EnvironmentIn(policy);
  };
  for (const char* attribute : {"identifier", "name", "bucket", "cluster_identifier", "replication_group_id",
                                "function_name", "family", "domain_name", "name_prefix"}) {
    EXPECT_EQ(environment(attribute, "lumen-sandbox-core"), "sandbox") << attribute;
    EXPECT_EQ(environment(attribute, "lumen-prod-core"), "") << attribute;
  }
  EXPECT_EQ(environment("name", "/aws/rds/cluster/lumen-sandbox-core/postgresql"), "sandbox");
  EXPECT_EQ(environment("name", "alias/lumen-sandbox-core"), "sandbox");
  EXPECT_EQ(environment("name", "not-lumen-sandbox-core"), "");
  EXPECT_EQ(environment("description", "lumen-sandbox-core"), "");
  EXPECT_EQ(Resource("aws_kms_key.k").Tagged("Name", "lumen-sandbox-db").EnvironmentIn(policy), "sandbox");
}

TEST(EnvironmentOf, LooksAtTheSideThatIsThere) {
  const PolicyFile policy = Accepted("version: 1\nenvironments: { dev: { match: { names: [\"*-dev\"] } } }\n");
  Document document;
  Member before[] = {{"identifier", Value::String("orders-dev")}};
  Member after[] = {{"identifier", Value::Unknown()}};
  ResourceInstance deleted;
  deleted.before = Value::Map(before);
  deleted.after = Value::Null();
  EXPECT_EQ(EnvironmentOf(policy, document, deleted).name, "dev");
  ResourceInstance replaced = deleted;
  replaced.after = Value::Map(after);
  EXPECT_EQ(EnvironmentOf(policy, document, replaced).name, "dev");
}

// What decides which requirements count must not be taken for "no environment" because it is not known yet, nor be
// rewritten by the plan that needs it.
TEST(DoubtAboutEnvironment, IsSaidWhereAPlanMovesAResourceOrATagIsUnknown) {
  const PolicyFile policy = Accepted(
      "version: 1\ndefaults: { require: [] }\nenvironments:\n"
      "  prod: { require: [encryption], match: { tags: { Environment: production } } }\n"
      "  dev: { match: { tags: { Environment: dev } } }\n");
  Document document;
  Member production[] = {{"Environment", Value::String("production")}};
  Member dev[] = {{"Environment", Value::String("dev")}};
  const auto doubt = [&](const Value& before, const Value& after) {
    Member was[] = {{"tags_all", before}};
    Member will[] = {{"tags_all", after}};
    ResourceInstance instance;
    if (before.absent()) {
      instance.actions.create = true;
    } else {
      instance.actions.update = true;
      instance.before = Value::Map(was);
    }
    instance.after = Value::Map(will);
    return DoubtAboutEnvironment(policy, document, instance, EnvironmentOf(policy, document, instance));
  };
  EXPECT_THAT(doubt(Value::Map(production), Value::Map(dev)), HasSubstr("it belongs to prod and will belong to dev"));
  EXPECT_THAT(doubt(Value(), Value::Unknown()), HasSubstr("whether it belongs to prod is not known"));
  EXPECT_EQ(doubt(Value::Map(production), Value::Map(production)), "");
  EXPECT_EQ(doubt(Value::Map(production), Value::Unknown()), "") << "as it was";
  EXPECT_EQ(doubt(Value(), Value::Map(dev)), "");
  EXPECT_EQ(doubt(Value::Map(dev), Value::Map({})), "") << "what is not there any more is as it was";
}

// A tag that only the provider's default_tags give is in tags_all, which is unknown where any tag is.
TEST(EnvironmentOf, LooksAtTheDefaultTagsOfTheProvider) {
  const PolicyFile policy =
      Accepted("version: 1\nenvironments: { prod: { match: { tags: { Environment: production } } } }\n");
  const auto environment = [&](const std::string& default_tags) {
    const std::string json =
        R"({"format_version":"1.2","resource_changes":[{"address":"aws_kms_key.k","mode":"managed","type":"aws_kms_key",)"
        R"("name":"k","change":{"actions":["create"],"before":null,"after":{"tags":{}},"after_unknown":)"
        R"({"tags":{"Id":true},"tags_all":true}}}],"configuration":{"provider_config":{"aws":{"name":"aws","expressions":)"
        R"({"default_tags":[{"tags":)" +
        default_tags +
        R"(}]}}},"root_module":{"resources":[{"address":"aws_kms_key.k","mode":"managed","type":"aws_kms_key",)"
        R"("name":"k","provider_config_key":"aws","expressions":{"tags":{"references":["aws_x.y.id"]}}}]}}})";
    auto document = terraform::ReadDocumentFromMemory(json, "plan.json", terraform::Interest::Everything());
    EXPECT_TRUE(document.ok()) << (document.ok() ? "" : document.error().message);
    const Environment& chosen = EnvironmentOf(policy, *document, document->resources.at(0));
    const bool doubt = !DoubtAboutEnvironment(policy, *document, document->resources.at(0), chosen).empty();
    return chosen.name + (doubt ? "?" : "");
  };
  EXPECT_EQ(environment(R"({"constant_value":{"Environment":"production"}})"), "prod");
  EXPECT_EQ(environment(R"({"constant_value":{"Team":"data"}})"), "");
  EXPECT_EQ(environment(R"({"references":["var.tags"]})"), "") << "prod asks for the same as the defaults";
}

TEST(EnvironmentOf, NeedsEveryCriterion) {
  const PolicyFile policy = Accepted(kWhole);
  const auto environment = [&](std::string_view arn, std::string_view tag) {
    return Resource("module.dev.aws_db_instance.a")
        .With("identifier", "shop-dev-1")
        .With("arn", arn)
        .Tagged("Environment", tag)
        .EnvironmentIn(policy);
  };
  EXPECT_EQ(environment("arn:aws:rds:us-east-1:012345678901:db:x", "dev"), "dev");
  EXPECT_EQ(environment("arn:aws:rds:us-east-1:999999999999:db:x", "dev"), "");
  EXPECT_EQ(environment("arn:aws:rds:eu-west-1:012345678901:db:x", "dev"), "");
  EXPECT_EQ(environment("arn:aws:rds:us-east-1:012345678901:db:x", "test"), "");
  EXPECT_EQ(Resource("aws_s3_bucket.a").Tagged("Environment", "production").EnvironmentIn(policy), "prod");
}

TEST(EnvironmentOf, AnEnvironmentWithoutCriteriaSwallowsNothing) {
  const PolicyFile policy = Accepted("version: 1\nenvironments: { all: { wave: 1 } }\n");
  EXPECT_EQ(Resource("aws_s3_bucket.a").With("bucket", "x").EnvironmentIn(policy), "");
}

TEST(EnvironmentOf, AsksTheProviderConfigurationForTheRegion) {
  const PolicyFile policy = Accepted("version: 1\nenvironments: { eu: { match: { regions: [eu-central-1] } } }\n");
  Example example = Resource("module.a[\"x.y\"].aws_sqs_queue.q");
  auto& call = example.document.configuration.root.calls["a"];
  call.module.Own().resources["aws_sqs_queue.q"].provider_config_key = "module.a:aws";
  auto& provider = example.document.configuration.providers["aws"];
  provider.expressions["region"].constant = Value::String("eu-central-1");
  EXPECT_EQ(example.EnvironmentIn(policy), "eu");
}

TEST(WaiverFor, CountsUntilTheEndOfItsLastDay) {
  const PolicyFile policy = Accepted(kWhole);
  const std::string_view address = "module.legacy.aws_rds_cluster.old";
  const auto at = [](std::string_view text) { return *ParseTimestamp(text); };
  EXPECT_NE(WaiverFor(policy, "TFS-RDS-001", Topic::kEncryption, address, at("2026-12-31T23:59:59Z")), nullptr);
  EXPECT_EQ(WaiverFor(policy, "TFS-RDS-001", Topic::kEncryption, address, at("2027-01-01T00:00:00Z")), nullptr);
  EXPECT_EQ(WaiverFor(policy, "TFS-RDS-001", Topic::kTls, address, at("2026-01-01T00:00:00Z")), nullptr);
  EXPECT_EQ(WaiverFor(policy, "TFS-RDS-001", Topic::kEncryption, "aws_rds_cluster.old", at("2026-01-01T00:00:00Z")),
            nullptr);
  EXPECT_THAT(ExpiredWaivers(policy, at("2026-12-31T23:59:59Z")), IsEmpty());
  ASSERT_EQ(ExpiredWaivers(policy, at("2027-01-01T00:00:00Z")).size(), 1U);
}

TEST(Glob, StarStaysWithinOneStepOfAnAddress) {
  struct Case {
    const char* glob;
    const char* text;
    bool matches;
  };
  const Case cases[] = {
      {"module.dev.**", "module.dev.aws_kms_key.k", true},
      {"module.dev.**", "module.dev.module.x.aws_kms_key.k[0]", true},
      {"module.dev.**", "module.development.aws_kms_key.k", false},
      {"module.*.aws_kms_key.k", "module.a.aws_kms_key.k", true},
      {"module.*.aws_kms_key.k", "module.a[\"x.y\"].aws_kms_key.k", true},
      {"module.*.aws_kms_key.k", "module.a.module.b.aws_kms_key.k", false},
      {"module.a[\"x.y\"].**", "module.a[\"x.y\"].aws_kms_key.k", true},
      {"aws_kms_key.*", "aws_kms_key.k[\"a.b\"]", true},
      {"**.aws_kms_key.*", "module.a.aws_kms_key.k", true},
      {"**.aws_kms_key.*", "aws_kms_key.k", true},
      {"aws_*.k", "aws_kms_key.k", true},
      {"*", "aws_kms_key.k", false},
      {"**", "aws_kms_key.k", true},
      {"**.k*.**x", "a.b.k1.c.d.x", true},
      {"a", "b", false},
      {"", "", true},
  };
  for (const Case& each : cases)
    EXPECT_EQ(GlobMatches(each.glob, each.text), each.matches) << each.glob << " " << each.text;
  EXPECT_TRUE(NameGlobMatches("*-dev-*", "my.shop-dev-data.example")) << "names have no steps";
}

TEST(Glob, CostsNoMoreThanLengthTimesLength) {
  std::string glob;
  for (int i = 0; i < 200; ++i) glob += i % 2 ? "*a" : "**a";
  EXPECT_FALSE(NameGlobMatches(glob + "b", std::string(20'000, 'a')));
}

TEST(ScheduleText, Durations) {
  using std::chrono::seconds;
  EXPECT_EQ(ParseDuration("48h"), seconds(48 * 3'600));
  EXPECT_EQ(ParseDuration("2d"), seconds(2 * 86'400));
  EXPECT_EQ(ParseDuration("1d12h30m5s"), seconds(86'400 + 12 * 3'600 + 30 * 60 + 5));
  for (const char* wrong : {"", "h", "48", "48x", "-1h", "1.5h", "99999999999h", "400d", "1h 2m"}) {
    EXPECT_EQ(ParseDuration(wrong), std::nullopt) << wrong;
  }
}

TEST(ScheduleText, DatesAndTimes) {
  EXPECT_EQ(ParseDate("1970-01-02"), 86'400);
  EXPECT_TRUE(ParseDate("2028-02-29"));
  for (const char* wrong : {"2027-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "2026-01-01 ", "26-01-01", ""}) {
    EXPECT_EQ(ParseDate(wrong), std::nullopt) << wrong;
  }
  EXPECT_EQ(ParseTimestamp("1970-01-01T02:00:00+02:00"), 0);
  EXPECT_EQ(ParseTimestamp("1970-01-01T00:00:00.999Z"), 0);
  EXPECT_EQ(FormatTimestamp(*ParseTimestamp("2026-12-31T23:59:59Z")), "2026-12-31T23:59:59Z");
  for (const char* wrong : {"2026-12-31", "2026-12-31T23:59:59", "2026-12-31T25:00:00Z", "now"}) {
    EXPECT_EQ(ParseTimestamp(wrong), std::nullopt) << wrong;
  }
  EXPECT_EQ(ParseWeekWindow("sat:23:30-sun:00:30")->last_minute, 30);
}

}  // namespace
}  // namespace tfseal

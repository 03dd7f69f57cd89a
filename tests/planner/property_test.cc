#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "planner/existing_world.h"
#include "planner/parameters.h"
#include "planner/simulate.h"
#include "tests/planner/plan_cases.h"

// Plans of estates that nobody thought of. Every seed is an estate; a failure prints its seed.
namespace tfseal {
namespace {

constexpr unsigned kSeeds = 60;
constexpr const char* kRegion = "us-east-1";
constexpr const char* kAccount = "123456789012";

std::string Arn(const std::string& service, const std::string& resource) {
  return std::string("arn:aws:") + service + ":" + kRegion + ":" + kAccount + ":" + resource;
}

class Estate {
 public:
  explicit Estate(unsigned seed) : random_(seed) {
    for (int i = Upto(3); i > 0; --i) AddKey(i);
    for (int i = Upto(4); i > 0; --i) AddCluster(i);
    for (int i = Upto(3); i > 0; --i) AddInstance(i);
    for (int i = Upto(3); i > 0; --i) AddTable(i);
    for (int i = Upto(2); i > 0; --i) AddLogGroup(i);
    for (int i = Upto(2); i > 0; --i) AddTask(i);
    for (int i = Upto(2); i > 0; --i) AddDomain(i);
    for (int i = Upto(2); i > 0; --i) AddCache(i);
  }

  void Shuffle(unsigned seed) {
    std::mt19937 other(seed);
    std::shuffle(resources_.begin(), resources_.end(), other);
  }

  [[nodiscard]] std::string State() const {
    JsonValue resources(Json::arrayValue);
    for (const JsonValue& resource : resources_) resources.append(resource);
    return WriteJsonDocument(Object({{"format_version", "1.0"},
                                     {"terraform_version", "1.11.4"},
                                     {"values", Object({{"root_module", Object({{"resources", resources}})}})}}));
  }

 private:
  int Upto(int most) { return static_cast<int>(random_() % static_cast<unsigned>(most + 1)); }
  bool Coin() { return (random_() & 1U) != 0; }
  std::string Environment() { return Coin() ? "dev" : Coin() ? "prod" : "other"; }

  void Add(const std::string& type, const std::string& name, JsonValue values) {
    resources_.push_back(
        Object({{"address", Text(type + "." + name)},
                {"mode", "managed"},
                {"type", Text(type)},
                {"name", Text(name)},
                {"provider_name", "registry.terraform.io/hashicorp/aws"},
                {"schema_version", 1},
                {"values", std::move(values)},
                {"sensitive_values", Object({{"auth_token", true}, {"master_password", true}, {"password", true}})}}));
  }

  void AddKey(int i) {
    const std::string id = "0000000" + std::to_string(i) + "-1111-2222-3333-444444444444";
    Add("aws_kms_key", "k" + std::to_string(i),
        Object({{"arn", Text(Arn("kms", "key/" + id))},
                {"id", Text(id)},
                {"key_id", Text(id)},
                {"enable_key_rotation", Coin()},
                {"is_enabled", true},
                {"key_usage", "ENCRYPT_DECRYPT"},
                {"customer_master_key_spec", "SYMMETRIC_DEFAULT"},
                {"description", Coin() ? "database" : "other"},
                {"deletion_window_in_days", 30}}));
  }

  void AddCluster(int i) {
    const std::string id = "c" + std::to_string(i) + "-" + Environment();
    JsonValue groups(Json::arrayValue);
    groups.append("sg-1");
    Add("aws_rds_cluster", "c" + std::to_string(i),
        Object({{"arn", Text(Arn("rds", "cluster:" + id))},
                {"id", Text(id)},
                {"cluster_identifier", Text(id)},
                {"cluster_resource_id", Text("cluster-" + id)},
                {"engine", Coin() ? "aurora-postgresql" : "aurora-mysql"},
                {"engine_version", "16.4"},
                {"storage_encrypted", Coin()},
                {"kms_key_id", ""},
                {"backup_retention_period", 1 + Upto(20)},
                {"deletion_protection", Coin()},
                {"skip_final_snapshot", Coin()},
                {"delete_automated_backups", true},
                {"master_password", "CANARY-property"},
                {"endpoint", Text(id + ".cluster-x.us-east-1.rds.amazonaws.com")},
                {"vpc_security_group_ids", groups}}));
    for (int member = Upto(2); member >= 0; --member) {
      const std::string name = id + "-" + std::to_string(member);
      Add("aws_rds_cluster_instance", "c" + std::to_string(i) + "_" + std::to_string(member),
          Object({{"arn", Text(Arn("rds", "db:" + name))},
                  {"id", Text(name)},
                  {"identifier", Text(name)},
                  {"cluster_identifier", Text(id)},
                  {"engine", "aurora-postgresql"},
                  {"instance_class", "db.serverless"},
                  {"writer", member == 0},
                  {"publicly_accessible", Coin()}}));
    }
  }

  void AddInstance(int i) {
    const std::string id = "i" + std::to_string(i) + "-" + Environment();
    const auto values = [&](const std::string& name, const std::string& source, bool encrypted) {
      return Object({{"arn", Text(Arn("rds", "db:" + name))},
                     {"id", Text("db-" + name)},
                     {"resource_id", Text("db-" + name)},
                     {"identifier", Text(name)},
                     {"engine", "postgres"},
                     {"engine_version", "16.4"},
                     {"instance_class", "db.m6g.large"},
                     {"storage_encrypted", encrypted},
                     {"kms_key_id", ""},
                     {"replicate_source_db", Text(source)},
                     {"backup_retention_period", source.empty() ? Upto(20) : 0},
                     {"deletion_protection", Coin()},
                     {"publicly_accessible", Coin()},
                     {"skip_final_snapshot", Coin()},
                     {"password", "CANARY-property"}});
    };
    const bool encrypted = Coin();
    Add("aws_db_instance", "i" + std::to_string(i), values(id, "", encrypted));
    for (int replica = Upto(2); replica > 0; --replica) {
      const std::string name = id + "-r" + std::to_string(replica);
      Add("aws_db_instance", "i" + std::to_string(i) + "_r" + std::to_string(replica), values(name, id, encrypted));
    }
  }

  void AddTable(int i) {
    const std::string id = "t" + std::to_string(i) + "-" + Environment();
    JsonValue recovery(Json::arrayValue);
    recovery.append(Object({{"enabled", Coin()}}));
    Add("aws_dynamodb_table", "t" + std::to_string(i),
        Object({{"arn", Text(Arn("dynamodb", "table/" + id))},
                {"id", Text(id)},
                {"name", Text(id)},
                {"server_side_encryption", JsonValue(Json::arrayValue)},
                {"point_in_time_recovery", recovery},
                {"deletion_protection_enabled", Coin()}}));
  }

  void AddLogGroup(int i) {
    const std::string id = "/l" + std::to_string(i);
    Add("aws_cloudwatch_log_group", "l" + std::to_string(i),
        Object(
            {{"arn", Text(Arn("logs", "log-group:" + id))}, {"id", Text(id)}, {"name", Text(id)}, {"kms_key_id", ""}}));
  }

  void AddTask(int i) {
    const std::string family = "f" + std::to_string(i);
    JsonValue environment(Json::arrayValue);
    environment.append(Object({{"name", "MODE"}, {"value", "web"}}));
    if (Coin()) environment.append(Object({{"name", "DB_PASSWORD"}, {"value", "CANARY-task-9f8a7b6c5d"}}));
    JsonValue containers(Json::arrayValue);
    containers.append(Object({{"name", "app"}, {"image", "app:1"}, {"environment", environment}}));
    Add("aws_ecs_task_definition", family,
        Object(
            {{"arn", Text(Arn("ecs", "task-definition/" + family + ":1"))},
             {"id", Text(family)},
             {"family", Text(family)},
             {"execution_role_arn", Coin() ? Text(std::string("arn:aws:iam::") + kAccount + ":role/exec") : Text("")},
             {"container_definitions", Text(WriteJsonLine(containers))}}));
  }

  void AddDomain(int i) {
    const std::string id = "d" + std::to_string(i) + "-" + Environment();
    JsonValue block(Json::arrayValue);
    block.append(Object({{"enabled", Coin()}, {"kms_key_id", ""}}));
    Add("aws_opensearch_domain", "d" + std::to_string(i),
        Object({{"arn", Text(Arn("es", "domain/" + id))},
                {"id", Text(Arn("es", "domain/" + id))},
                {"domain_name", Text(id)},
                {"engine_version", Coin() ? "OpenSearch_2.11" : "Elasticsearch_5.6"},
                {"encrypt_at_rest", block}}));
  }

  void AddCache(int i) {
    const std::string id = "r" + std::to_string(i) + "-" + Environment();
    JsonValue groups(Json::arrayValue);
    groups.append("sg-1");
    JsonValue tags(Json::objectValue);
    if (Coin()) tags["tfseal:disposable"] = "true";
    Add("aws_elasticache_replication_group", "r" + std::to_string(i),
        Object({{"arn", Text(Arn("elasticache", "replicationgroup:" + id))},
                {"id", Text(id)},
                {"replication_group_id", Text(id)},
                {"engine", "redis"},
                {"engine_version", "7.1"},
                {"node_type", "cache.t4g.small"},
                {"num_cache_clusters", 1 + Upto(2)},
                {"at_rest_encryption_enabled", Coin() ? "true" : "false"},
                {"auth_token", Coin() && Coin() ? Text("CANARY-property") : JsonValue()},
                {"snapshot_retention_limit", Upto(20)},
                {"security_group_ids", groups},
                {"tags", tags}}));
  }

  std::mt19937 random_;
  std::vector<JsonValue> resources_;
};

const PolicyFile& Policy() {
  static const auto* const policy = new PolicyFile(test::PolicyOf(
      "version: 1\n"
      "defaults:\n"
      "  require: [encryption, customer_key, key_rotation, backup_retention, pitr, deletion_protection, "
      "final_snapshot,\n"
      "            plaintext_secret, public_access]\n"
      "  encryption: { key: customer-managed, rotation: { required: true } }\n"
      "environments:\n"
      "  dev: { wave: 1, match: { names: [\"*-dev*\"] }, backup: { retention_days: { min: 3 } } }\n"
      "  prod: { wave: 2, match: { names: [\"*-prod*\"] }, backup: { retention_days: { min: 14 } } }\n"));
  return *policy;
}

terraform::Document Read(const std::string& state) {
  auto document = terraform::ReadDocumentFromMemory(state, "state.json", terraform::Interest::Everything());
  EXPECT_TRUE(document.ok()) << (document.ok() ? "" : document.error().message);
  return std::move(document).value();
}

TEST(Estates, MostlyNeedSomething) {
  unsigned busy = 0;
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    const terraform::Document document = Read(Estate(seed).State());
    const auto plan = MakePlan(std::span(&document, 1), Policy(), {.strategy = "", .now = test::kNow});
    busy += plan.ok() && !plan->databases.empty() ? 1 : 0;
  }
  EXPECT_GT(busy, kSeeds / 2);
}

class AnyEstate : public ::testing::TestWithParam<unsigned> {
 protected:
  static Result<ActionPlan> Plan(const terraform::Document& document) {
    return MakePlan(std::span(&document, 1), Policy(), {.strategy = "", .now = test::kNow});
  }
};

TEST_P(AnyEstate, GetsAPlanWhoseSimulationPasses) {
  const terraform::Document document = Read(Estate(GetParam()).State());
  const auto plan = Plan(document);
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  std::vector<terraform::Document> existing;
  existing.push_back(ExistingWorld(document));
  const auto simulation = Simulate(*plan, existing, Policy(), test::kNow);
  ASSERT_TRUE(simulation.ok());
  EXPECT_TRUE(simulation->passes());
  EXPECT_THAT(ForbiddenCalls(*plan), ::testing::IsEmpty());
  EXPECT_EQ(WriteJsonLine(ToJson(*plan)).find("CANARY"), std::string::npos);
}

TEST_P(AnyEstate, NeedsNothingMoreOnceThePlanWasCarriedOut) {
  const terraform::Document document = Read(Estate(GetParam()).State());
  const auto plan = Plan(document);
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  std::vector<terraform::Document> existing;
  existing.push_back(ExistingWorld(document));
  const auto worlds = SimulatedWorlds(*plan, existing);
  ASSERT_TRUE(worlds.ok());
  const auto again = MakePlan(*worlds, Policy(), {.strategy = "", .now = test::kNow});
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->unresolved.size(), plan->unresolved.size());
  if (plan->complete()) {
    EXPECT_THAT(again->actions, ::testing::IsEmpty());
  }
}

TEST_P(AnyEstate, GetsTheSamePlanWhateverTheOrderOfItsResources) {
  Estate estate(GetParam());
  const auto plan = Plan(Read(estate.State()));
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  const auto twice = Plan(Read(estate.State()));
  ASSERT_TRUE(twice.ok());
  EXPECT_EQ(WriteJsonDocument(ToJson(*plan)), WriteJsonDocument(ToJson(*twice)));
  estate.Shuffle(GetParam() + 1000);
  const auto shuffled = Plan(Read(estate.State()));
  ASSERT_TRUE(shuffled.ok()) << shuffled.error().message;
  ASSERT_EQ(plan->actions.size(), shuffled->actions.size());
  for (std::size_t i = 0; i < plan->actions.size(); ++i) {
    EXPECT_EQ(WriteJsonLine(ToJson(plan->actions[i])), WriteJsonLine(ToJson(shuffled->actions[i])));
  }
}

TEST_P(AnyEstate, HasAnOrderThatKeepsEveryRequirementAndEveryWave) {
  const auto plan = Plan(Read(Estate(GetParam()).State()));
  ASSERT_TRUE(plan.ok());
  std::set<std::string> done;
  int wave = 0;
  for (const Action& action : plan->actions) {
    for (const std::string& need : action.needs) EXPECT_TRUE(done.contains(need));
    EXPECT_GE(action.wave, wave);
    wave = action.wave;
    done.insert(action.id);
  }
}

TEST_P(AnyEstate, CanBeReadBackAndNotChangedByHand) {
  const auto plan = Plan(Read(Estate(GetParam()).State()));
  ASSERT_TRUE(plan.ok());
  const JsonValue json = ToJson(*plan);
  ASSERT_TRUE(ActionPlanFromJson(json).ok()) << ActionPlanFromJson(json).error().message;
  if (plan->actions.empty()) return;
  JsonValue changed = json;
  changed["actions"][0]["payload"]["environment"] = "elsewhere";
  EXPECT_FALSE(ActionPlanFromJson(changed).ok());
  changed = json;
  changed["actions"][0]["calls"].append(Object({{"service", "rds"}}));
  EXPECT_FALSE(ActionPlanFromJson(changed).ok());
  // Also what does not follow from kind, target and payload.
  for (const char* name : {"accounts", "regions", "inputs", "notes", "timeline", "databases"}) {
    changed = json;
    changed[name] = Texts({"another"});
    EXPECT_FALSE(ActionPlanFromJson(changed).ok()) << name;
  }
  for (const char* name : {"requires", "preconditions", "postconditions", "motives"}) {
    changed = json;
    JsonValue& last = changed["actions"][changed["actions"].size() - 1];
    if (last[name].empty()) continue;
    last[name] = JsonValue(Json::arrayValue);
    EXPECT_FALSE(ActionPlanFromJson(changed).ok()) << name;
  }
  changed = json;
  changed["actions"][0]["approvals"] = json["actions"][0]["approvals"].asInt() + 1;
  EXPECT_FALSE(ActionPlanFromJson(changed).ok());
  changed = json;
  changed["actions"][0]["maintenance_window"] = "sun:00:00-sat:23:59";
  EXPECT_FALSE(ActionPlanFromJson(changed).ok());
  changed = json;
  changed["actions"].resize(changed["actions"].size() - 1);
  EXPECT_FALSE(ActionPlanFromJson(changed).ok());
  changed = json;
  changed.removeMember("sha256");
  EXPECT_FALSE(ActionPlanFromJson(changed).ok());
}

INSTANTIATE_TEST_SUITE_P(Seeds, AnyEstate, ::testing::Range(0U, kSeeds));

}  // namespace
}  // namespace tfseal

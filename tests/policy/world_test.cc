#include "policy/world.h"

#include <gtest/gtest.h>

#include "policy/judge.h"
#include "terraform/read.h"

namespace tfseal {
namespace {

using terraform::Document;
using terraform::Interest;
using terraform::ResourceInstance;

// A cluster whose key comes through a module variable, a list of fallbacks and a module output, and a log group whose
// key comes from a data source that is read only during apply.
constexpr std::string_view kPlan = R"({"format_version":"1.2","terraform_version":"1.11.4","resource_changes":[
 {"address":"module.keys.aws_kms_key.this[\"database\"]","module_address":"module.keys","mode":"managed",
  "type":"aws_kms_key","name":"this","index":"database",
  "change":{"actions":["create"],"before":null,"after":{"enable_key_rotation":true},"after_unknown":{"arn":true,"key_id":true}}},
 {"address":"module.db[\"a.b\"].aws_rds_cluster.this","module_address":"module.db[\"a.b\"]","mode":"managed",
  "type":"aws_rds_cluster","name":"this",
  "change":{"actions":["create"],"before":null,"after":{"storage_encrypted":true},"after_unknown":{"kms_key_id":true,"id":true}}},
 {"address":"module.db[\"a.b\"].aws_rds_cluster_instance.this[0]","module_address":"module.db[\"a.b\"]","mode":"managed",
  "type":"aws_rds_cluster_instance","name":"this","index":0,
  "change":{"actions":["create"],"before":null,"after":{},"after_unknown":{"cluster_identifier":true}}},
 {"address":"aws_cloudwatch_log_group.late","mode":"managed","type":"aws_cloudwatch_log_group","name":"late",
  "change":{"actions":["create"],"before":null,"after":{"name":"x"},"after_unknown":{"kms_key_id":true}}},
 {"address":"data.aws_kms_key.later","mode":"data","type":"aws_kms_key","name":"later",
  "change":{"actions":["read"],"before":null,"after":{},"after_unknown":{"arn":true}}}],
 "configuration":{"root_module":{
  "resources":[
   {"address":"aws_cloudwatch_log_group.late","mode":"managed","type":"aws_cloudwatch_log_group","name":"late",
    "expressions":{"kms_key_id":{"references":["data.aws_kms_key.later.arn","data.aws_kms_key.later"]}}},
   {"address":"data.aws_kms_key.later","mode":"data","type":"aws_kms_key","name":"later",
    "expressions":{"key_id":{"constant_value":"alias/x"}}}],
  "module_calls":{
   "keys":{"source":"./keys","module":{
     "outputs":{"arns":{"expression":{"references":["aws_kms_key.this"]}}},
     "resources":[{"address":"aws_kms_key.this","mode":"managed","type":"aws_kms_key","name":"this","expressions":{}}]}},
   "db":{"source":"./db","expressions":{"key":{"references":["var.override","module.keys.arns[\"database\"]","module.keys.arns","module.keys"]}},
     "module":{"resources":[
      {"address":"aws_rds_cluster.this","mode":"managed","type":"aws_rds_cluster","name":"this",
       "expressions":{"kms_key_id":{"references":["var.key"]},"storage_encrypted":{"constant_value":true}}},
      {"address":"aws_rds_cluster_instance.this","mode":"managed","type":"aws_rds_cluster_instance","name":"this",
       "expressions":{"cluster_identifier":{"references":["aws_rds_cluster.this.id","aws_rds_cluster.this"]}}}]}}}}}})";

class WorldTest : public testing::Test {
 protected:
  void SetUp() override {
    auto read = terraform::ReadDocumentFromMemory(kPlan, "plan.json", Interest::Everything());
    ASSERT_TRUE(read.ok()) << read.error().message;
    plan_ = std::make_unique<Document>(std::move(read).value());
    after_ = std::make_unique<World>(*plan_, Side::kAfter);
  }
  const ResourceInstance& At(std::string_view address) { return *after_->At(address); }
  std::unique_ptr<Document> plan_;
  std::unique_ptr<World> after_;
};

TEST(WithoutInstanceKeys, LeavesDotsAndBracketsInsideKeysAlone) {
  EXPECT_EQ(WithoutInstanceKeys(R"(module.a["x.y"].module.b[0].aws_kms_key.k["a\"].b"])"),
            "module.a.module.b.aws_kms_key.k");
  EXPECT_EQ(WithoutInstanceKeys("aws_kms_key.k"), "aws_kms_key.k");
}

TEST_F(WorldTest, AnUnknownKeyIsFollowedThroughVariablesAndOutputsToTheKeyOfThisPlan) {
  const ResourceInstance& cluster = At(R"(module.db["a.b"].aws_rds_cluster.this)");
  const Subject subject{cluster, cluster.after, *after_, {}};
  const KeyFacts key = ClassifyKey(subject, "kms_key_id", DefaultKey::kAwsManaged);
  EXPECT_EQ(key.owner, KeyOwner::kCustomer);
  EXPECT_TRUE(key.obligation);
  EXPECT_EQ(key.key_address, "module.keys.aws_kms_key.this");
}

TEST_F(WorldTest, AKeyThatADataSourceReadsDuringApplyStaysUnknown) {
  const ResourceInstance& logs = At("aws_cloudwatch_log_group.late");
  const Subject subject{logs, logs.after, *after_, {}};
  EXPECT_EQ(ClassifyKey(subject, "kms_key_id", DefaultKey::kAwsOwned).owner, KeyOwner::kUnknown);
}

TEST_F(WorldTest, AMemberFindsItsClusterInItsOwnModuleInstance) {
  const auto clusters = after_->Follow(At(R"(module.db["a.b"].aws_rds_cluster_instance.this[0])"), "cluster_identifier",
                                       "aws_rds_cluster", {"id", "cluster_identifier"});
  ASSERT_EQ(clusters.size(), 1U);
  EXPECT_EQ(clusters[0]->address, R"(module.db["a.b"].aws_rds_cluster.this)");
  const auto members = after_->PointingAt(*clusters[0], "aws_rds_cluster_instance", "cluster_identifier", {"id"});
  ASSERT_EQ(members.size(), 1U);
}

TEST_F(WorldTest, TheSideBeforeACreateIsEmpty) {
  const World before(*plan_, Side::kBefore);
  EXPECT_EQ(before.At("aws_cloudwatch_log_group.late"), nullptr);
  EXPECT_TRUE(before.OfType("aws_rds_cluster").empty());
}

// Judges the key attribute at `path` of the only bucket rule, volume ... called x of a small plan.
KeyFacts KeyOfX(std::string_view resource_changes, std::string_view resources, std::string_view path,
                DefaultKey if_unset) {
  const std::string plan = R"({"format_version":"1.2","resource_changes":[)" + std::string(resource_changes) +
                           R"(],"configuration":{"root_module":{"resources":[)" + std::string(resources) + "]}}}";
  // As the gate reads it: what it leaves out must not change what is known.
  auto read = terraform::ReadDocumentFromMemory(plan, "plan.json",
                                                Interest::Only({"aws_kms_key", "aws_ebs_volume", "aws_ecr_repository"},
                                                               {"kms_key_id", "encryption_configuration", "arn"}));
  EXPECT_TRUE(read.ok()) << (read.ok() ? "" : read.error().message);
  const World after(*read, Side::kAfter);
  const ResourceInstance* instance = nullptr;
  for (const ResourceInstance& one : read->resources) {
    if (one.address.ends_with(".x")) instance = &one;
  }
  EXPECT_NE(instance, nullptr);
  return ClassifyKey(Subject{*instance, instance->after, after, {}}, path, if_unset);
}

constexpr std::string_view kNewKey =
    R"({"address":"aws_kms_key.k","mode":"managed","type":"aws_kms_key","name":"k",
        "change":{"actions":["create"],"before":null,"after":{},"after_unknown":{"arn":true}}})";

// As it stands in a JSON text.
std::string Escaped(std::string_view address) {
  std::string escaped;
  for (const char c : address) escaped += c == '"' ? std::string("\\\"") : std::string(1, c);
  return escaped;
}

// Module m makes a key in instance "a" only; its output is null in "b".
KeyFacts KeyThroughModule(std::string_view address, std::string_view reference) {
  const std::string in_module = std::string(address).substr(0, address.rfind(".aws_ebs_volume"));
  const bool inside = in_module != address;
  const std::string volume = R"({"address":"aws_ebs_volume.x","mode":"managed","type":"aws_ebs_volume","name":"x",)"
                             R"("expressions":{"kms_key_id":{"references":[)" +
                             std::string(reference) + "]}}}";
  const std::string plan =
      R"({"format_version":"1.2","resource_changes":[
      {"address":"module.m[\"a\"].aws_kms_key.k[0]","module_address":"module.m[\"a\"]","mode":"managed",
       "type":"aws_kms_key","name":"k","index":0,
       "change":{"actions":["create"],"before":null,"after":{},"after_unknown":{"arn":true}}},
      {"address":")" +
      Escaped(address) + R"(",)" + (inside ? R"("module_address":")" + Escaped(in_module) + R"(",)" : "") +
      R"("mode":"managed","type":"aws_ebs_volume","name":"x",
       "change":{"actions":["create"],"before":null,"after":{},"after_unknown":{"kms_key_id":true}}}],
      "configuration":{"root_module":{"resources":[)" +
      (inside ? "" : volume) +
      R"(],"module_calls":{"m":{"module":{"outputs":{"arn":{"expression":{"references":["aws_kms_key.k"]}}},
      "resources":[{"address":"aws_kms_key.k","mode":"managed","type":"aws_kms_key","name":"k","expressions":{}})" +
      (inside ? "," + volume : "") + "]}}}}}}";
  auto read = terraform::ReadDocumentFromMemory(plan, "plan.json", Interest::Everything());
  EXPECT_TRUE(read.ok()) << (read.ok() ? "" : read.error().message) << plan;
  if (!read.ok()) return {};
  const World after(*read, Side::kAfter);
  const ResourceInstance* instance = after.At(address);
  EXPECT_NE(instance, nullptr);
  return ClassifyKey(Subject{*instance, instance->after, after, {}}, "kms_key_id", DefaultKey::kAwsManaged);
}

TEST(ClassifyKey, AModuleInstanceWithoutAKeyHasNotTheKeyOfAnother) {
  constexpr std::string_view kOwn = R"("aws_kms_key.k")";
  EXPECT_EQ(KeyThroughModule("aws_ebs_volume.x", R"("module.m[\"a\"].arn","module.m[\"a\"]")").owner,
            KeyOwner::kCustomer);
  EXPECT_EQ(KeyThroughModule("aws_ebs_volume.x", R"("module.m[\"b\"].arn","module.m[\"b\"]")").owner,
            KeyOwner::kUnknown);
  EXPECT_EQ(KeyThroughModule(R"(module.m["a"].aws_ebs_volume.x)", kOwn).owner, KeyOwner::kCustomer);
  EXPECT_EQ(KeyThroughModule(R"(module.m["b"].aws_ebs_volume.x)", kOwn).owner, KeyOwner::kUnknown);
}

// Module m makes a vault in both of its instances and a key in "a" only; volume x goes over the instances of m, by
// itself or inside a module that does.
KeyFacts KeyOfEach(std::string_view address, std::string_view output) {
  const bool inside = address.starts_with("module.");
  const std::string made = R"("change":{"actions":["create"],"before":null,"after":{},"after_unknown":{"arn":true}}})";
  const auto in_m = [&](const std::string& key, const std::string& of_m) {
    const std::string module = R"(module.m[\")" + key + R"(\"])";
    const std::string type = of_m.substr(0, of_m.find('.'));
    return R"({"address":")" + module + "." + of_m + R"(","module_address":")" + module +
           R"(","mode":"managed","type":")" + type + R"(","name":"this",)" + made + ",";
  };
  const auto volume = [](const std::string& reference) {
    return R"({"address":"aws_ebs_volume.x","mode":"managed","type":"aws_ebs_volume","name":"x",)"
           R"("expressions":{"kms_key_id":{"references":[)" +
           reference + "]}}";
  };
  const std::string each = R"("each.value.)" + std::string(output) + R"(","each.value")";
  const std::string over = R"("for_each_expression":{"references":["module.m"]})";
  const std::string calls = inside ? R"("n":{"expressions":{"key":{"references":[)" + each + "]}}," + over +
                                         R"(,"module":{"resources":[)" + volume(R"("var.key")") + "}]}},"
                                   : "";
  const std::string plan =
      R"({"format_version":"1.2","resource_changes":[)" + in_m("a", "aws_kms_key.this") +
      in_m("a", "aws_backup_vault.this") + in_m("b", "aws_backup_vault.this") + R"({"address":")" + Escaped(address) +
      R"(",)" +
      (inside ? R"("module_address":")" + Escaped(address.substr(0, address.rfind(".aws_ebs_volume"))) + R"(",)" : "") +
      R"("mode":"managed","type":"aws_ebs_volume","name":"x",
      "change":{"actions":["create"],"before":null,"after":{},"after_unknown":{"kms_key_id":true}}}],
      "configuration":{"root_module":{"resources":[)" +
      (inside ? "" : volume(each) + "," + over + "}") + R"(],"module_calls":{)" + calls +
      R"("m":{"module":{"outputs":{"arn":{"expression":{"references":["aws_kms_key.this"]}},
      "vault":{"expression":{"references":["aws_backup_vault.this.arn","aws_backup_vault.this"]}}},"resources":[
      {"address":"aws_kms_key.this","mode":"managed","type":"aws_kms_key","name":"this","expressions":{}},
      {"address":"aws_backup_vault.this","mode":"managed","type":"aws_backup_vault","name":"this","expressions":{}}]}}}}}})";
  auto read = terraform::ReadDocumentFromMemory(plan, "plan.json", Interest::Everything());
  EXPECT_TRUE(read.ok()) << (read.ok() ? "" : read.error().message) << plan;
  if (!read.ok()) return {};
  const World after(*read, Side::kAfter);
  const ResourceInstance* instance = after.At(address);
  EXPECT_NE(instance, nullptr);
  return ClassifyKey(Subject{*instance, instance->after, after, {}}, "kms_key_id", DefaultKey::kAwsManaged);
}

TEST(ClassifyKey, ForEachOverAModuleMeansTheOutputOfTheInstanceWithTheSameKey) {
  EXPECT_EQ(KeyOfEach(R"(aws_ebs_volume.x["a"])", "arn").owner, KeyOwner::kCustomer);
  EXPECT_EQ(KeyOfEach(R"(aws_ebs_volume.x["a"])", "arn").key_address, "module.m.aws_kms_key.this");
  EXPECT_EQ(KeyOfEach(R"(aws_ebs_volume.x["a"])", "vault").owner, KeyOwner::kUnknown);
  EXPECT_EQ(KeyOfEach(R"(aws_ebs_volume.x["a"])", "nothing").owner, KeyOwner::kUnknown);
  EXPECT_EQ(KeyOfEach(R"(aws_ebs_volume.x["b"])", "arn").owner, KeyOwner::kUnknown);
  EXPECT_EQ(KeyOfEach(R"(aws_ebs_volume.x["renamed"])", "arn").owner, KeyOwner::kUnknown);
  EXPECT_EQ(KeyOfEach(R"(module.n["a"].aws_ebs_volume.x)", "arn").owner, KeyOwner::kCustomer);
  EXPECT_EQ(KeyOfEach(R"(module.n["b"].aws_ebs_volume.x)", "arn").owner, KeyOwner::kUnknown);
}

TEST(ClassifyKey, AKeyInsideADynamicBlockIsUnknownAndNotTheDefault) {
  const KeyFacts key = KeyOfX(
      R"({"address":"aws_ecr_repository.x","mode":"managed","type":"aws_ecr_repository","name":"x",
          "change":{"actions":["create"],"before":null,"after":{"encryption_configuration":[{"encryption_type":"KMS"}]},
          "after_unknown":{"encryption_configuration":[{"kms_key":true}]}}})",
      R"({"address":"aws_ecr_repository.x","mode":"managed","type":"aws_ecr_repository","name":"x","expressions":{"name":{}}})",
      "encryption_configuration[0].kms_key", DefaultKey::kAwsManaged);
  EXPECT_EQ(key.owner, KeyOwner::kUnknown);
}

TEST(ClassifyKey, ABlockThatIsWrittenOutWithoutAKeyHasTheDefaultKey) {
  const KeyFacts key = KeyOfX(
      R"({"address":"aws_ecr_repository.x","mode":"managed","type":"aws_ecr_repository","name":"x",
          "change":{"actions":["create"],"before":null,"after":{"encryption_configuration":[{"encryption_type":"KMS"}]},
          "after_unknown":{"encryption_configuration":[{"kms_key":true}]}}})",
      R"({"address":"aws_ecr_repository.x","mode":"managed","type":"aws_ecr_repository","name":"x",
          "expressions":{"encryption_configuration":[{"encryption_type":{"constant_value":"KMS"}}]}})",
      "encryption_configuration[0].kms_key", DefaultKey::kAwsManaged);
  EXPECT_EQ(key.owner, KeyOwner::kAwsManaged);
}

constexpr std::string_view kVolume =
    R"(,{"address":"aws_ebs_volume.x","mode":"managed","type":"aws_ebs_volume","name":"x",
        "change":{"actions":["create"],"before":null,"after":{},"after_unknown":{"kms_key_id":true}}})";
constexpr std::string_view kVolumeOfEither =
    R"({"address":"aws_ebs_volume.x","mode":"managed","type":"aws_ebs_volume","name":"x","expressions":{"kms_key_id":
        {"references":["terraform_data.choice.output","terraform_data.choice","aws_kms_key.k.arn","aws_kms_key.k"]}}})";

TEST(ClassifyKey, WhatElseChangesAndIsReferredToMayBeTheKey) {
  for (const auto& [actions, owner] :
       {std::pair{R"(["create"])", KeyOwner::kUnknown}, {R"(["no-op"])", KeyOwner::kCustomer}}) {
    const std::string changes = std::string(kNewKey) + std::string(kVolume) +
                                R"(,{"address":"terraform_data.choice","mode":"managed","type":"terraform_data",
                                     "name":"choice","change":{"actions":)" +
                                actions + R"(,"before":null,"after":{}}})";
    EXPECT_EQ(KeyOfX(changes, kVolumeOfEither, "kms_key_id", DefaultKey::kAwsManaged).owner, owner) << actions;
  }
}

TEST(ClassifyKey, AStateKnowsTheOwnerOfAKeyFromItsDataSources) {
  for (const auto& [name, owner] :
       {std::pair{"alias/aws/ebs", KeyOwner::kAwsManaged}, {"alias/shared", KeyOwner::kCustomer}}) {
    const std::string state = std::string(R"({"format_version":"1.0","values":{"root_module":{"resources":[
        {"address":"data.aws_kms_alias.a","mode":"data","type":"aws_kms_alias","name":"a",
         "values":{"name":")") +
                              name + R"(","target_key_arn":"arn:aws:kms:eu-west-1:1:key/k"}},
        {"address":"aws_ebs_volume.x","mode":"managed","type":"aws_ebs_volume","name":"x",
         "values":{"kms_key_id":"arn:aws:kms:eu-west-1:1:key/k"}}]}}})";
    const auto read = terraform::ReadDocumentFromMemory(state, "state.json", Interest::Everything());
    ASSERT_TRUE(read.ok());
    const World world(*read, Side::kAfter);
    const ResourceInstance& volume = *world.At("aws_ebs_volume.x");
    EXPECT_EQ(ClassifyKey(Subject{volume, volume.after, world, {}}, "kms_key_id", DefaultKey::kAwsManaged).owner,
              owner);
  }
}

}  // namespace
}  // namespace tfseal

// What states say: shown, raw version 4, and raw version 3.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "terraform/read.h"

namespace tfseal::terraform {
namespace {

using ::testing::ElementsAre;

Document Read(const std::string& json, const Interest& interest = Interest::Everything()) {
  Result<Document> document = ReadDocumentFromMemory(json, "state.json", interest);
  if (!document.ok()) {
    ADD_FAILURE() << document.error().message;
    return {};
  }
  return std::move(document).value();
}

TEST(RawState, GivesEveryInstance) {
  const Document document = Read(
      R"({"version":4,"terraform_version":"1.11.4","serial":18446744073709551615,"lineage":"l","outputs":{},"resources":[)"
      R"({"mode":"data","type":"aws_region","name":"r","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{}]},)"
      R"({"module":"module.m[\"a.b\"]","mode":"managed","type":"aws_db_instance","name":"d","each":"map",)"
      R"("provider":"provider[\"registry.terraform.io/hashicorp/aws\"].west","instances":[)"
      R"({"index_key":"x\"y","schema_version":2,"attributes":{"password":"CANARY","port":5432,"list":[{"a":"CANARY"}]},)"
      R"("sensitive_attributes":[[{"type":"get_attr","value":"password"}],)"
      R"([{"type":"get_attr","value":"list"},{"type":"index","value":{"value":0,"type":"number"}},{"type":"get_attr","value":"a"}]],)"
      R"("dependencies":["aws_kms_key.k"]},)"
      R"({"index_key":"z","status":"tainted","deposed":"ab12","attributes":{}}]}]})");
  EXPECT_EQ(document.kind, DocumentKind::kState);
  EXPECT_EQ(document.state_version, 4);
  EXPECT_EQ(document.serial, UINT64_MAX);
  EXPECT_EQ(document.lineage, "l");
  EXPECT_EQ(document.data_sources, 1U);
  ASSERT_EQ(document.resources.size(), 2U);
  const ResourceInstance& database = document.resources[0];
  EXPECT_EQ(database.address, R"(module.m["a.b"].aws_db_instance.d["x\"y"])");
  EXPECT_EQ(database.provider_name, "registry.terraform.io/hashicorp/aws");
  EXPECT_THAT(database.rare->depends_on, ElementsAre("aws_kms_key.k"));
  EXPECT_TRUE(database.after.Get("password").sensitive());
  EXPECT_TRUE(database.after.At("list[0].a").sensitive());
  EXPECT_FALSE(database.after.Get("port").sensitive());
  EXPECT_TRUE(database.before.absent());
  EXPECT_TRUE(document.resources[1].tainted);
  EXPECT_EQ(document.resources[1].rare->deposed, "ab12");
}

TEST(ShownState, GivesEveryModule) {
  const Document document = Read(
      R"({"format_version":"1.0","terraform_version":"1.11.4","values":{"outputs":{},"root_module":{"resources":[)"
      R"({"address":"aws_kms_key.k","mode":"managed","type":"aws_kms_key","name":"k","schema_version":0,)"
      R"("values":{"arn":"a","secret":"CANARY"},"sensitive_values":{"secret":true}}],"child_modules":[{"resources":[)"
      R"({"address":"module.m.aws_kms_key.k[0]","mode":"managed","type":"aws_kms_key","name":"k","index":0,"values":{},)"
      R"("tainted":true,"deposed_key":"cd34","depends_on":["aws_kms_key.k"]}],"address":"module.m"}]}}})");
  EXPECT_EQ(document.kind, DocumentKind::kState);
  ASSERT_EQ(document.resources.size(), 2U);
  EXPECT_TRUE(document.resources[0].after.Get("secret").sensitive());
  EXPECT_FALSE(document.resources[0].after.Get("arn").sensitive());
  EXPECT_EQ(document.resources[1].module_address(), "module.m");
  EXPECT_TRUE(document.resources[1].tainted);
  EXPECT_EQ(document.resources[1].rare->deposed, "cd34");
}

TEST(ShownState, WithoutAnythingIsEmptyAndSaysSo) {
  const Document document = Read(R"({"format_version":"1.0"})");
  EXPECT_EQ(document.kind, DocumentKind::kState);
  EXPECT_TRUE(document.resources.empty());
  EXPECT_FALSE(document.notes.empty());
}

TEST(LegacyState, IsReadInTheShapeOfToday) {
  const Document document = Read(
      R"({"version":3,"terraform_version":"0.11.13","serial":1,"lineage":"l","modules":[{"path":["root"],"outputs":{},"resources":{)"
      R"("aws_instance.web.1":{"type":"aws_instance","depends_on":["aws_kms_key.k"],"primary":{"id":"i-1","attributes":{)"
      R"("root_block_device.#":"1","root_block_device.0.encrypted":"true","ebs_block_device.#":"2",)"
      R"("ebs_block_device.98.encrypted":"false","ebs_block_device.7.encrypted":"true",)"
      R"("tags.%":"1","tags.kubernetes.io/role":"db"},"tainted":true},"deposed":[{"id":"i-0","attributes":{}}],"provider":"provider.aws.west"},)"
      R"("data.aws_ami.a":{"type":"aws_ami","primary":{}}}},)"
      R"({"path":["root","a","b"],"resources":{"aws_kms_key.k":{"type":"aws_kms_key","primary":{"attributes":{"id":"x"}}}}}]})");
  EXPECT_EQ(document.state_version, 3);
  EXPECT_EQ(document.data_sources, 1U);
  ASSERT_EQ(document.resources.size(), 3U);
  const ResourceInstance& web = document.resources[0];
  EXPECT_EQ(web.address, "aws_instance.web[1]");
  EXPECT_EQ(web.provider_name, "aws");
  EXPECT_TRUE(web.flatmap);
  EXPECT_TRUE(web.tainted);
  EXPECT_EQ(web.after.At("root_block_device[0].encrypted").text(), "true");
  EXPECT_EQ(web.after.At("ebs_block_device[0].encrypted").text(), "true") << "a set is ordered by its hashes";
  EXPECT_EQ(web.after.At("ebs_block_device[1].encrypted").text(), "false");
  EXPECT_EQ(web.after.Get("tags").Get("kubernetes.io/role").text(), "db");
  EXPECT_FALSE(document.resources[1].rare->deposed.empty());
  EXPECT_EQ(document.resources[2].address, "module.a.module.b.aws_kms_key.k");
}

}  // namespace
}  // namespace tfseal::terraform

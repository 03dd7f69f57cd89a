// What a plan says, typed: actions, states before and after with their masks, and the configuration.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "terraform/read.h"

namespace tfseal::terraform {
namespace {

using ::testing::ElementsAre;

Document Read(const std::string& json, const Interest& interest = Interest::Everything()) {
  Result<Document> document = ReadDocumentFromMemory(json, "plan.json", interest);
  if (!document.ok()) {
    ADD_FAILURE() << document.error().message;
    return {};
  }
  return std::move(document).value();
}

std::string WithChanges(const std::string& changes) {
  return R"({"format_version":"1.2","resource_changes":[)" + changes + "]}";
}

std::string Cluster(const std::string& change) {
  return WithChanges(
      R"({"address":"aws_rds_cluster.c","mode":"managed","type":"aws_rds_cluster","name":"c","change":{)" + change +
      "}}");
}

Value After(const std::string& after, const std::string& unknown, const std::string& sensitive, Document& document) {
  document = Read(Cluster(R"("actions":["update"],"before":{},"after":)" + after + ",\"after_unknown\":" + unknown +
                          ",\"after_sensitive\":" + sensitive));
  return document.resources.empty() ? Value() : document.resources[0].after;
}

TEST(Actions, AreMembersOfAList) {
  struct Case {
    const char* list;
    bool create, destroy, forget, create_first;
  };
  for (const Case& c :
       {Case{R"(["create"])", true, false, false, false}, Case{R"(["delete"])", false, true, false, false},
        Case{R"(["delete","create"])", true, true, false, false},
        Case{R"(["create","delete"])", true, true, false, true}, Case{R"(["forget"])", false, false, true, false},
        Case{R"(["create","forget"])", true, false, true, false}}) {
    SCOPED_TRACE(c.list);
    const Document document = Read(Cluster(std::string(R"("after":{},"actions":)") + c.list));
    ASSERT_EQ(document.resources.size(), 1U);
    const Actions& actions = document.resources[0].actions;
    EXPECT_EQ(actions.create, c.create);
    EXPECT_EQ(actions.destroy, c.destroy);
    EXPECT_EQ(actions.forget, c.forget);
    EXPECT_EQ(actions.create_first, c.create_first);
    EXPECT_EQ(actions.replaces(), c.create && c.destroy);
  }
}

TEST(UnknownMask, ReachesEveryLeaf) {
  Document document;
  const Value after = After(
      R"({"engine":"aurora","tags":{"a":"b"},"rule":[{"id":"r","days":null},{"id":"s"}],"cidrs":["10.0.0.0/8",null],"off":null})",
      R"({"arn":true,"engine":false,"tags":{"c":true},"rule":[{"days":true},{"id":false,"arn":true},{"id":true}],)"
      R"("cidrs":[false,true],"off":{},"block":[{"arn":true,"name":false}],"whole":true})",
      "{}", document);
  EXPECT_TRUE(after.Get("arn").unknown());
  EXPECT_EQ(after.Get("engine").text(), "aurora");
  EXPECT_EQ(after.At("tags.a").text(), "b");
  EXPECT_TRUE(after.At("tags.c").unknown());
  EXPECT_TRUE(after.At("rule[0].days").unknown());
  EXPECT_EQ(after.At("rule[0].id").text(), "r");
  EXPECT_TRUE(after.At("rule[1].arn").unknown());
  EXPECT_TRUE(after.At("rule[2].id").unknown());
  EXPECT_EQ(after.At("cidrs[0]").text(), "10.0.0.0/8");
  EXPECT_TRUE(after.At("cidrs[1]").unknown());
  EXPECT_TRUE(after.Get("off").null());
  EXPECT_TRUE(after.At("block[0].arn").unknown());
  EXPECT_TRUE(after.At("block[0].name").absent());
  EXPECT_TRUE(after.Get("whole").unknown());
  EXPECT_TRUE(after.Get("nothing").absent());
}

TEST(UnknownMask, OverTheWholeObject) {
  Document document;
  EXPECT_TRUE(After("null", "true", "{}", document).unknown());
  EXPECT_TRUE(After(R"({"engine":"aurora"})", "true", "{}", document).Get("engine").unknown());
}

TEST(UnknownMask, OfAnotherShapeMeansNothingIsCertain) {
  Document document;
  EXPECT_TRUE(
      After(R"({"kms_key_id":"arn"})", R"({"kms_key_id":{"a":true}})", "{}", document).Get("kms_key_id").unknown());
}

TEST(SensitiveMask, ReachesEveryLeaf) {
  Document document;
  const Value after = After(R"({"password":"CANARY","env":[{"k":"CANARY","n":"x"}],"all":{"a":["CANARY"]},"open":1})",
                            "{}", R"({"password":true,"env":[{"k":true}],"all":true,"open":false})", document);
  EXPECT_TRUE(after.Get("password").sensitive());
  EXPECT_TRUE(after.At("env[0].k").sensitive());
  EXPECT_FALSE(after.At("env[0].n").sensitive());
  EXPECT_TRUE(after.At("all.a[0]").sensitive());
  EXPECT_FALSE(after.Get("open").sensitive());
  EXPECT_TRUE(After(R"({"a":{"b":"CANARY"}})", "{}", "true", document).At("a.b").sensitive());
}

TEST(SensitiveMask, OfAnotherShapeMarksEverything) {
  Document document;
  EXPECT_TRUE(After(R"({"a":"CANARY"})", "{}", R"({"a":[true]})", document).Get("a").sensitive());
}

// The same change with its members in any order, also masks before values and `type` after `change`.
TEST(OrderOfKeys, DoesNotMatter) {
  const std::string before = R"("before":{"storage_encrypted":false,"password":"CANARY"})";
  const std::string after = R"("after":{"storage_encrypted":true,"password":"CANARY"})";
  const std::string masks =
      R"("after_unknown":{"arn":true},"after_sensitive":{"password":true},"before_sensitive":{"password":true})";
  const std::string rest = R"("replace_paths":[["storage_encrypted"]],"actions":["delete","create"])";
  const std::string head =
      R"("address":"module.a.aws_rds_cluster.c[0]","mode":"managed","type":"aws_rds_cluster","name":"c","index":0)";
  const auto entry = [&](const std::string& first, const std::string& change, const std::string& last) {
    return "{" + first + (first.empty() ? "" : ",") + "\"change\":{" + change + "}" + (last.empty() ? "" : ",") + last +
           "}";
  };
  for (const std::string& change : {entry(head, before + "," + after + "," + masks + "," + rest, ""),
                                    entry("", masks + "," + rest + "," + after + "," + before, head),
                                    entry("", rest + "," + masks + "," + before + "," + after, head)}) {
    for (const std::string& json : {R"({"format_version":"1.2","resource_changes":[)" + change + "]}",
                                    R"({"resource_changes":[)" + change + R"(],"format_version":"1.2"})"}) {
      SCOPED_TRACE(json);
      const Document document =
          Read(json, Interest::Only({"aws_rds_cluster"}, {"storage_encrypted", "password", "arn"}));
      ASSERT_EQ(document.resources.size(), 1U);
      const ResourceInstance& cluster = document.resources[0];
      EXPECT_TRUE(cluster.actions.replaces());
      EXPECT_EQ(cluster.before.Get("storage_encrypted").AsBool(), false);
      EXPECT_EQ(cluster.after.Get("storage_encrypted").AsBool(), true);
      EXPECT_TRUE(cluster.after.Get("arn").unknown());
      EXPECT_TRUE(cluster.before.Get("password").sensitive());
      EXPECT_TRUE(cluster.after.Get("password").sensitive());
      EXPECT_THAT(cluster.rare->replace_paths, ElementsAre("storage_encrypted"));
    }
  }
}

TEST(Change, KeepsEverythingThatIdentifiesIt) {
  const Document document = Read(WithChanges(
      R"({"address":"module.m[\"a.b\"].aws_kms_key.k[\"x\"]","module_address":"module.m[\"a.b\"]","mode":"managed",)"
      R"("type":"aws_kms_key","name":"k","index":"x","provider_name":"registry.terraform.io/hashicorp/aws",)"
      R"("deposed":"ab12","previous_address":"aws_kms_key.old","action_reason":"delete_because_no_module",)"
      R"("change":{"actions":["delete"],"before":{"id":"1"},"after":null,"importing":{"id":"1"},)"
      R"("replace_paths":[["b",0,"c"],["a"]]}})"));
  ASSERT_EQ(document.resources.size(), 1U);
  const ResourceInstance& key = document.resources[0];
  EXPECT_EQ(key.address, R"(module.m["a.b"].aws_kms_key.k["x"])");
  EXPECT_EQ(key.module_address(), R"(module.m["a.b"])");
  EXPECT_EQ(key.type, "aws_kms_key");
  EXPECT_EQ(key.provider_name, "registry.terraform.io/hashicorp/aws");
  EXPECT_EQ(key.rare->deposed, "ab12");
  EXPECT_EQ(key.rare->previous_address, "aws_kms_key.old");
  EXPECT_EQ(key.rare->action_reason, "delete_because_no_module");
  EXPECT_TRUE(key.importing);
  EXPECT_THAT(key.rare->replace_paths, ElementsAre("a", "b[0].c"));
  EXPECT_TRUE(key.has_before());
  EXPECT_FALSE(key.has_after());
}

TEST(NoOp, SharesWhatStaysTheSame) {
  const Document document = Read(
      Cluster(R"("actions":["no-op"],"before":{"engine":"aurora"},"after":{"engine":"aurora"},"after_unknown":{})"));
  ASSERT_EQ(document.resources.size(), 1U);
  EXPECT_TRUE(document.resources[0].before.SameAs(document.resources[0].after));
  EXPECT_TRUE(document.resources[0].before.IsSameObject(document.resources[0].after));
}

TEST(PlanLevel, SaysOnlyWhatTheDocumentSays) {
  const Document silent = Read(R"({"format_version":"1.2","resource_changes":[]})");
  EXPECT_EQ(silent.errored, std::nullopt);
  EXPECT_EQ(silent.complete, std::nullopt);
  EXPECT_EQ(silent.applyable, std::nullopt);
  EXPECT_FALSE(silent.resource_changes_present) << "as where a plan only refreshes";
  const Document errored = Read(
      R"({"format_version":"1.2","errored":true,"complete":false,"applyable":false,"timestamp":"2026-01-01T00:00:00Z",)"
      R"("deferred_changes":[{"reason":"x"},{"reason":"y"}],)"
      R"("checks":[{"address":{"to_display":"check.a"},"status":"fail"},{"address":{"to_display":"check.b"},"status":"pass"}]})");
  EXPECT_EQ(errored.errored, true);
  EXPECT_EQ(errored.complete, false);
  EXPECT_EQ(errored.applyable, false);
  EXPECT_EQ(errored.timestamp, "2026-01-01T00:00:00Z");
  EXPECT_EQ(errored.deferred_changes, 2U);
  EXPECT_THAT(errored.failed_checks, ElementsAre("check.a"));
  EXPECT_FALSE(errored.resource_changes_present);
}

TEST(DataSources, AreCountedAndTheirLateReadsNamed) {
  const Document document = Read(WithChanges(
      R"({"address":"data.aws_kms_key.k","mode":"data","type":"aws_kms_key","name":"k","change":{"actions":["read"]}})"));
  EXPECT_TRUE(document.resources.empty());
  EXPECT_EQ(document.data_sources, 1U);
  EXPECT_THAT(document.deferred_reads, ElementsAre("data.aws_kms_key.k"));
}

TEST(Drift, IsKeptApart) {
  const Document document = Read(
      R"({"format_version":"0.2","resource_changes":[],"resource_drift":[{"mode":"managed","type":"aws_kms_key","name":"k",)"
      R"("module_address":"module.m","index":1,"change":{"actions":["update"],"before":{"a":1},"after":{"a":2}}}]})");
  EXPECT_TRUE(document.resources.empty());
  ASSERT_EQ(document.drift.size(), 1U);
  EXPECT_EQ(document.drift[0].address, "module.m.aws_kms_key.k[1]") << "Terraform 1.0 wrote no address there";
}

TEST(RefreshOnly, KeepsThePriorStateAndWhatIsPlanned) {
  const std::string resource =
      R"({"address":"aws_kms_key.k","mode":"managed","type":"aws_kms_key","name":"k","values":{"enable_key_rotation":true}})";
  const std::string values = R"({"root_module":{"resources":[)" + resource + "]}}";
  const std::string prior = R"("prior_state":{"format_version":"1.0","values":)" + values + "}";
  const Document refresh = Read(R"({"format_version":"1.2","planned_values":)" + values + "," + prior + "}");
  ASSERT_EQ(refresh.prior.size(), 1U);
  EXPECT_EQ(refresh.prior[0].after.Get("enable_key_rotation").AsBool(), true);
  ASSERT_EQ(refresh.resources.size(), 1U);
  EXPECT_TRUE(refresh.resources[0].planned_values_only);
  const std::string change = R"("resource_changes":[{"address":"aws_kms_key.k","change":{"actions":["no-op"]}}])";
  for (const std::string& json :
       {R"({"format_version":"1.2",)" + change + "," + prior + ",\"planned_values\":" + values + "}",
        R"({"format_version":"1.2","planned_values":)" + values + "," + prior + "," + change + "}"}) {
    const Document plan = Read(json);
    EXPECT_TRUE(plan.prior.empty());
    ASSERT_EQ(plan.resources.size(), 1U) << json;
    EXPECT_FALSE(plan.resources[0].planned_values_only);
  }
}

TEST(PlannedValues, CompleteTheAddressesOfTerraform012) {
  const Document document = Read(
      R"({"format_version":"0.1","planned_values":{"root_module":{"child_modules":[{"resources":[)"
      R"({"address":"aws_kms_key.k","mode":"managed","type":"aws_kms_key","name":"k","index":0,"values":{}},)"
      R"({"address":"aws_kms_key.k","mode":"managed","type":"aws_kms_key","name":"k","index":1,"values":{}}],)"
      R"("address":"module.m"}]}},"resource_changes":[{"address":"module.m.aws_kms_key.k[0]","change":{"actions":["create"],"after":{}}}]})");
  ASSERT_EQ(document.resources.size(), 2U);
  EXPECT_EQ(document.resources[1].address, "module.m.aws_kms_key.k[1]");
  EXPECT_TRUE(document.resources[1].planned_values_only);
}

TEST(Interest, LeavesOutTheDigestOnlyIfToldSo) {
  const std::string json = WithChanges("");
  EXPECT_EQ(Read(json).sha256.size(), 64U);
  EXPECT_EQ(Read(json, Interest::Only({}, {})).sha256, Read(json).sha256);
  EXPECT_EQ(Read(json, Interest::Everything().WithoutDigest()).sha256, "");
}

TEST(Interest, KeepsOnlyWhatIsAskedFor) {
  const Document document =
      Read(WithChanges(R"({"address":"aws_subnet.s","type":"aws_subnet","name":"s","change":{"actions":["delete"]}},)"
                       R"({"address":"aws_kms_key.k","type":"aws_kms_key","name":"k","change":{"actions":["create"],)"
                       R"("after":{"arn":"x","policy":"{\"a\":1}"},"after_unknown":{"id":true,"key_id":true}}})"),
           Interest::Only({"aws_kms_key"}, {"arn", "key_id"}));
  EXPECT_EQ(document.resources_seen, 2U);
  ASSERT_EQ(document.resources.size(), 1U);
  const Value& after = document.resources[0].after;
  EXPECT_EQ(after.members().size(), 3U);
  EXPECT_EQ(after.Get("arn").text(), "x");
  EXPECT_TRUE(after.Get("key_id").unknown());
  EXPECT_TRUE(after.Get("id").unknown()) << "what is unknown is kept whatever was asked for";
  EXPECT_THAT(document.resources[0].left_out_after, ElementsAre("policy"));
}

std::string Keys(std::initializer_list<const char*> afters) {
  std::string changes;
  for (const char* after : afters) {
    changes += (changes.empty() ? "" : ",") + std::string(R"({"address":"aws_kms_key.k)") +
               std::to_string(changes.size()) + R"(","type":"aws_kms_key","change":{"actions":["create"],"after":)" +
               after + "}}";
  }
  return WithChanges(changes);
}

bool Keeps(std::string_view type, std::string_view attribute) {
  return type == "aws_kms_key" && attribute != "policy";
}

TEST(Interest, ByTypeKeepsWhatTheRuleSaysWhateverTheObjectsLookLike) {
  const Interest interest =
      Interest::Only({"aws_kms_key", "aws_rds_cluster"}, {"arn", "key_id", "policy", "zone"}).ByType(Keeps);
  const Document document =
      Read(Keys({R"({"arn":"a","description":"d","key_id":"k","policy":"p"})", R"({"arn":"b","key_id":"l"})",
                 R"({"arn":"c","deletion":7,"key_id":"m","policy":"q","zone":"z"})", R"({})",
                 R"({"zone":"y","key_id":"n","arn":"d","policy":"r"})", R"({ "arn" : "e", "policy" : "s" })",
                 R"({"\u0061rn":"f","policy":"t"})", R"({"arn":"g","description":"d","key_id":"o","policy":"u"})"}),
           interest);
  ASSERT_EQ(document.resources.size(), 8U);
  const auto arn = [&](std::size_t i) { return document.resources[i].after.Get("arn").text(); };
  const std::string_view arns[] = {"a", "b", "c", "", "d", "e", "f", "g"};
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(arn(i), arns[i]) << i;
    EXPECT_TRUE(document.resources[i].after.Get("policy").absent()) << i;
  }
  EXPECT_THAT(document.resources[0].left_out_after, ElementsAre("description", "policy"));
  EXPECT_TRUE(document.resources[1].left_out_after.empty());
  EXPECT_EQ(document.resources[2].left_out_after.size(), 2U);
  EXPECT_EQ(document.resources[2].after.Get("zone").text(), "z");
  EXPECT_TRUE(document.resources[3].after.is_map());
  EXPECT_EQ(document.resources[4].after.Get("key_id").text(), "n");
  EXPECT_THAT(document.resources[5].left_out_after, ElementsAre("policy"));
  EXPECT_EQ(document.resources[7].after.Get("key_id").text(), "o");
}

TEST(Interest, AKeyThatComesTwiceIsRefusedAlsoIfNobodyAsksForIt) {
  const Interest interest = Interest::Only({"aws_kms_key"}, {"arn"});
  const char* const kOrdinary = R"({"arn":"a","policy":"p","zone":"z"})";
  for (const char* twice :
       {R"({"arn":"a","arn":"b"})", R"({"policy":"p","policy":"q"})", R"({"zone":"z","arn":"a","zone":"y"})",
        R"({"arn":"a","policy":"p","\u0061rn":"c"})", R"({"new":1,"arn":"a","new":2})"}) {
    EXPECT_FALSE(ReadDocumentFromMemory(Keys({twice}), "plan.json", interest).ok()) << twice;
    EXPECT_FALSE(ReadDocumentFromMemory(Keys({kOrdinary, kOrdinary, twice}), "plan.json", interest).ok()) << twice;
  }
}

TEST(Configuration, IsFlattenedByAttributePath) {
  const Document document = Read(
      R"({"format_version":"1.2","configuration":{"provider_config":{"aws.west":{"name":"aws","full_name":"r/hashicorp/aws",)"
      R"("alias":"west","version_constraint":"~> 5.0","expressions":{"region":{"constant_value":"us-west-2"}}}},)"
      R"("root_module":{"outputs":{"o":{"expression":{"references":["aws_kms_key.k.arn","aws_kms_key.k"]}}},)"
      R"("resources":[{"address":"aws_s3_bucket.b","mode":"managed","type":"aws_s3_bucket","name":"b",)"
      R"("provider_config_key":"aws.west","count_expression":{"constant_value":2},"expressions":{"rule":[{"id":{"constant_value":"x"},)"
      R"("nested":[{"kms":{"references":["var.k"]}}]}],"now":{}}}],)"
      R"("module_calls":{"m":{"source":"./m","expressions":{"key":{"references":["aws_kms_key.k.arn"]}},)"
      R"("for_each_expression":{"references":["var.all"]},"module":{"resources":[{"address":"data.aws_kms_alias.a","mode":"data",)"
      R"("type":"aws_kms_alias","name":"a","expressions":{"name":{"constant_value":"alias/x"}}}]}}}}}})");
  ASSERT_TRUE(document.configuration.present);
  const ProviderConfiguration& provider = document.configuration.providers.at("aws.west");
  EXPECT_EQ(provider.alias, "west");
  EXPECT_EQ(provider.version_constraint, "~> 5.0");
  EXPECT_EQ(provider.expressions.at("region").constant.text(), "us-west-2");
  const ModuleConfiguration& root = document.configuration.root;
  EXPECT_THAT(root.outputs.at("o").references, ElementsAre("aws_kms_key.k.arn", "aws_kms_key.k"));
  const ResourceConfiguration& bucket = root.resources.at("aws_s3_bucket.b");
  EXPECT_EQ(bucket.provider_config_key, "aws.west");
  EXPECT_EQ(bucket.count.constant.text(), "2");
  EXPECT_EQ(bucket.expressions.at("rule[0].id").constant.text(), "x");
  EXPECT_THAT(bucket.expressions.at("rule[0].nested[0].kms").references, ElementsAre("var.k"));
  EXPECT_TRUE(bucket.expressions.at("now").constant.absent());
  const ModuleCall& call = root.calls.at("m");
  EXPECT_EQ(call.source, "./m");
  EXPECT_THAT(call.arguments.at("key").references, ElementsAre("aws_kms_key.k.arn"));
  EXPECT_THAT(call.for_each.references, ElementsAre("var.all"));
  ASSERT_FALSE(call.module.empty());
  const ResourceConfiguration& data = call.module.front().resources.at("data.aws_kms_alias.a");
  EXPECT_TRUE(data.data_source);
  EXPECT_EQ(data.expressions.at("name").constant.text(), "alias/x");
}

// What is left out still tells who uses what.
TEST(Configuration, KeepsTheReferencesOfWhatIsLeftOut) {
  const std::string json =
      R"({"format_version":"1.2","configuration":{"root_module":{"resources":[)"
      R"({"address":"aws_sns_topic.t","mode":"managed","type":"aws_sns_topic","name":"t","expressions":)"
      R"({"kms_master_key_id":{"references":["aws_kms_key.k.arn","aws_kms_key.k"]},"name":{"constant_value":"x"},)"
      R"("block":[{"inner":{"references":["each.value","var.a","local.b"]}}]},)"
      R"("for_each_expression":{"references":["module.m.out","module.m"]}},)"
      R"({"address":"aws_kms_key.k","mode":"managed","type":"aws_kms_key","name":"k","expressions":)"
      R"({"arn":{"references":["var.kept"]},"tags":{"references":["var.tags"]}}}]}},)"
      R"("relevant_attributes":[{"resource":"module.m[0].aws_kms_key.k","attribute":["arn",0]},{"resource":"data.a.b",)"
      R"("attribute":[]}]})";
  const Document document = Read(json, Interest::Only({"aws_kms_key"}, {"arn"}));
  EXPECT_THAT(document.configuration.root.other_references,
              ElementsAre("aws_kms_key.k.arn", "module.m.out", "var.a", "var.tags"));
  EXPECT_TRUE(Read(json).configuration.root.other_references.empty());
  ASSERT_EQ(document.relevant_attributes.size(), 2U);
  EXPECT_EQ(document.relevant_attributes[0].resource, "module.m[0].aws_kms_key.k");
  EXPECT_EQ(document.relevant_attributes[0].attribute, "arn");
  EXPECT_EQ(document.relevant_attributes[1].resource, "data.a.b");
  EXPECT_TRUE(document.relevant_attributes[1].attribute.empty());
}

TEST(FormatVersions, UpToOneAreRead) {
  for (const char* version : {"0.1", "0.2", "1.0", "1.1", "1.2", "1.99", "1"}) {
    const Document document = Read(std::string(R"({"format_version":")") + version + R"(","resource_changes":[]})");
    EXPECT_EQ(document.format_version, version);
    EXPECT_EQ(document.kind, DocumentKind::kPlan);
  }
}

}  // namespace
}  // namespace tfseal::terraform

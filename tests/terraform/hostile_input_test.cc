// What must never be read as a plan or a state: damage, ambiguity, and documents that are something else. Every refusal
// is one clear message.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "terraform/read.h"

namespace tfseal::terraform {
namespace {

using ::testing::HasSubstr;

// A plan of one encrypted cluster; `after` are its attributes, `inside` goes into the change entry, `top` to the end.
std::string Plan(const std::string& after, const std::string& inside = "", const std::string& top = "") {
  return R"({"format_version":"1.2","terraform_version":"1.11.4","resource_changes":[{)" + inside +
         R"("address":"aws_rds_cluster.c","mode":"managed","type":"aws_rds_cluster","name":"c",)"
         R"("change":{"actions":["create"],"before":null,"after":{)" +
         after + R"(},"after_unknown":{}}}],"configuration":{"root_module":{}})" + top + "}";
}

// A raw state and a shown one of a resource k with `inside`.
std::string State(const std::string& inside) {
  return R"({"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x","outputs":{},"resources":[{"mode":)"
         R"("managed","name":"k","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]",)" +
         inside + "}]}";
}

std::string Shown(const std::string& inside) {
  return R"({"format_version":"1.0","values":{"root_module":{"resources":[{"address":"aws_kms_key.k","mode":"managed",)"
         R"("name":"k",)" +
         inside + "}]}}}";
}

std::string Repeat(const std::string& text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) repeated += text;
  return repeated;
}

struct Refusal {
  std::string name;
  std::string bytes;
  std::string message;  // part of it
};

class HostileInput : public ::testing::TestWithParam<Refusal> {};

TEST_P(HostileInput, IsRefusedWithTheReason) {
  const auto document = ReadDocumentFromMemory(GetParam().bytes, "plan.json", Interest::Everything());
  ASSERT_FALSE(document.ok()) << document->resources.size() << " resources were read";
  const Error& error = document.error();
  EXPECT_THAT(error.message, HasSubstr(GetParam().message));
  EXPECT_THAT(error.message, ::testing::StartsWith("plan.json: "));
  EXPECT_LT(error.message.size() + error.hint.size(), 500U);
  EXPECT_THAT(error.message, ::testing::Not(HasSubstr("CANARY")));
}

INSTANTIATE_TEST_SUITE_P(
    Damage, HostileInput,
    ::testing::Values(
        Refusal{"duplicate_attribute", Plan(R"("storage_encrypted":true,"storage_encrypted":false)"),
                "aws_rds_cluster.c says the same key twice"},
        Refusal{"duplicate_attribute_far_apart",
                Plan(R"("z":1,"storage_encrypted":true,"a":2,"storage_encrypted":false)"), "says the same key twice"},
        Refusal{"duplicate_escaped_attribute", Plan(R"("storage_encrypted":true,"storage\u005fencrypted":false)"),
                "says the same key twice"},
        Refusal{"second_resource_changes", Plan("", "", R"(,"resource_changes":[])"), "for the second time"},
        Refusal{"second_resource_changes_escaped", Plan("", "", R"(,"resource\u005fchanges":[])"),
                "for the second time"},
        Refusal{"second_change", Plan("", R"("change":{"actions":["no-op"]},)"), "says the same key twice"},
        Refusal{"second_type", Plan("", R"("type":"aws_subnet",)"), "says the same key twice"},
        Refusal{"brackets_mixed_up_in_a_skipped_section", Plan("", "", R"(,"variables":{"a":[{"b":1]}})"),
                "a bracket closes that was not opened"},
        Refusal{"bracket_missing_in_a_skipped_section", Plan("", "", R"(,"variables":{"a":[{"b":1})"),
                "a bracket closes that was not opened"},
        Refusal{"bad_grammar_in_a_change", Plan(R"("a":[1,,2])"), "a value is missing"},
        Refusal{"comma_missing_in_a_change", Plan(R"("a":1 "b":2)"), "a comma is missing"},
        Refusal{"colon_missing_in_a_change", Plan(R"("a" 1)"), "a colon is missing"},
        Refusal{"trailing_comma", Plan(R"("a":1,)"), "a key is missing"},
        Refusal{"comment", Plan("/* encrypted */"), "where only blanks may be"},
        Refusal{"text_after_the_document", Plan("") + "\nSuccess!", "text after the end of the document"},
        Refusal{"second_document", Plan("") + Plan(""), "text after the end of the document"},
        Refusal{"cut_off", Plan("").substr(0, 150), "is cut off"},
        Refusal{"cut_off_at_the_last_byte", Plan("").substr(0, Plan("").size() - 1), "is cut off"},
        Refusal{"not_a_number", Plan(R"("backup_retention_period":NaN)"), "not a JSON value"},
        Refusal{"number_with_leading_zero", Plan(R"("backup_retention_period":07)"), "not a JSON value"},
        Refusal{"invalid_utf8", Plan("\"engine\":\"aurora\xFF\""), "is not valid UTF-8 at byte"},
        Refusal{"invalid_utf8_in_a_skipped_section", Plan("", "", ",\"variables\":{\"a\":\"\xC0\xAF\"}"),
                "is not valid UTF-8"},
        Refusal{"half_a_character_at_the_end", Plan("") + "\xE2\x82", "text after the end"},
        Refusal{"lone_surrogate", Plan(R"("engine":"\ud800")"), "aws_rds_cluster.c half a surrogate pair"},
        Refusal{"unknown_escape", Plan(R"("engine":"\x")"), "an escape that JSON does not know"},
        Refusal{"backslash_outside_of_strings", Plan("", "", R"(,"variables":{"a":[\"]"]})"),
                "a backslash outside of one"},
        Refusal{"line_break_in_a_string", Plan("\"engine\":\"a\nb\""), "control character"},
        Refusal{"200000_nested_lists", Plan("\"a\":" + Repeat("[", 200000) + Repeat("]", 200000)), "deeper than 512"},
        Refusal{"200000_nested_objects_skipped", Plan("", "", ",\"variables\":" + Repeat("{\"a\":", 200000)),
                "deeper than 512"},
        Refusal{"200000_nested_modules",
                R"({"format_version":"1.2","configuration":{"root_module":)" +
                    Repeat(R"({"module_calls":{"a":{"module":)", 200000),
                "deeper than 512"},
        Refusal{
            "change_without_actions",
            R"({"format_version":"1.2","resource_changes":[{"address":"aws_kms_key.k","type":"aws_kms_key","change":{}}]})",
            "a change without actions"},
        Refusal{
            "unknown_action",
            R"({"format_version":"1.2","resource_changes":[{"address":"aws_kms_key.k","change":{"actions":["evict"]}}]})",
            "an action that this version does not know"},
        Refusal{"creation_of_nothing",
                R"({"format_version":"1.2","resource_changes":[{"address":"aws_kms_key.k","change":{"actions":)"
                R"(["create"],"before":null,"after":null,"after_unknown":{}}}]})",
                "aws_kms_key.k has a change without what is there"},
        Refusal{"replacement_by_a_text",
                R"({"format_version":"1.2","resource_changes":[{"address":"aws_kms_key.k","change":{"actions":)"
                R"(["delete","create"],"before":{},"after":"CANARY"}}]})",
                "aws_kms_key.k has a change without what is there"},
        Refusal{"update_of_nothing",
                R"({"format_version":"1.2","resource_changes":[{"address":"aws_kms_key.k","change":{"actions":)"
                R"(["update"],"before":null,"after":{}}}]})",
                "aws_kms_key.k has a change without what is there"},
        Refusal{"damaged_key_at_the_top", R"({"format_version":"1.2","resource_chances":[],"configuration":{}})",
                "has a wrong letter"},
        Refusal{"damaged_mode", Plan("", R"("module_address":"","modf":"data",)"), "has a wrong letter"},
        Refusal{"address_of_another_type",
                R"({"format_version":"1.2","resource_changes":[{"address":"aws_kms_key.k","type":"aws_kms_alias",)"
                R"("name":"k","change":{"actions":["delete"]}}]})",
                "does not fit its own mode, type and name"},
        Refusal{"changes_are_no_list", R"({"format_version":"1.2","resource_changes":{"a":1}})",
                "where a list belongs"},
        Refusal{"a_change_is_no_object", R"({"format_version":"1.2","resource_changes":["CANARY"]})",
                "where an object belongs"}),
    [](const auto& param_info) { return param_info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    OtherDocuments, HostileInput,
    ::testing::Values(
        Refusal{"empty_file", "", "is empty"},  //
        Refusal{"only_blanks", " \n\n ", "nothing but blanks"},
        Refusal{"binary_plan", std::string("PK\x03\x04\x14\x00\x08\x00", 8), "saved plan"},
        Refusal{"wrapper_lines", "[command]/usr/bin/terraform-bin show -json plan\n" + Plan(""), "wrapper"},
        Refusal{"text_before", "Acquiring state lock.\n" + Plan(""), "text before the document"},
        Refusal{"list", "[" + Plan("") + "]", "starts with `[`"},
        Refusal{"log", "{\"@level\":\"info\",\"@message\":\"CANARY\"}\n{\"@level\":\"info\"}\n",
                "the log of a command"},
        Refusal{"encrypted_state", R"({"serial":1,"lineage":"x","encrypted_data":"eA==","encryption_version":"v0"})",
                "encrypted by OpenTofu"},
        Refusal{"cloud_bookmark", R"({"remote_plan_format":1,"run_id":"run-1","hostname":"app.terraform.io"})",
                "a bookmark"},
        Refusal{"redacted_plan", R"({"provider_format_version":"1.0","provider_schemas":{},"resource_changes":[]})",
                "redacted"},
        Refusal{"validate_output", R"({"format_version":"1.0","valid":true,"error_count":0,"diagnostics":[]})",
                "validate"},
        Refusal{"providers_schema", R"({"format_version":"1.0","provider_schemas":{"aws":{}}})", "providers schema"},
        Refusal{"wrapped_plan", R"({"mock":{"tfplan":)" + Plan("") + "}}", "neither a plan nor a state"},
        Refusal{"empty_object", "{}", "neither a plan nor a state"},
        Refusal{"no_format_version", R"({"resource_changes":[]})", "no format_version"},
        Refusal{"format_version_2", R"({"format_version":"2.0","resource_changes":[]})", "format version 2.x"},
        Refusal{"format_version_no_version", R"({"format_version":"latest"})", "not a version"},
        Refusal{"state_without_resources", R"({"version":4,"serial":1,"lineage":"x"})",
                "without its list of resources"},
        Refusal{"state_of_no_list", R"({"version":4,"serial":1,"lineage":"x","resources":{}})",
                "without its list of resources"},
        Refusal{"state_without_instances", State(R"("type":"aws_kms_key","instances":null)"), "no list of instances"},
        Refusal{"state_without_a_type", State(R"("instances":[{"attributes":{}}])"), "has no type"},
        Refusal{"state_without_attributes", State(R"("type":"aws_kms_key","instances":[{"attributes":null}])"),
                "aws_kms_key.k has an instance without attributes"},
        Refusal{"state_of_an_empty_place", State(R"("type":"aws_kms_key","instances":[null])"),
                "aws_kms_key.k has an instance without attributes"},
        Refusal{"shown_state_without_values", Shown(R"("type":"aws_kms_key","values":null)"), "has no values"},
        Refusal{"shown_state_of_another_type", Shown(R"("type":"aws_sqs_queue","values":{})"),
                "aws_kms_key.k does not fit its own type and name"},
        Refusal{"state_v2", R"({"version":2,"serial":1,"modules":[]})", "a version that cannot be read"},
        Refusal{"state_v5", R"({"version":5,"lineage":"x","resources":[]})", "a version that cannot be read"}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(DamageReport, NamesTheByte) {
  const std::string plan = Plan("\"engine\":\"\xFF\"");
  const auto document = ReadDocumentFromMemory(plan, "plan.json", Interest::Everything());
  ASSERT_FALSE(document.ok());
  EXPECT_THAT(document.error().message, HasSubstr("at byte " + std::to_string(plan.find('\xFF'))));
}

TEST(TolerantReading, KeepsWhatItCannotJudgeAsText) {
  const std::string digits = "123456789012345678901234567890";
  const std::string plan = Plan("\"a\":" + digits + R"(,"b":1e999,"storage\u005fencrypted":true,"flag":"true")");
  const auto document = ReadDocumentFromMemory(plan, "plan.json", Interest::Everything());
  ASSERT_TRUE(document.ok()) << document.error().message;
  const Value& after = document->resources.at(0).after;
  EXPECT_EQ(after.Get("a").text(), digits);
  EXPECT_EQ(after.Get("b").text(), "1e999");
  EXPECT_EQ(after.Get("b").AsNumber(), std::nullopt);
  EXPECT_EQ(after.Get("storage_encrypted").AsBool(), true);
  EXPECT_EQ(after.Get("flag").kind(), ValueKind::kString);
}

TEST(TolerantReading, AcceptsBlanksAnywhere) {
  const std::string plan =
      "\n { \"format_version\" : \"1.2\" ,\r\n\t\"resource_changes\" : [ { \"address\" : \"aws_kms_key.k\" , "
      "\"change\" : "
      "{ \"actions\" : [ \"delete\" , \"create\" ] , \"after\" : { \"a\" : [ ] , \"b\" : { } , \"c\" : [ 1 , 2 ] } } } "
      "] } \n ";
  const auto document = ReadDocumentFromMemory(plan, "plan.json", Interest::Everything());
  ASSERT_TRUE(document.ok()) << document.error().message;
  const ResourceInstance& key = document->resources.at(0);
  EXPECT_TRUE(key.actions.replaces());
  EXPECT_FALSE(key.actions.create_first);
  EXPECT_TRUE(key.after.Get("a").is_list());
  EXPECT_TRUE(key.after.Get("b").is_map());
  EXPECT_EQ(key.after.At("c[1]").text(), "2");
}

}  // namespace
}  // namespace tfseal::terraform

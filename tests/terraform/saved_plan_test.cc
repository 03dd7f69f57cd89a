#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>

#include "core/file.h"
#include "terraform/json_source_locator.h"
#include "terraform/plan_file_zip.h"
#include "terraform/read.h"
#include "terraform/source_locator.h"
#include "tests/support/run_program.h"

namespace tfseal::terraform {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using tfseal::testing::TemporaryDirectory;

std::vector<std::string> Headers(std::string_view text) {
  std::vector<std::string> lines;
  for (const BlockHeader& header : FindResourceBlocks(text)) {
    lines.push_back(header.type + "." + header.name + ":" + std::to_string(header.line));
  }
  return lines;
}

TEST(SourceLocator, FindsTheHeadersOfResourceBlocks) {
  EXPECT_THAT(Headers("resource \"aws_kms_key\" \"k\" {\n}\nresource aws_s3_bucket b {}\n"),
              ElementsAre("aws_kms_key.k:1", "aws_s3_bucket.b:3"));
}

TEST(SourceLocator, StepsOverWhatOnlyLooksLikeOne) {
  for (const char* text : {
           "# resource \"a\" \"b\" {}\n// resource \"a\" \"b\" {}\n/* resource \"a\" \"b\" {\n} */\n",
           "locals { s = \"resource \\\"a\\\" \\\"b\\\" {\" }\n",
           "locals { s = \"${join(\"}\", [for r in var.x : \"resource \\\"a\\\" \\\"b\\\" {\"])}\" }\n",
           "locals {\n s = <<-EOT\n  resource \"a\" \"b\" {\n  EOT\n}\n",
           "locals {\n s = <<EOT\nEOT2\nresource \"a\" \"b\" {\nEOT\n}\n",
           "module \"m\" {\n  x = {\n resource \"a\" \"b\" {\n }\n }\n}\n",
           "data \"aws_kms_key\" \"k\" {}\n",
           "resource \"only_type\" {\n}\n",
       }) {
    const std::string followed = std::string(text) + "resource \"aws_kms_key\" \"real\" {\n}\n";
    const auto headers = Headers(followed);
    ASSERT_EQ(headers.size(), 1U) << text;
    EXPECT_THAT(headers[0], HasSubstr("aws_kms_key.real")) << text;
  }
}

TEST(SourceLocator, KnowsTheDynamicBlocksRightInAResource) {
  const ConfigurationBlocks found = FindBlocks(
      "resource \"a\" \"b\" {\n  dynamic \"one\" {\n    for_each = []\n    content {\n      dynamic \"inner\" {\n"
      "      }\n    }\n  }\n  dynamic = \"no\"\n  # dynamic \"comment\" {\n  dynamic two {\n  }\n}\n"
      "module \"m\" {\n  dynamic \"of_no_resource\" {}\n}\nresource \"a\" \"c\" {}\n");
  ASSERT_EQ(found.resources.size(), 2U);
  EXPECT_THAT(found.resources[0].dynamic_blocks, ElementsAre("one", "two"));
  EXPECT_THAT(found.resources[1].dynamic_blocks, IsEmpty());
  const ConfigurationBlocks json = FindJsonBlocks(
      R"({"resource": {"a": {"b": {"dynamic": {"one": {"for_each": [], "content": {"dynamic": {"inner": {}}}}}},
          "c": [{"dynamic": [{"two": [{}], "//": "tfseal:x"}, {"three": {}}]}], "d": {"dynamic": "no"}}}})");
  ASSERT_EQ(json.resources.size(), 3U);
  EXPECT_THAT(json.resources[0].dynamic_blocks, ElementsAre("one"));
  EXPECT_THAT(json.resources[1].dynamic_blocks, ElementsAre("two", "three"));
  EXPECT_THAT(json.resources[2].dynamic_blocks, IsEmpty());
}

TEST(SourceLocator, EndsOnAnyText) {
  const std::string text =
      "resource \"a\" \"b\" {\n x = \"${y[\"${z}\"]}\"\n h = <<-E\n E\n} /* */ # \nresource \"c\" \"d\" {";
  for (std::size_t i = 0; i <= text.size(); ++i) FindResourceBlocks(text.substr(0, i));
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "\"${";
  FindResourceBlocks(deep);
}

TEST(JsonSourceLocator, FindsBlocksAndWhatIsSaidInThem) {
  const ConfigurationBlocks found = FindJsonBlocks(
      "{\n\"//\": \"tfseal:stray\",\n\"resource\": {\"a\": {\"b\":\n{ \"//\": [\"tfseal:one\",\n\"no\"], \"c\": "
      "{\"//\": "
      "\"tfseal:\\u0074wo\"}}}},\n\"module\": {\"m\": {\"source\": \"./m\", \"//\": \"tfseal:three\"}}}");
  ASSERT_EQ(found.resources.size(), 1U);
  EXPECT_EQ(found.resources[0].type + "." + found.resources[0].name, "a.b");
  EXPECT_EQ(found.resources[0].line, 4);
  ASSERT_EQ(found.resources[0].comments.size(), 2U);
  EXPECT_EQ(found.resources[0].comments[0].text, "one");
  EXPECT_EQ(found.resources[0].comments[0].line, 4);
  EXPECT_EQ(found.resources[0].comments[1].text, "two");
  EXPECT_EQ(found.resources[0].comments[1].line, 5);
  ASSERT_EQ(found.modules.size(), 1U);
  EXPECT_EQ(found.modules[0].source, "./m");
  ASSERT_EQ(found.modules[0].comments.size(), 1U);
  ASSERT_EQ(found.strays.size(), 1U);
  EXPECT_EQ(found.strays[0].line, 2);
}

TEST(JsonSourceLocator, EndsOnAnyText) {
  const std::string text = R"({"resource":[{"a":{"b":[{"//":"tfseal:x\","n":-1}]}}],"module":{"m":{"source":"./m"}}})";
  for (std::size_t i = 0; i <= text.size(); ++i) {
    FindJsonBlocks(text.substr(0, i));
    FindJsonBlocks(text.substr(i));
  }
  for (const std::string_view piece : {"[", "{\"a\":", "{\"resource\":[", "\"", "\\"}) {
    std::string deep = "{\"resource\":";
    for (int i = 0; i < 100'000; ++i) deep += piece;
    FindJsonBlocks(deep);
  }
}

// --- zips, written without compression

std::uint32_t Crc(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

// Little-endian; fields longer than the value end in zeros.
void Append(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i, value >>= 8U) out += static_cast<char>(value & 0xFFU);
}

using Entries = std::vector<std::pair<std::string, std::string>>;

std::string Zip(const Entries& entries) {
  std::string body;
  std::string directory;
  const auto fields = [](std::string& out, const std::string& name, const std::string& content) {
    Append(out, 0, 8);  // flags, method, time, date
    Append(out, Crc(content), 4);
    Append(out, content.size(), 4);
    Append(out, content.size(), 4);
    Append(out, name.size(), 2);
    Append(out, 0, 2);
  };
  for (const auto& [name, content] : entries) {
    const std::size_t offset = body.size();
    body += "PK\x03\x04";
    Append(body, 20, 2);
    fields(body, name, content);
    body += name + content;
    directory += "PK\x01\x02";
    Append(directory, 20, 2);
    Append(directory, 20, 2);
    fields(directory, name, content);
    Append(directory, 0, 10);
    Append(directory, offset, 4);
    directory += name;
  }
  std::string end = "PK\x05\x06";
  Append(end, 0, 4);
  Append(end, entries.size(), 2);
  Append(end, entries.size(), 2);
  Append(end, directory.size(), 4);
  Append(end, body.size(), 4);
  Append(end, 0, 2);
  return body + directory + end;
}

const Entries kPlan = {
    {"tfplan", "binary"},
    {"tfstate", "{}"},
    {"tfconfig/m-/main.tf", "\nresource \"terraform_data\" \"top\" {\n}\n"},
    {"tfconfig/m-store.inner/x.tf", "resource \"terraform_data\" \"deep\" {\n}\n"},
    {"tfconfig/modules.json", R"([{"Key":"","Dir":"."},{"Key":"store.inner","Source":"./i","Dir":"modules/i"}])"},
};

std::string Written(const TemporaryDirectory& directory, const std::string& name, std::string_view content) {
  const std::string path = directory.path() + "/" + name;
  EXPECT_TRUE(WriteFileAtomically(path, content).ok());
  return path;
}

TEST(SavedPlan, SourcesGiveFileAndLine) {
  const TemporaryDirectory directory;
  const std::string path = Written(directory, "p.tfplan", Zip(kPlan));
  EXPECT_TRUE(IsSavedPlan(path));
  const auto sources = ReadSavedPlanSources(path);
  ASSERT_TRUE(sources.ok()) << sources.error().message;
  ASSERT_EQ(sources->locations.size(), 2U);
  EXPECT_EQ(sources->locations.at("terraform_data.top").file, "main.tf");
  EXPECT_EQ(sources->locations.at("terraform_data.top").line, 2);
  EXPECT_EQ(sources->locations.at("module.store.module.inner.terraform_data.deep").file, "modules/i/x.tf");
  EXPECT_FALSE(sources->opentofu);
}

TEST(SavedPlan, OtherAndHostileZipsAreRefusedOrBounded) {
  const TemporaryDirectory directory;
  const auto error_of = [&](std::string_view content) {
    const auto sources = ReadSavedPlanSources(Written(directory, "x.zip", content));
    return sources.ok() ? std::string("read") : sources.error().message;
  };
  EXPECT_THAT(error_of(Zip({{"a.txt", "x"}})), HasSubstr("not a saved plan"));
  const std::string whole = Zip(kPlan);
  EXPECT_THAT(error_of(whole.substr(0, whole.size() / 2)), HasSubstr("damaged or cut short"));
  EXPECT_THAT(error_of("PK\x03\x04"), HasSubstr("damaged or cut short"));
  EXPECT_EQ(error_of(Zip({{"tfplan", ""}, {"tfconfig/modules.json", "[{\"Key\":1},7,\"x\"]"}})), "read");
  EXPECT_EQ(error_of(Zip({{"tfplan", ""}, {"tfconfig/m-../../../etc/passwd.tf", "resource \"a\" \"b\" {"}})), "read");
  const std::string huge(std::size_t{5} << 20, ' ');
  const auto bounded = ReadSavedPlanSources(
      Written(directory, "huge.zip", Zip({{"tfplan", ""}, {"tfconfig/m-/a.tf", huge + "resource \"a\" \"b\" {"}})));
  ASSERT_TRUE(bounded.ok());
  EXPECT_TRUE(bounded->locations.empty()) << "a source above the bound is left out";
  for (std::size_t i = 0; i < whole.size(); i += 7) {
    std::string flipped = whole;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x40);
    error_of(flipped);
  }
}

// A stand-in for terraform that writes what the test wants and remembers how it was called.
class FakeTerraform {
 public:
  explicit FakeTerraform(const std::string& script, const std::string& name = "terraform") {
    const std::string path = directory_.path() + "/" + name;
    EXPECT_TRUE(WriteFileAtomically(path, "#!/bin/sh\n" + script).ok());
    EXPECT_EQ(::chmod(path.c_str(), 0700), 0);
    const char* before = ::getenv("PATH");
    before_ = before == nullptr ? "" : before;
    ::setenv("PATH", directory_.path().c_str(), 1);
  }
  ~FakeTerraform() { ::setenv("PATH", before_.c_str(), 1); }
  FakeTerraform(const FakeTerraform&) = delete;
  FakeTerraform& operator=(const FakeTerraform&) = delete;

 private:
  TemporaryDirectory directory_;
  std::string before_;
};

constexpr const char* kDocument =
    R"({"format_version":"1.2","terraform_version":"1.11.4","resource_changes":[{"address":"terraform_data.top",)"
    R"("mode":"managed","type":"terraform_data","name":"top","provider_name":"terraform.io/builtin/terraform",)"
    R"("change":{"actions":["create"],"before":null,"after":{"input":"x"},"after_unknown":{"id":true}}}]})";

TEST(SavedPlan, ReadsTheJsonOfShowAndKeepsTheSources) {
  const TemporaryDirectory directory;
  const std::string path = Written(directory, "p.tfplan", Zip(kPlan));
  const FakeTerraform terraform(
      "[ \"$1 $2 $3\" = 'show -json -no-color' ] || exit 9\n[ -z \"$TF_CLI_ARGS_show\" ] || exit 8\nprintf '%s' '" +
      std::string(kDocument) + "'\n");
  ::setenv("TF_CLI_ARGS_show", "-unwanted", 1);
  const auto document = ReadDocument(path, Interest::Everything());
  ::unsetenv("TF_CLI_ARGS_show");
  ASSERT_TRUE(document.ok()) << document.error().message;
  ASSERT_EQ(document->resources.size(), 1U);
  EXPECT_EQ(document->path, path);
  EXPECT_EQ(document->bytes, Zip(kPlan).size());
  EXPECT_EQ(document->sources.at("terraform_data.top").line, 2);
}

TEST(SavedPlan, SaysWhatToRunWhenItCannot) {
  const TemporaryDirectory directory;
  const std::string path = Written(directory, "p.tfplan", Zip(kPlan));
  {
    const FakeTerraform none("", "something-else");
    const auto document = ReadDocument(path, Interest::Everything());
    ASSERT_FALSE(document.ok());
    EXPECT_THAT(document.error().message, HasSubstr("neither terraform nor tofu is on PATH"));
    EXPECT_THAT(document.error().hint, HasSubstr("terraform show -json " + path));
  }
  {
    const FakeTerraform failing("echo 'Error: Failed to load plugin schemas' >&2\nexit 1\n");
    const auto document = ReadDocument(path, Interest::Everything());
    ASSERT_FALSE(document.ok());
    EXPECT_THAT(document.error().message, HasSubstr("Failed to load plugin schemas"));
  }
  {
    const FakeTerraform half("printf '%s' '{\"format_version\":\"1.2\",'\nexit 0\n");
    EXPECT_FALSE(ReadDocument(path, Interest::Everything()).ok());
  }
}

TEST(SavedPlan, PlansOfOpentofuAreShownByTofu) {
  const TemporaryDirectory directory;
  Entries entries = kPlan;
  entries.push_back({".terraform.lock.hcl", "provider \"registry.opentofu.org/hashicorp/aws\" {\n}\n"});
  const std::string path = Written(directory, "p.tfplan", Zip(entries));
  const FakeTerraform tofu("printf '%s' '" + std::string(kDocument) + "'\n", "tofu");
  EXPECT_TRUE(ReadDocument(path, Interest::Everything()).ok());
}

}  // namespace
}  // namespace tfseal::terraform

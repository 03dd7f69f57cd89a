// Values of a document that are kept once: whatever the order in which they come, each must read as it was written.
#include "terraform/shared_values.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "terraform/byte_source.h"
#include "terraform/document_reader.h"
#include "terraform/read.h"

namespace tfseal::terraform {
namespace {

TEST(SharedValues, KeepsTheSameOnce) {
  Arena arena;
  SharedValues values(arena);
  const std::string text = "arn:aws:kms:eu-central-1:123456789012:key/1";
  const std::string again = text;
  const std::string_view kept = values.Text(text, false);
  EXPECT_EQ(kept.data(), values.Text(again, false).data());
  const Value items[] = {Value::String(kept), Value::Null()};
  EXPECT_TRUE(values.List(items).IsSameObject(values.List(items)));
  const std::string_view key = values.Text("key", false);
  const Member members[] = {{key, values.List(items)}, {values.Text("b", false), Value::Bool(false)}};
  const Value map = values.Map(members);
  EXPECT_TRUE(map.IsSameObject(values.Map(members)));
  EXPECT_EQ(map.Get("key").items()[0].text(), text);
  EXPECT_TRUE(map.Get("missing").absent());
  EXPECT_EQ(map.members()[1].key, "b");
  EXPECT_TRUE(values.Map({}).is_map());
  EXPECT_TRUE(values.List({}).empty());
}

TEST(SharedValues, KeepsNamesWhateverTextsComeBetween) {
  Arena arena;
  SharedValues values(arena);
  std::vector<std::string> names;
  for (int i = 0; i < 300; ++i) names.push_back("attribute_" + std::to_string(i * 7919));
  const auto map_of_all = [&] {
    std::vector<Member> members;
    for (const std::string& name : names) members.push_back({values.Name(name), Value::Null()});
    return values.Map(members);
  };
  for (int i = 0; i < 600; ++i) map_of_all();  // the tables have their full size now
  const Value map = map_of_all();
  for (int i = 0; i < 20000; ++i) values.Text("text " + std::to_string(i), false);
  EXPECT_TRUE(map.IsSameObject(map_of_all()));
  EXPECT_EQ(map.members()[299].key, names[299]);
  EXPECT_EQ(values.Name(""), "");
}

TEST(SharedValues, KeepsWhatDiffersApart) {
  Arena arena;
  SharedValues values(arena);
  std::mt19937 random(11);
  std::vector<std::string> texts;
  for (int i = 0; i < 9000; ++i) texts.push_back(std::string(random() % 30, 'a') + std::to_string(random() % 9000));
  struct Kept {
    Value map;
    std::vector<std::string> names;
    std::vector<Value> plain;
  };
  std::vector<Kept> kept;
  for (int i = 0; i < 20000; ++i) {
    Kept one;
    std::vector<Member> members;
    for (std::uint_fast32_t n = random() % 5; n > 0; --n) {
      one.names.push_back(std::to_string(n) + texts[random() % 20]);
      const std::string& text = texts[random() % texts.size()];
      Value value;
      switch (random() % 5) {
        case 0:
          value = Value::Bool(random() % 2 == 0);
          break;
        case 1:
          value = Value::Unknown();
          break;
        case 2:
          value = Value::Null();
          break;
        default:
          value = Value::String(text);
      }
      one.plain.push_back(value);
      if (value.kind() == ValueKind::kString) value = Value::String(values.Text(text, false));
      value.set_sensitive(random() % 4 == 0);
      one.plain.back().set_sensitive(value.sensitive());
      members.push_back({values.Text(one.names.back(), false), value});
    }
    one.map = values.Map(members);
    kept.push_back(std::move(one));
  }
  for (const Kept& one : kept) {
    ASSERT_EQ(one.map.members().size(), one.names.size());
    for (std::size_t i = 0; i < one.names.size(); ++i) {
      const Member member = one.map.members()[i];
      EXPECT_EQ(member.key, one.names[i]);
      EXPECT_EQ(member.value.kind(), one.plain[i].kind());
      EXPECT_EQ(member.value.AsBool(), one.plain[i].AsBool());
      EXPECT_EQ(member.value.text(), one.plain[i].text());
      EXPECT_EQ(member.value.sensitive(), one.plain[i].sensitive());
    }
  }
}

TEST(SharedValues, MarksOfOneSideAreNotOnTheOther) {
  const std::string state = R"({"password":"p","tags":{"a":"\u003cx\u003e"},"list":["l","m"]})";
  const std::string plan =
      R"({"format_version":"1.2","resource_changes":[{"address":"a.b","mode":"managed","type":"a","name":"b",)"
      R"("change":{"actions":["update"],"before":)" +
      state + R"(,"after":)" + state + R"(,"after_unknown":{},)" +
      R"("before_sensitive":{"password":true,"tags":{"a":true},"list":[false,true]},"after_sensitive":{"list":true}}}]})";
  const auto document = ReadDocumentFromMemory(plan, "plan", Interest::Everything());
  ASSERT_TRUE(document.ok()) << document.error().message;
  const ResourceInstance& resource = document->resources.front();
  const Value& before = resource.before;
  const Value& after = resource.after;
  EXPECT_TRUE(before.SameAs(after));
  EXPECT_FALSE(before.IsSameObject(after));
  EXPECT_EQ(before.At("tags.a").text(), "<x>");
  EXPECT_TRUE(before.Get("password").sensitive());
  EXPECT_FALSE(after.Get("password").sensitive());
  EXPECT_TRUE(before.At("tags.a").sensitive());
  EXPECT_FALSE(before.Get("tags").sensitive());
  EXPECT_FALSE(after.At("tags.a").sensitive());
  EXPECT_FALSE(before.At("list[0]").sensitive());
  EXPECT_TRUE(before.At("list[1]").sensitive());
  EXPECT_TRUE(after.Get("list").sensitive());
  EXPECT_TRUE(after.At("list[0]").sensitive());
}

TEST(Configuration, CallsOfTheSameModuleShareItAndOthersDoNot) {
  const auto call = [](const std::string& name, const std::string& reference) {
    return '"' + name + R"(":{"source":"./m","module":{"resources":[{"address":"aws_sqs_queue.q","mode":"managed",)" +
           R"("type":"aws_sqs_queue","name":"q","expressions":{"name":{"references":[")" + reference + R"("]}}}]}})";
  };
  const std::string plan = R"({"format_version":"1.2","resource_changes":[],"configuration":{"root_module":{)"
                           R"("module_calls":{)" +
                           call("a", "var.x") + "," + call("b", "var.x") + "," + call("c", "var.y") + "}}}}";
  const auto document = ReadDocumentFromMemory(plan, "plan", Interest::Everything());
  ASSERT_TRUE(document.ok()) << document.error().message;
  const auto& calls = document->configuration.root.calls;
  EXPECT_EQ(&calls.at("a").module.front(), &calls.at("b").module.front());
  EXPECT_NE(&calls.at("a").module.front(), &calls.at("c").module.front());
  const auto& resource = calls.at("c").module.front().resources.at("aws_sqs_queue.q");
  EXPECT_EQ(resource.expressions.at("name").references.front(), "var.y");
}

// Whether the text of a module was seen before must change nothing but the time it takes.
TEST(Configuration, ReadsCallsAlikeWhereverTheReadsEnd) {
  const std::string inner = R"({"resources":[{"address":"aws_sqs_queue.q","mode":"managed","type":"aws_sqs_queue",)"
                            R"("name":"q","expressions":{"name":{"references":["var.x"]}}}]})";
  const auto nest = [&](const std::string& modules) {
    return R"({"module_calls":{"x":{"module":)" + modules + R"(,"source":"./x"},"y":{"source":"./x","module":)" +
           inner + "}}}";
  };
  std::string blank = inner;
  blank.insert(1, " ");
  const std::vector<std::pair<std::string, std::string>> calls = {
      {"a", inner},  {"b", inner},  {"c", nest(inner)}, {"d", nest(inner)}, {"e", nest(blank)}, {"f", inner},
      {"g", "null"}, {"h", "null"}, {"i", inner},       {"j", "{}"},        {"k", "{}"},        {"l", nest("null")}};
  std::string plan =
      R"({"format_version":"1.2","resource_changes":[],"configuration":{"root_module":{"module_calls":{)";
  for (const auto& [name, module] : calls) {
    plan += (name == "a" ? "" : ",") + ('"' + name) + R"(":{"source":"./)" + (name == "b" ? "b" : "m") +
            R"(","module":)" + module + "}";
  }
  plan += "}}}}";
  for (const std::size_t piece : {std::size_t{64}, std::size_t{97}, std::size_t{800}, SIZE_MAX}) {
    ByteSource source = ByteSource::FromMemory(plan, "plan", piece);
    const auto document = ReadDocumentFrom(source, "plan", Interest::Everything());
    ASSERT_TRUE(document.ok()) << document.error().message;
    const auto& read = document->configuration.root.calls;
    ASSERT_EQ(read.size(), calls.size());
    const auto references = [](const ModuleConfiguration& module) {
      return module.resources.at("aws_sqs_queue.q").expressions.at("name").references.front();
    };
    for (const char* name : {"a", "b", "f", "i"}) EXPECT_EQ(references(read.at(name).module.front()), "var.x") << name;
    for (const char* name : {"c", "d", "e"}) {
      const auto& nested = read.at(name).module.front().calls;
      EXPECT_EQ(references(nested.at("x").module.front()), "var.x") << name;
      EXPECT_EQ(references(nested.at("y").module.front()), "var.x") << name;
    }
    for (const char* name : {"g", "h", "j", "k"}) EXPECT_TRUE(read.at(name).module.front().resources.empty()) << name;
  }
}

TEST(Configuration, SaysWhatIsWrongInAModuleThatOnlyBeginsLikeTheOneBefore) {
  const std::string call = R"("source":"./m","module":{"resources":[]})";
  const auto plan = [&](const std::string& second) {
    return R"({"format_version":"1.2","resource_changes":[],"configuration":{"root_module":{"module_calls":{"a":{)" +
           call + R"(},"b":{)" + second + "}}}}}";
  };
  EXPECT_TRUE(ReadDocumentFromMemory(plan(call), "plan", Interest::Everything()).ok());
  EXPECT_FALSE(ReadDocumentFromMemory(plan(call + "}"), "plan", Interest::Everything()).ok());
  EXPECT_FALSE(ReadDocumentFromMemory(plan(call + "null"), "plan", Interest::Everything()).ok());
  EXPECT_FALSE(
      ReadDocumentFromMemory(plan(call + R"(,"module":{"resources":[]})"), "plan", Interest::Everything()).ok());
}

}  // namespace
}  // namespace tfseal::terraform

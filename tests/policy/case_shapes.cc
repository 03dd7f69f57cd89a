#include "tests/policy/case_shapes.h"

#include <deque>
#include <string>

namespace tfseal {
namespace {
using enum Verdict;

// The rows hold views; what is put together here must outlive them.
std::string_view Keep(std::string text) {
  static auto& texts = *new std::deque<std::string>;
  return texts.emplace_back(std::move(text));
}

std::string_view With(std::string_view attributes, std::string_view value) {
  std::string text(attributes);
  const std::size_t at = text.find('@');
  return Keep(text.substr(0, at) + std::string(value) + text.substr(at + 1));
}

std::string_view Set(std::string_view attribute, std::string_view value) {
  return Keep("{\"" + std::string(attribute) + "\": " + std::string(value) + "}");
}

std::string_view References(std::string_view path, std::string_view reference) {
  return Keep("{\"" + std::string(path) + "\": [\"" + std::string(reference) + ".arn\", \"" + std::string(reference) +
              "\"]}");
}

}  // namespace

ControlCases Together(std::vector<ControlCases> tables) {
  ControlCases all;
  for (const ControlCases& table : tables) all.insert(all.end(), table.begin(), table.end());
  return all;
}

ControlCases FlagCases(std::string_view control, std::string_view type, std::string_view attributes, bool wanted,
                       Verdict unset) {
  const std::string_view good = wanted ? "true" : "false";
  const std::string_view bad = wanted ? "false" : "true";
  return {
      {control, type, With(attributes, good), kPass},
      {control, type, With(attributes, "\"" + std::string(good) + "\""), kPass},
      {control, type, With(attributes, bad), kFail},
      {control, type, With(attributes, "\"" + std::string(bad) + "\""), kFail},
      {control, type, With(attributes, "null"), unset},
      {control, type, "{}", unset},
      {control, type, With(attributes, "\"<unknown>\""), kUnknown},
  };
}

ControlCases KeyCases(std::string_view control, std::string_view type, std::string_view attributes,
                      std::string_view path, Verdict unset) {
  constexpr TestResource kKey{"aws_kms_key.k", R"({"arn": "arn:aws:kms:eu-west-1:111122223333:key/0d1c"})"};
  constexpr TestResource kNewKey{"aws_kms_key.k", R"({"arn": "<unknown>"})", "{}"};
  const std::string_view unknown = With(attributes, "\"<unknown>\"");
  return {
      {control, type, With(attributes, R"("arn:aws:kms:eu-west-1:111122223333:key/0d1c")"), kPass, {}, {kKey}},
      {control, type, With(attributes, R"("alias/ours")"), kPass},
      {control, type, unknown, kPass, References(path, "aws_kms_key.k"), {kNewKey}},
      {control, type, With(attributes, R"("alias/aws/rds")"), kFail},
      {control, type, With(attributes, R"("")"), kFail},
      {control, type, With(attributes, "null"), kFail},
      {control, type, unknown, kUnknown, References(path, "data.aws_kms_key.k")},
      {control, type, With(attributes, R"("arn:aws:kms:eu-west-1:111122223333:key/ffff")"), kUnknown},
      {control, type, "{}", unset},
  };
}

ControlCases RetentionCases(std::string_view control, std::string_view type, std::string_view attribute) {
  return {
      {control, type, Set(attribute, "7"), kPass},
      {control, type, Set(attribute, "\"35\""), kPass},
      {control, type, Set(attribute, "6"), kFail},
      {control, type, Set(attribute, "0"), kFail},
      {control, type, Set(attribute, "\"<unknown>\""), kUnknown},
  };
}

ControlCases FinalSnapshotCases(std::string_view control, std::string_view type, std::string_view name) {
  return {
      {control, type, Keep(R"({"skip_final_snapshot": false, ")" + std::string(name) + R"(": "last"})"), kPass},
      {control, type, Set("skip_final_snapshot", "false"), kPass},
      {control, type, Keep(R"({"skip_final_snapshot": true, ")" + std::string(name) + R"(": "last"})"), kFail},
      {control, type, Set("skip_final_snapshot", "\"<unknown>\""), kUnknown},
  };
}

ControlCases LogExportCases(std::string_view control, std::string_view type, std::string_view attribute) {
  return {
      {control, type, Set(attribute, R"(["audit"])"), kPass},
      {control, type, Set(attribute, R"(["<unknown>"])"), kPass},
      {control, type, Set(attribute, "[]"), kFail},
      {control, type, Set(attribute, "null"), kFail},
      {control, type, "{}", kFail},
      {control, type, Set(attribute, "\"<unknown>\""), kUnknown},
  };
}

}  // namespace tfseal

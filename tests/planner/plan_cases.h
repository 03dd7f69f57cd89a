#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/file.h"
#include "planner/plan.h"
#include "terraform/read.h"

// Plans made from the documents and policies of fixtures/.
namespace tfseal::test {

constexpr UnixSeconds kNow = 1795305600;  // 2026-11-22

inline std::string FixturePath(const std::string& name) {
  return std::string(TFSEAL_SOURCE_DIR) + "/fixtures/terraform-json/" + name;
}

inline terraform::Document ReadFixture(const std::string& name) {
  auto document = terraform::ReadDocument(FixturePath(name), terraform::Interest::Everything());
  EXPECT_TRUE(document.ok()) << name;
  return std::move(document).value();
}

inline PolicyFile PolicyOf(const std::string& text) {
  auto read = ReadPolicyFile(text, "tfseal.yaml");
  EXPECT_TRUE(std::holds_alternative<PolicyFile>(read)) << text;
  return std::get<PolicyFile>(std::move(read));
}

inline PolicyFile FixturePolicy(const std::string& folder) {
  const auto text = ReadFileBounded(FixturePath(folder + "/tfseal.yaml"), 1 << 20);
  EXPECT_TRUE(text.ok());
  return PolicyOf(*text);
}

inline ActionPlan PlanFixture(const std::string& folder, const std::string& file, const std::string& strategy = "") {
  std::vector<terraform::Document> documents;
  documents.push_back(ReadFixture(folder + "/" + file));
  auto plan = MakePlan(documents, FixturePolicy(folder), {.strategy = strategy, .now = kNow});
  EXPECT_TRUE(plan.ok()) << (plan.ok() ? "" : plan.error().message);
  return plan.ok() ? std::move(plan).value() : ActionPlan{};
}

inline std::size_t PositionOf(const ActionPlan& plan, const std::string& kind, const std::string& identifier) {
  for (std::size_t i = 0; i < plan.actions.size(); ++i) {
    const Action& action = plan.actions[i];
    if (WriteJsonLine(ToJson(action)).find("\"kind\":\"" + kind + "\"") != std::string::npos &&
        action.target.identifier == identifier) {
      return i;
    }
  }
  ADD_FAILURE() << "no " << kind << " of " << identifier;
  return plan.actions.size();
}

}  // namespace tfseal::test

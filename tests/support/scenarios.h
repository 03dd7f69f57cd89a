#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tfseal::testing {

// What fixtures/terraform-json/<folder>/truth.json says about one file.
struct Scenario {
  std::string name;     // "z360/04-encrypt-flip-staging.json"
  std::string path;     // of the document
  std::string config;   // of the folder's tfseal.yaml
  std::string verdict;  // allow, review, deny, unusable
  std::optional<int> verify_exit;
  std::vector<std::pair<std::string, std::string>> destroys;       // address, class
  std::vector<std::pair<std::string, std::string>> must_fail;      // address, topic
  std::vector<std::pair<std::string, std::string>> must_not_fail;  // address, topic
};

// What GoogleTest shows of a parameter.
inline void PrintTo(const Scenario& scenario, std::ostream* stream) {
  *stream << scenario.name;
}

// All of them, sorted by name. Ends the test program if the fixtures are not there: no test may pass without them.
const std::vector<Scenario>& Scenarios();

// The whole file; ends the test program if it cannot be read.
std::string FileContent(const std::string& path);

// Whether `text` shows a secret of the fixtures: they all hold the word CANARY, in clear or inside base64.
bool ShowsCanary(std::string_view text);

// A name that GoogleTest accepts: letters, digits and underscores.
std::string TestName(std::string_view text);

}  // namespace tfseal::testing

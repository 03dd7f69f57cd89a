#include "tests/support/scenarios.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>

#include "core/check.h"
#include "core/file.h"
#include "core/json.h"

namespace tfseal::testing {
namespace {

constexpr std::string_view kCanary = "CANARY";

std::vector<std::pair<std::string, std::string>> Pairs(const JsonValue& list, const char* second) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const JsonValue& entry : list) pairs.emplace_back(entry["address"].asString(), entry[second].asString());
  return pairs;
}

void AddFolder(const std::filesystem::path& folder, std::vector<Scenario>& scenarios) {
  const auto truth = ParseJson(FileContent(folder / "truth.json"));
  TFSEAL_CHECK(truth.ok());
  for (const std::string& file : truth->getMemberNames()) {
    const JsonValue& entry = (*truth)[file];
    Scenario scenario;
    scenario.name = folder.filename().string() + "/" + file;
    scenario.path = folder / file;
    scenario.config = folder / "tfseal.yaml";
    scenario.verdict = entry["verdict"].asString();
    if (entry.isMember("verify_exit")) scenario.verify_exit = entry["verify_exit"].asInt();
    scenario.destroys = Pairs(entry["destroys"], "class");
    scenario.must_fail = Pairs(entry["must_fail"], "topic");
    scenario.must_not_fail = Pairs(entry["must_not_fail"], "topic");
    scenarios.push_back(std::move(scenario));
  }
}

// -1 for what is not in the alphabet. Both alphabets at once: '-' and '_' are 62 and 63 of the URL form.
int Base64Digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

std::string DecodeBase64(std::string_view digits) {
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char c : digits) {
    bits = (bits << 6U) | static_cast<unsigned>(Base64Digit(c));
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<char>((bits >> static_cast<unsigned>(count)) & 0xFFU));
    }
  }
  return bytes;
}

// A run may have letters before the secret's own digits, so that the groups of four start anywhere.
bool DecodesToCanary(std::string_view run) {
  for (std::size_t start = 0; start < 4 && start < run.size(); ++start) {
    if (DecodeBase64(run.substr(start)).find(kCanary) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

std::string FileContent(const std::string& path) {
  auto content = ReadFileBounded(path, std::size_t{256} << 20U);
  TFSEAL_CHECK(content.ok());
  return std::move(content).value();
}

const std::vector<Scenario>& Scenarios() {
  static const auto& scenarios = *new std::vector<Scenario>([] {
    std::vector<Scenario> found;
    for (const auto& entry : std::filesystem::directory_iterator(TFSEAL_SOURCE_DIR "/fixtures/terraform-json")) {
      if (entry.is_directory()) AddFolder(entry.path(), found);
    }
    TFSEAL_CHECK(found.size() >= 95);
    std::sort(found.begin(), found.end(), [](const Scenario& a, const Scenario& b) { return a.name < b.name; });
    return found;
  }());
  return scenarios;
}

bool ShowsCanary(std::string_view text) {
  if (text.find(kCanary) != std::string_view::npos) return true;
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t end = begin;
    while (end < text.size() && Base64Digit(text[end]) >= 0) ++end;
    if (end - begin >= 8 && DecodesToCanary(text.substr(begin, end - begin))) return true;
    begin = end + 1;
  }
  return false;
}

std::string TestName(std::string_view text) {
  std::string name(text);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}

}  // namespace tfseal::testing

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "core/suggest.h"
#include "policy/control.h"
#include "policy/glob.h"
#include "policy/schedule_text.h"
#include "policy/waiver.h"

// ignore=TFS-RDS-001 reason="..." owner=data until=2026-12-31 ticket=OPS-12 address='module.a["x"].**'
namespace tfseal {
namespace {

constexpr std::string_view kKeys[] = {"ignore", "reason", "owner", "ticket", "until", "address"};

struct Words {
  std::vector<std::pair<std::string, std::string>> values;  // by key, in order
  std::string mistake;
};

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// key=value, with values that may stand in either kind of quotes; a backslash takes the next character as it is.
Words Split(std::string_view text) {
  Words words;
  std::size_t at = 0;
  while (at < text.size()) {
    if (IsBlank(text[at])) {
      ++at;
      continue;
    }
    const std::size_t equals = text.find('=', at);
    const std::string_view key = text.substr(at, std::min(equals, text.size()) - at);
    if (equals == std::string_view::npos || std::any_of(key.begin(), key.end(), IsBlank)) {
      words.mistake = "it is not written as key=value; texts with blanks stand in quotes";
      return words;
    }
    at = equals + 1;
    std::string value;
    const char quote = at < text.size() && (text[at] == '"' || text[at] == '\'') ? text[at] : '\0';
    if (quote != '\0') ++at;
    bool closed = quote == '\0';
    for (; at < text.size(); ++at) {
      if (quote == '\0' ? IsBlank(text[at]) : text[at] == quote) break;
      if (quote != '\0' && text[at] == '\\' && at + 1 < text.size()) ++at;
      value += text[at];
    }
    if (quote != '\0' && at < text.size()) {
      closed = true;
      ++at;
    }
    if (!closed) {
      words.mistake = fmt::format("the quote of {} is not closed", key);
      return words;
    }
    words.values.emplace_back(key, std::move(value));
  }
  return words;
}

std::string UnknownControl(std::string_view name, const PolicyFile& policy) {
  if (TopicNamed(name) || FindControl(name) != nullptr || name.starts_with("TFS-GATE-")) return "";
  std::vector<std::string_view> names(std::begin(kTopicNames), std::end(kTopicNames));
  for (const Control* control : AllControls()) names.push_back(control->id);
  for (const auto& rule : policy.controls) {
    if (rule->id == name) return "";
    names.push_back(rule->id);
  }
  const std::string_view nearest = Nearest(name, names);
  return fmt::format("\"{}\" is neither a control nor a topic{}", name,
                     nearest.empty() ? "; tfseal controls lists them" : fmt::format("; did you mean \"{}\"?", nearest));
}

// What is wrong with the values, the first thing first.
std::string MistakeIn(const Waiver& waiver, bool has_address, const WaiverRules& rules) {
  if (waiver.reason.empty()) return "a waiver needs reason=\"...\"";
  if (waiver.owner.empty()) return "a waiver needs owner=...";
  if (waiver.expires_text.empty()) return "a waiver needs until=, a date such as 2026-12-31";
  if (waiver.expires == 0) return "until is not a date of the calendar, such as 2026-12-31";
  if (rules.require_ticket && waiver.ticket.empty()) return "a waiver needs ticket=... (waiver_rules: require_ticket)";
  if (has_address) {
    if (const std::string_view wrong = GlobMistake(waiver.address); !wrong.empty()) {
      return fmt::format("address is not a pattern: {}", wrong);
    }
  }
  return "";
}

}  // namespace

std::vector<InlineWaiver> ReadInlineWaivers(const terraform::SourceComment& comment, const PolicyFile& policy) {
  Words words = Split(comment.text);
  Waiver waiver;
  waiver.file = comment.file;
  waiver.line = comment.line;
  waiver.in_source = true;
  std::string controls;
  bool has_address = false;
  std::vector<std::string_view> seen;
  for (auto& [key, value] : words.values) {
    if (std::find(std::begin(kKeys), std::end(kKeys), key) == std::end(kKeys)) {
      const std::string_view nearest = Nearest(key, kKeys);
      if (words.mistake.empty()) {
        words.mistake = fmt::format("unknown word \"{}\"{}", key,
                                    nearest.empty() ? "" : fmt::format("; did you mean \"{}\"?", nearest));
      }
      continue;
    }
    if (std::find(seen.begin(), seen.end(), key) != seen.end() && words.mistake.empty()) {
      words.mistake = fmt::format("\"{}\" is there twice", key);
    }
    seen.push_back(key);
    if (key == "ignore") controls = value;
    if (key == "reason") waiver.reason = value;
    if (key == "owner") waiver.owner = value;
    if (key == "ticket") waiver.ticket = value;
    if (key == "until") {
      waiver.expires_text = value;
      if (const auto date = ParseDate(value)) waiver.expires = *date + 86'400;
    }
    if (key == "address") {
      waiver.address = value;
      has_address = true;
    }
  }
  if (words.mistake.empty() && controls.empty()) words.mistake = "a waiver needs ignore=, the id of a control";
  if (words.mistake.empty()) words.mistake = MistakeIn(waiver, has_address, policy.waiver_rules);
  std::vector<InlineWaiver> read;
  for (std::size_t at = 0; at <= controls.size();) {
    const std::size_t comma = std::min(controls.find(',', at), controls.size());
    InlineWaiver one{waiver, words.mistake};
    one.waiver.control = controls.substr(at, comma - at);
    if (one.mistake.empty()) one.mistake = UnknownControl(one.waiver.control, policy);
    if (!one.mistake.empty()) one.mistake = "malformed waiver: " + one.mistake;
    read.push_back(std::move(one));
    at = comma + 1;
  }
  return read;
}

}  // namespace tfseal

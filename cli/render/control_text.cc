#include "cli/render/control_text.h"

#include <fmt/format.h>

#include <vector>

#include "cli/render/text.h"
#include "policy/control_notes.h"

namespace tfseal::cli {
namespace {

// One text, or several that stand on lines of their own.
struct Section {
  std::string heading;
  std::string text;
  std::vector<std::string> items = {};
};

// "hipaa: 45 CFR 164.312(b), audit controls ... [regulation]"
Section Frameworks(const Control& control) {
  Section section{fmt::format("What frameworks say about {}", Name(control.topic)), "", {}};
  for (const FrameworkParagraph& paragraph : FrameworkParagraphs(control.topic)) {
    section.items.push_back(fmt::format("{}: {} [{}]", paragraph.framework, paragraph.text, paragraph.basis));
  }
  if (section.items.empty()) section.text = "Nothing: no profile (cis, hipaa, nist, pci, soc2) has the topic.";
  return section;
}

Section Peers(const Control& control) {
  Section section{"Rules of other tools", "", {}};
  for (const PeerRules* row : PeersOf(control.id)) {
    std::string rules;
    const auto add = [&](std::string_view tool, std::string_view ids) {
      if (!ids.empty()) rules += fmt::format("{}{} {}", rules.empty() ? "" : "; ", tool, ids);
    };
    add("checkov", row->checkov);
    add("Trivy", row->trivy);
    add("Prowler", row->prowler);
    add("AWS Config, Security Hub", row->aws);
    section.items.push_back(fmt::format("{}, {}: {}", row->resource, row->topic, rules));
  }
  if (section.items.empty()) section.text = "None in the list of `tfseal controls --coverage`.";
  return section;
}

std::vector<Section> SectionsOf(const Control& control) {
  std::vector<Section> sections;
  const auto add = [&](std::string_view heading, std::string_view text) {
    if (!text.empty()) sections.push_back({std::string(heading), std::string(text)});
  };
  add("Why", control.why);
  add("Fix", control.remedy);
  if (control.rule == nullptr) add("Cost", CostOf(control));
  add("Basis", control.basis);
  if (control.rule == nullptr) {
    sections.push_back(Frameworks(control));
    sections.push_back(Peers(control));
  }
  add("Resource types", fmt::format("{}", fmt::join(control.types, ", ")));
  add("Attributes", fmt::format("{}", fmt::join(control.reads, ", ")));
  return sections;
}

std::string Conditions(const Control& control) {
  if (control.rule != nullptr) return ", of tfseal.yaml";
  return control.asked == nullptr ? "" : ", judged only where tfseal.yaml asks for it";
}

// What Markdown would take for a mark, outside of code. Underscores within words are none.
std::string Escaped(std::string_view text) {
  std::string out;
  bool code = false;
  for (const char c : text) {
    code = code != (c == '`');
    if (!code && (c == '*' || c == '<')) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::string ControlText(const Control& control, bool color) {
  std::string out = fmt::format("{}  {}\n\n", Styled(control.id, Style::kBold, color), control.title);
  for (const Section& section : SectionsOf(control)) {
    out += fmt::format("{}\n", section.heading);
    if (!section.text.empty()) AppendWrapped(section.text, 2, out);
    for (const std::string& item : section.items) AppendWrapped("- " + item, 2, out);
    out += '\n';
  }
  out += fmt::format("Topic {}, severity {}{}\n", Name(control.topic), Name(control.severity), Conditions(control));
  return out;
}

std::string ControlPage(const Control& control) {
  std::string out = fmt::format(
      "# {}: {}\n\nTopic `{}`, severity {}{}. Written by `tfseal explain {} --output markdown`.\n", control.id,
      Escaped(control.title), Name(control.topic), Name(control.severity), Conditions(control), control.id);
  for (const Section& section : SectionsOf(control)) {
    out += fmt::format("\n## {}\n\n", section.heading);
    if (!section.text.empty()) out += Escaped(section.text) + '\n';
    for (const std::string& item : section.items) out += fmt::format("- {}\n", Escaped(item));
  }
  return out;
}

}  // namespace tfseal::cli

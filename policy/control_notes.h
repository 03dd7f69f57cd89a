#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/control.h"
#include "policy/peer_rules.h"

// What a person asks about a control beside why and how: what it costs, who else asks for it.
namespace tfseal {

// What following the remedy costs, in money and in effort. Prices are AWS's list prices of us-east-1 in 2026.
std::string CostOf(const Control& control);

// What one of the profiles says about a topic.
struct FrameworkParagraph {
  std::string_view profile;    // "hipaa"
  std::string_view framework;  // "HIPAA Security Rule, 45 CFR Part 164 Subpart C"
  std::string_view basis;      // regulation, standard, vendor-benchmark, organisation
  std::string_view text;       // "45 CFR 164.312(b), audit controls: required; which logs is not said"
};
// Of the profiles that have the topic, in the order of their names. With basis organisation, the text says what the
// framework does not ask for.
std::vector<FrameworkParagraph> FrameworkParagraphs(Topic topic);

// The rows of the list of other tools' rules that name the control.
std::vector<const PeerRules*> PeersOf(std::string_view control_id);

}  // namespace tfseal

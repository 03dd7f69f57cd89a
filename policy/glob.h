#pragma once

#include <string_view>
#include <vector>

namespace tfseal {

// Patterns of tfseal.yaml. "**" stands for anything. In GlobMatches (policy_file.h) "*" stays within one step of an
// address: it does not cross a dot, but dots inside brackets or quotes are no steps. In NameGlobMatches "*" stands for
// anything, because names have no steps. Everything else, brackets and quotes included, stands for itself.
bool NameGlobMatches(std::string_view glob, std::string_view name);

// Marks the dots of an address or a pattern that part its steps: module.a["x.y"].aws_kms_key.k has three.
std::vector<bool> StepsOf(std::string_view text);

// What is wrong with a pattern, for people; empty if nothing is.
std::string_view GlobMistake(std::string_view glob);

}  // namespace tfseal

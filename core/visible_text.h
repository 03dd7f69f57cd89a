#pragma once

#include <string>
#include <string_view>

namespace tfseal {

// Texts that others wrote, for a place that obeys some of them: a terminal, or the log of a CI system.
//
// One line of valid UTF-8 that shows what it holds: control characters, marks that turn the direction of writing and
// characters without width as \x.., \u....; bytes that are no UTF-8 as U+FFFD. Of a command that a CI system would
// take out of its log ("::add-mask::" of GitHub Actions, "##vso[" of Azure Pipelines, "##teamcity[", "##[") one
// character is written the same way.
std::string Visible(std::string_view text);
// Whether every character is one of UTF-8.
bool IsUtf8(std::string_view text);
// As Visible(), added to `out`.
void AppendVisible(std::string_view text, std::string& out);

}  // namespace tfseal

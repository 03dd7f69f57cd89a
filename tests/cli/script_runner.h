#pragma once

#include <string>
#include <vector>

// Scripts that run the real binary, one scenario a file (tests/script/README.md has the language).
namespace tfseal::testing {

// What went wrong, each with the script's name and line; empty if the script passed. `commands` counts the runs of
// tfseal, so that a script without any cannot pass unnoticed.
std::vector<std::string> RunScript(const std::string& path, int& commands);

// The scripts of tests/script, sorted.
std::vector<std::string> AllScripts();

}  // namespace tfseal::testing

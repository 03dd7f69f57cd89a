#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/result.h"

namespace tfseal {

struct ProgramResult {
  int exit_code = -1;
  std::string out;
  std::string complaint;  // the first line of standard error that says Error
};

// Runs terraform or tofu in `directory`: no shell, no questions, no calls home, standard input empty. It is ended with
// its children when `patience` is over, which is an error, as is a program that is not there.
Result<ProgramResult> RunTerraform(const std::string& program, const std::vector<std::string>& arguments,
                                   const std::string& directory, std::chrono::seconds patience);

// "terraform" or "tofu", whichever is wanted or else on PATH first; empty if neither is.
std::string TerraformOnPath(const std::string& wanted);

}  // namespace tfseal

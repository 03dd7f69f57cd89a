#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace tfseal::terraform {

// The program's path, from the directories of PATH that are absolute: a plan is often read in a directory that others
// can write. Empty if it is in none.
std::string FindOnPath(std::string_view program);
// Our environment without what would change the output of Terraform, and with what keeps it from asking or calling
// home.
std::vector<std::string> QuietEnvironment();
// For exec: the texts, ended by nullptr; valid as long as `texts` is.
std::vector<char*> Pointers(std::vector<std::string>& texts);

// A running `terraform show -json FILE` (or `tofu`), started without a shell and with its output in a pipe.
class ShowCommand {
 public:
  // The first of terraform and tofu on PATH, or the other way round; the error names the command to run by hand.
  static Result<ShowCommand> Start(const std::string& plan_file, bool opentofu_first, const std::string& directory);

  ShowCommand(ShowCommand&& other) noexcept;
  ShowCommand& operator=(ShowCommand&&) = delete;
  ~ShowCommand();  // ends the program if it still runs

  // To read the JSON from; stays ours.
  [[nodiscard]] int output() const { return output_; }
  // "terraform"
  [[nodiscard]] const std::string& program() const { return program_; }

  // Waits for the first byte or the end; an error if nothing happens for that long.
  Status WaitForOutput(std::chrono::seconds patience) const;
  // Waits for the end and says how it went: an error with the program's own first complaint if it failed.
  Status Finish();

 private:
  ShowCommand() = default;
  void Stop();

  std::string program_;
  std::string plan_file_;
  int pid_ = -1;
  int output_ = -1;
  int complaints_ = -1;  // its standard error, kept in memory
};

}  // namespace tfseal::terraform

#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace tfseal::testing {

struct ProgramRun {
  int exit_code = -1;  // -1 unless it ended by itself
  int signal = 0;      // that ended it
  bool timed_out = false;
  std::string out;
  std::string err;
};

struct ProgramOptions {
  std::string input;      // its standard input
  std::string directory;  // its working directory; empty: ours
  std::map<std::string, std::string>
      environment;  // beside PATH and HOME, which it gets from us; nothing else is passed on
  std::chrono::milliseconds timeout{60'000};
};

// Runs a program to its end and collects what it wrote. `arguments` starts with the program's path.
ProgramRun RunProgram(const std::vector<std::string>& arguments, const ProgramOptions& options = {});

// The tfseal binary under test, from TFSEAL_BIN, which ctest sets. A test that needs it and has none must fail.
std::string TfsealBinary();

// An empty directory of its own that is removed with everything in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  // Names of the files in it, sorted.
  [[nodiscard]] std::vector<std::string> Listing() const;

 private:
  std::string path_;
};

}  // namespace tfseal::testing

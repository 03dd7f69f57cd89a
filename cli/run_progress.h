#pragma once

#include <string>

#include "apply/run.h"
#include "cli/ui.h"

namespace tfseal::cli {

// What a run says on standard error while it is at work: a line for every change of state, and on a terminal one that
// is written over while something is waited for.
class RunProgress {
 public:
  explicit RunProgress(const Ui& ui);
  ~RunProgress();
  RunProgress(const RunProgress&) = delete;
  RunProgress& operator=(const RunProgress&) = delete;

  void Tell(const RunEvent& event);
  // What a handler says about what it waits for.
  void Tell(std::string_view text);

 private:
  void Overwrite(const std::string& line);
  void Line(const std::string& line);

  const Ui& ui_;
  bool terminal_;
  bool open_ = false;  // a line that is written over stands on the terminal
  std::string last_;
};

}  // namespace tfseal::cli

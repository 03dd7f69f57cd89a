#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "apply/executor.h"
#include "planner/action_kind.h"
#include "tests/support/fault_file.h"
#include "tests/support/sim_cloud.h"

// Plans carried out on a SimCloud, by runs that die and are started again.
namespace tfseal::test {

using testing::Fault;
using testing::FaultFile;
using testing::FileFault;
using testing::Machine;
using testing::SimClock;
using testing::SimCloud;
using testing::SimDisk;

// Every kind as the simplest thing that is real: an object with the action's id, made by one change.
const Handler* SimHandler(std::string_view kind);
// The handlers of the product for what needs no AWS (waves, soaks, steps by hand), the simple one for the rest.
const Handler* SimOrRealHandler(std::string_view kind);

// A chain of `count` steps, each requiring the one before.
ActionPlan Chain(int count);
Action Step(const std::string& name, const std::vector<std::string>& needs);

// A world that outlives its runs: an account, a disk with the journal, the time.
class World {
 public:
  explicit World(const ActionPlan& plan);

  // One run of the program, from its start to its end or its death.
  RunReport Run(const RunOptions& options);
  RunReport RunRollback(bool accept_loss);
  // Brings a dead machine back; `keep` bytes of what was not synced are on the disk.
  void Revive() { machine.dead = false; }
  // Runs until everything is done or `runs_max` runs were not enough; passes soaks by moving the time, and approves
  // what waits for people.
  RunReport RunUntilDone(const RunOptions& options, int runs_max);
  void Approve(const std::vector<std::string>& actions, const std::string& by);
  [[nodiscard]] RunState State();

  const ActionPlan& plan;
  SimClock clock;
  Machine machine;
  SimDisk disk;
  FaultFile::Faults file_faults;
  SimCloud cloud;
  std::vector<RunEvent> events;

 private:
  RunReport With(const std::function<RunReport(const RunSurroundings&)>& run, const RunOptions& options);
  std::unique_ptr<JournalStore> Store();
};

RunOptions Options();

}  // namespace tfseal::test

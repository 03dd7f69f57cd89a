#include <gtest/gtest.h>

#include "tests/support/run_program.h"
#include "tests/support/scenarios.h"

namespace tfseal::testing {
namespace {

TEST(RunProgram, CollectsOutputAndTheWayItEnded) {
  ProgramOptions options;
  options.input = std::string(300'000, 'x');  // more than a pipe holds
  options.environment = {{"WORD", "hello"}};
  const ProgramRun run = RunProgram({"/bin/sh", "-c", "wc -c; echo $WORD >&2; exit 7"}, options);
  EXPECT_EQ(run.exit_code, 7);
  EXPECT_EQ(run.out, "300000\n");
  EXPECT_EQ(run.err, "hello\n");
  EXPECT_EQ(RunProgram({"/bin/sh", "-c", "kill -9 $$"}).signal, 9);
}

TEST(RunProgram, EndsWhatTakesTooLong) {
  ProgramOptions options;
  options.timeout = std::chrono::milliseconds(100);
  EXPECT_TRUE(RunProgram({"/bin/sleep", "30"}, options).timed_out);
}

TEST(Canary, IsFoundInClearAndInBase64AtAnyOffset) {
  EXPECT_TRUE(ShowsCanary("password CANARY-z360-0001"));
  EXPECT_TRUE(ShowsCanary(R"("Q0FOQVJZLXozNjA=")"));  // CANARY-z360
  EXPECT_TRUE(ShowsCanary("key=eHgtQ0FOQVJZLTE"));    // xx-CANARY-1
  EXPECT_TRUE(ShowsCanary("aQ0FOQVJZLXozNjA"));       // a letter before it
  EXPECT_TRUE(ShowsCanary("eENBTkFSWS0x"));           // xCANARY-1
  EXPECT_FALSE(ShowsCanary("arn:aws:kms:us-east-1:108782097218:key/1b2c3d4e-0000-4000-8000-000000000001"));
}

TEST(Scenarios, CoverEveryVerdict) {
  for (const char* verdict : {"allow", "review", "deny", "unusable"}) {
    int count = 0;
    for (const Scenario& scenario : Scenarios()) count += scenario.verdict == verdict ? 1 : 0;
    EXPECT_GE(count, 10) << verdict;
  }
}

}  // namespace
}  // namespace tfseal::testing

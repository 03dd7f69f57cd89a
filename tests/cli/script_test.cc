#include <gtest/gtest.h>

#include "tests/cli/script_runner.h"

namespace tfseal::testing {
namespace {

TEST(Script, EveryScriptPasses) {
  const auto scripts = AllScripts();
  ASSERT_GE(scripts.size(), 7U) << "the folder of scripts was not found";
  for (const std::string& script : scripts) {
    int commands = 0;
    for (const std::string& wrong : RunScript(script, commands)) ADD_FAILURE() << wrong;
    EXPECT_GT(commands, 0) << script;
  }
}

}  // namespace
}  // namespace tfseal::testing

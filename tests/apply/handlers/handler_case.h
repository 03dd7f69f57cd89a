#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "apply/handler.h"
#include "core/time_text.h"
#include "planner/action_kind.h"
#include "planner/parameters.h"
#include "tests/support/sim_cloud.h"

namespace tfseal::testing {

inline constexpr const char* kKey = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555";

// One action and the world that it is carried out in.
class HandlerCase {
 public:
  HandlerCase(aws::Api& api, const ActionKind& kind, JsonValue payload, std::string type = "aws_rds_cluster",
              std::string identifier = "orders")
      : action(MakeAction(
            kind, {"aws_rds_cluster.orders", std::move(type), std::move(identifier), "111122223333", "us-east-1"},
            std::move(payload))),
        context{.api = api, .clock = clock, .outputs = outputs, .settings = {}, .progress = {}},
        handler(FindHandler(kind.name)) {
    EXPECT_NE(handler, nullptr) << kind.name;
  }

  Probe Look() { return Seen(handler->probe(action, context)); }
  Probe LookBack() { return Seen(handler->probe_undone(action, context)); }
  Status Act() { return handler->execute(action, context); }
  Status Undo() { return handler->undo(action, context); }
  // What it takes to be done, in changes; at most ten.
  int CarryOut() {
    int changes = 0;
    while (changes < 10 && Look().state == ProbeState::kNotDone) {
      const Status sent = Act();
      if (!sent.ok() && sent.error().code != ErrorCode::kOutcomeUnknown) {
        ADD_FAILURE() << sent.error().message;
        return -1;
      }
      ++changes;
    }
    return changes;
  }

  SimClock clock{*ParseTime("2026-11-22T05:10:00Z")};
  std::map<std::string, JsonValue> outputs;
  Action action;
  RunContext context;
  const Handler* handler;

 private:
  static Probe Seen(Result<Probe> probe) {
    if (probe.ok()) return *std::move(probe);
    ADD_FAILURE() << probe.error().message;
    return {};
  }
};

MATCHER_P(Is, state, "") {
  *result_listener << "state " << static_cast<int>(arg.state) << ": " << arg.text;
  return arg.state == state;
}
MATCHER_P2(Is, state, text, "") {
  *result_listener << "state " << static_cast<int>(arg.state) << ": " << arg.text << " | " << arg.hint;
  return arg.state == state && arg.text.find(text) != std::string::npos;
}

}  // namespace tfseal::testing

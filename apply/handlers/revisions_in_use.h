#pragma once

#include <map>
#include <string>
#include <vector>

#include "apply/handler.h"

namespace tfseal {

// Who runs which revision of a task definition, in the account and region of the action: services with all their
// deployments, running and starting tasks, and EventBridge rules. Rules may name a family without a revision, which
// means its newest ACTIVE one: such a use stands under "family" without a number.
// EventBridge Scheduler, Step Functions and other accounts are not looked at.
class RevisionsInUse {
 public:
  static Result<RevisionsInUse> Look(const Action& action, RunContext& context);

  // "service pazpaz-production/pazpaz-api"; empty if nobody does. `newest` says whether it is the newest ACTIVE one.
  [[nodiscard]] std::vector<std::string> UsersOf(const std::string& revision_arn, bool newest) const;

 private:
  Status LookAtServices(const std::string& cluster, const Action& action, RunContext& context);
  Status LookAtTasks(const std::string& cluster, const Action& action, RunContext& context);
  Status LookAtRules(const Action& action, RunContext& context);
  void Add(const std::string& definition, const std::string& user);

  std::map<std::string, std::vector<std::string>> users_;  // by family:number, or by family
};

}  // namespace tfseal

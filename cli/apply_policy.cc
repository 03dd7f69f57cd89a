#include "cli/apply_policy.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "apply/needed_reads.h"
#include "aws/observe/iam_policy.h"

namespace tfseal::cli {
namespace {

using observe::NeededCall;

// An ARN's partition, by the region: China and GovCloud are apart.
std::string_view PartitionOf(const std::vector<std::string>& regions) {
  const std::string_view region = regions.empty() ? std::string_view() : std::string_view(regions.front());
  if (region.starts_with("cn-")) return "aws-cn";
  return region.starts_with("us-gov-") ? "aws-us-gov" : "aws";
}

bool IsOneOf(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (words.substr(0, end) == word) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

// Keys and secrets that the payload of an action names, wherever they stand in it.
void CollectArns(const JsonValue& value, std::string_view part, std::set<std::string>* arns) {
  if (value.isObject() || value.isArray()) {
    for (const JsonValue& each : value) CollectArns(each, part, arns);
  } else if (value.isString() && value.asString().starts_with("arn:") &&
             value.asString().find(part) != std::string::npos) {
    arns->insert(value.asString());
  }
}

// Whether a call names the object that its service keeps secrets in.
bool NamesSecret(const JsonValue& parameters) {
  return (parameters["SecretId"].isString() || parameters["Name"].isString());
}

class Needs {
 public:
  void Add(const Action& action) {
    for (const ApiCall& call : action.calls) AddCall(call, action);
    for (const ApiCall& call : action.rollback.calls) AddCall(call, action);
    if (action.poll.has_value()) AddCall(action.poll->call, action);
    AddNamed(action, "kms", "KeyId", ":key/");
    AddNamed(action, "secretsmanager", "SecretId", ":secret:");
  }

  // Reads whose service no call of the plan belongs to: of any object.
  void AddRest() {
    for (const auto& [service, account, region] : seen_) {
      for (const NeededRead& read : ReadsOfHandlers()) {
        if (read.value || !IsOneOf(read.when, service)) continue;
        // A key that the plan makes has no ARN yet.
        const bool may_be_new = read.service == "kms" && makes_key_;
        if (narrowed_.contains(std::string(read.operation)) && !may_be_new) continue;
        calls_.push_back({std::string(read.service), std::string(read.operation), JsonValue(Json::objectValue), account,
                          region, true});
      }
    }
  }

  [[nodiscard]] const std::vector<NeededCall>& calls() const { return calls_; }

 private:
  void AddCall(const ApiCall& call, const Action& action) {
    const Target& target = action.target;
    calls_.push_back({call.service, call.operation, call.parameters, target.account, target.region, call.read_only});
    seen_.insert({call.service, target.account, target.region});
    makes_key_ = makes_key_ || call.operation == "CreateKey";
    if (call.service != "secretsmanager" || !NamesSecret(call.parameters)) return;
    for (const NeededRead& read : ReadsOfHandlers()) {
      if (read.service == call.service) AddRead(read, call.parameters, action);
    }
  }

  void AddNamed(const Action& action, std::string_view service, const char* member, std::string_view part) {
    std::set<std::string> arns;
    CollectArns(action.payload, part, &arns);
    for (const std::string& arn : arns) {
      JsonValue parameters(Json::objectValue);
      parameters[member] = arn;
      for (const NeededRead& read : ReadsOfHandlers()) {
        if (read.service == service && !read.value && read.operation.find("List") == std::string_view::npos) {
          AddRead(read, parameters, action);
        }
      }
    }
  }

  void AddRead(const NeededRead& read, const JsonValue& parameters, const Action& action) {
    calls_.push_back({std::string(read.service), std::string(read.operation), parameters, action.target.account,
                      action.target.region, true});
    narrowed_.insert(std::string(read.operation));
  }

  std::vector<NeededCall> calls_;
  std::set<std::tuple<std::string, std::string, std::string>> seen_;  // service, account, region
  bool makes_key_ = false;
  std::set<std::string> narrowed_;  // reads that were allowed for named objects already
};

}  // namespace

JsonValue PolicyForPlan(const ActionPlan& plan) {
  Needs needs;
  for (const Action& action : plan.actions) needs.Add(action);
  needs.AddRest();
  return observe::PolicyForCalls(needs.calls(), PartitionOf(plan.regions));
}

}  // namespace tfseal::cli

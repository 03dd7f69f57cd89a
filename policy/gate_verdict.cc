#include "policy/gate_verdict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <vector>

namespace tfseal {

using terraform::Document;

std::string WhyUnusable(const Document& plan) {
  if (plan.errored == true) {
    return "the plan is marked as errored: Terraform could not finish it, so it is incomplete and can never be "
           "applied; "
           "fix the error and plan again";
  }
  if (plan.changes_missing) {
    return "planned_values has resources, but neither resource_changes nor prior_state has any: what changes was taken "
           "out of the document; write it again with `terraform show -json PLANFILE`";
  }
  return {};
}

void DecideVerdict(const Document& plan, GateReport* report) {
  std::size_t caused = 0;
  std::size_t existing = 0;
  std::size_t unknown = 0;
  std::size_t destroyed = 0;
  for (const Finding& finding : report->findings) {
    if (!finding.decides()) continue;
    if (finding.verdict == Verdict::kFail && finding.control == "TFS-GATE-001") {
      ++destroyed;
    } else if (finding.verdict == Verdict::kFail) {
      ++(CausedByPlan(finding.cause) ? caused : existing);
    } else {
      ++unknown;
    }
  }
  const auto because = [&](std::size_t count, std::string_view one, std::string_view many) {
    if (count > 0) report->because.push_back(fmt::format("{} {}", count, count == 1 ? one : many));
  };
  because(destroyed, "thing that holds data, keys, secrets or recovery points would be destroyed",
          "things that hold data, keys, secrets or recovery points would be destroyed");
  because(caused, "required control would fail because of this plan",
          "required controls would fail because of this plan");
  because(existing, "required control fails already and is not made worse",
          "required controls fail already and are not made worse");
  because(unknown, "required control cannot be decided from this plan",
          "required controls cannot be decided from this plan");
  const auto is_known = [](const Finding& finding) { return finding.known && !finding.waived && finding.required; };
  const auto known =
      static_cast<std::size_t>(std::count_if(report->findings.begin(), report->findings.end(), is_known));
  const bool partial = plan.complete == false || plan.deferred_changes > 0;
  if (partial)
    report->because.emplace_back("the plan is partial (targeted or deferred), so it says nothing about the rest");
  const bool waived_destruction = !report->destroys.empty() && destroyed == 0;
  if (waived_destruction) report->because.emplace_back("what would be destroyed is waived");
  report->verdict = destroyed + caused > 0                                    ? GateVerdict::kDeny
                    : existing + unknown > 0 || partial || waived_destruction ? GateVerdict::kReview
                                                                              : GateVerdict::kAllow;
  if (report->because.empty() && known == 0) {
    report->because.emplace_back("nothing is lost or weakened, and every required control passes");
  } else if (known > 0) {
    report->because.push_back(fmt::format("{}{} known from the baseline",
                                          report->because.empty() ? "nothing new: " : "",
                                          known == 1 ? "1 finding is" : fmt::format("{} findings are", known)));
  }
}

std::string DestroyedUnjudged(const Document& plan, const std::function<bool(std::string_view type)>& is_known) {
  constexpr std::size_t kNamed = 8;
  std::map<std::string, std::uint64_t, std::less<>> unknown;
  for (const auto& [type, number] : plan.destroyed_elsewhere) {
    if (!is_known(type)) unknown[type] += number;
  }
  for (const terraform::ResourceInstance& instance : plan.resources) {
    if (instance.actions.destroy && !is_known(instance.type)) ++unknown[std::string(instance.type)];
  }
  if (unknown.empty()) return {};
  std::uint64_t count = 0;
  std::vector<std::string> types;
  for (const auto& [type, number] : unknown) {
    count += number;
    types.push_back(number == 1 ? type : fmt::format("{} {}", number, type));
  }
  std::string more;
  if (types.size() > kNamed) more = fmt::format(" and {} more types", types.size() - kNamed);
  types.resize(std::min(types.size(), kNamed));
  return fmt::format("destroyed, but not judged, because tfseal does not know {}: {}{}",
                     count == 1 ? "its type" : "their types", fmt::join(types, ", "), more);
}

std::string_view Name(GateVerdict verdict) {
  switch (verdict) {
    case GateVerdict::kAllow:
      return "allow";
    case GateVerdict::kReview:
      return "review";
    case GateVerdict::kDeny:
      return "deny";
    case GateVerdict::kUnusable:
      break;
  }
  return "unusable";
}

}  // namespace tfseal

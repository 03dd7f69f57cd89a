#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "policy/finding.h"
#include "terraform/document.h"

namespace tfseal {

// What was found before and is known: the findings of an earlier report. A finding is the same one again if control and
// address are the same, or control and the address that it had before a `moved` block, or control and the ARN of the
// object. What a plan causes or worsens is known only if the earlier report says the same of it; what is now sure to
// fail is not known from a report in which it could not be decided; and what a plan itself does (TFS-GATE-...) never
// is.
class Baseline {
 public:
  // From the text of `gate` or `verify` with --output json or jsonl, of one document or of many. Findings in a report
  // of many documents belong to the document that they were found in. The error says what is wrong with the text.
  static Result<Baseline> Read(std::string_view text);

  [[nodiscard]] std::size_t size() const { return findings_; }

  // `path` is that of the document, as it was named on the command line.
  [[nodiscard]] bool Knows(const Finding& finding, const terraform::ResourceInstance& instance,
                           std::string_view path) const;
  // The same for those that have no instance at hand.
  [[nodiscard]] bool KnowsAt(const Finding& finding, std::string_view address, std::string_view path) const;

 private:
  struct Known {
    bool undecided = false;
    bool of_plan = false;  // caused or worsened
    std::string message;   // only if of_plan
  };

  Status AddReport(const JsonValue& report);
  Status AddFinding(const JsonValue& finding, std::string_view document, bool many);
  [[nodiscard]] bool Matches(const std::string& key, const Finding& finding) const;

  std::unordered_map<std::string, std::vector<Known>> by_key_;
  std::size_t findings_ = 0;
};

// The ARN of the object behind an instance, before or after; empty if it has none that is known and no secret.
std::string_view ObjectOf(const terraform::ResourceInstance& instance);

}  // namespace tfseal

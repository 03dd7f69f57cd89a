#pragma once

#include <optional>

#include "cli/args.h"
#include "cli/ui.h"
#include "core/result.h"
#include "policy/gate.h"
#include "report/assessment.h"
#include "report/render.h"
#include "terraform/interest.h"
#include "terraform/source_tree.h"

namespace tfseal::cli {

// The formats of report/ among those that were asked for, and what they need beyond text and JSON. Without one of them
// nothing is read, listed or kept for them.
class ReportFormats {
 public:
  explicit ReportFormats(const Arguments& arguments);

  [[nodiscard]] bool any() const { return any_; }
  [[nodiscard]] Listing listing() const { return any_ ? Listing::kEverything : Listing::kFindings; }
  // What has to be read of a document.
  [[nodiscard]] terraform::Interest Widen(terraform::Interest interest) const;
  // Notes for what a report would need to be as good as it can be.
  void SayWhatIsMissing(const report::Assessment& assessment, const Ui& ui) const;

 private:
  bool any_ = false;
  bool places_ = false;   // file and line
  bool account_ = false;  // account and region
  bool changes_ = false;  // of resources that no control looks at
};

report::Circumstances CircumstancesOf(const Arguments& arguments);

// --baseline, if it was given; what is wrong with it has been shown if there is no value.
std::optional<Baseline> LoadBaseline(const Arguments& arguments, const Ui& ui);
// How to judge for what was asked for: `baseline` must outlive it.
Judging JudgingFor(const Arguments& arguments, const ReportFormats& formats, const Baseline& baseline);

// --source, if it was given.
Status AttachSources(const Arguments& arguments, terraform::Document& document);

}  // namespace tfseal::cli

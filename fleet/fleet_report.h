#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "fleet/inputs.h"
#include "fleet/records.h"
#include "fleet/spool.h"
#include "report/assessment.h"

// One report of many documents (docs/fleets.md). What was found is kept as lines in a Spool, so that the memory it
// takes does not grow with the number of documents; every format is made by reading them again.
namespace tfseal::fleet {

// What is the same for all documents of a run.
struct Run {
  std::string command;  // gate, verify
  std::string version;
  UnixSeconds now = 0;
  std::string scope;  // --environment
  std::string policy_path;
  std::string policy_sha256;
  std::string profile;
  Shard shard;
  int waiver_findings_max = 100;
  bool waivers_refused = false;           // tfseal.yaml has waivers that expired or last too long
  std::vector<report::Rule> own_rules{};  // of the controls that tfseal.yaml defines
};

// Worst last.
enum class Outcome : std::uint8_t {
  kGood,       // allow; pass
  kLook,       // review; unknown
  kBad,        // deny; fail
  kNotJudged,  // unusable; verify says unknown and names the error
};

struct Totals {
  std::uint64_t documents[4] = {};  // by Outcome
  std::uint64_t fails = 0;
  std::uint64_t undecided = 0;
  std::uint64_t advice = 0;
  std::uint64_t known = 0;
  std::uint64_t waived = 0;
  std::uint64_t passes = 0;
  std::uint64_t resources_seen = 0;
  std::uint64_t resources_judged = 0;
  std::uint64_t destroys = 0;

  void Add(const Totals& other);
  [[nodiscard]] std::uint64_t Documents() const;
};

// A judged document in the form in which it is handed over and kept.
struct Kept {
  std::string lines;
  Totals totals;
  std::vector<WaiverUse> waivers;
  std::vector<ClosedObligation> closed;
};
Kept Keep(const JudgedDocument& judged);

class FleetReport {
 public:
  explicit FleetReport(Run run) : run_(std::move(run)) {}

  // In the order of the paths.
  Status Add(const Kept& kept);
  // After the last document: what only all of them together tell.
  Status Finish();

  [[nodiscard]] const Run& run() const { return run_; }
  [[nodiscard]] const Totals& totals() const { return totals_; }
  [[nodiscard]] const std::vector<WaiverUse>& waivers() const { return waivers_; }
  [[nodiscard]] const std::vector<ClosedObligation>& closed() const { return closed_; }
  // The worst of all documents and obligations. Without any document there is nothing that fails.
  [[nodiscard]] Outcome outcome() const;
  [[nodiscard]] std::string_view verdict() const;  // the word of the command for it
  [[nodiscard]] std::vector<std::string> Because() const;

  using Sink = std::function<void(std::string_view piece)>;
  Status WriteJson(const Sink& sink) const;
  Status WriteJsonLines(const Sink& sink) const;
  [[nodiscard]] Result<report::Assessment> Assess() const;
  // Every line of every document, as in records.h.
  Status Read(const std::function<void(std::string_view line)>& visit) const { return spool_.Read(visit); }

 private:
  [[nodiscard]] JsonValue About() const;

  Run run_;
  Spool spool_;
  Totals totals_;
  std::vector<WaiverUse> waivers_;
  std::vector<ClosedObligation> closed_;
};

}  // namespace tfseal::fleet

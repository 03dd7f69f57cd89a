#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/gate.h"
#include "policy/policy_file.h"
#include "report/rules.h"
#include "terraform/document.h"
#include "verifier/verify.h"
#include "verifier/verify_live.h"

// What a run of `gate` or `verify` found, in the one form that every report is rendered from. Texts are clean
// (clean.h): no control characters, no marks that turn the direction of writing, valid UTF-8; they hold no value that
// could be secret, because findings hold none.
namespace tfseal::report {

// What a check means for the verdict, most pressing last in the alphabet of formats: each of them has its own word for
// each of these. Undecided is the zero value: what nobody placed has not passed.
enum class Standing : std::uint8_t {
  kUndecided,  // required, and it cannot be known
  kFails,      // required, and it fails
  kAdvice,     // fails or is unknown, of a topic that the policy does not require; or is known from the baseline
  kWaived,     // fails or is unknown, and somebody has taken responsibility until a date
  kPasses,
};
std::string_view Name(Standing standing);  // "undecided", "fails", "advice", "waived", "passes"

struct Place {
  std::string file;  // empty: not known
  int line = 0;
};

// One control's answer about one resource.
struct Check {
  std::string rule;  // id of a Rule
  Standing standing = Standing::kUndecided;
  Verdict verdict = Verdict::kUnknown;
  Severity severity = Severity::kInfo;
  Topic topic = Topic::kEncryption;
  std::string address;
  std::string type;
  std::string environment;  // name in tfseal.yaml; empty: defaults
  std::size_t document = 0;
  std::string cause;         // caused, worsened, existing, drift, state
  std::string change_class;  // empty for states
  std::string message;
  std::string remedy;
  std::string waiver;  // who, why, until when; if the standing is another: a waiver that has run out
  bool required = false;
  bool known = false;  // in the baseline
  std::string object;  // ARN, if it was asked for
  std::vector<std::string> evidence;
  Place place;   // where a person can change it: the block, or the call of a module that is not theirs to change
  Place inside;  // the block inside that module; no file if `place` is the block
  // 32 hexadecimal digits, of rule and address: the same in every run, wherever the block moves. Where a rule speaks
  // twice about one address, by the order in which it does.
  std::string fingerprint;

  [[nodiscard]] std::string_view EnvironmentName() const {
    return environment.empty() ? std::string_view("defaults") : std::string_view(environment);
  }
};

struct AssessedDocument {
  std::string path;
  std::string sha256;  // may be empty
  std::string kind;    // plan, state
  std::string terraform_version;
  std::uint64_t resources_seen = 0;
  std::uint64_t resources_judged = 0;
  std::uint64_t passed = 0;
};

struct DestroyedObject {
  std::string address;
  std::string cls;
  std::string reason;
  std::string remedy;
  bool deposed = false;
  std::vector<std::string> paths;
  std::vector<std::string> protections;
  Place place;
  std::size_t document = 0;
};

// What the plan promises and `verify` looks up after the apply.
struct OpenPromise {
  std::string rule;
  std::string address;
  std::string expectation;
  std::string attribute;
  std::string resolved_to;
  std::size_t document = 0;
};

// As Terraform counts them: a replacement is one of each.
struct ChangeCounts {
  std::uint64_t create = 0;
  std::uint64_t update = 0;
  std::uint64_t destroy = 0;
};

enum class Tone : std::uint8_t { kBad, kLook, kGood };

struct Assessment {
  std::string command;  // gate, verify
  std::string version;  // of tfseal
  std::string verdict;  // gate: allow, review, deny, unusable; verify: compliant, unknown, not compliant
  Tone tone = Tone::kBad;
  std::vector<std::string> because;
  UnixSeconds now = 0;
  std::string policy_path;  // empty: built-in defaults
  std::string policy_sha256;
  std::string profile;
  std::string scope;    // name given with --environment; empty: by the policy's match
  std::string account;  // 12 digits; empty if nothing says it
  std::string region;   // empty if nothing says it
  std::vector<AssessedDocument> documents;
  std::vector<Rule> rules;      // of every check, sorted by id
  std::vector<Rule> own_rules;  // all that tfseal.yaml defines
  // From many documents one by one: their waivers are counted together before any is said to be unused.
  bool among_many = false;
  std::vector<Check> checks;  // fails, undecided, advice, waived, passes; then by severity, address, rule
  std::vector<DestroyedObject> destroys;
  std::vector<OpenPromise> promises;
  std::vector<std::string> notes;
  std::vector<WaiverUse> waivers;
  ChangeCounts changes;  // gate

  [[nodiscard]] const Rule& RuleOf(const Check& check) const;
  // Which of many documents something is in: its path; empty where there is one document only.
  [[nodiscard]] std::string_view Among(std::size_t document) const;
  [[nodiscard]] std::size_t Count(Standing standing) const;
  [[nodiscard]] std::uint64_t Judged() const;
};

// What the command line knows beside the reports.
struct Circumstances {
  std::string version;
  std::string scope;
  UnixSeconds now = 0;
  // Of many documents that are assessed one by one: the path of this one, which is then part of every fingerprint.
  std::string among_many{};
};

Assessment AssessGate(const GateReport& report, const terraform::Document& plan, const PolicyFile& policy,
                      const Circumstances& circumstances);
Assessment AssessVerify(const VerifyReport& report, std::span<const terraform::Document> documents,
                        const PolicyFile& policy, const Circumstances& circumstances);
// verify --live: `documents` are the observed ones, `account` and `regions` those of the run.
Assessment AssessLive(const LiveReport& report, std::span<const terraform::Document> documents, const LiveRun& run,
                      const PolicyFile& policy, const Circumstances& circumstances);

// Adds an obligation that was looked up, as the check that it is.
void AddPromise(const ClosedObligation& closed, Assessment& assessment);
// Puts the checks into the order of a report and fills in their rules.
void Arrange(Assessment& assessment);
// A problem with a waiver, as the check that it is; those of a run over many documents come last.
void AddWaiverProblems(Assessment& assessment);

}  // namespace tfseal::report

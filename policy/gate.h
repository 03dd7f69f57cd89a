#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/shared_text.h"
#include "policy/baseline.h"
#include "policy/control.h"
#include "policy/finding.h"
#include "policy/policy_file.h"
#include "policy/waiver.h"
#include "terraform/document.h"
#include "terraform/interest.h"

namespace tfseal {

enum class GateVerdict : std::uint8_t { kAllow, kReview, kDeny, kUnusable };
std::string_view Name(GateVerdict verdict);

// Something that holds data, keys, secrets or recovery points and that the plan destroys.
struct Destroyed {
  SharedText address;
  SharedText type;
  // replace_data_loss, delete_data_loss, destructive_update, key_loss, secret_loss, recovery_point_loss
  SharedText cls;
  bool deposed = false;
  std::vector<std::string> paths;        // the attributes that force it
  std::vector<std::string> protections;  // what would, or would not, have saved it
  SharedText reason;                     // "storage_encrypted cannot be changed in place"
  SharedText remedy;                     // the command that plans the safe way
  SharedText file;
  int line = 0;
};

struct OpenObligation {
  std::string address;
  std::string control;
  Obligation obligation;
};

struct Report {
  std::vector<Finding> findings;  // sorted by (verdict decisive first, address, control); passes are not listed
  std::vector<Destroyed> destroys;
  std::vector<OpenObligation> obligations;
  std::vector<std::string> notes;  // drift noise left out, partial plan, what was not judged
  std::uint64_t judged = 0;        // resources with at least one applicable control
  std::uint64_t passed = 0;        // control evaluations that passed
  std::uint64_t unlisted = 0;      // findings that decide nothing, if those are only counted (Listing::kDeciding)
  // Those that passed, in the order of the document; only if asked for (Listing::kEverything).
  std::vector<Finding> passes;
  std::vector<WaiverUse> waivers;  // all that there are, used or not
  WaiverRules waiver_rules;
};

// What a report lists. A large plan passes a hundred thousand times, and half of its findings are advice: most reports
// only count what passed, and a text that nobody asked to be verbose counts the findings that decide nothing as well.
enum class Listing : std::uint8_t { kDeciding, kFindings, kEverything };

// Where a document comes from. Of what only environments and tfseal.yaml's own controls look at, the settings of the
// database itself are read from AWS and nothing else; what Terraform says about the rest does not count for AWS: it is
// unknown there.
enum class Facts : std::uint8_t { kTerraform, kLive };

// How a document is judged.
struct Judging {
  Judging(Listing what = Listing::kFindings) : listing(what) {}

  Listing listing;
  const Baseline* baseline = nullptr;  // what is in it decides nothing
  bool objects = false;                // findings name the ARN, by which a baseline knows them again
};

struct GateReport : Report {
  GateVerdict verdict = GateVerdict::kUnusable;
  std::string unusable_because;      // only for kUnusable
  std::vector<std::string> because;  // the lines that decide the verdict, most important first
};

// What the reader must keep for Gate() and Verify(): the types of the resource catalogue, and the attributes that the
// controls, the joins and the change classes look at.
const terraform::Interest& GateInterest();
// The same for one policy: without environments nobody asks for tags, accounts and regions.
terraform::Interest GateInterest(const PolicyFile& policy);
// Whether a control may look at resources of this type when it judges one of another type.
bool IsSeenByOtherControls(std::string_view type);

// The verdict on a plan (product.md). `now` decides which waivers have expired.
GateReport Gate(const terraform::Document& plan, const PolicyFile& policy, UnixSeconds now,
                const Judging& judging = {});

// The same controls on a state, or on a plan's after side if `document` is a plan; every finding's cause is kState.
Report Evaluate(const terraform::Document& document, const PolicyFile& policy, UnixSeconds now,
                const Judging& judging = {}, Facts facts = Facts::kTerraform);

// product.md: {verdict, findings[], destroys[], obligations[]}, and schema, document, notes, summary beside them.
// The text is what goes out; the value is the same, for those who pick it apart.
std::string WriteJson(const GateReport& report, const terraform::Document& plan);
// The same text piece by piece, without ever having all of it in memory.
void WriteJson(const GateReport& report, const terraform::Document& plan,
               const std::function<void(std::string_view piece)>& sink);
JsonValue ToJson(const GateReport& report, const terraform::Document& plan);
JsonValue ToJson(const Finding& finding);
JsonValue ToJson(const OpenObligation& obligation);
JsonValue ToJson(const WaiverUse& use);

}  // namespace tfseal

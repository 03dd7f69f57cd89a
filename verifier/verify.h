#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "policy/gate.h"
#include "policy/policy_file.h"
#include "terraform/document.h"

namespace tfseal {

// An obligation that a gate left open, looked up in the state after the apply.
struct ClosedObligation {
  OpenObligation open;
  Verdict verdict = Verdict::kUnknown;  // kPass: it came true; kUnknown: the resource is in none of the documents
  std::string message;
};

struct VerifyReport {
  std::vector<Report> reports;  // one a document, in the order given
  std::vector<ClosedObligation> obligations;
  // kFail if a required control or an obligation fails, else kUnknown if one cannot be decided, else kPass.
  Verdict verdict = Verdict::kUnknown;
};

// Judges states (or the after side of plans) with the same controls as the gate. A document in which no control applies
// to anything gives kPass with a note, and so does an empty state: there is nothing in it to protect.
VerifyReport Verify(std::span<const terraform::Document> documents, const PolicyFile& policy,
                    std::span<const OpenObligation> obligations, UnixSeconds now, const Judging& judging = {},
                    Facts facts = Facts::kTerraform);

// The obligations looked up in one document.
std::vector<ClosedObligation> CloseObligations(const terraform::Document& document,
                                               std::span<const OpenObligation> obligations, const PolicyFile& policy,
                                               UnixSeconds now);

// The obligations in the output of `gate --output json`. The error says what is wrong with `text`.
Result<std::vector<OpenObligation>> ReadObligations(std::string_view text);

JsonValue ToJson(const VerifyReport& report, std::span<const terraform::Document> documents);

}  // namespace tfseal

#include "terraform/detection.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>

namespace tfseal::terraform {
namespace {

constexpr std::string_view kShowPlan = "terraform show -json PLANFILE > plan.json";

struct Foreign {
  std::string_view key;
  std::string_view what;
  std::string_view hint;
};

// By the first of these keys that a document has; what can be judged has none of them.
constexpr std::array kForeign = {
    Foreign{"@level", "is the log of a command that ran with -json, not a plan",
            "save the plan with `terraform plan -out=PLANFILE`, then run `terraform show -json PLANFILE > plan.json`"},
    Foreign{"encrypted_data", "is encrypted by OpenTofu; nothing in it can be judged",
            "run `tofu show -json` (or `tofu state pull` for a state) where the encryption is configured"},
    Foreign{"remote_plan_format", "is a bookmark of a plan in HCP Terraform, not the plan",
            "run `terraform show -json PLANFILE > plan.json` in the directory of the plan, logged in to HCP Terraform"},
    Foreign{"function_signatures", "is the output of `metadata functions -json`, not a plan or a state", kShowPlan},
    Foreign{"diagnostics", "is the output of `validate -json`, not a plan or a state", kShowPlan},
    Foreign{
        "provider_format_version", "is a redacted plan of HCP Terraform: the values that decide are left out",
        "download the JSON output of the plan with a token that may read it, or run `terraform show -json PLANFILE`"},
    Foreign{"provider_schemas", "is the output of `providers schema -json`, not a plan or a state", kShowPlan},
    Foreign{"provider_selections", "is the output of `version -json`, not a plan or a state", kShowPlan},
};

constexpr std::array<std::string_view, 15> kPlanKeys = {
    "resource_changes", "planned_values",      "configuration",   "output_changes", "prior_state", "resource_drift",
    "deferred_changes", "relevant_attributes", "variables",       "timestamp",      "errored",     "applyable",
    "complete",         "action_invocations",  "proposed_unknown"};

std::optional<Error> ForeignDocument(const std::string& name, const TopLevel& top) {
  for (const Foreign& foreign : kForeign) {
    if (!top.has(foreign.key)) continue;
    return Error{ErrorCode::kInvalidInput, fmt::format("{}: {}", name, foreign.what), std::string(foreign.hint)};
  }
  return std::nullopt;
}

Error Refused(const std::string& name, std::string_view what, std::string_view hint) {
  return {ErrorCode::kInvalidInput, fmt::format("{}: {}", name, what), std::string(hint)};
}

}  // namespace

bool IsZip(std::string_view head) {
  return head.starts_with("PK\x03\x04");
}

Error NotAnObject(const std::string& name, std::string_view head, char first) {
  if (head.empty()) {
    return Refused(name, "is empty", "check that the command that wrote it did not fail; run it again");
  }
  if (IsZip(head)) {
    return Refused(name, "is a saved plan in binary form",
                   "run `terraform show -json FILE > plan.json` and read plan.json");
  }
  if (head.starts_with("tfplan")) {
    return Refused(name, "is a saved plan of Terraform 0.11 or older, which has no JSON form",
                   "plan again with Terraform 0.12 or newer");
  }
  if (first == '[') {
    return Refused(name, "starts with `[`: it is a list or has text of a wrapper script before the document",
                   "pass the plan alone; in GitHub Actions set `terraform_wrapper: false` for setup-terraform");
  }
  if (first == 0) return Refused(name, "holds nothing but blanks", "run the command that wrote it again");
  return Refused(name, "has text before the document, or is not JSON at all",
                 "pass only what `terraform show -json PLANFILE` wrote to standard output");
}

Status CheckFormatVersion(const std::string& name, std::string_view format_version) {
  int major = -1;
  const char* const end = format_version.data() + format_version.size();
  const auto [dot, error] = std::from_chars(format_version.data(), end, major);
  if (error == std::errc() && (dot == end || *dot == '.') && (major == 0 || major == 1)) return {};
  if (error == std::errc() && major > 1) {
    return Error{ErrorCode::kUnsupportedVersion,
                 fmt::format("{}: has the format version {}.x; this version of tfseal reads 0.x and 1.x", name, major),
                 "update tfseal"};
  }
  return Error{ErrorCode::kUnsupportedVersion, fmt::format("{}: has a format_version that is not a version", name),
               std::string(kShowPlan)};
}

Result<DocumentKind> Classify(const std::string& name, const TopLevel& top) {
  if (const auto foreign = ForeignDocument(name, top)) return *foreign;
  if (top.has("format_version")) {
    for (const std::string_view key : kPlanKeys) {
      if (top.has(key)) return DocumentKind::kPlan;
    }
    for (const std::string& key : top.keys) {
      if (key == "values" || key == "format_version" || key == "terraform_version" || key == "checks") continue;
      if (top.has("values")) continue;
      return Refused(name, "has a format_version, but nothing of a plan or a state", kShowPlan);
    }
    return DocumentKind::kState;
  }
  if (top.has("version") && (top.has("resources") || top.has("modules") || top.has("lineage") || top.has("serial"))) {
    if (top.state_version == 4 || (top.state_version == 3 && top.has("modules"))) return DocumentKind::kState;
    return Error{ErrorCode::kUnsupportedVersion,
                 fmt::format("{}: is a state of a version that cannot be read; versions 3 and 4 can", name),
                 "run `terraform state pull` with a current Terraform and read what it writes"};
  }
  if (top.has("resource_changes") || top.has("planned_values")) {
    return Refused(name, "looks like a plan but has no format_version, so what its keys mean is not certain",
                   "pass the unchanged output of `terraform show -json PLANFILE`");
  }
  if (top.has("schema") && top.has("actions")) {
    return Refused(
        name, "is an action plan, which `tfseal plan` wrote, not a Terraform plan or a state",
        "`tfseal apply`, `status` and `export` take it, `tfseal verify --actions` too; here belongs the plan or "
        "the state that it was made from");
  }
  if (top.has("schema")) {
    return Refused(name, "is something that tfseal wrote, not a Terraform plan or a state",
                   "here belongs the plan or the state that it is about");
  }
  return Refused(name,
                 "is neither a plan nor a state: it has neither format_version nor a state's version and resources",
                 "if a plan is wrapped inside, pass the plan alone: `terraform show -json PLANFILE > plan.json`");
}

Error ExplainDamage(const std::string& name, const TopLevel& top, Error damage) {
  if (const auto foreign = ForeignDocument(name, top)) return *foreign;
  return damage;
}

}  // namespace tfseal::terraform

#include "crypto/rekey/plan.h"

#include <fmt/format.h>

#include <array>

#include "cli/commands.h"
#include "cli/direct_keys.h"
#include "cli/output.h"
#include "cli/rekey_session.h"
#include "core/json.h"
#include "crypto/rekey/row_rekeyer.h"
#include "crypto/rekey/verify_rows.h"

namespace tfseal::cli {
namespace {

using rekey::PlanFinding;
using rekey::Severity;

// One key as it is now, without a use of it. What is wrong with it is a finding like any other.
std::unique_ptr<KeyWrapper> LookAtKey(const rekey::Mapping& mapping, postgres::Connection& session,
                                      const rekey::KeySpec& spec, std::string role, RekeyKeys& with, bool may_use,
                                      rekey::Plan& plan) {
  constexpr std::array kProviders = {"catalogue", "kms", "local", "vault", "direct"};
  rekey::KeyReport report;
  report.role = std::move(role);
  report.name = spec.name;
  report.provider = kProviders[static_cast<std::size_t>(spec.provider)];
  const auto refuse = [&](std::string message, std::string fix) {
    plan.findings.push_back({Severity::kRefused, "key-state", spec.name, std::move(message), std::move(fix)});
  };
  const auto take = [&](const Result<WrappingKeyState>& state, std::string fix) {
    if (!state.ok()) {
      report.detail = "not found out";
      refuse(state.error().message, state.error().hint);
      return;
    }
    report.state = *state;
    if (!state->usable) refuse(fmt::format("the key cannot be used: {}", state->detail), std::move(fix));
  };
  std::unique_ptr<KeyWrapper> key;
  // To read a secret leaves a trace of it.
  if (spec.provider == rekey::KeyProvider::kDirect && !spec.direct.secret.empty() && !may_use) {
    take(DescribeRekeySecret(spec, with), "restore the secret before the run");
  } else if (auto opened = OpenRekeyKey(mapping, session, spec, with); !opened.ok()) {
    take(opened.error(), "");
  } else if (*opened == nullptr) {
    report.detail = "legacy material of the catalogue";
  } else {
    key = std::move(*opened);
    take(key->Describe(), "enable it before the run");
  }
  plan.keys.push_back(std::move(report));
  return key;
}

// Opens rows under the old key: the layouts are read with the keys exchanged.
Status Probe(const postgres::ConnectionUrl& url, const rekey::Mapping& mapping, postgres::Connection& session,
             KeyWrapper& from, int rows, rekey::Plan& plan) {
  SystemEntropy entropy;
  rekey::KeyRefValues exchanged{mapping.to.name, mapping.from.name};
  if (mapping.catalog.has_value()) {
    TFSEAL_ASSIGN(const postgres::Rows found,
                  session.Query(fmt::format("SELECT t.{}::text FROM {} t WHERE t.{}::text = $1",
                                            postgres::QuoteName(mapping.catalog->id), mapping.catalog->table.Quoted(),
                                            postgres::QuoteName(mapping.catalog->name)),
                                {mapping.from.name}));
    if (found.empty()) return {};  // a finding already
    // The new key may have no row yet; what stands for it is not looked for.
    exchanged = {postgres::TextAt(found.front(), 0), postgres::TextAt(found.front(), 0)};
  }
  std::vector<rekey::TableLayout> layouts;
  for (const rekey::TargetMapping& target : mapping.targets) {
    rekey::KeyRefValues keys = exchanged;
    if (target.key_ref.kind != rekey::KeyRefKind::kForeignKey) {
      keys = {mapping.to.name, mapping.from.name, rekey::OtherKeys(mapping)};
    }
    TFSEAL_ASSIGN(rekey::TableLayout layout, rekey::ReadLayout(session, target, mapping.mode, keys));
    for (rekey::SealedField& field : layout.fields) field.sealed_with = field.opened_with;
    layouts.push_back(std::move(layout));
  }
  TFSEAL_ASSIGN(const rekey::RowsProof proof, rekey::ProbeRows(url, layouts, from, entropy, rows));
  for (const rekey::TableProof& table : proof.tables) {
    plan.probed += table.visited;
    plan.probe_failures += table.failed;
    for (const auto& [code, count] : table.failures) {
      // From before envelope encryption: the catalogue's own material opens them, which a plan does not read.
      if (code == "legacy" && mapping.mode != rekey::RekeyMode::kRewrap) {
        plan.probe_failures -= count;
        plan.findings.push_back(
            {Severity::kNote, "probe", table.table,
             fmt::format("{} of {} rows have no wrapped data key and were not opened", count, table.visited), ""});
        continue;
      }
      plan.findings.push_back(
          {Severity::kRefused, "probe", table.table,
           fmt::format("{} of {} rows do not open under the old key: {}", count, table.visited, code),
           "correct the mapping (tag, iv, aad, format) or the key before the run"});
    }
  }
  return {};
}

// A plan that went into a file alone says nothing by itself.
void SayWhatWasWritten(const Arguments& arguments, const Ui& ui, const rekey::Plan& plan) {
  std::vector<std::string> files;
  for (const OutputRequest& output : arguments.outputs) {
    if (!output.file.empty()) files.push_back(output.file);
  }
  if (files.empty()) return;
  const bool refused = plan.Has(Severity::kRefused);
  const bool review = plan.Has(Severity::kUnknown);
  ui.Note(fmt::format("rekey plan: {}, written to {}",
                      refused  ? "refused"
                      : review ? "review"
                               : "ready",
                      fmt::join(files, ", ")));
  const std::string config = arguments.config.empty() ? std::string() : " --config " + arguments.config;
  ui.Hint(refused ? fmt::format("correct what it lists, then tfseal rekey plan{}", config)
                  : fmt::format("next: {}tfseal rekey setup{}, once, then tfseal rekey run{}",
                                review ? "look at what it lists; " : "", config, config));
}

}  // namespace

ExitCode RunRekeyPlan(const Arguments& arguments, const Ui& ui) {
  const auto mapping = LoadMapping(arguments, ui);
  if (!mapping) return ExitCode::kUsage;
  const auto make = [&]() -> Result<rekey::Plan> {
    TFSEAL_ASSIGN(const postgres::ConnectionUrl url, DatabaseOf(*mapping));
    TFSEAL_ASSIGN(postgres::Connection session, postgres::Connection::Open(url));
    rekey::Plan keys;
    RekeyKeys with;
    const auto from = LookAtKey(*mapping, session, mapping->from, "from", with, arguments.rekey.probe > 0, keys);
    const auto to = LookAtKey(*mapping, session, mapping->to, "to", with, arguments.rekey.probe > 0, keys);
    if (to != nullptr) {
      if (const Status differ = CheckDirectKeys(from.get(), *to); !differ.ok()) {
        keys.findings.push_back({Severity::kRefused, "key-state", "", differ.error().message, differ.error().hint});
      }
    }
    rekey::PlanOptions options;
    options.run_as = arguments.rekey.run_as;
    if (arguments.rekey.free_bytes >= 0) options.free_bytes = arguments.rekey.free_bytes;
    options.remote_from =
        from == nullptr ? mapping->from.provider == rekey::KeyProvider::kKms : !rekey::IsLocal(from.get());
    options.remote_to = to == nullptr ? mapping->to.provider == rekey::KeyProvider::kKms : !rekey::IsLocal(to.get());
    TFSEAL_ASSIGN(rekey::Plan plan, rekey::MakePlan(session, *mapping, options));
    plan.keys = std::move(keys.keys);
    plan.findings.insert(plan.findings.end(), keys.findings.begin(), keys.findings.end());
    if (arguments.rekey.probe > 0 && from != nullptr) {
      const Status probed = Probe(url, *mapping, session, *from, arguments.rekey.probe, plan);
      if (!probed.ok()) {
        plan.findings.push_back({Severity::kRefused, "probe", "", probed.error().message, probed.error().hint});
      }
    }
    rekey::FinishPlan(plan);
    return plan;
  };
  const auto plan = make();
  if (!plan.ok()) {
    ui.Fail(plan.error());
    return RekeyExitCode(plan.error());
  }
  const Status delivered = Deliver(arguments, ui, [&](std::string_view format) {
    if (format == "json") return WriteJsonDocument(rekey::ToJson(*plan));
    return format == "markdown" ? rekey::PlanMarkdown(*plan) : rekey::PlanText(*plan);
  });
  if (!delivered.ok()) {
    ui.Fail(delivered.error());
    return ExitCode::kFailed;
  }
  SayWhatWasWritten(arguments, ui, *plan);
  if (arguments.soft_fail) return ExitCode::kDone;
  if (plan->Has(Severity::kRefused)) return ExitCode::kDeny;
  return plan->Has(Severity::kUnknown) ? ExitCode::kReview : ExitCode::kDone;
}

}  // namespace tfseal::cli

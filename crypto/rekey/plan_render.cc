#include <fmt/format.h>

#include <chrono>

#include "core/time_text.h"
#include "crypto/rekey/plan.h"

namespace tfseal::rekey {
namespace {

constexpr const char* kSeverities[] = {"refused", "unknown", "note"};

const char* Name(Severity severity) {
  return kSeverities[static_cast<std::size_t>(severity)];
}

std::string Bytes(std::int64_t bytes) {
  if (bytes < (std::int64_t{10} << 10)) return fmt::format("{} B", bytes);
  if (bytes < (std::int64_t{10} << 20)) return fmt::format("{} KiB", bytes >> 10);
  if (bytes < (std::int64_t{10} << 30)) return fmt::format("{} MiB", bytes >> 20);
  return fmt::format("{} GiB", bytes >> 30);
}

std::string Seconds(double seconds) {
  return DurationWords(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)));
}

std::string Verdict(const Plan& plan) {
  if (plan.Has(Severity::kRefused)) return "refused";
  return plan.Has(Severity::kUnknown) ? "review" : "ready";
}

std::string KeyLine(const KeyReport& key) {
  if (!key.state.has_value()) return fmt::format("{} ({}): {}", key.name, key.provider, key.detail);
  return fmt::format("{} ({}): {}, {}{}{}", key.name, key.provider, key.state->id,
                     key.state->usable ? "usable" : "NOT usable", key.state->detail.empty() ? "" : ", ",
                     key.state->detail);
}

// Cells of Markdown cannot hold a bar or a line's end.
std::string Cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|' || c == '<' || c == '`') cell += '\\';
    cell += c == '\n' ? ' ' : c;
  }
  return cell;
}

std::string Expected(const Plan& plan) {
  const Forecast& forecast = plan.forecast;
  std::string text = fmt::format("{} rows, about {} of WAL, up to {} of old row versions", forecast.rows,
                                 Bytes(forecast.wal_bytes), Bytes(forecast.bloat_bytes));
  if (forecast.kms_calls > 0) {
    text += fmt::format(", {} calls of the key service ({} of them for the verification)", forecast.kms_calls,
                        forecast.kms_verify_calls);
  }
  return text;
}

std::string Binding(const Forecast& forecast) {
  std::string text = fmt::format("about {}, bound by {} ({})", Seconds(forecast.seconds), forecast.limits.front().name,
                                 forecast.limits.front().basis);
  if (forecast.window_share < 1) {
    text += fmt::format(", in windows that are open {:.0f} % of the week", forecast.window_share * 100);
  }
  return text;
}

std::string DataKeys(const TableForecast& table) {
  return fmt::format("{}{}", table.data_keys_exact ? "" : "about ", table.data_keys);
}

// What the operator must know of a rewrap before agreeing to it.
constexpr std::string_view kRewrapLimits =
    "a rewrap changes who can unwrap the data keys; it takes nothing back from somebody who has unwrapped one already. "
    "After an exposure use mode: reseal.";

}  // namespace

JsonValue ToJson(const Plan& plan) {
  JsonValue json(Json::objectValue);
  json["schema"] = "tfseal/rekey-plan/v1";
  json["verdict"] = Verdict(plan);
  json["mapping_sha256"] = plan.mapping_digest;
  json["mode"] = std::string(Name(plan.mode));
  json["database"] = plan.database;
  json["server"] = plan.server;
  json["role"] = plan.role;
  json["keys"] = JsonValue(Json::arrayValue);
  for (const KeyReport& key : plan.keys) {
    JsonValue one(Json::objectValue);
    one["role"] = key.role;
    one["name"] = key.name;
    one["provider"] = key.provider;
    if (key.state.has_value()) {
      one["id"] = key.state->id;
      one["usable"] = key.state->usable;
      one["detail"] = key.state->detail;
    } else {
      one["detail"] = key.detail;
    }
    json["keys"].append(std::move(one));
  }
  json["findings"] = JsonValue(Json::arrayValue);
  for (const PlanFinding& finding : plan.findings) {
    JsonValue one(Json::objectValue);
    one["severity"] = Name(finding.severity);
    one["code"] = finding.code;
    one["where"] = finding.where;
    one["message"] = finding.message;
    one["fix"] = finding.fix;
    json["findings"].append(std::move(one));
  }
  const Forecast& forecast = plan.forecast;
  JsonValue& out = json["forecast"];
  out["rows"] = Json::Int64(forecast.rows);
  out["kms_calls"] = Json::Int64(forecast.kms_calls);
  out["kms_verify_calls"] = Json::Int64(forecast.kms_verify_calls);
  out["wal_bytes"] = Json::Int64(forecast.wal_bytes);
  out["bloat_bytes"] = Json::Int64(forecast.bloat_bytes);
  out["window_percent"] = Json::Int64(static_cast<std::int64_t>(forecast.window_share * 100));
  out["seconds"] = Json::Int64(static_cast<std::int64_t>(forecast.seconds));
  out["binding_limit"] = forecast.limits.front().name;
  out["limits"] = JsonValue(Json::arrayValue);
  for (const DurationLimit& limit : forecast.limits) {
    JsonValue one(Json::objectValue);
    one["name"] = limit.name;
    one["seconds"] = Json::Int64(static_cast<std::int64_t>(limit.seconds));
    one["basis"] = limit.basis;
    out["limits"].append(std::move(one));
  }
  out["tables"] = JsonValue(Json::arrayValue);
  for (const TableForecast& table : forecast.tables) {
    JsonValue one(Json::objectValue);
    one["table"] = table.table;
    one["label"] = table.label;
    one["rows"] = Json::Int64(table.rows);
    one["rows_old"] = Json::Int64(table.rows_old);
    one["rows_exact"] = table.rows_exact;
    one["data_keys"] = Json::Int64(table.data_keys);
    one["data_keys_exact"] = table.data_keys_exact;
    one["row_bytes"] = Json::Int64(table.row_bytes);
    one["sealed_bytes"] = Json::Int64(table.sealed_bytes);
    one["table_bytes"] = Json::Int64(table.table_bytes);
    out["tables"].append(std::move(one));
  }
  json["probed"] = Json::Int64(plan.probed);
  json["probe_failures"] = Json::Int64(plan.probe_failures);
  return json;
}

std::string PlanText(const Plan& plan) {
  std::string text = fmt::format("rekey plan: {}\n\n", Verdict(plan));
  text += fmt::format("  {} of {} (PostgreSQL {}), role {}\n", Name(plan.mode), plan.database, plan.server, plan.role);
  for (const KeyReport& key : plan.keys) text += fmt::format("  {:<4} {}\n", key.role, KeyLine(key));
  text += "\n";
  for (const TableForecast& table : plan.forecast.tables) {
    text += fmt::format("  {}: {}{} rows, {} under the old key with {} data keys, {}\n", table.table,
                        table.rows_exact ? "" : "about ", table.rows, table.rows_old, DataKeys(table),
                        Bytes(table.table_bytes));
  }
  text += fmt::format("\n  expected: {}\n  duration: {}\n", Expected(plan), Binding(plan.forecast));
  for (const DurationLimit& limit : plan.forecast.limits) {
    text += fmt::format("    {:<14} {:>10}  {}\n", limit.name, Seconds(limit.seconds), limit.basis);
  }
  if (plan.probed > 0)
    text +=
        fmt::format("  probed: {} rows opened, {} failed\n", plan.probed - plan.probe_failures, plan.probe_failures);
  if (plan.mode == RekeyMode::kRewrap) text += fmt::format("  note: {}\n", kRewrapLimits);
  if (!plan.findings.empty()) text += "\n";
  for (const PlanFinding& finding : plan.findings) {
    text += fmt::format("  {:<8} {}{}{} [{}]\n", Name(finding.severity), finding.where,
                        finding.where.empty() ? "" : ": ", finding.message, finding.code);
    if (!finding.fix.empty()) text += fmt::format("           -> {}\n", finding.fix);
  }
  return text;
}

std::string PlanMarkdown(const Plan& plan) {
  std::string text = fmt::format("# Re-encryption of {}: {}\n\n", Cell(plan.database), Verdict(plan));
  text += fmt::format("| | |\n|---|---|\n| mode | {} |\n| server | PostgreSQL {} |\n| role | {} |\n", Name(plan.mode),
                      Cell(plan.server), Cell(plan.role));
  for (const KeyReport& key : plan.keys) text += fmt::format("| {} | {} |\n", key.role, Cell(KeyLine(key)));
  text += fmt::format("| expected | {} |\n| duration | {} |\n| mapping | sha256 {} |\n", Expected(plan),
                      Cell(Binding(plan.forecast)), plan.mapping_digest);
  text += "\n## Tables\n\n| table | rows | under the old key | data keys | size |\n|---|---:|---:|---:|---:|\n";
  for (const TableForecast& table : plan.forecast.tables) {
    text += fmt::format("| {} | {}{} | {} | {} | {} |\n", Cell(table.table), table.rows_exact ? "" : "about ",
                        table.rows, table.rows_old, DataKeys(table), Bytes(table.table_bytes));
  }
  text += "\n## Duration at each limit\n\n| limit | duration | basis |\n|---|---:|---|\n";
  for (const DurationLimit& limit : plan.forecast.limits) {
    text += fmt::format("| {} | {} | {} |\n", limit.name, Seconds(limit.seconds), Cell(limit.basis));
  }
  if (plan.mode == RekeyMode::kRewrap) text += fmt::format("\n> {}\n", kRewrapLimits);
  if (plan.findings.empty()) return text + "\nNothing was found that speaks against it.\n";
  text += "\n## Findings\n\n| | where | what | what to do |\n|---|---|---|---|\n";
  for (const PlanFinding& finding : plan.findings) {
    text += fmt::format("| {} | {} | {} | {} |\n", Name(finding.severity), Cell(finding.where), Cell(finding.message),
                        Cell(finding.fix));
  }
  return text;
}

}  // namespace tfseal::rekey

#include <fmt/format.h>

#include <algorithm>

#include "crypto/rekey/verify_rows.h"

namespace tfseal::rekey {
namespace {

std::string Failures(const TableProof& table) {
  std::string text;
  for (const auto& [code, count] : table.failures)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, code);
  return text;
}

}  // namespace

JsonValue ToJson(const RowsProof& proof) {
  JsonValue json(Json::objectValue);
  json["schema"] = "tfseal/rekey-verify/v1";
  json["kind"] = proof.kind == VerifyKind::kFull ? "full" : "sample";
  if (proof.kind == VerifyKind::kSample) json["confidence"] = fmt::format("{}", proof.confidence);
  json["key"] = proof.new_key;
  json["passed"] = proof.passed();
  json["unlocks_retire"] = proof.unlocks_retire();
  json["tables"] = JsonValue(Json::arrayValue);
  for (const TableProof& table : proof.tables) {
    JsonValue one(Json::objectValue);
    one["table"] = table.table;
    one["label"] = table.label;
    const auto add = [&](const char* name, std::int64_t number) { one[name] = Json::Int64(number); };
    add("rows", table.rows);
    add("visited", table.visited);
    add("opened", table.opened);
    add("empty", table.empty);
    add("unbound", table.unbound);
    add("old", table.old);
    add("old_at_end", table.old_at_end);
    add("other", table.other);
    add("failed", table.failed);
    add("unwrapped", table.unwrapped);
    if (proof.kind == VerifyKind::kSample) add("bad_at_most", table.bad_at_most);
    one["failures"] = JsonValue(Json::objectValue);
    for (const auto& [code, count] : table.failures) one["failures"][code] = Json::Int64(count);
    json["tables"].append(std::move(one));
  }
  return json;
}

std::string ProofText(const RowsProof& proof) {
  const bool full = proof.kind == VerifyKind::kFull;
  std::string text = fmt::format("rekey verify: {} ({})\n", proof.passed() ? "passed" : "NOT passed",
                                 full ? "every row" : "a sample, which does not allow retiring the old key");
  text += fmt::format("  key {}\n", proof.new_key);
  for (const TableProof& table : proof.tables) {
    if (full) {
      text += fmt::format("  {}: {} of {} rows read, {} open under the new key, {} failed, {} under the old key\n",
                          table.table, table.visited, table.rows, table.opened, table.failed,
                          std::max(table.old, table.old_at_end));
    } else {
      const double percent =
          table.rows == 0 ? 0 : 100.0 * static_cast<double>(table.bad_at_most) / static_cast<double>(table.rows);
      text += fmt::format(
          "  {}: {} of {} rows drawn, {} open under the new key, {} failed; with {:g} % confidence at most {} rows "
          "({:.3g} %) of the table fail; {} under the old key\n",
          table.table, table.visited, table.rows, table.opened, table.failed, proof.confidence * 100, table.bad_at_most,
          percent, table.old_at_end);
    }
    if (!table.failures.empty()) text += fmt::format("    failures: {}\n", Failures(table));
    if (table.empty > 0) text += fmt::format("    {} rows hold nothing that is sealed\n", table.empty);
    if (table.unbound > 0) {
      text += fmt::format("    {} rows open without the AAD that the mapping upgrades to: the application wrote them\n",
                          table.unbound);
    }
    if (table.other > 0) text += fmt::format("    {} rows refer to other keys and were not opened\n", table.other);
  }
  return text;
}

}  // namespace tfseal::rekey

#include <fmt/format.h>

#include <map>

#include "postgres/compare.h"

namespace tfseal::postgres {
namespace {

std::string Word(Sameness sameness) {
  switch (sameness) {
    case Sameness::kNotComparable:
      return "not comparable";
    case Sameness::kDifferent:
      return "different";
    case Sameness::kSame:
      return "same";
  }
  return "not comparable";
}

JsonValue FingerprintJson(const RowsFingerprint& fingerprint) {
  JsonValue json(Json::objectValue);
  json["rows"] = Json::Int64(fingerprint.rows);
  json["checksum"] = fmt::format("{:016x}{:016x}", fingerprint.sum_1, fingerprint.sum_2);
  return json;
}

JsonValue TableJson(const RowsComparison& table) {
  JsonValue json(Json::objectValue);
  json["table"] = table.table;
  json["verdict"] = Word(table.sameness);
  if (!table.reason.empty()) json["reason"] = table.reason;
  json["algorithm"] = table.algorithm;
  json["original"] = FingerprintJson(table.original);
  json["copy"] = FingerprintJson(table.copy);
  if (table.sameness != Sameness::kDifferent) return json;
  json["at_least"]["missing"] = Json::Int64(table.missing);
  json["at_least"]["extra"] = Json::Int64(table.extra);
  json["at_least"]["changed"] = Json::Int64(table.changed);
  json["keys"] = JsonValue(Json::arrayValue);
  for (const std::string& key : table.keys) json["keys"].append(key);
  return json;
}

std::string RowsText(const RowsComparison& table) {
  std::string text = "rows of " + table.table + ": " + table.reason;
  const auto add = [&](std::int64_t count, const char* what) {
    if (count > 0) text += fmt::format("; at least {} {}", count, what);
  };
  add(table.missing, "missing in the copy");
  add(table.extra, "only in the copy");
  add(table.changed, "changed");
  for (std::size_t i = 0; i < table.keys.size(); ++i) text += (i == 0 ? "; keys: " : ", ") + table.keys[i];
  return text;
}

}  // namespace

JsonValue ComparisonJson(const Comparison& comparison) {
  JsonValue json(Json::objectValue);
  json["verdict"] = Word(comparison.sameness());
  json["rows"] = Json::Int64(comparison.rows);
  json["same"] = JsonValue(Json::objectValue);
  json["objects"] = JsonValue(Json::arrayValue);
  for (const ObjectComparison& object : comparison.objects) {
    if (object.sameness == Sameness::kSame) {
      json["same"][object.kind] = json["same"][object.kind].asInt() + 1;
      continue;
    }
    JsonValue entry(Json::objectValue);
    entry["kind"] = object.kind;
    entry["name"] = object.name;
    entry["verdict"] = Word(object.sameness);
    entry["reason"] = object.reason;
    json["objects"].append(entry);
  }
  json["tables"] = JsonValue(Json::arrayValue);
  for (const RowsComparison& table : comparison.tables) json["tables"].append(TableJson(table));
  return json;
}

std::string ComparisonText(const Comparison& comparison) {
  std::size_t same = 0;
  std::string lines;
  for (const Sameness sameness : {Sameness::kDifferent, Sameness::kNotComparable}) {
    const std::string prefix = "  " + Word(sameness) + ": ";
    for (const RowsComparison& table : comparison.tables) {
      if (table.sameness == sameness) lines += prefix + RowsText(table) + "\n";
    }
    for (const ObjectComparison& object : comparison.objects) {
      if (object.sameness == sameness) lines += prefix + object.kind + " " + object.name + ": " + object.reason + "\n";
    }
  }
  for (const RowsComparison& table : comparison.tables) same += table.sameness == Sameness::kSame ? 1U : 0U;
  return fmt::format("{}: {} of {} tables have the same rows ({} rows); {} other objects compared\n{}",
                     Word(comparison.sameness()), same, comparison.tables.size(), comparison.rows,
                     comparison.objects.size(), lines);
}

}  // namespace tfseal::postgres

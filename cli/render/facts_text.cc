#include <fmt/format.h>

#include <algorithm>

#include "cli/render/facts.h"
#include "cli/render/text.h"
#include "cli/ui.h"
#include "policy/encryption.h"
#include "policy/world.h"
#include "terraform/facts.h"

namespace tfseal::cli {
namespace {

using terraform::Document;
using terraform::Fact;
using terraform::ResourceInstance;
using terraform::Value;
using terraform::ValueKind;

std::string ActionOf(const terraform::Actions& actions) {
  if (actions.replaces()) return "replace";
  if (actions.list.empty()) return "";
  std::string joined;
  for (std::size_t i = 0; i < actions.list.size(); ++i) {
    joined += (joined.empty() ? "" : "+") + std::string(actions.list[i]);
  }
  return Printable(joined);
}

std::string Shown(const Fact& fact) {
  if (fact.value.unknown()) return "(known after apply)";
  if (fact.value.null()) return "null";
  if (fact.sensitive) return "(sensitive)";
  switch (fact.value.kind()) {
    case ValueKind::kBool:
      return fact.value.AsBool() == true ? "true" : "false";
    case ValueKind::kNumber:
      return std::string(fact.value.text());
    case ValueKind::kString:
      return fmt::format("\"{}\"", Printable(fact.value.text()));
    default:
      break;
  }
  std::string items;
  for (const Value& item : fact.value.items()) items += (items.empty() ? "" : ", ") + std::string(item.text());
  return "[" + Printable(items) + "]";
}

// "7 days" of the attributes that say how long backups are kept; empty if the type has none.
std::string BackupOf(const Value& attributes) {
  for (const char* name : {"backup_retention_period", "automated_snapshot_retention_period", "snapshot_retention_limit",
                           "automatic_backup_retention_days"}) {
    const Value days = attributes.Get(name);
    if (days.unknown()) return "?";
    if (!days.unset()) return fmt::format("{}d", Printable(days.text()));
  }
  const Value pitr = attributes.Get("point_in_time_recovery");
  if (pitr.unknown()) return "?";
  if (!pitr.empty()) return attributes.At("point_in_time_recovery[0].enabled").AsBool() == true ? "pitr" : "off";
  return "";
}

std::string RotationOf(const Value& attributes) {
  const Value rotation = attributes.Get("enable_key_rotation");
  if (rotation.unknown()) return "?";
  if (rotation.absent()) return "";
  return rotation.AsBool() == true ? "on" : "off";
}

std::string ProtectionOf(const Value& attributes) {
  for (const char* name : {"deletion_protection", "deletion_protection_enabled"}) {
    const Value protection = attributes.Get(name);
    if (protection.unknown()) return "?";
    if (!protection.absent()) return protection.AsBool() == true ? "on" : "off";
  }
  return "";
}

Style StyleOf(Encryption encryption) {
  switch (encryption) {
    case Encryption::kNone:
      return Style::kRed;
    case Encryption::kUnknown:
      return Style::kYellow;
    case Encryption::kCustomerManaged:
      return Style::kGreen;
    default:
      return Style::kPlain;
  }
}

struct Row {
  const ResourceInstance* instance;
  EncryptionFacts encryption;
  std::string cells[5];  // action, key, backup, rotation, protection
};

Row RowOf(const ResourceInstance& instance, const World& before, const World& after) {
  static const Requirements requirements;
  const bool is_after = instance.has_after();
  const Value& attributes = is_after ? instance.after : instance.before;
  Row row{&instance, {}, {}};
  row.encryption = EncryptionOf({instance, attributes, is_after ? after : before, requirements});
  row.cells[0] = ActionOf(instance.actions);
  row.cells[1] = Printable(row.encryption.key_address);
  row.cells[2] = BackupOf(attributes);
  row.cells[3] = RotationOf(attributes);
  row.cells[4] = ProtectionOf(attributes);
  return row;
}

bool Tells(const Row& row) {
  return row.encryption.encryption != Encryption::kNotApplicable || !row.cells[2].empty() || !row.cells[3].empty();
}

void AppendTable(const std::vector<Row>& rows, bool color, std::string& out) {
  constexpr const char* kHeadings[] = {"ADDRESS", "ENCRYPTION", "ACTION", "KEY", "BACKUP", "ROTATION", "PROTECTION"};
  std::size_t widths[7];
  for (int column = 0; column < 7; ++column) widths[column] = std::string_view(kHeadings[column]).size();
  const auto cell = [](const Row& row, int column) -> std::string {
    if (column == 0) {
      return Printable(row.instance->address) + (row.instance->rare->deposed.empty() ? "" : " (deposed)");
    }
    if (column == 1) return std::string(Name(row.encryption.encryption));
    return row.cells[column - 2].empty() ? "-" : row.cells[column - 2];
  };
  for (const Row& row : rows) {
    for (int column = 0; column < 7; ++column) widths[column] = std::max(widths[column], cell(row, column).size());
  }
  const auto line = [&](const auto& text, const Row* row) {
    for (int column = 0; column < 7; ++column) {
      const std::string content = text(column);
      const Style style = row != nullptr && column == 1 ? StyleOf(row->encryption.encryption) : Style::kPlain;
      out += Styled(content, row == nullptr ? Style::kBold : style, color);
      if (column < 6) out.append(widths[column] + 2 - content.size(), ' ');
    }
    out += '\n';
  };
  line([&](int column) { return std::string(kHeadings[column]); }, nullptr);
  for (const Row& row : rows) {
    line([&](int column) { return cell(row, column); }, &row);
  }
}

void AppendFacts(const ResourceInstance& instance, bool color, std::string& out) {
  out += fmt::format("\n{}\n", Styled(Printable(instance.address), Style::kBold, color));
  const auto side = [&](std::string_view name, const Value& attributes) {
    if (!attributes.is_map()) return;
    for (const Fact& fact : terraform::FactsOf(attributes)) {
      out += fmt::format("  {:<6} {} = {}\n", name, Printable(fact.path), Shown(fact));
    }
  };
  side("before", instance.before);
  side(instance.actions.list.empty() ? "" : "after", instance.after);
}

}  // namespace

std::string FactsText(const std::vector<Document>& documents, bool color, bool verbose) {
  std::string out;
  for (const Document& document : documents) {
    const World before(document, Side::kBefore);
    const World after(document, Side::kAfter);
    std::vector<Row> rows;
    std::size_t others = 0;
    for (const ResourceInstance& instance : document.resources) {
      Row row = RowOf(instance, before, after);
      if (Tells(row)) {
        rows.push_back(std::move(row));
      } else {
        ++others;
      }
    }
    if (documents.size() > 1) out += fmt::format("{}\n", Styled(Printable(document.path), Style::kBold, color));
    if (!rows.empty()) AppendTable(rows, color, out);
    out += fmt::format("{}{} of {} resources store something or hold a key{}\n", rows.empty() ? "" : "\n", rows.size(),
                       rows.size() + others, verbose || rows.empty() ? "" : "; --verbose shows every fact");
    if (!verbose) continue;
    for (const ResourceInstance& instance : document.resources) AppendFacts(instance, color, out);
  }
  return out;
}

}  // namespace tfseal::cli

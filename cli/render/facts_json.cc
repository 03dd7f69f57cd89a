#include <fmt/format.h>

#include "cli/render/facts.h"
#include "core/json.h"
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

// Written by hand instead of through a tree: a plan of 100 MB has a million facts.
void AppendString(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  out += '"';
}

void AppendValue(const Value& value, std::string& out) {
  switch (value.kind()) {
    case ValueKind::kBool:
      out += value.AsBool() == true ? "true" : "false";
      return;
    case ValueKind::kNumber:
      out += value.text();
      return;
    case ValueKind::kString:
      AppendString(value.text(), out);
      return;
    case ValueKind::kList:
      out += '[';
      for (std::size_t i = 0; i < value.items().size(); ++i) {
        if (i > 0) out += ',';
        AppendValue(value.items()[i], out);
      }
      out += ']';
      return;
    case ValueKind::kAbsent:
    case ValueKind::kUnknown:
    case ValueKind::kNull:
    case ValueKind::kMap:
      break;
  }
  out += "null";
}

void AppendFact(const Fact& fact, std::string& out) {
  AppendString(fact.path, out);
  if (fact.value.unknown()) {
    out += R"(:{"state":"unknown"})";
  } else if (fact.value.null()) {
    out += R"(:{"state":"null"})";
  } else if (fact.sensitive) {
    out += R"(:{"sensitive":true,"state":"known"})";
  } else {
    out += R"(:{"state":"known","value":)";
    AppendValue(fact.value, out);
    out += '}';
  }
}

void AppendSide(std::string_view name, const Value& attributes, std::string& out) {
  if (!attributes.is_map()) return;
  out += ",\"";
  out += name;
  out += "\":{";
  bool first = true;
  for (const Fact& fact : terraform::FactsOf(attributes)) {
    if (!first) out += ',';
    first = false;
    AppendFact(fact, out);
  }
  out += '}';
}

Encryption EncryptionNow(const ResourceInstance& instance, const World& before, const World& after) {
  static const Requirements requirements;
  if (instance.has_after()) return EncryptionOf({instance, instance.after, after, requirements}).encryption;
  if (instance.has_before()) return EncryptionOf({instance, instance.before, before, requirements}).encryption;
  return Encryption::kUnknown;
}

// Calls `visit` with the record of each instance, without a newline.
template <class Visit>
void Records(const Document& document, bool say_file, const Visit& visit) {
  const World before(document, Side::kBefore);
  const World after(document, Side::kAfter);
  std::string line;
  for (const ResourceInstance& instance : document.resources) {
    line = "{\"address\":";
    AppendString(instance.address, line);
    line += ",\"type\":";
    AppendString(instance.type, line);
    line += ",\"provider\":";
    AppendString(instance.provider_name, line);
    if (!instance.actions.list.empty()) {
      line += ",\"actions\":[";
      for (std::size_t i = 0; i < instance.actions.list.size(); ++i) {
        if (i > 0) line += ',';
        AppendString(instance.actions.list[i], line);
      }
      line += ']';
    }
    if (!instance.rare->deposed.empty()) {
      line += ",\"deposed\":";
      AppendString(instance.rare->deposed, line);
    }
    if (say_file) {
      line += ",\"file\":";
      AppendString(document.path, line);
    }
    AppendSide("before", instance.before, line);
    AppendSide("after", instance.after, line);
    line += ",\"encryption\":\"";
    line += Name(EncryptionNow(instance, before, after));
    line += "\"}";
    visit(line);
  }
}

}  // namespace

std::string FactsLinesOf(const Document& document, bool say_file) {
  std::string out;
  Records(document, say_file, [&](const std::string& line) {
    out += line;
    out += '\n';
  });
  return out;
}

std::string FactsHeaderOf(const Document& document) {
  std::string out = "{\"path\":";
  AppendString(document.path, out);
  out += ",\"sha256\":";
  AppendString(document.sha256, out);
  out += document.kind == terraform::DocumentKind::kPlan ? ",\"kind\":\"plan\"" : ",\"kind\":\"state\"";
  out += ",\"terraform_version\":";
  AppendString(document.terraform_version, out);
  return out + '}';
}

std::string FactsErrorOf(std::string_view path, std::string_view message) {
  std::string out = "{\"path\":";
  AppendString(path, out);
  out += R"(,"sha256":"","kind":"","terraform_version":"","error":)";
  AppendString(message, out);
  return out + '}';
}

std::string FactsJsonLines(const std::vector<Document>& documents) {
  std::string out;
  for (const Document& document : documents) out += FactsLinesOf(document, documents.size() > 1);
  return out;
}

std::string FactsJson(const std::vector<Document>& documents) {
  std::string out(kFactsJsonStart);
  for (std::size_t i = 0; i < documents.size(); ++i) out += (i > 0 ? ",\n" : "\n") + FactsHeaderOf(documents[i]);
  out += "],\n\"resources\":[";
  bool first = true;
  for (const Document& document : documents) {
    Records(document, documents.size() > 1, [&](const std::string& line) {
      out += first ? "\n" : ",\n";
      first = false;
      out += line;
    });
  }
  return out + "\n]}\n";
}

}  // namespace tfseal::cli

#include "terraform/address.h"

#include <fmt/format.h>

#include <algorithm>

namespace tfseal::terraform {
namespace {

// Terraform's toHCLQuotedString: template markers are doubled, so that the address can be pasted into HCL.
std::string Quoted(std::string_view key) {
  std::string quoted = "[\"";
  for (std::size_t i = 0; i < key.size(); ++i) {
    const char c = key[i];
    switch (c) {
      case '"':
        quoted += "\\\"";
        break;
      case '\\':
        quoted += "\\\\";
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\r':
        quoted += "\\r";
        break;
      case '\t':
        quoted += "\\t";
        break;
      case '$':
      case '%':
        quoted += c;
        if (i + 1 < key.size() && key[i + 1] == '{') quoted += c;
        break;
      default:
        quoted += c;
    }
  }
  return quoted + "\"]";
}

// Most of an address is such letters, and none of them means anything in it.
bool IsSmallLetter(char c) {
  return c >= 'a' && c <= 'z';
}

}  // namespace

std::string InstanceKey(const Value& index) {
  if (index.kind() == ValueKind::kNumber) return fmt::format("[{}]", index.text());
  if (index.kind() == ValueKind::kString) return Quoted(index.text());
  return "";
}

std::string_view ComposeAddress(Arena& arena, std::string_view module_address, bool data_source, std::string_view type,
                                std::string_view name, const Value& index) {
  return arena.Copy(fmt::format("{}{}{}{}.{}{}", module_address, module_address.empty() ? "" : ".",
                                data_source ? "data." : "", type, name, InstanceKey(index)));
}

std::string_view CompleteAddress(Arena& arena, std::string_view stored, std::string_view module_address,
                                 const Value& index) {
  const bool needs_module = !module_address.empty() && !stored.starts_with("module.");
  const bool needs_key = index.known() && !stored.ends_with(']');
  if (!needs_module && !needs_key) return stored;
  return arena.Copy(fmt::format("{}{}{}{}", needs_module ? module_address : "", needs_module ? "." : "", stored,
                                needs_key ? InstanceKey(index) : ""));
}

std::string_view WithoutModules(std::string_view address) {
  while (address.starts_with("module.")) {
    std::size_t i = 7;
    bool quoted = false;
    bool in_key = false;
    for (; i < address.size(); ++i) {
      while (i < address.size() && IsSmallLetter(address[i])) ++i;
      if (i == address.size()) break;
      const char c = address[i];
      if (quoted) {
        if (c == '\\') {
          ++i;
        } else if (c == '"') {
          quoted = false;
        }
      } else if (c == '"') {
        quoted = true;
      } else if (c == '[' || c == ']') {
        in_key = c == '[';
      } else if (c == '.' && !in_key) {
        break;
      }
    }
    if (i >= address.size()) return address;
    address.remove_prefix(i + 1);
  }
  return address;
}

bool AddressFits(std::string_view here, std::string_view type, std::string_view name) {
  if (here.starts_with("data.")) here.remove_prefix(5);
  if (type.empty()) return true;
  if (!here.starts_with(type) || here.substr(type.size(), 1) != ".") return false;
  here.remove_prefix(type.size() + 1);
  return name.empty() || (here.starts_with(name) && (here.size() == name.size() || here[name.size()] == '['));
}

std::string_view ProviderName(std::string_view provider) {
  const std::size_t open = provider.rfind("provider[\"");
  if (open != std::string_view::npos) {
    provider.remove_prefix(open + 10);
    return provider.substr(0, provider.find('"'));
  }
  const std::size_t word = provider.rfind("provider.");
  if (word != std::string_view::npos) {
    provider.remove_prefix(word + 9);
    return provider.substr(0, provider.find('.'));
  }
  return provider;
}

bool IsPrefixOfAnother(std::string_view reference, std::span<const std::string_view> references) {
  return std::any_of(references.begin(), references.end(), [&](std::string_view other) {
    return other.size() > reference.size() && other.starts_with(reference) &&
           (other[reference.size()] == '.' || other[reference.size()] == '[');
  });
}

std::vector<std::string_view> StepsOf(std::string_view address) {
  std::vector<std::string_view> steps;
  steps.reserve(8);
  ForEachStep(address, [&](std::string_view step) { steps.push_back(step); });
  return steps;
}

}  // namespace tfseal::terraform

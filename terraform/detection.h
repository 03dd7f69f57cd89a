#pragma once

#include <set>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/result.h"
#include "terraform/document.h"

namespace tfseal::terraform {

// What a document is, found out from its content, and what to do instead if it is not one that can be judged.

// The top-level keys of a JSON document and the few of their values that tell what it is.
struct TopLevel {
  std::set<std::string, std::less<>> keys;
  int state_version = -1;  // `version`; -1: none
  [[nodiscard]] bool has(std::string_view key) const { return keys.contains(key); }
};

// The reason why bytes that do not start like a JSON object cannot be read. `head` are the first bytes (up to 16).
Error NotAnObject(const std::string& name, std::string_view head, char first);

[[nodiscard]] bool IsZip(std::string_view head);

// 0.x and 1.x are read: a minor version only adds. Everything else is an error.
Status CheckFormatVersion(const std::string& name, std::string_view format_version);

// What the finished document is, or why it is nothing to judge.
Result<DocumentKind> Classify(const std::string& name, const TopLevel& top);

// If what was seen before the document broke off tells what the file is, that; else `damage`.
Error ExplainDamage(const std::string& name, const TopLevel& top, Error damage);

}  // namespace tfseal::terraform

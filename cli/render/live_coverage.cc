#include "cli/live_coverage.h"

#include <fmt/format.h>

#include "aws/observe/observed_type.h"
#include "aws/observe/permission.h"
#include "cli/render/text.h"

namespace tfseal::cli {
namespace {

JsonValue Text(std::string_view text) {
  return JsonValue(text.data(), text.data() + text.size());
}

JsonValue ReadJson(const observe::Read& read) {
  JsonValue json(Json::objectValue);
  json["service"] = Text(read.service);
  json["operation"] = Text(read.operation);
  json["action"] = observe::ActionOf(read.service, read.operation);
  json["parameters"] = Text(read.parameters);
  json["object"] = Text(read.object);
  json["attributes"] = JsonValue(Json::objectValue);
  for (const observe::Attribute& attribute : read.attributes) {
    if (!attribute.path.starts_with('@')) json["attributes"][std::string(attribute.path)] = Text(attribute.member);
  }
  return json;
}

}  // namespace

JsonValue LiveCoverageJson() {
  JsonValue json(Json::objectValue);
  json["schema"] = "tfseal/live-coverage/v1";
  json["types"] = JsonValue(Json::arrayValue);
  for (const observe::ObservedType* type : observe::ObservedTypes()) {
    JsonValue entry(Json::objectValue);
    entry["type"] = Text(type->type);
    entry["observed"] = true;
    entry["reads"] = JsonValue(Json::arrayValue);
    for (const observe::Read& read : type->reads) entry["reads"].append(ReadJson(read));
    entry["terraform_only"] = JsonValue(Json::arrayValue);
    for (const std::string_view name : type->terraform_only) entry["terraform_only"].append(Text(name));
    if (!type->listing.service.empty()) {
      entry["listing"]["service"] = Text(type->listing.service);
      entry["listing"]["operation"] = Text(type->listing.operation);
      entry["listing"]["action"] = observe::ActionOf(type->listing.service, type->listing.operation);
      entry["listing"]["complete"] = type->listing.complete;
    } else if (!type->listing.of_each.empty()) {
      entry["listing"]["of_each"] = Text(type->listing.of_each);
    }
    json["types"].append(entry);
  }
  for (const observe::NotObservedType& type : observe::NotObservedTypes()) {
    JsonValue entry(Json::objectValue);
    entry["type"] = Text(type.type);
    entry["observed"] = false;
    entry["reason"] = Text(type.reason);
    json["types"].append(entry);
  }
  return json;
}

std::string LiveCoverageText(bool color, bool verbose) {
  std::string out;
  std::size_t listed = 0;
  for (const observe::ObservedType* type : observe::ObservedTypes()) {
    const bool found = !type->listing.service.empty() || !type->listing.of_each.empty();
    listed += found ? 1 : 0;
    out += fmt::format("{}  {} {}{}\n", Styled(type->type, Style::kBold, color), type->reads.size(),
                       type->reads.size() == 1 ? "read" : "reads", found ? "" : ", only with a file that names it");
    if (!verbose) continue;
    for (const observe::Read& read : type->reads) {
      out += fmt::format("    {}\n", observe::ActionOf(read.service, read.operation));
    }
  }
  out += fmt::format("\n{}\n", Styled("Not observed: their controls give unknown", Style::kBold, color));
  for (const observe::NotObservedType& type : observe::NotObservedTypes()) {
    out += fmt::format("  {}\n", type.type);
    AppendWrapped(type.reason, 6, out);
  }
  out += fmt::format("\n{} types are observed, {} of them are found without a file\n", observe::ObservedTypes().size(),
                     listed);
  return out;
}

}  // namespace tfseal::cli

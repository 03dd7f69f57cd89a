#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/render/text.h"
#include "core/json.h"
#include "policy/control.h"

namespace tfseal::cli {
namespace {

JsonValue Strings(std::span<const std::string_view> texts) {
  JsonValue list(Json::arrayValue);
  for (const std::string_view text : texts) list.append(std::string(text));
  return list;
}

std::string ControlsJson() {
  JsonValue json(Json::objectValue);
  json["schema"] = "tfseal/controls/v1";
  json["controls"] = JsonValue(Json::arrayValue);
  for (const Control* control : AllControls()) {
    JsonValue entry(Json::objectValue);
    entry["id"] = std::string(control->id);
    entry["topic"] = std::string(Name(control->topic));
    entry["severity"] = std::string(Name(control->severity));
    entry["title"] = std::string(control->title);
    entry["why"] = std::string(control->why);
    entry["remedy"] = std::string(control->remedy);
    entry["basis"] = std::string(control->basis);
    entry["types"] = Strings(control->types);
    entry["reads"] = Strings(control->reads);
    json["controls"].append(entry);
  }
  return WriteJsonDocument(json);
}

std::string ControlsText(bool color, bool verbose) {
  std::string out;
  for (const Control* control : AllControls()) {
    out += fmt::format("{}  {:<19} {:<8} {}\n", Styled(control->id, Style::kBold, color), Name(control->topic),
                       Name(control->severity), control->title);
    if (verbose) AppendWrapped(fmt::format("{}", fmt::join(control->types, ", ")), 14, out);
  }
  out += fmt::format("\n{} controls; tfseal explain ID says why and how to fix\n", AllControls().size());
  return out;
}

}  // namespace

ExitCode RunControls(const Arguments& arguments, const Ui& ui) {
  const Status delivered = Deliver(arguments, ui, [&](std::string_view format) {
    return format == "json" ? ControlsJson() : ControlsText(ui.color(), ui.verbose());
  });
  if (!delivered.ok()) {
    ui.Fail(delivered.error());
    return ExitCode::kFailed;
  }
  return ExitCode::kDone;
}

}  // namespace tfseal::cli

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/embedded.h"
#include "core/suggest.h"

namespace tfseal::cli {
namespace {

ExitCode PrintOrFail(const Ui& ui, std::string_view text) {
  const Status printed = ui.Print(text);
  if (!printed.ok()) ui.Fail(printed.error());
  return printed.ok() ? ExitCode::kDone : ExitCode::kFailed;
}

}  // namespace

ExitCode RunSchema(const Arguments& arguments, const Ui& ui) {
  std::vector<std::string_view> names;
  for (const EmbeddedFile& schema : EmbeddedSchemas()) names.push_back(schema.name);
  if (arguments.operands.empty()) {
    return PrintOrFail(ui, fmt::format("{}\n", fmt::join(names, "\n")));
  }
  const std::string& wanted = arguments.operands.front();
  for (const EmbeddedFile& schema : EmbeddedSchemas()) {
    if (schema.name == wanted) return PrintOrFail(ui, schema.text);
  }
  const std::string_view nearest = Nearest(wanted, names);
  ui.Fail(Error{ErrorCode::kUsage, fmt::format("schema: there is none with the name {}", wanted),
                nearest.empty() ? fmt::format("the schemas are {}", fmt::join(names, ", "))
                                : fmt::format("did you mean {}?", nearest)});
  return ExitCode::kUsage;
}

}  // namespace tfseal::cli

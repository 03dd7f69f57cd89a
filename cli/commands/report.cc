#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/fleet_output.h"
#include "cli/output.h"
#include "core/file.h"
#include "fleet/inputs.h"
#include "fleet/merge.h"

namespace tfseal::cli {
namespace {

constexpr std::size_t kPartBytesMax = std::size_t{4} << 30;

}  // namespace

ExitCode RunReport(const Arguments& arguments, const Ui& ui) {
  if (const Status refused = RefuseOutputOverInput(arguments); !refused.ok()) {
    ui.Fail(refused.error());
    return ExitCode::kUsage;
  }
  const auto fail = [&](const Error& error) {
    ui.Fail(error);
    return ExitCode::kFailed;
  };
  std::vector<std::string> paths;
  for (auto operand = arguments.operands.begin() + 1; operand != arguments.operands.end(); ++operand) {
    // Of a folder nobody knows which of its files are the parts; a pattern says it.
    const auto expanded = fleet::StandsForMany(*operand) && operand->find_first_of("*?[") != std::string::npos
                              ? fleet::Expand({*operand}, fleet::Kind::kPlans)
                              : Result<std::vector<std::string>>(std::vector<std::string>{*operand});
    if (!expanded.ok()) return fail(expanded.error());
    paths.insert(paths.end(), expanded->begin(), expanded->end());
  }
  std::vector<fleet::Part> parts;
  for (const std::string& path : paths) {
    auto text = ReadFileBounded(path, kPartBytesMax);
    if (!text.ok()) return fail(text.error());
    parts.push_back({path, std::move(text).value()});
  }
  const auto merged = fleet::Merge(parts);
  if (!merged.ok()) return fail(merged.error());
  return DeliverFleet(**merged, arguments, ui);
}

}  // namespace tfseal::cli

#include "terraform/facts.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/render/facts.h"
#include "policy/requirements.h"
#include "terraform/read.h"

namespace tfseal::cli {

ExitCode RunFacts(const Arguments& arguments, const Ui& ui) {
  if (const Status refused = RefuseOutputOverInput(arguments); !refused.ok()) {
    ui.Fail(refused.error());
    return ExitCode::kUsage;
  }
  std::vector<terraform::Document> documents;
  for (const std::string& path : arguments.operands) {
    auto document = terraform::ReadDocument(path, terraform::Interest::Everything());
    if (!document.ok()) {
      ui.Fail(document.error());
      return ExitCode::kFailed;
    }
    for (const std::string& note : document->notes) ui.Note(fmt::format("note: {}: {}", path, note));
    documents.push_back(std::move(document).value());
  }
  const Status delivered = Deliver(arguments, ui, [&](std::string_view format) {
    if (format == "jsonl") return FactsJsonLines(documents);
    if (format == "json") return FactsJson(documents);
    return FactsText(documents, ui.color(), ui.verbose());
  });
  if (!delivered.ok()) {
    ui.Fail(delivered.error());
    return ExitCode::kFailed;
  }
  return ExitCode::kDone;
}

}  // namespace tfseal::cli

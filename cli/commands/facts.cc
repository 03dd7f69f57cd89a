#include "terraform/facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "cli/commands.h"
#include "cli/fleet_run.h"
#include "cli/output.h"
#include "cli/render/facts.h"
#include "fleet/run_in_order.h"
#include "fleet/spool.h"
#include "policy/requirements.h"
#include "terraform/read.h"

namespace tfseal::cli {
namespace {

struct Facts {
  std::string lines;
  std::string header;
  std::optional<Error> error;
  std::vector<std::string> notes;
};

// What is read of many documents is written down at once, so that no more than a few are in memory.
struct FleetFacts {
  fleet::Spool lines;
  fleet::Spool headers;
};

Status WriteFacts(const FleetFacts& facts, std::string_view format,
                  const std::function<void(std::string_view)>& write) {
  if (format == "jsonl") {
    return facts.lines.Read([&](std::string_view line) {
      write(line);
      write("\n");
    });
  }
  bool first = true;
  const auto item = [&](std::string_view line) {
    write(first ? "\n" : ",\n");
    write(line);
    first = false;
  };
  write(kFactsJsonStart);
  TFSEAL_TRY(facts.headers.Read(item));
  write("],\n\"resources\":[");
  first = true;
  TFSEAL_TRY(facts.lines.Read(item));
  write("\n]}\n");
  return {};
}

// In JSON and JSON Lines; the table for people needs all documents to know its columns.
ExitCode RunFactsFleet(const Arguments& arguments, const Ui& ui, const std::vector<std::string>& inputs) {
  FleetFacts facts;
  Status kept;
  bool unreadable = false;
  fleet::RunInOrder<Facts>(
      inputs.size(), JobsOf(arguments),
      [&](std::size_t i) {
        auto document = terraform::ReadDocument(inputs[i], terraform::Interest::Everything());
        if (!document.ok()) return Facts{"", FactsErrorOf(inputs[i], document.error().message), document.error(), {}};
        return Facts{FactsLinesOf(*document, true), FactsHeaderOf(*document), std::nullopt, document->notes};
      },
      [&](std::size_t i, const Facts& one) {
        if (one.error) {
          ui.Fail(*one.error);
          unreadable = true;
        }
        for (const std::string& note : one.notes) ui.Note(fmt::format("note: {}: {}", inputs[i], note));
        if (kept.ok()) kept = facts.headers.Append(one.header + '\n');
        if (kept.ok()) kept = facts.lines.Append(one.lines);
      });
  if (kept.ok()) {
    kept = DeliverPieces(arguments, ui,
                         [&](std::string_view format, const auto& write) { return WriteFacts(facts, format, write); });
  }
  if (!kept.ok()) {
    ui.Fail(kept.error());
    return ExitCode::kFailed;
  }
  return unreadable ? ExitCode::kFailed : ExitCode::kDone;
}

bool OnlyJson(const Arguments& arguments) {
  return !arguments.outputs.empty() &&
         std::all_of(arguments.outputs.begin(), arguments.outputs.end(),
                     [](const OutputRequest& output) { return output.format.starts_with("json"); });
}

}  // namespace

ExitCode RunFacts(const Arguments& arguments, const Ui& ui) {
  if (const Status refused = RefuseOutputOverInput(arguments); !refused.ok()) {
    ui.Fail(refused.error());
    return ExitCode::kUsage;
  }
  const auto inputs = FleetInputs(arguments, fleet::Kind::kPlansAndStates);
  if (!inputs.ok()) {
    ui.Fail(inputs.error());
    return ExitCode::kFailed;
  }
  if (IsFleet(arguments) && OnlyJson(arguments)) return RunFactsFleet(arguments, ui, *inputs);
  bool unreadable = false;
  std::vector<terraform::Document> documents;
  for (const std::string& path : *inputs) {
    auto document = terraform::ReadDocument(path, terraform::Interest::Everything());
    if (!document.ok()) {
      ui.Fail(document.error());
      unreadable = true;
      if (!IsFleet(arguments)) return ExitCode::kFailed;
      continue;
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
  return unreadable ? ExitCode::kFailed : ExitCode::kDone;
}

}  // namespace tfseal::cli

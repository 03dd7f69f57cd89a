#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "fleet/fleet_report.h"

namespace tfseal::fleet {

// A report of `gate` or `verify` over many documents, as --output json or jsonl wrote it.
struct Part {
  std::string path;  // for messages
  std::string text;
};

// One report of all parts, the same as one run over all their documents would have written. An error if a part is cut
// short or of another command, policy or time than the others, if a document is in two of them, or if shards are
// missing: what nobody judged must not look as if it were fine.
Result<std::unique_ptr<FleetReport>> Merge(const std::vector<Part>& parts);

}  // namespace tfseal::fleet

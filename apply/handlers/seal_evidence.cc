#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"
#include "core/file.h"
#include "core/time_text.h"
#include "crypto/digest.h"

namespace tfseal {
namespace {

constexpr std::string_view kEvidenceFormat = "tfseal/evidence/v1";
constexpr std::size_t kEvidenceBytesMax = std::size_t{64} << 20;

std::string PathOf(const Action& action, const RunContext& context) {
  return fmt::format("{}/{}.json", context.settings.evidence_dir, action.id);
}

// Every entry carries the digest of itself and of the entry before, so that none can be changed, taken out or moved
// without changing the last one.
std::string Sealed(const std::string& before, const JsonValue& entry) {
  return Sha256Hex(before + "\n" + WriteJsonLine(entry));
}

JsonValue Entry(const std::string& id, const RunContext::DoneAction& done) {
  JsonValue entry(Json::objectValue);
  entry["action"] = id;
  entry["done"] = FormatTime(done.at);
  entry["evidence"] = done.evidence;
  return entry;
}

// What the run writes of these actions, which are done.
JsonValue DocumentOf(const Action& action, const RunContext& context, const std::set<std::string>& actions) {
  JsonValue document(Json::objectValue);
  document["schema"] = std::string(kEvidenceFormat);
  document["signed"] = false;
  document["action"] = action.id;
  document["subject"] = action.payload["subject"];
  document["contains"] = action.payload["contains"];
  document["plan_sha256"] = context.settings.plan_sha256;
  std::string head = context.settings.plan_sha256;
  JsonValue& entries = document["entries"] = JsonValue(Json::arrayValue);
  for (const std::string& id : actions) {
    JsonValue entry = Entry(id, context.done.at(id));
    head = Sealed(head, entry);
    entry["sha256"] = head;
    entries.append(entry);
  }
  document["head_sha256"] = head;
  return document;
}

// Whether the document is what this run wrote, when it had done at least what the action requires. Another run's, one
// of another action and one without entries are whole in themselves, too.
bool IsOfThisRun(const JsonValue& document, const Action& action, const RunContext& context) {
  if (!document.isObject() || !document["entries"].isArray()) return false;
  std::set<std::string> actions;
  for (const JsonValue& entry : document["entries"]) {
    const std::string id = entry.isObject() && entry["action"].isString() ? entry["action"].asString() : "";
    if (!context.done.contains(id)) return false;
    actions.insert(id);
  }
  return std::all_of(action.needs.begin(), action.needs.end(),
                     [&](const std::string& need) { return actions.contains(need); }) &&
         WriteJsonLine(DocumentOf(action, context, actions)) == WriteJsonLine(document);
}

Result<Probe> ProbeSealEvidence(const Action& action, RunContext& context) {
  if (context.settings.evidence_dir.empty()) {
    return Waiting("there is no place for the evidence", "tfseal resume with --evidence-dir DIR");
  }
  const auto text = ReadFileBounded(PathOf(action, context), kEvidenceBytesMax);
  if (!text.ok() && text.error().code == ErrorCode::kNotFound) return NotDone("the evidence is not written");
  if (!text.ok()) return text.error();
  const auto document = ParseJson(*text);
  if (!document.ok() || !IsOfThisRun(*document, action, context)) {
    return Conflict(fmt::format("{}: is not the evidence that this run wrote", PathOf(action, context)),
                    "move it away; the next run writes it again from the journal");
  }
  JsonValue evidence(Json::objectValue);
  evidence["head_sha256"] = (*document)["head_sha256"];
  evidence["signed"] = false;
  evidence["entries"] = (*document)["entries"].size();
  return Done(fmt::format("written to {}, not signed", PathOf(action, context)), JsonValue(Json::objectValue),
              evidence);
}

Status WriteEvidence(const Action& action, RunContext& context) {
  if (::mkdir(context.settings.evidence_dir.c_str(), 0700) != 0 && errno != EEXIST) {
    return Error{ErrorCode::kPermissionDenied,
                 fmt::format("{}: cannot make the directory: {}", context.settings.evidence_dir, std::strerror(errno)),
                 "tfseal resume with another --evidence-dir"};
  }
  std::set<std::string> actions;
  for (const auto& [id, done] : context.done) actions.insert(id);
  return WriteFileAtomically(PathOf(action, context), WriteJsonDocument(DocumentOf(action, context, actions)));
}

}  // namespace

const Handler kSealEvidenceHandler = {.kind = "seal_evidence", .probe = ProbeSealEvidence, .execute = WriteEvidence};

}  // namespace tfseal

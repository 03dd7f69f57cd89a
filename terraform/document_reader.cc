#include <fmt/format.h>

#include <array>
#include <charconv>
#include <memory>
#include <string>
#include <utility>

#include "terraform/byte_source.h"
#include "terraform/configuration_reader.h"
#include "terraform/detection.h"
#include "terraform/document_reader.h"
#include "terraform/element_reader.h"
#include "terraform/legacy_state_reader.h"
#include "terraform/plan_file_zip.h"
#include "terraform/plan_reader.h"
#include "terraform/planned_only.h"
#include "terraform/read.h"
#include "terraform/saved_plan.h"
#include "terraform/state_reader.h"

namespace tfseal::terraform {
namespace {

// Those that change what a document means; with one of them damaged a plan could look as if it changed nothing.
constexpr std::array<std::string_view, 18> kTopLevelKeys = {
    "format_version", "terraform_version", "timestamp",      "errored",
    "applyable",      "complete",          "planned_values", "resource_changes",
    "resource_drift", "deferred_changes",  "prior_state",    "configuration",
    "values",         "resources",         "modules",        "version",
    "encrypted_data", "remote_plan_format"};

// Reads one document from its first byte to its last.
class DocumentReader {
 public:
  DocumentReader(ByteSource& source, const Interest& interest)
      : source_(source),
        slicer_(source),
        context_(slicer_, document_, interest),
        plan_(context_),
        state_(context_),
        configuration_(context_),
        planned_(context_, source.can_read_again()) {
    if (!interest.WantsDigest()) source.LeaveOutSha256();
  }

  Result<Document> Read() {
    if (slicer_.Peek() != '{') {
      if (slicer_.failed()) return slicer_.error();
      return NotAnObject(source_.name(), source_.head(), slicer_.Peek());
    }
    slicer_.EnterObject();
    std::string_view key;
    while (slicer_.NextMember(key)) {
      const auto [place, fresh] = top_.keys.emplace(key);
      if (!fresh) {
        slicer_.FailHere("has a key at the top level for the second time");
        break;
      }
      if (!ReadMember(*place)) break;
    }
    slicer_.AtEnd();
    if (slicer_.failed()) return ExplainDamage(source_.name(), top_, slicer_.error());
    TFSEAL_ASSIGN(document_.kind, Classify(source_.name(), top_));
    return Finish();
  }

 private:
  bool ReadMember(std::string_view key) {
    if (key == "resource_changes") {
      const bool ok = plan_.ReadChanges(document_.resources, true);
      document_.resource_changes_present = document_.resources_seen + document_.data_sources > 0;
      return ok;
    }
    if (key == "resource_drift") return plan_.ReadChanges(document_.drift, false);
    if (key == "planned_values") return context_.interest.WantsPlanned() ? planned_.Collect() : SkipPlanned();
    if (key == "configuration") return configuration_.Read(document_.configuration);
    if (key == "checks") return slicer_.Peek() == '[' ? plan_.ReadChecks() : slicer_.Skip();
    if (key == "deferred_changes") return plan_.ReadDeferredChanges();
    if (key == "relevant_attributes") {
      return slicer_.Peek() == '[' ? plan_.ReadRelevantAttributes() : slicer_.Skip();
    }
    if (key == "prior_state") {
      // A plan with changes says the same in their `before`.
      return document_.resource_changes_present ? slicer_.Skip() : state_.ReadShownState(document_.prior, false);
    }
    if (key == "values") return state_.ReadValues(document_.resources, true);
    if (key == "resources") {
      raw_resources_ = slicer_.Peek() == '[' || slicer_.Peek() == 'n';
      return slicer_.Peek() == '[' ? state_.ReadRawResources(document_.resources) : slicer_.Skip();
    }
    if (key == "modules")
      return slicer_.Peek() == '[' ? ReadLegacyModules(context_, document_.resources) : slicer_.Skip();
    return ReadScalarMember(key);
  }

  // Only whether there is a resource in it.
  bool SkipPlanned() {
    if (!context_.EnterObjectOrNull()) return !slicer_.failed();
    std::string_view key;
    while (slicer_.NextMember(key)) {
      if (key != "root_module" ? !slicer_.Skip() : !SkipPlannedModule()) return false;
    }
    return !slicer_.failed();
  }

  bool SkipPlannedModule() {
    if (!context_.EnterObjectOrNull()) return !slicer_.failed();
    std::string_view key;
    while (slicer_.NextMember(key)) {
      const bool holds = (key == "resources" || key == "child_modules") && slicer_.Peek() == '[';
      if (!holds) {
        if (!slicer_.Skip()) return false;
        continue;
      }
      slicer_.EnterArray();
      while (slicer_.NextElement()) {
        resources_planned_ = true;
        if (!slicer_.Skip()) return false;
      }
      if (slicer_.failed()) return false;
    }
    return !slicer_.failed();
  }

  bool ReadScalarMember(std::string_view key) {
    if (key == "format_version") return Take(document_.format_version) && SupportedVersion();
    if (key == "terraform_version") return Take(document_.terraform_version);
    if (key == "timestamp") return Take(document_.timestamp);
    if (key == "lineage") return Take(document_.lineage);
    if (key == "errored") return Take(document_.errored);
    if (key == "applyable") return Take(document_.applyable);
    if (key == "complete") return Take(document_.complete);
    if (key == "serial") return Take(document_.serial);
    if (IsDamagedKey(key, kTopLevelKeys)) return slicer_.FailHere("is damaged: a top-level key has a wrong letter,");
    if (key == "version") {
      std::uint64_t version = 0;
      if (!Take(version)) return false;
      top_.state_version = version < 100 ? static_cast<int>(version) : 0;
      return true;
    }
    return slicer_.Skip();
  }

  bool SupportedVersion() {
    const Status status = CheckFormatVersion(source_.name(), document_.format_version);
    if (!status.ok()) slicer_.Fail(status.error());
    return status.ok();
  }

  bool Take(std::string_view& text) {
    std::string taken;
    if (slicer_.Peek() != '"') return slicer_.Skip();
    if (!slicer_.TakeString(taken)) return false;
    text = document_.arena.Copy(taken);
    return true;
  }

  bool Take(std::optional<bool>& flag) {
    std::string taken;
    // Anything else than a boolean here would be read as "not said" and could let an unfinished plan pass.
    if (!slicer_.TakeScalar(taken) || (taken != "true" && taken != "false" && taken != "null")) {
      return slicer_.FailHere("has a top-level flag that is not true or false");
    }
    if (taken != "null") flag = taken == "true";
    return true;
  }

  bool Take(std::uint64_t& number) {
    std::string taken;
    if (!slicer_.TakeScalar(taken)) return slicer_.Skip();
    std::from_chars(taken.data(), taken.data() + taken.size(), number);
    return true;
  }

  Result<Document> Finish() {
    if (document_.resource_changes_present) document_.prior.clear();
    const bool planned = resources_planned_ || planned_.any();
    document_.changes_missing = planned && !document_.resource_changes_present && !state_.any();
    document_.state_version =
        document_.kind == DocumentKind::kState && document_.format_version.empty() ? top_.state_version : 0;
    if (document_.state_version == 4 && (!raw_resources_ || !state_.raw_damage().empty())) {
      const std::string problem = raw_resources_ ? state_.raw_damage() : "is a state without its list of resources";
      return Error{ErrorCode::kInvalidInput, fmt::format("{}: {}", source_.name(), problem),
                   "write the file again with `terraform state pull`"};
    }
    document_.bytes = source_.bytes();
    document_.sha256 = source_.FinishSha256();
    if (document_.kind == DocumentKind::kPlan) {
      TFSEAL_TRY(AddPlannedOnly());
    } else if (!top_.has("values") && !top_.has("version")) {
      document_.notes.push_back("the document holds nothing but its version: an empty state");
    }
    document_.notes.insert(document_.notes.begin(), source_.notes().begin(), source_.notes().end());
    return std::move(document_);
  }

  Status AddPlannedOnly() {
    if (planned_.NeedsSecondPass()) {
      TFSEAL_ASSIGN(ByteSource source, source_.Again());
      if (!context_.interest.WantsDigest()) source.LeaveOutSha256();
      Slicer slicer(source);
      ReadContext again(slicer, document_, context_.interest);
      slicer.EnterObject();
      std::string_view key;
      while (slicer.NextMember(key) && (key == "planned_values" ? planned_.CollectAgain(again) : slicer.Skip()))
        continue;
      slicer.AtEnd();
      if (slicer.failed()) return slicer.error();
      if (source.FinishSha256() != document_.sha256 || source.bytes() != document_.bytes ||
          source.ModifiedAt() != modified_at_) {
        return Error{ErrorCode::kUnavailable, fmt::format("{}: changed while it was read", source_.name()),
                     "run again"};
      }
    }
    planned_.AddMissing();
    return {};
  }

  ByteSource& source_;
  const std::int64_t modified_at_ = source_.ModifiedAt();
  Slicer slicer_;
  Document document_;
  TopLevel top_;
  ReadContext context_;
  PlanReader plan_;
  StateReader state_;
  ConfigurationReader configuration_;
  PlannedOnly planned_;
  bool resources_planned_ = false;
  bool raw_resources_ = false;  // a raw state has its list of resources, though perhaps an empty one
};

}  // namespace

Result<Document> ReadDocumentFrom(ByteSource& source, const std::string& path, const Interest& interest) {
  // On the heap: the reader holds the scanner's stacks.
  const auto reader = std::make_unique<DocumentReader>(source, interest);
  Result<Document> document = reader->Read();
  if (document.ok()) (*document).path = path;
  return document;
}

Result<Document> ReadDocument(const std::string& path, const Interest& interest) {
  if (IsSavedPlan(path)) {
    // Its digest is that of the saved plan, not of the JSON that it is turned into.
    const Interest without_digest = interest.WithoutDigest();
    return ReadSavedPlan(path, [&](int descriptor) {
      ByteSource source = ByteSource::FromDescriptor(descriptor, path);
      return ReadDocumentFrom(source, path, without_digest);
    });
  }
  TFSEAL_ASSIGN(ByteSource source, ByteSource::OpenFile(path));
  return ReadDocumentFrom(source, path, interest);
}

Result<Document> ReadDocumentFromMemory(std::string_view bytes, const std::string& name, const Interest& interest) {
  ByteSource source = ByteSource::FromMemory(bytes, name);
  return ReadDocumentFrom(source, name, interest);
}

}  // namespace tfseal::terraform

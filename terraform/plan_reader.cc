#include "terraform/plan_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "terraform/address.h"

namespace tfseal::terraform {
namespace {

enum Key : std::size_t {
  kAddress,
  kModuleAddress,
  kMode,
  kType,
  kName,
  kIndex,
  kProviderName,
  kDeposed,
  kPreviousAddress,
  kActionReason,
  kChange,
  kKeyCount
};
constexpr std::array<std::string_view, kKeyCount> kChangeKeys = {
    "address", "module_address",   "mode",          "type",  "name", "index", "provider_name",
    "deposed", "previous_address", "action_reason", "change"};

enum ChangeKey : std::size_t {
  kActions,
  kBefore,
  kAfter,
  kAfterUnknown,
  kBeforeSensitive,
  kAfterSensitive,
  kReplacePaths,
  kImporting,
  kChangeKeyCount
};
constexpr std::array<std::string_view, kChangeKeyCount> kInnerKeys = {
    "actions", "before", "after", "after_unknown", "before_sensitive", "after_sensitive", "replace_paths", "importing"};

constexpr std::uint64_t kReserveMax = std::uint64_t{1} << 20U;

// Documents edited by hand may leave the address out.
std::string_view AddressOfParts(SliceReader& reader, std::span<const JsonNode> nodes) {
  Value index;
  if (nodes[kIndex].is_number()) index = Value::Number(reader.raw(nodes[kIndex]));
  if (nodes[kIndex].is_string()) index = Value::String(reader.Text(nodes[kIndex]));
  return ComposeAddress(reader.arena(), reader.Text(nodes[kModuleAddress]), reader.Text(nodes[kMode]) == "data",
                        reader.Text(nodes[kType]), reader.Text(nodes[kName]), index);
}

std::optional<Action> ActionCalled(std::string_view word) {
  for (const Action action :
       {Action::kNoOp, Action::kCreate, Action::kUpdate, Action::kDelete, Action::kRead, Action::kForget}) {
    if (Name(action) == word) return action;
  }
  return std::nullopt;
}

void Set(Actions& actions, Action action) {
  actions.list.push_back(action);
  switch (action) {
    case Action::kNoOp:
      actions.no_op = true;
      break;
    case Action::kCreate:
      actions.create = true;
      break;
    case Action::kRead:
      actions.read = true;
      break;
    case Action::kUpdate:
      actions.update = true;
      break;
    case Action::kDelete:
      actions.destroy = true;
      actions.create_first = actions.create;
      break;
    case Action::kForget:
      actions.forget = true;
      break;
  }
}

// Terraform writes both sides of what stays and the new side of what is made. Without it nothing could be judged, and
// "nothing found" would be all that is said of the resource.
bool LacksASide(const ResourceInstance& resource) {
  const Actions& actions = resource.actions;
  const bool lives = actions.create || actions.update || (actions.no_op && !resource.before.unset());
  const bool after = resource.after.is_map() || resource.after.unknown();
  return (lives && !after) || (actions.update && !resource.before.is_map());
}

}  // namespace

bool PlanReader::ReadChanges(std::vector<ResourceInstance>& into, bool counts) {
  if (!context_.EnterArrayOrNull()) return !context_.slicer.failed();
  // About one change in four kilobytes of a plan; untouched room costs nothing, moving all of them does.
  if (counts) into.reserve(std::min<std::uint64_t>(context_.slicer.source().SizeHint() / 2048, kReserveMax));
  while (context_.slicer.NextElement()) {
    JsonSlice slice;
    if (!context_.slicer.Capture("the list of changes", slice) || !ReadChange(slice, into, counts)) return false;
  }
  return !context_.slicer.failed();
}

bool PlanReader::ReadChange(const JsonSlice& slice, std::vector<ResourceInstance>& into, bool counts) {
  Document& document = context_.document;
  SliceReader reader(slice, document.arena);
  const auto nodes = PickMembers(reader, reader.root(), kChangeKeys);
  std::string_view address = reader.Text(nodes[kAddress]);
  if (address.empty() && nodes[kType].is_string() && nodes[kName].is_string()) address = AddressOfParts(reader, nodes);
  if (!reader.failed() && address.empty()) return context_.Fail("", "has a change without an address", "");
  if (reader.failed()) return context_.Fail(reader, address);

  const std::string_view here = WithoutModules(address);
  const std::string_view mode = reader.Text(nodes[kMode]);
  const bool data_source = mode.empty() ? here.starts_with("data.") : mode == "data";
  std::string_view type = reader.Text(nodes[kType]);
  if (!reader.failed() && !(KnownMode(mode) && AddressFits(here, type, reader.Text(nodes[kName])))) {
    return context_.Fail(address, "does not fit its own mode, type and name",
                         "write the file again with `terraform show -json PLANFILE > FILE`");
  }
  if (type.empty()) type = here.substr(0, here.find('.'));
  if (counts) ++(data_source ? document.data_sources : document.resources_seen);
  const auto change = PickMembers(reader, nodes[kChange], kInnerKeys);
  ResourceInstance resource;
  if (!ReadActions(reader, change[kActions], resource.actions, address)) return false;
  if (!data_source && !context_.interest.WantsType(type)) {
    const bool changes = resource.actions.create || resource.actions.update;
    if (counts && changes) document.changing_elsewhere.push_back(reader.Kept(address));
    if (counts && resource.actions.destroy) ++document.destroyed_elsewhere[std::string(type)];
    return reader.failed() ? context_.Fail(reader, address) : true;
  }
  if (data_source) {
    if (counts && resource.actions.read) document.deferred_reads.push_back(reader.Kept(address));
    return reader.failed() ? context_.Fail(reader, address) : true;
  }
  resource.SetAddress(reader.Kept(address), here.size());
  resource.type = context_.Interned(type, last_type_);
  resource.provider_name = context_.Interned(reader.Text(nodes[kProviderName]), last_provider_);
  ReadRareParts(reader, nodes, change[kReplacePaths], resource.rare);
  resource.importing = change[kImporting].is_object();
  ReadStates(reader, change, resource);
  if (reader.failed()) return context_.Fail(reader, address);
  if (counts && LacksASide(resource)) {
    return context_.Fail(address, "has a change without what is there before or after it",
                         "write the file again with `terraform show -json PLANFILE > FILE`");
  }
  into.push_back(std::move(resource));
  return true;
}

bool PlanReader::ReadActions(SliceReader& reader, const JsonNode& node, Actions& actions, std::string_view address) {
  Elements elements(reader, node);
  JsonNode element;
  while (elements.Next(element)) {
    const auto action = ActionCalled(reader.Text(element));
    if (!action.has_value()) {
      return context_.Fail(address, "has an action that this version does not know",
                           "update tfseal, or report the action with the version of Terraform");
    }
    if (actions.list.full()) return context_.Fail(address, "has more actions than a change can have", "");
    Set(actions, *action);
  }
  if (reader.failed()) return context_.Fail(reader, address);
  if (actions.list.empty()) return context_.Fail(address, "has a change without actions", "");
  return true;
}

void PlanReader::ReadStates(SliceReader& reader, std::span<const JsonNode> nodes, ResourceInstance& resource) {
  ValueReader& values = context_.values;
  const bool any_unknown = ValueReader::SaysTrue(reader, nodes[kAfterUnknown]);
  if (nodes[kBefore].present()) {
    resource.before = values.ReadAttributes(reader, nodes[kBefore], context_.interest, resource.type,
                                            resource.left_out_before, {JsonNode(), nodes[kBeforeSensitive]});
  }
  const bool same = resource.actions.no_op && !any_unknown && nodes[kBefore].present() &&
                    reader.raw(nodes[kBefore]) == reader.raw(nodes[kAfter]) &&
                    reader.raw(nodes[kBeforeSensitive]) == reader.raw(nodes[kAfterSensitive]);
  if (same) {
    resource.after = resource.before;
    resource.left_out_after = resource.left_out_before;
    return;
  }
  if (nodes[kAfter].present()) {
    resource.after =
        values.ReadAttributes(reader, nodes[kAfter], context_.interest, resource.type, resource.left_out_after,
                              {any_unknown ? nodes[kAfterUnknown] : JsonNode(), nodes[kAfterSensitive]});
    return;
  }
  if (any_unknown) resource.after = values.WithUnknowns(reader, resource.after, nodes[kAfterUnknown]);
  resource.after = values.WithSensitive(reader, resource.after, nodes[kAfterSensitive]);
}

void PlanReader::ReadRareParts(SliceReader& reader, std::span<const JsonNode> nodes, const JsonNode& replace_paths,
                               OnDemand<RareParts>& rare) {
  const auto text = [&](Key key, std::string_view RareParts::*part) {
    if (!nodes[key].present()) return;
    const std::string_view said = context_.values.Text(reader, nodes[key]);
    if (!said.empty()) rare.Own().*part = said;
  };
  text(kDeposed, &RareParts::deposed);
  text(kPreviousAddress, &RareParts::previous_address);
  text(kActionReason, &RareParts::action_reason);
  if (replace_paths.present()) ReadReplacePaths(reader, replace_paths, rare.Own().replace_paths);
}

void PlanReader::ReadReplacePaths(SliceReader& reader, const JsonNode& node, std::vector<std::string>& paths) {
  Elements elements(reader, node);
  JsonNode path;
  while (elements.Next(path)) {
    std::string text;
    Elements steps(reader, path);
    JsonNode step;
    while (steps.Next(step)) {
      if (step.is_number()) {
        text += fmt::format("[{}]", reader.raw(step));
      } else {
        text += fmt::format("{}{}", text.empty() ? "" : ".", reader.Text(step));
      }
    }
    paths.push_back(std::move(text));
  }
  std::sort(paths.begin(), paths.end());
}

bool PlanReader::ReadChecks() {
  constexpr std::array<std::string_view, 2> kKeys = {"address", "status"};
  constexpr std::array<std::string_view, 1> kAddressKeys = {"to_display"};
  if (!context_.EnterArrayOrNull()) return !context_.slicer.failed();
  while (context_.slicer.NextElement()) {
    JsonSlice slice;
    if (!context_.slicer.Capture("the list of checks", slice)) return false;
    SliceReader reader(slice, context_.document.arena);
    const auto nodes = PickMembers(reader, reader.root(), kKeys);
    const std::string_view status = reader.Text(nodes[1]);
    if (status == "fail" || status == "error") {
      const auto address = PickMembers(reader, nodes[0], kAddressKeys);
      context_.document.failed_checks.push_back(reader.KeptText(address[0]));
    }
    if (reader.failed()) return context_.Fail(reader, "a check");
  }
  return !context_.slicer.failed();
}

bool PlanReader::ReadRelevantAttributes() {
  constexpr std::array<std::string_view, 2> kKeys = {"resource", "attribute"};
  if (!context_.EnterArrayOrNull()) return !context_.slicer.failed();
  while (context_.slicer.NextElement()) {
    JsonSlice slice;
    if (!context_.slicer.Capture("the list of relevant attributes", slice)) return false;
    SliceReader reader(slice, context_.document.arena);
    const auto nodes = PickMembers(reader, reader.root(), kKeys);
    RelevantAttribute relevant{reader.KeptText(nodes[0]), {}};
    Elements steps(reader, nodes[1]);
    if (JsonNode step; steps.Next(step) && step.is_string()) relevant.attribute = reader.KeptText(step);
    if (reader.failed()) return context_.Fail(reader, "a relevant attribute");
    if (!relevant.resource.empty()) context_.document.relevant_attributes.push_back(relevant);
  }
  return !context_.slicer.failed();
}

bool PlanReader::ReadDeferredChanges() {
  if (!context_.EnterArrayOrNull()) return !context_.slicer.failed();
  while (context_.slicer.NextElement()) {
    ++context_.document.deferred_changes;
    if (!context_.slicer.Skip()) return false;
  }
  return !context_.slicer.failed();
}

}  // namespace tfseal::terraform

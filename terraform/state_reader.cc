#include "terraform/state_reader.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "terraform/address.h"
#include "terraform/flatmap.h"

namespace tfseal::terraform {
namespace {

// Data sources that tell whose a key is.
bool LooksUpKeys(std::string_view type) {
  return type == "aws_kms_alias" || type == "aws_kms_key";
}

constexpr std::string_view kWriteAgain = "write the file again, with `terraform state pull` or `terraform show -json`";

std::uint32_t SmallNumber(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

}  // namespace

bool StateReader::ReadValues(std::vector<ResourceInstance>& into, bool counts) {
  if (!context_.EnterObjectOrNull()) return !context_.slicer.failed();
  std::string_view key;
  bool seen = false;
  while (context_.slicer.NextMember(key)) {
    if (key != "root_module") {
      if (!context_.slicer.Skip()) return false;
      continue;
    }
    if (seen) return context_.slicer.FailHere("has a second root_module");
    seen = true;
    if (!ReadModule(into, counts)) return false;
  }
  return !context_.slicer.failed();
}

bool StateReader::ReadShownState(std::vector<ResourceInstance>& into, bool counts) {
  if (!context_.EnterObjectOrNull()) return !context_.slicer.failed();
  std::string_view key;
  bool seen = false;
  while (context_.slicer.NextMember(key)) {
    if (key != "values") {
      if (!context_.slicer.Skip()) return false;
      continue;
    }
    if (seen) return context_.slicer.FailHere("has `values` twice in prior_state");
    seen = true;
    if (!ReadValues(into, counts)) return false;
  }
  return !context_.slicer.failed();
}

// The address of a module comes after its resources, so theirs are completed at the end.
bool StateReader::ReadModule(std::vector<ResourceInstance>& into, bool counts) {
  Slicer& slicer = context_.slicer;
  if (!context_.EnterObjectOrNull()) return !slicer.failed();
  std::string address;
  std::size_t first = 0;
  std::size_t last = 0;
  bool resources_seen = false;
  bool children_seen = false;
  std::string_view key;
  while (slicer.NextMember(key)) {
    if (key == "resources") {
      if (std::exchange(resources_seen, true)) return slicer.FailHere("has `resources` twice in a module");
      first = into.size();
      if (!context_.EnterArrayOrNull()) {
        if (slicer.failed()) return false;
        continue;
      }
      while (slicer.NextElement()) {
        JsonSlice slice;
        if (!slicer.Capture("a list of resources", slice) || !ReadResource(slice, into, counts)) return false;
      }
      last = into.size();
    } else if (key == "child_modules") {
      if (std::exchange(children_seen, true)) return slicer.FailHere("has `child_modules` twice in a module");
      if (!context_.EnterArrayOrNull()) {
        if (slicer.failed()) return false;
        continue;
      }
      while (slicer.NextElement()) {
        if (!ReadModule(into, counts)) return false;
      }
    } else if (key == "address" && slicer.Peek() == '"') {
      if (!slicer.TakeString(address)) return false;
    } else if (!slicer.Skip()) {
      return false;
    }
    if (slicer.failed()) return false;
  }
  if (slicer.failed()) return false;
  const std::string_view module_address = context_.document.arena.Copy(address);
  for (std::size_t i = first; i < last; ++i) {
    into[i].SetAddress(CompleteAddress(context_.document.arena, into[i].address, module_address, into[i].rare->index));
  }
  return true;
}

bool StateReader::ReadResource(const JsonSlice& slice, std::vector<ResourceInstance>& into, bool counts) {
  enum Key : std::size_t {
    kAddress,
    kMode,
    kType,
    kName,
    kIndex,
    kProviderName,
    kValues,
    kSensitiveValues,
    kDependsOn,
    kTainted,
    kDeposedKey,
    kKeyCount
  };
  constexpr std::array<std::string_view, kKeyCount> kKeys = {
      "address",          "mode",       "type",    "name",       "index", "provider_name", "values",
      "sensitive_values", "depends_on", "tainted", "deposed_key"};
  any_ = true;
  Document& document = context_.document;
  SliceReader reader(slice, document.arena);
  const auto nodes = PickMembers(reader, reader.root(), kKeys);
  const std::string_view address = reader.Text(nodes[kAddress]);
  if (reader.failed() || !reader.root().is_object()) return context_.Fail(reader, address);
  const std::string_view mode = reader.Text(nodes[kMode]);
  const bool data_source = mode.empty() ? WithoutModules(address).starts_with("data.") : mode == "data";
  if (!KnownMode(mode)) return context_.Fail(address, "has a mode that this version does not know", "update tfseal");
  if (counts) ++(data_source ? document.data_sources : document.resources_seen);
  const std::string_view here = WithoutModules(address);
  std::string_view type = reader.Text(nodes[kType]);
  if (!AddressFits(here, type, reader.Text(nodes[kName]))) {
    if (!address.empty()) return context_.Fail(address, "does not fit its own type and name", kWriteAgain);
  }
  if (type.empty() && !data_source) type = here.substr(0, here.find('.'));
  if (data_source ? !LooksUpKeys(type) : !context_.interest.WantsType(type)) {
    return reader.failed() ? context_.Fail(reader, address) : true;
  }

  ResourceInstance resource;
  resource.type = context_.Interned(type, last_type_);
  if (nodes[kIndex].present()) resource.rare.Own().index = context_.values.Read(reader, nodes[kIndex]);
  resource.SetAddress(
      address.empty() ? ComposeAddress(document.arena, "", false, type, reader.Text(nodes[kName]), resource.rare->index)
                      : document.arena.Copy(address));
  resource.provider_name = context_.Interned(ProviderName(reader.Text(nodes[kProviderName])), last_provider_);
  if (nodes[kDeposedKey].present()) resource.rare.Own().deposed = reader.KeptText(nodes[kDeposedKey]);
  resource.tainted = nodes[kTainted].is_true();
  if (nodes[kDependsOn].present()) resource.rare.Own().depends_on = ReadStrings(reader, nodes[kDependsOn]);
  if (nodes[kValues].present()) {
    resource.after = context_.values.ReadAttributes(reader, nodes[kValues], context_.interest, resource.type,
                                                    resource.left_out_after, {JsonNode(), nodes[kSensitiveValues]});
  }
  if (reader.failed()) return context_.Fail(reader, resource.address);
  // What a plan will make may be unknown altogether.
  if (counts && !resource.after.is_map()) return context_.Fail(address, "has no values", kWriteAgain);
  (data_source ? document.key_lookups : into).push_back(std::move(resource));
  return true;
}

NameList StateReader::ReadStrings(SliceReader& reader, const JsonNode& node) {
  std::vector<std::string_view> strings;
  Elements elements(reader, node);
  JsonNode element;
  while (elements.Next(element)) strings.push_back(context_.values.Text(reader, element));
  return NameList(strings, context_.document.arena);
}

bool StateReader::ReadRawResources(std::vector<ResourceInstance>& into) {
  if (!context_.EnterArrayOrNull()) return !context_.slicer.failed();
  while (context_.slicer.NextElement()) {
    JsonSlice slice;
    if (!context_.slicer.Capture("the list of resources", slice) || !ReadRawResource(slice, into)) return false;
  }
  return !context_.slicer.failed();
}

bool StateReader::ReadRawResource(const JsonSlice& slice, std::vector<ResourceInstance>& into) {
  enum Key : std::size_t { kModule, kMode, kType, kName, kProvider, kInstances, kKeyCount };
  constexpr std::array<std::string_view, kKeyCount> kKeys = {"module", "mode", "type", "name", "provider", "instances"};
  Document& document = context_.document;
  SliceReader reader(slice, document.arena);
  const auto nodes = PickMembers(reader, reader.root(), kKeys);
  const std::string_view type = reader.Text(nodes[kType]);
  const std::string_view mode = reader.Text(nodes[kMode]);
  if (reader.failed() || !reader.root().is_object()) return context_.Fail(reader, type);
  const bool data_source = mode == "data";
  if (!KnownMode(mode)) return context_.Fail(type, "has a mode that this version does not know", "update tfseal");
  const RawBlock block{reader.Text(nodes[kModule]), context_.Interned(type, last_type_), reader.Text(nodes[kName]),
                       context_.Interned(ProviderName(reader.Text(nodes[kProvider])), last_provider_)};
  const bool wanted = data_source ? LooksUpKeys(type) : context_.interest.WantsType(type);
  const auto address = [&] {
    return ComposeAddress(document.arena, block.module_address, data_source, type, block.name, Value());
  };
  // What is damaged here would count as a resource less, and "compliant" would be said without it.
  const auto damaged = [&](std::string_view problem) {
    if (raw_damage_.empty())
      raw_damage_ = fmt::format("{} {}, before byte {}", address(), problem, context_.slicer.offset());
  };
  if (!nodes[kInstances].is_array()) damaged("has no list of instances");
  if (type.empty()) damaged("has no type");
  Elements instances(reader, nodes[kInstances]);
  JsonNode instance;
  bool whole = true;
  while (instances.Next(instance)) {
    ++(data_source ? document.data_sources : document.resources_seen);
    if (wanted) whole = ReadRawInstance(reader, instance, block, data_source ? document.key_lookups : into) && whole;
  }
  if (!whole) damaged("has an instance without attributes");
  return reader.failed() ? context_.Fail(reader, address()) : true;
}

bool StateReader::ReadRawInstance(SliceReader& reader, const JsonNode& node, const RawBlock& block,
                                  std::vector<ResourceInstance>& into) {
  enum Key : std::size_t {
    kIndexKey,
    kStatus,
    kDeposed,
    kAttributes,
    kAttributesFlat,
    kSensitiveAttributes,
    kDependencies,
    kProvider,
    kKeyCount
  };
  constexpr std::array<std::string_view, kKeyCount> kKeys = {"index_key",    "status",          "deposed",
                                                             "attributes",   "attributes_flat", "sensitive_attributes",
                                                             "dependencies", "provider"};
  const auto nodes = PickMembers(reader, node, kKeys);
  ResourceInstance resource;
  resource.type = block.type;
  resource.provider_name = block.provider_name;
  Value index;
  if (nodes[kIndexKey].present()) index = context_.values.Read(reader, nodes[kIndexKey]);
  resource.SetAddress(
      ComposeAddress(context_.document.arena, block.module_address, false, block.type, block.name, index));
  resource.tainted = reader.Text(nodes[kStatus]) == "tainted";
  if (nodes[kDeposed].present()) resource.rare.Own().deposed = reader.KeptText(nodes[kDeposed]);
  if (resource.provider_name.empty()) {
    resource.provider_name = context_.Interned(ProviderName(reader.Text(nodes[kProvider])), last_provider_);
  }
  if (nodes[kDependencies].present()) resource.rare.Own().depends_on = ReadStrings(reader, nodes[kDependencies]);
  if (nodes[kAttributes].is_object()) {
    resource.after = context_.values.ReadAttributes(reader, nodes[kAttributes], context_.interest, resource.type,
                                                    resource.left_out_after, {});
  } else if (nodes[kAttributesFlat].is_object()) {
    resource.flatmap = true;
    resource.after = ReadFlatmap(reader, nodes[kAttributesFlat], context_.interest, context_.values);
  }
  Elements paths(reader, nodes[kSensitiveAttributes]);
  JsonNode path;
  while (paths.Next(path)) {
    Elements steps(reader, path);
    resource.after = WithSensitivePath(reader, steps, resource.after, true);
  }
  const bool whole = resource.after.is_map();
  into.push_back(std::move(resource));
  return whole;
}

// [{"type":"get_attr","value":"a"}, {"type":"index","value":{"type":"number","value":0}}]
Value StateReader::WithSensitivePath(SliceReader& reader, Elements& steps, const Value& value, bool is_whole) {
  constexpr std::array<std::string_view, 2> kKeys = {"type", "value"};
  // At the end of the path, and where a step names no place: one into a set means all of it. An attribute that was not
  // kept has nothing to mark.
  const auto here = [&] { return is_whole ? value : context_.values.Sensitive(value); };
  JsonNode step;
  if (!steps.Next(step)) return here();
  auto nodes = PickMembers(reader, step, kKeys);
  if (nodes[1].is_object()) nodes = PickMembers(reader, nodes[1], kKeys);
  if (nodes[1].is_number()) {
    const std::uint32_t index = SmallNumber(reader.raw(nodes[1]));
    if (index >= value.items().size()) return here();
    return context_.values.Replaced(value, index, WithSensitivePath(reader, steps, value.items()[index], false));
  }
  const std::string_view name = reader.Text(nodes[1]);
  for (std::size_t i = 0; i < value.members().size(); ++i) {
    if (value.members()[i].key != name) continue;
    return context_.values.Replaced(value, i, WithSensitivePath(reader, steps, value.members()[i].value, false));
  }
  return here();
}

}  // namespace tfseal::terraform

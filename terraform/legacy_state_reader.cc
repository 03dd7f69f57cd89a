#include "terraform/legacy_state_reader.h"

#include <algorithm>
#include <array>

#include "terraform/address.h"
#include "terraform/flatmap.h"

namespace tfseal::terraform {
namespace {

// ["root", "a", "b"] is module.a.module.b
std::string_view ModuleAddress(SliceReader& reader, const JsonNode& path) {
  std::string address;
  Elements steps(reader, path);
  JsonNode step;
  bool root = true;
  while (steps.Next(step)) {
    if (!std::exchange(root, false)) {
      address += address.empty() ? "module." : ".module.";
      address += reader.Text(step);
    }
  }
  return reader.arena().Copy(address);
}

class LegacyModule {
 public:
  LegacyModule(ReadContext& context, SliceReader& reader, std::vector<ResourceInstance>& into)
      : context_(context), reader_(reader), into_(into) {}

  void Read(const JsonNode& path, const JsonNode& resources) {
    module_ = ModuleAddress(reader_, path);
    Members members(reader_, resources);
    std::string_view key;
    JsonNode node;
    std::vector<std::string_view> keys;
    while (members.Next(key, node)) {
      keys.push_back(key);
      ReadResource(key, node);
    }
    std::sort(keys.begin(), keys.end());
    if (std::adjacent_find(keys.begin(), keys.end()) != keys.end()) {
      reader_.Fail("says the same resource twice in an object that starts", resources.begin);
    }
  }

 private:
  // The key is type.name or type.name.index, with "data." before it for a data source.
  void ReadResource(std::string_view key, const JsonNode& node) {
    constexpr std::array<std::string_view, 5> kKeys = {"type", "depends_on", "primary", "deposed", "provider"};
    const auto nodes = PickMembers(reader_, node, kKeys);
    if (key.starts_with("data.")) {
      ++context_.document.data_sources;
      return;
    }
    ++context_.document.resources_seen;
    ResourceInstance resource;
    resource.flatmap = true;
    resource.type = reader_.KeptText(nodes[0]);
    if (!context_.interest.WantsType(resource.type)) return;
    std::string_view name = key.substr(std::min(key.size(), key.find('.') + 1));
    const std::size_t dot = name.rfind('.');
    if (dot != std::string_view::npos && IsIndex(name.substr(dot + 1))) {
      resource.rare.Own().index = Value::Number(context_.document.arena.Copy(name.substr(dot + 1)));
      name = name.substr(0, dot);
    }
    resource.provider_name = context_.document.arena.Copy(ProviderName(reader_.Text(nodes[4])));
    resource.SetAddress(
        ComposeAddress(context_.document.arena, module_, false, resource.type, name, resource.rare->index));
    Elements dependencies(reader_, nodes[1]);
    JsonNode element;
    std::vector<std::string_view> depends_on;
    while (dependencies.Next(element)) depends_on.push_back(reader_.KeptText(element));
    if (!depends_on.empty()) resource.rare.Own().depends_on = NameList(depends_on, context_.document.arena);
    if (nodes[2].is_object()) AddInstance(resource, nodes[2]);
    Elements deposed(reader_, nodes[3]);
    for (std::size_t i = 0; deposed.Next(element); ++i) {
      // That format had no keys for deposed objects.
      resource.rare.Own().deposed = context_.document.arena.Copy(std::to_string(i));
      AddInstance(resource, element);
    }
  }

  static bool IsIndex(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  }

  void AddInstance(ResourceInstance resource, const JsonNode& node) {
    constexpr std::array<std::string_view, 3> kKeys = {"id", "attributes", "tainted"};
    const auto nodes = PickMembers(reader_, node, kKeys);
    resource.tainted = nodes[2].is_true();
    resource.after =
        nodes[1].is_object() ? ReadFlatmap(reader_, nodes[1], context_.interest, context_.values) : Value::Map({});
    into_.push_back(std::move(resource));
  }

  ReadContext& context_;
  SliceReader& reader_;
  std::vector<ResourceInstance>& into_;
  std::string_view module_;
};

}  // namespace

bool ReadLegacyModules(ReadContext& context, std::vector<ResourceInstance>& into) {
  constexpr std::array<std::string_view, 2> kKeys = {"path", "resources"};
  if (!context.EnterArrayOrNull()) return !context.slicer.failed();
  while (context.slicer.NextElement()) {
    JsonSlice slice;
    if (!context.slicer.Capture("the list of modules", slice)) return false;
    SliceReader reader(slice, context.document.arena);
    const auto nodes = PickMembers(reader, reader.root(), kKeys);
    LegacyModule(context, reader, into).Read(nodes[0], nodes[1]);
    if (reader.failed()) return context.Fail(reader, "a module");
  }
  return !context.slicer.failed();
}

}  // namespace tfseal::terraform

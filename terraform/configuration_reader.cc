#include "terraform/configuration_reader.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "terraform/address.h"

namespace tfseal::terraform {
namespace {

// An expression is {"references": [...]}, {"constant_value": ...} or, when nothing can be said, {}. Anything else that
// is an object is a block.
bool LooksLikeExpression(SliceReader& reader, const JsonNode& node) {
  Members members(reader, node);
  std::string_view key;
  JsonNode value;
  bool empty = true;
  while (members.Next(key, value)) {
    empty = false;
    if (key == "constant_value" || (key == "references" && value.is_array())) return true;
  }
  return empty;
}

// Or a local, of which the document does not say what it is made from.
bool IsKnownWhenPlanning(std::string_view reference) {
  for (const std::string_view head : {"local.", "each.", "count.", "path.", "terraform.", "self."}) {
    if (reference.starts_with(head)) return true;
  }
  return reference.empty();
}

}  // namespace

bool ConfigurationReader::Read(Configuration& configuration) {
  Slicer& slicer = context_.slicer;
  if (!context_.EnterObjectOrNull()) return !slicer.failed();
  configuration.present = true;
  bool providers_seen = false;
  bool root_seen = false;
  std::string_view key;
  while (slicer.NextMember(key)) {
    if (key == "provider_config") {
      if (std::exchange(providers_seen, true)) return slicer.FailHere("has a second provider_config");
      if (!ReadProviders(configuration)) return false;
    } else if (key == "root_module") {
      if (std::exchange(root_seen, true)) return slicer.FailHere("has a second root_module in the configuration");
      if (!ReadModule(configuration.root)) return false;
    } else if (!slicer.Skip()) {
      return false;
    }
  }
  return !slicer.failed();
}

bool ConfigurationReader::ReadProviders(Configuration& configuration) {
  constexpr std::array<std::string_view, 6> kKeys = {"name",           "full_name",          "alias",
                                                     "module_address", "version_constraint", "expressions"};
  Slicer& slicer = context_.slicer;
  if (!context_.EnterObjectOrNull()) return !slicer.failed();
  std::string_view key;
  while (slicer.NextMember(key)) {
    const auto [place, fresh] = configuration.providers.try_emplace(std::string(key));
    if (!fresh) return slicer.FailHere("has a provider twice");
    JsonSlice slice;
    if (!slicer.Capture("the list of providers", slice)) return false;
    SliceReader reader(slice, context_.document.arena);
    const auto nodes = PickMembers(reader, reader.root(), kKeys);
    ProviderConfiguration& provider = place->second;
    provider.name = context_.values.Text(reader, nodes[0]);
    provider.full_name = context_.values.Text(reader, nodes[1]);
    provider.alias = context_.values.Text(reader, nodes[2]);
    provider.module_address = context_.values.Text(reader, nodes[3]);
    provider.version_constraint = context_.values.Text(reader, nodes[4]);
    std::string path;
    ReadBlock(reader, nodes[5], path, true, provider.expressions);
    if (reader.failed()) return context_.Fail(reader, "a provider");
  }
  return !slicer.failed();
}

bool ConfigurationReader::ReadModule(ModuleConfiguration& module) {
  Slicer& slicer = context_.slicer;
  if (!context_.EnterObjectOrNull()) return !slicer.failed();
  std::string_view key;
  while (slicer.NextMember(key)) {
    if (key == "resources") {
      if (!context_.EnterArrayOrNull()) {
        if (slicer.failed()) return false;
        continue;
      }
      while (slicer.NextElement()) {
        JsonSlice slice;
        if (!slicer.Capture("a list of resources", slice) || !ReadResource(slice, module)) return false;
      }
    } else if (key == "module_calls") {
      if (!ReadCalls(module)) return false;
    } else if (key == "outputs") {
      if (!ReadOutputs(module)) return false;
    } else if (!slicer.Skip()) {
      return false;
    }
    if (slicer.failed()) return false;
  }
  return !slicer.failed();
}

bool ConfigurationReader::ReadResource(const JsonSlice& slice, ModuleConfiguration& module) {
  enum Key : std::size_t { kAddress, kMode, kType, kName, kProvider, kExpressions, kCount, kForEach, kKeyCount };
  constexpr std::array<std::string_view, kKeyCount> kKeys = {"address",
                                                             "mode",
                                                             "type",
                                                             "name",
                                                             "provider_config_key",
                                                             "expressions",
                                                             "count_expression",
                                                             "for_each_expression"};
  SliceReader reader(slice, context_.document.arena);
  const auto nodes = PickMembers(reader, reader.root(), kKeys);
  const std::string_view address = reader.Text(nodes[kAddress]);
  if (reader.failed() || !reader.root().is_object()) return context_.Fail(reader, address);
  ResourceConfiguration resource;
  resource.data_source = reader.Text(nodes[kMode]) == "data" || address.starts_with("data.");
  if (!resource.data_source && !context_.interest.WantsType(reader.Text(nodes[kType]))) {
    for (const Key key : {kExpressions, kCount, kForEach}) ReadOtherReferences(reader, nodes[key], false, module);
    return reader.failed() ? context_.Fail(reader, address) : true;
  }
  resource.address = context_.values.Text(reader, nodes[kAddress]);
  resource.type = context_.values.Text(reader, nodes[kType]);
  resource.name = context_.values.Text(reader, nodes[kName]);
  resource.provider_config_key = context_.values.Text(reader, nodes[kProvider]);
  std::string path;
  // What a data source looks up may be needed under names that no resource has.
  ReadBlock(reader, nodes[kExpressions], path, resource.data_source, resource.expressions);
  if (!resource.data_source) ReadOtherReferences(reader, nodes[kExpressions], true, module);
  if (nodes[kCount].present()) resource.count = ReadExpression(reader, nodes[kCount]);
  if (nodes[kForEach].present()) resource.for_each = ReadExpression(reader, nodes[kForEach]);
  if (reader.failed()) return context_.Fail(reader, address);
  const std::string_view kept = resource.address;
  if (!module.resources.try_emplace(std::string(kept), std::move(resource)).second) {
    return context_.Fail(kept, "is in the configuration twice", "");
  }
  return true;
}

bool ConfigurationReader::ReadCalls(ModuleConfiguration& module) {
  Slicer& slicer = context_.slicer;
  if (slicer.Peek() == '[') return slicer.Skip();  // Terraform before 0.12.0
  if (!context_.EnterObjectOrNull()) return !slicer.failed();
  std::string_view key;
  const ModuleCall* last = nullptr;
  std::string last_text;  // of its module
  while (slicer.NextMember(key)) {
    const auto [place, fresh] = module.calls.try_emplace(std::string(key));
    if (!fresh) return slicer.FailHere("has a module call twice");
    ModuleCall& call = place->second;
    if (!ReadCall(call, last, last_text)) return false;
    const bool shares = last != nullptr && !call.module.empty() && !last->module.empty() &&
                        &call.module.front() == &last->module.front();
    if (!shares && last != nullptr && last->source == call.source && !last->module.empty() && !call.module.empty() &&
        SameConfiguration(last->module.front(), call.module.front())) {
      call.module.ShareWith(last->module);
    }
    last = &call;
  }
  return !slicer.failed();
}

bool ConfigurationReader::ReadCall(ModuleCall& call, const ModuleCall* last, std::string& module_text) {
  Slicer& slicer = context_.slicer;
  if (!context_.EnterObjectOrNull()) return !slicer.failed();
  std::string_view key;
  std::string text;
  while (slicer.NextMember(key)) {
    bool ok = true;
    if (key == "source" && slicer.Peek() == '"') {
      ok = slicer.TakeString(text);
      call.source = context_.document.arena.Copy(text);
    } else if (key == "version_constraint" && slicer.Peek() == '"') {
      ok = slicer.TakeString(text);
      call.version_constraint = context_.document.arena.Copy(text);
    } else if (key == "expressions") {
      ok = CaptureArguments("a module call", call.arguments);
    } else if (key == "count_expression") {
      ok = CaptureExpression("a module call", call.count);
    } else if (key == "for_each_expression") {
      ok = CaptureExpression("a module call", call.for_each);
    } else if (key == "module") {
      if (!call.module.empty()) return slicer.FailHere("has the module of a call twice");
      ok = ReadCalledModule(call, last, module_text);
    } else {
      ok = slicer.Skip();
    }
    if (!ok) return false;
  }
  return !slicer.failed();
}

bool ConfigurationReader::ReadCalledModule(ModuleCall& call, const ModuleCall* last, std::string& text) {
  constexpr std::size_t kTextMax = std::size_t{1} << 18U;  // comparing more than fits into the buffer is no use
  Slicer& slicer = context_.slicer;
  if (last != nullptr && !last->module.empty() && slicer.SkipSame(text)) {
    call.module.ShareWith(last->module);
    return true;
  }
  if (slicer.Peek() == 0) return ReadModule(call.module.Own());
  const std::uint64_t start = slicer.offset();
  if (!ReadModule(call.module.Own())) return false;
  const std::string_view taken = slicer.TakenSince(start);
  text = taken.starts_with('{') && taken.size() <= kTextMax ? taken : std::string_view();
  return true;
}

bool ConfigurationReader::ReadOutputs(ModuleConfiguration& module) {
  constexpr std::array<std::string_view, 1> kKeys = {"expression"};
  Slicer& slicer = context_.slicer;
  if (!context_.EnterObjectOrNull()) return !slicer.failed();
  std::string_view key;
  while (slicer.NextMember(key)) {
    const auto [place, fresh] = module.outputs.try_emplace(std::string(key));
    if (!fresh) return slicer.FailHere("has an output twice");
    JsonSlice slice;
    if (!slicer.Capture("the list of outputs", slice)) return false;
    SliceReader reader(slice, context_.document.arena);
    const auto nodes = PickMembers(reader, reader.root(), kKeys);
    place->second = ReadExpression(reader, nodes[0]);
    if (reader.failed()) return context_.Fail(reader, "an output");
  }
  return !slicer.failed();
}

bool ConfigurationReader::CaptureArguments(std::string_view owner, Expressions& expressions) {
  JsonSlice slice;
  if (context_.slicer.Peek() == 'n') return context_.slicer.Skip();
  if (!context_.slicer.Capture(owner, slice)) return false;
  SliceReader reader(slice, context_.document.arena);
  std::string path;
  ReadBlock(reader, reader.root(), path, true, expressions);
  return reader.failed() ? context_.Fail(reader, owner) : true;
}

bool ConfigurationReader::CaptureExpression(std::string_view owner, Expression& expression) {
  JsonSlice slice;
  if (context_.slicer.Peek() == 'n') return context_.slicer.Skip();
  if (!context_.slicer.Capture(owner, slice)) return false;
  SliceReader reader(slice, context_.document.arena);
  expression = ReadExpression(reader, reader.root());
  return reader.failed() ? context_.Fail(reader, owner) : true;
}

// `path` is that of the block; it is the same again afterwards.
void ConfigurationReader::ReadBlock(SliceReader& reader, const JsonNode& block, std::string& path, bool all,
                                    Expressions& expressions) {
  const std::size_t length = path.size();
  Members members(reader, block);
  std::string_view key;
  JsonNode node;
  while (members.Next(key, node)) {
    if (!all && length == 0 && !context_.interest.WantsAttribute(key)) continue;
    if (length > 0) path += '.';
    path += key;
    ReadArgument(reader, node, path, expressions);
    path.resize(length);
  }
}

void ConfigurationReader::ReadOtherReferences(SliceReader& reader, const JsonNode& node, bool read,
                                              ModuleConfiguration& module) {
  Elements elements(reader, node);
  JsonNode inner;
  while (elements.Next(inner)) ReadOtherReferences(reader, inner, false, module);
  Members members(reader, node);
  std::string_view key;
  while (members.Next(key, inner)) {
    if (read && context_.interest.WantsAttribute(key)) continue;
    if (key == "references" && inner.is_array()) {
      std::vector<std::string_view> references;
      Elements texts(reader, inner);
      for (JsonNode text; texts.Next(text);) references.push_back(reader.Text(text));
      for (const std::string_view reference : references) {
        if (IsKnownWhenPlanning(reference) || IsPrefixOfAnother(reference, references)) continue;
        if (!module.other_references.contains(reference)) module.other_references.insert(reader.Kept(reference));
      }
    } else if (key != "constant_value") {
      ReadOtherReferences(reader, inner, false, module);
    }
  }
}

void ConfigurationReader::ReadArgument(SliceReader& reader, const JsonNode& node, std::string& path,
                                       Expressions& expressions) {
  if (node.is_array()) {
    const std::size_t length = path.size();
    Elements elements(reader, node);
    JsonNode element;
    for (std::size_t i = 0; elements.Next(element); ++i) {
      path += fmt::format("[{}]", i);
      ReadBlock(reader, element, path, true, expressions);
      path.resize(length);
    }
  } else if (node.is_object() && !LooksLikeExpression(reader, node)) {
    ReadBlock(reader, node, path, true, expressions);
  } else if (node.is_object()) {
    if (!expressions.try_emplace(path, ReadExpression(reader, node)).second) {
      reader.Fail("says the same argument twice, the second time", node.begin);
    }
  }
}

Expression ConfigurationReader::ReadExpression(SliceReader& reader, const JsonNode& node) {
  constexpr std::array<std::string_view, 2> kKeys = {"references", "constant_value"};
  const auto nodes = PickMembers(reader, node, kKeys);
  Expression expression;
  Elements elements(reader, nodes[0]);
  JsonNode element;
  while (elements.Next(element)) expression.references.push_back(context_.values.Text(reader, element));
  expression.constant = context_.values.Read(reader, nodes[1]);
  return expression;
}

}  // namespace tfseal::terraform

#pragma once

#include <string>
#include <string_view>

#include "terraform/element_reader.h"

namespace tfseal::terraform {

// `configuration` of a plan: what the sources say, before values were computed.
class ConfigurationReader {
 public:
  explicit ConfigurationReader(ReadContext& context) : context_(context) {}

  // The object that is next.
  bool Read(Configuration& configuration);

 private:
  bool ReadProviders(Configuration& configuration);
  bool ReadModule(ModuleConfiguration& module);
  bool ReadResource(const JsonSlice& slice, ModuleConfiguration& module);
  bool ReadCalls(ModuleConfiguration& module);
  // `last` is the call before, or nullptr, and `module_text` the text of its module, if that is known; it becomes the
  // text of this one's. Terraform writes a module out again for every call, so it is most often the same.
  bool ReadCall(ModuleCall& call, const ModuleCall* last, std::string& module_text);
  bool ReadCalledModule(ModuleCall& call, const ModuleCall* last, std::string& text);
  bool ReadOutputs(ModuleConfiguration& module);
  // The object that is next, as the arguments or the expression of `owner`.
  bool CaptureArguments(std::string_view owner, Expressions& expressions);
  bool CaptureExpression(std::string_view owner, Expression& expression);

  void ReadBlock(SliceReader& reader, const JsonNode& block, std::string& path, bool all, Expressions& expressions);
  // ModuleConfiguration::other_references of all expressions in `node`, but for those that ReadBlock() takes of the
  // object if `read` is true.
  void ReadOtherReferences(SliceReader& reader, const JsonNode& node, bool read, ModuleConfiguration& module);
  void ReadArgument(SliceReader& reader, const JsonNode& node, std::string& path, Expressions& expressions);
  Expression ReadExpression(SliceReader& reader, const JsonNode& node);

  ReadContext& context_;
};

}  // namespace tfseal::terraform

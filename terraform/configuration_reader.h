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
  bool ReadCall(ModuleCall& call);
  bool ReadOutputs(ModuleConfiguration& module);
  // The object that is next, as the arguments or the expression of `owner`.
  bool CaptureArguments(std::string_view owner, Expressions& expressions);
  bool CaptureExpression(std::string_view owner, Expression& expression);

  void ReadBlock(SliceReader& reader, const JsonNode& block, std::string& path, bool all, Expressions& expressions);
  void ReadArgument(SliceReader& reader, const JsonNode& node, std::string& path, Expressions& expressions);
  Expression ReadExpression(SliceReader& reader, const JsonNode& node);

  ReadContext& context_;
};

}  // namespace tfseal::terraform

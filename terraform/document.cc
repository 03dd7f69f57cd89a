#include "terraform/document.h"

#include <algorithm>
#include <utility>

#include "terraform/address.h"

namespace tfseal::terraform {
namespace {

bool Same(const Expression& a, const Expression& b) {
  const bool same_constant = a.constant.IsSameView(b.constant) || a.constant.SameAs(b.constant);
  return a.references == b.references && same_constant;
}

template <class Map, class Equal>
bool SameEntries(const Map& a, const Map& b, Equal equal) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](const auto& x, const auto& y) { return x.first == y.first && equal(x.second, y.second); });
}

bool SameExpressions(const Expressions& a, const Expressions& b) {
  return SameEntries(a, b, Same);
}

bool SameResource(const ResourceConfiguration& a, const ResourceConfiguration& b) {
  return a.address == b.address && a.type == b.type && a.name == b.name &&
         a.provider_config_key == b.provider_config_key && a.data_source == b.data_source &&
         Same(a.for_each, b.for_each) && Same(a.count, b.count) && SameExpressions(a.expressions, b.expressions);
}

bool SameCall(const ModuleCall& a, const ModuleCall& b) {
  if (a.source != b.source || !Same(a.for_each, b.for_each) || !Same(a.count, b.count)) return false;
  if (!SameExpressions(a.arguments, b.arguments) || a.module.empty() != b.module.empty()) return false;
  return a.module.empty() || SameConfiguration(a.module.front(), b.module.front());
}

}  // namespace

void ResourceInstance::SetAddress(std::string_view absolute) {
  SetAddress(absolute, WithoutModules(absolute).size());
}

void ResourceInstance::SetAddress(std::string_view absolute, std::size_t without_modules) {
  address = absolute;
  const std::size_t module = absolute.size() - without_modules;
  module_size = module == 0 ? 0 : static_cast<std::uint32_t>(module - 1);  // without the dot
}

CalledModule::CalledModule(const CalledModule& other) {
  if (other.module_ != nullptr) module_ = &own_.emplace_back(*other.module_);
}

CalledModule& CalledModule::operator=(CalledModule other) noexcept {
  std::swap(own_, other.own_);
  std::swap(module_, other.module_);
  return *this;
}

ModuleConfiguration& CalledModule::Own() {
  if (own_.empty()) module_ = &own_.emplace_back();
  return own_.front();
}

void CalledModule::ShareWith(const CalledModule& other) {
  module_ = other.module_;
  own_ = std::vector<ModuleConfiguration>();
}

bool SameConfiguration(const ModuleConfiguration& a, const ModuleConfiguration& b) {
  return SameEntries(a.resources, b.resources, SameResource) && SameEntries(a.calls, b.calls, SameCall) &&
         SameEntries(a.outputs, b.outputs, Same) && a.other_references == b.other_references;
}

}  // namespace tfseal::terraform

#include "policy/hidden_uses.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "policy/world.h"
#include "terraform/address.h"

namespace tfseal {
namespace {

using terraform::Expression;
using terraform::IsPrefixOfAnother;
using terraform::ModuleCall;
using terraform::ModuleConfiguration;
using terraform::NameOfStep;
using terraform::StepsOf;

// What a reference means, without instance keys: "aws_kms_key.k" and "arn", "data.aws_kms_key.k" and "arn",
// "module.keys" and "arn", "var.key" and nothing.
struct Meant {
  std::string name;
  std::string attribute;  // empty: the whole
};

Meant MeaningOf(std::string_view reference) {
  const auto steps = StepsOf(reference);
  const std::size_t named_by = steps[0] == "data" ? 3 : 2;
  Meant meant;
  for (std::size_t i = 0; i < std::min(named_by, steps.size()); ++i) {
    if (i > 0) meant.name += '.';
    meant.name += NameOfStep(steps[i]);
  }
  if (steps[0] != "var" && steps.size() > named_by) meant.attribute = NameOfStep(steps[named_by]);
  return meant;
}

// What the printed expressions of one module use, by name.
class PrintedUses {
 public:
  enum class By { kResource, kArgument, kOutput };
  struct Use {
    std::string attribute;  // of what is used; empty: the whole
    By by = By::kResource;
    std::string_view call;  // whose argument it is
    std::string_view into;  // the argument or output
  };

  explicit PrintedUses(const ModuleConfiguration& module) {
    for (const auto& [address, resource] : module.resources) {
      for (const auto& [path, expression] : resource.expressions) Add(expression, By::kResource);
      Add(resource.count, By::kResource);
      Add(resource.for_each, By::kResource);
    }
    for (const std::string_view reference : module.other_references) AddOne(reference, {{}, By::kResource, {}, {}});
    for (const auto& [name, call] : module.calls) AddCall(name, call);
    for (const auto& [name, output] : module.outputs) Add(output, By::kOutput, {}, name);
  }

  // Locals are not printed, but that they are used is.
  [[nodiscard]] bool of_locals() const { return of_locals_; }

  // Those of `attribute` of `name`, or of any part of it.
  template <class Take>
  bool ForEachOf(const std::string& name, std::string_view attribute, const Take& take) const {
    const auto found = uses_.find(name);
    bool any = false;
    if (found == uses_.end()) return false;
    for (const Use& use : found->second) {
      if (!use.attribute.empty() && !attribute.empty() && use.attribute != attribute) continue;
      any = true;
      take(use);
    }
    return any;
  }

 private:
  void AddCall(std::string_view name, const ModuleCall& call) {
    Add(call.count, By::kResource);
    Add(call.for_each, By::kResource);
    for (const auto& [path, expression] : call.arguments) {
      const std::string_view argument = NameOfStep(std::string_view(path).substr(0, path.find('.')));
      Add(expression, By::kArgument, name, argument);
      const auto& references = expression.references;
      if (std::any_of(references.begin(), references.end(), [](auto text) { return text.starts_with("each."); })) {
        Add(call.for_each, By::kArgument, name, argument);
      }
    }
  }

  void Add(const Expression& expression, By by, std::string_view call = {}, std::string_view into = {}) {
    for (const std::string_view reference : expression.references) {
      if (!IsPrefixOfAnother(reference, expression.references)) AddOne(reference, {{}, by, call, into});
    }
  }

  void AddOne(std::string_view reference, Use use) {
    of_locals_ = of_locals_ || reference.starts_with("local.");
    Meant meant = MeaningOf(reference);
    use.attribute = std::move(meant.attribute);
    uses_[std::move(meant.name)].push_back(std::move(use));
  }

  std::unordered_map<std::string, std::vector<Use>> uses_;
  bool of_locals_ = false;
};

// A module by its path, as far as the configuration has it.
struct Place {
  const ModuleConfiguration* module = nullptr;
  std::string parent;
  std::string name;  // of the call
};

// Follows values from where they are made to all who use them.
class ForwardTracer {
 public:
  explicit ForwardTracer(const ModuleConfiguration& root) : root_(root) {}

  // Adds the modules that `meant` of the module at `path` gets into and where nothing that is printed uses it. Outputs
  // are uses, also those that nobody asks for: Terraform takes all of them for changes.
  void FindHidden(const std::string& path, const Meant& meant, std::set<std::string, std::less<>>* hidden) {
    if (!visited_.insert({path, meant.name, meant.attribute}).second) return;
    const Place& place = At(path);
    if (place.module == nullptr) return;  // who uses it there is not in the document
    const PrintedUses& uses = UsesOf(*place.module);
    const bool used = uses.ForEachOf(meant.name, meant.attribute, [&](const auto& use) {
      if (use.by == PrintedUses::By::kArgument) {
        FindHidden(Inner(path, use.call), {"var." + std::string(use.into), {}}, hidden);
      } else if (use.by == PrintedUses::By::kOutput && !path.empty()) {
        FindHidden(place.parent, {"module." + place.name, std::string(use.into)}, hidden);
      }
    });
    // Outputs that nobody asks for are usual; variables that nobody uses are not. A local that something printed uses
    // explains the use: far more are made from other resources than blocks are made from what is not known yet.
    if (!used && !uses.of_locals() && !meant.name.starts_with("module.")) hidden->insert(path);
  }

 private:
  static std::string Inner(const std::string& path, std::string_view call) {
    return path + (path.empty() ? "module." : ".module.") + std::string(call);
  }

  const Place& At(const std::string& path) {
    const auto [at, is_new] = places_.try_emplace(path);
    if (!is_new) return at->second;
    Place place;
    if (path.empty()) {
      place.module = &root_;
    } else {
      constexpr std::string_view kModule = "module.";
      const std::size_t call = path.rfind(kModule);
      place.name = path.substr(call + kModule.size());
      place.parent = path.substr(0, call == 0 ? 0 : call - 1);
      if (const ModuleConfiguration* const outer = At(place.parent).module; outer != nullptr) {
        const auto found = outer->calls.find(place.name);
        if (found != outer->calls.end() && !found->second.module.empty()) place.module = &found->second.module.front();
      }
    }
    return places_[path] = std::move(place);
  }

  const PrintedUses& UsesOf(const ModuleConfiguration& module) {
    return uses_.try_emplace(&module, module).first->second;
  }

  const ModuleConfiguration& root_;
  std::unordered_map<std::string, Place> places_;
  std::unordered_map<const ModuleConfiguration*, PrintedUses> uses_;
  std::set<std::tuple<std::string, std::string, std::string>> visited_;  // module, name, attribute
};

}  // namespace

HiddenUses::HiddenUses(const World& world) {
  const terraform::Document& document = world.document();
  if (!document.configuration.present) return;
  ForwardTracer tracer(document.configuration.root);
  std::set<std::pair<std::string, std::string_view>> seen;
  for (const terraform::RelevantAttribute& relevant : document.relevant_attributes) {
    std::string block = WithoutInstanceKeys(relevant.resource);
    if (!world.MayBeUnknown(block)) continue;
    const auto [value, is_new] = seen.insert({std::move(block), relevant.attribute});
    if (!is_new) continue;
    const std::string_view address = value->first;
    const std::string_view here = terraform::WithoutModules(address);
    const std::string path(address.substr(0, address.size() == here.size() ? 0 : address.size() - here.size() - 1));
    tracer.FindHidden(path, {std::string(here), std::string(relevant.attribute)}, &modules_);
  }
}

}  // namespace tfseal

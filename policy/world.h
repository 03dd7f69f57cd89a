#pragma once

#include <any>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <typeindex>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "terraform/document.h"

namespace tfseal {

enum class Side : std::uint8_t { kBefore, kAfter };

// What an attribute's expression in the configuration comes down to, followed through variables, module outputs,
// for_each and (where Terraform records it) nested modules.
struct Origin {
  bool known = false;             // the resource's configuration is in the document
  bool configured = false;        // and it sets the attribute
  bool block_configured = false;  // or something else in the block that the attribute is in
  terraform::Value constant;      // where it sets it to a constant
  // Absolute addresses without instance keys, with the attribute where there is one; sorted, unique:
  // "module.keys.aws_kms_key.this" + ".arn".
  struct Target {
    std::string address;    // module.keys.aws_kms_key.this, data.aws_kms_alias.rds
    std::string attribute;  // "arn"; empty if the whole object is referred to
    std::string key;        // the instance key the reference names, with brackets: ["a"], [0]; empty if it names none
    std::string module;     // module.keys["eu"], with the instance keys that references name; empty at the root
    std::string type;       // aws_kms_key
    bool data_source = false;
    bool operator<(const Target& other) const {
      return std::tie(address, key, attribute, module) <
             std::tie(other.address, other.key, other.attribute, other.module);
    }
    bool operator==(const Target& other) const = default;
  };
  std::vector<Target> targets;
  std::vector<std::string> opaque;  // references that end nowhere: "local.key"; "()" is a function that refers to none

  // Nothing that is itself unknown can stand behind the attribute: nobody sets it, or it is set from variables that
  // hold a constant or null, as modules do. So if the plan has it as unknown, AWS or the provider fills it in.
  [[nodiscard]] bool LeftToProvider() const { return known && (!configured || (targets.empty() && opaque.empty())); }
};

// A module of the configuration on the way from the root, with the call that leads into it.
struct ModuleScope {
  const terraform::ModuleConfiguration* module = nullptr;  // nullptr if the document does not have it
  const terraform::ModuleCall* call = nullptr;             // nullptr for the root
  const ModuleScope* parent = nullptr;                     // nullptr for the root
  std::string path;                                        // "module.a.module.b"; empty for the root
  std::string keyed;                                       // the same with the instance keys on the way, if it says any
};

// The resources of one document on one side, indexed for the joins that controls need. Building it is O(n), every
// look-up O(1) or O(matches).
class World {
 public:
  World(const terraform::Document& document, Side side);

  [[nodiscard]] Side side() const {
    consulted_ = true;
    return side_;
  }
  [[nodiscard]] const terraform::Document& document() const {
    consulted_ = true;
    return document_;
  }

  // Whether anything was asked, since the last call of this, that may have another answer on the other side. What the
  // configuration says has not.
  bool TakeConsulted() const { return std::exchange(consulted_, false); }

  // The attributes of an instance on this side; Absent if it is not there on this side.
  [[nodiscard]] const terraform::Value& AttributesOf(const terraform::ResourceInstance& instance) const;

  // Whether the document says something about an attribute of an instance on this side, also if the reader left it out.
  [[nodiscard]] bool Mentions(const terraform::ResourceInstance& instance, std::string_view attribute) const;

  // Whether the instances of a target will have that attribute only after apply: it is created, replaced, or a data
  // source that is read during apply.
  // With `from`, only those count that `from` can mean: of its own module instance, or of the one that is named.
  [[nodiscard]] bool UnknownUntilApply(const Origin::Target& target,
                                       const terraform::ResourceInstance* from = nullptr) const;
  // Whether some attribute of the instances of a block may be known only after apply: the plan creates or updates one,
  // or it is a data source that is read during apply. The same whatever the reader left out.
  [[nodiscard]] bool MayBeUnknown(std::string_view block_address) const;
  // The first top-level attribute or block that the configuration of an instance's resource sets, as far as the reader
  // kept it, and that the document does not mention on this side; empty if it mentions all.
  [[nodiscard]] std::string_view ConfiguredButAbsent(const terraform::ResourceInstance& instance) const;
  // The constant that the configuration of a data source or resource block gives `attribute`, else Absent.
  [[nodiscard]] terraform::Value ConfiguredConstant(std::string_view block_address, std::string_view attribute) const;
  // The instances of a block ("module.keys.aws_kms_key.this") on this side.
  [[nodiscard]] const std::vector<const terraform::ResourceInstance*>& InstancesOf(
      std::string_view block_address) const;

  // Instances that exist on this side.
  [[nodiscard]] std::vector<const terraform::ResourceInstance*> OfType(std::string_view type) const;
  [[nodiscard]] const terraform::ResourceInstance* At(std::string_view address) const;

  // Instances of `type` whose attribute `attribute` (id, arn, identifier, name, bucket ...) is the text `value`.
  [[nodiscard]] std::vector<const terraform::ResourceInstance*> Where(std::string_view type, std::string_view attribute,
                                                                      std::string_view value) const;

  // What `attribute` of `instance` refers to, by the configuration. Cached, and valid until ForgetBlocks().
  // A path inside blocks may carry indexes; they are ignored, since the configuration's block order is its own.
  [[nodiscard]] const Origin& OriginOf(const terraform::ResourceInstance& instance, std::string_view attribute) const;

  // The instances of `type` that `instance.attribute` points at: by its known value against `keys` of the candidates
  // (e.g. {"id", "arn", "cluster_identifier"}), else, when it is unknown, by the configuration. When the configuration
  // names a resource with several instances, the one with the same module instance and the same instance key is taken,
  // else all of them are returned (ambiguous: the caller must be satisfied by every one).
  [[nodiscard]] std::vector<const terraform::ResourceInstance*> Follow(const terraform::ResourceInstance& instance,
                                                                       std::string_view attribute,
                                                                       std::string_view type,
                                                                       const std::vector<std::string_view>& keys) const;

  // The instances of `type` that point at `target` through their `attribute` (the reverse of Follow): the
  // aws_s3_bucket_server_side_encryption_configuration of a bucket, the members of a cluster.
  [[nodiscard]] std::vector<const terraform::ResourceInstance*> PointingAt(
      const terraform::ResourceInstance& target, std::string_view type, std::string_view attribute,
      const std::vector<std::string_view>& keys) const;

  // Between two subjects: lets go of what was found out about blocks if that has become much. The instances of a block
  // and what is looked up around them stand together in a document most often, so that little is found out again.
  void ForgetBlocks() const;

  // Something a control derives from the whole side, made once and kept as long as the world: T is copyable and is
  // constructed from a const World&.
  template <class T>
  [[nodiscard]] const T& Derived() const {
    consulted_ = true;
    std::any& slot = derived_[std::type_index(typeid(T))];
    if (!slot.has_value()) slot = std::make_any<T>(*this);
    return *std::any_cast<T>(&slot);
  }

 private:
  const terraform::Document& document_;
  Side side_;
  std::unordered_map<std::string_view, std::vector<const terraform::ResourceInstance*>> by_type_;
  // Built on first use: most plans need neither, and they are the largest part of the index.
  mutable std::unordered_map<std::string_view, const terraform::ResourceInstance*> by_address_;
  // The same for the types that references lead to, which are few.
  mutable std::unordered_map<std::string_view, std::unordered_map<std::string_view, const terraform::ResourceInstance*>>
      by_type_and_address_;
  [[nodiscard]] const terraform::ResourceInstance* AtOfType(std::string_view type, std::string_view address) const;
  using Instances = std::vector<const terraform::ResourceInstance*>;
  // The instances of a block that are in one instance of its module.
  [[nodiscard]] const Instances& InModule(const Instances& block, std::string_view module) const;
  [[nodiscard]] bool UnknownUntilApply(const Origin::Target& target, const terraform::ResourceInstance* from,
                                       const Instances& among) const;
  mutable std::unordered_map<const Instances*, std::unordered_map<std::string_view, Instances>> by_module_;
  // By where it was looked for, the instance key and the attribute.
  mutable std::map<std::tuple<const Instances*, std::string, std::string>, bool> unknown_;
  // By type, and then by address without instance keys.
  mutable std::unordered_map<std::string_view,
                             std::unordered_map<std::string_view, std::vector<const terraform::ResourceInstance*>>>
      by_block_;
  mutable std::deque<std::string> block_names_;  // those that by_block_ points to and that are no whole addresses
  struct ConfiguredBlock {
    const ModuleScope* scope = nullptr;
    const terraform::ResourceConfiguration* resource = nullptr;  // nullptr if the document does not have it
  };
  // `block_address` is without instance keys.
  [[nodiscard]] ConfiguredBlock ConfigurationOf(std::string_view block_address) const;
  // What was found out about one block and is asked again for the next control and for the next of its instances.
  struct BlockFacts {
    struct Traced {
      std::string path;
      const Origin* origin;
    };
    ConfiguredBlock configured;
    std::vector<Traced> origins;
  };
  [[nodiscard]] bool IsReadDuringApply(std::string_view block_address) const;
  // Among what the reader left out.
  [[nodiscard]] bool ChangesElsewhere(std::string_view block_address) const;
  [[nodiscard]] BlockFacts& FactsOf(const terraform::ResourceInstance& instance) const;
  [[nodiscard]] const Origin* Trace(const ConfiguredBlock& configured, std::string_view path) const;
  [[nodiscard]] const ModuleScope* ScopeOf(std::string_view module_path) const;
  // The address without instance keys, in a string that is used again and again if it has any.
  [[nodiscard]] std::string_view BlockOf(std::string_view address) const;
  mutable std::string block_;
  mutable std::string_view block_of_;  // the address that block_ was made from
  mutable std::string same_module_;
  mutable bool consulted_ = false;
  // Where ConfiguredButAbsent() found nothing: in the names of a map and in those left out beside it. The instances of
  // a block, and of a module that is called more than once, have the same ones.
  struct NamesSeen {
    const terraform::ResourceConfiguration* resource = nullptr;
    const void* names = nullptr;  // Value::NamesIdentity()
    const std::string_view* left_out = nullptr;
    bool operator==(const NamesSeen& other) const = default;
  };
  mutable std::array<NamesSeen, 251> complete_{};
  mutable std::unordered_map<std::string_view, const ModuleScope*> scopes_;
  mutable std::deque<ModuleScope> scope_store_;  // what scopes_ points to
  mutable const ModuleScope* last_scope_ = nullptr;
  // The parts on lines of their own, in one string that is used again and again.
  const std::string& Key(std::string_view first, std::string_view second, std::string_view third = {}) const;
  mutable std::string key_;
  void AddToIndex(const std::vector<terraform::ResourceInstance>& instances);
  // The instances of the block that a reference means, seen from `from`.
  void AddInstancesOf(const Origin::Target& target, const terraform::ResourceInstance& from,
                      std::vector<const terraform::ResourceInstance*>* found) const;

  mutable std::unordered_map<std::string, BlockFacts> facts_;  // by block
  mutable std::string_view facts_of_;                          // the address that was asked for last
  mutable BlockFacts* last_facts_ = nullptr;
  mutable std::deque<Origin> origins_;                          // what facts_ points to
  mutable std::unordered_set<std::string> changing_elsewhere_;  // blocks; built on first use
  // (type, attribute) -> value -> instances; built on first use.
  mutable std::unordered_map<std::string, std::unordered_multimap<std::string_view, const terraform::ResourceInstance*>>
      by_attribute_;
  // (type, attribute) -> address of the target -> instances that Follow() leads there; built on first use.
  mutable std::unordered_map<std::string, std::unordered_multimap<std::string_view, const terraform::ResourceInstance*>>
      pointing_;
  mutable std::unordered_map<std::type_index, std::any> derived_;
};

// "module.a["x"].aws_kms_key.k[0]" -> "module.a.aws_kms_key.k". Brackets and dots inside quoted keys are respected.
std::string WithoutInstanceKeys(std::string_view address);

}  // namespace tfseal

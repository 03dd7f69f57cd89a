#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/on_demand.h"
#include "terraform/arena.h"
#include "terraform/value.h"

// What Terraform or OpenTofu said, typed. All string views and values point into the arena of the Document that owns
// them. Field names follow the documents themselves:
// https://developer.hashicorp.com/terraform/internals/json-format
namespace tfseal::terraform {

enum class DocumentKind : std::uint8_t { kPlan, kState };

enum class Action : std::uint8_t { kNoOp, kCreate, kRead, kUpdate, kDelete, kForget };
constexpr std::string_view Name(Action action) {
  constexpr std::string_view kNames[] = {"no-op", "create", "read", "update", "delete", "forget"};
  return kNames[static_cast<std::size_t>(action)];
}

// The actions of one change as they were written, in half a word of memory. Terraform writes one or two.
class ActionList {
 public:
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::string_view operator[](std::size_t i) const { return Name(actions_[i]); }
  [[nodiscard]] bool full() const { return size_ == sizeof(actions_); }
  void push_back(Action action) { actions_[size_++] = action; }  // unless full
  bool operator==(const ActionList&) const = default;

 private:
  Action actions_[3] = {};
  std::uint8_t size_ = 0;
};

// `actions` of a change. A list, because a replacement is two actions; ask for membership instead of comparing lists.
struct Actions {
  bool no_op : 1 = false;
  bool create : 1 = false;
  bool read : 1 = false;
  bool update : 1 = false;
  bool destroy : 1 = false;       // "delete"
  bool forget : 1 = false;        // leaves Terraform's state, stays in AWS
  bool create_first : 1 = false;  // create_before_destroy: "create" stands before "delete"
  ActionList list;                // for output

  [[nodiscard]] bool replaces() const { return create && destroy; }
};

// Names that many resources share or that few have, in one word of memory.
class NameList {
 public:
  NameList() = default;
  // Copied into the arena, with the texts still where they are.
  NameList(std::span<const std::string_view> names, Arena& arena) {
    if (names.empty()) return;
    auto* const copies = arena.AllocateArray<std::string_view>(names.size());
    std::copy(names.begin(), names.end(), copies);
    auto* const list = arena.AllocateArray<std::span<const std::string_view>>(1);
    *list = {copies, names.size()};
    names_ = list;
  }
  using value_type = std::string_view;
  using const_iterator = const std::string_view*;
  [[nodiscard]] std::size_t size() const { return names_ == nullptr ? 0 : names_->size(); }
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] const_iterator begin() const { return names_ == nullptr ? nullptr : names_->data(); }
  [[nodiscard]] const_iterator end() const { return names_ == nullptr ? nullptr : names_->data() + names_->size(); }

 private:
  const std::span<const std::string_view>* names_ = nullptr;
};

// What few resources of a document have.
struct RareParts {
  std::string_view deposed;                // key of a deposed object; empty for the current one
  std::string_view previous_address;       // of a moved block
  std::string_view action_reason;          // display only: a reason that starts with "delete" does not mean deletion
  std::vector<std::string> replace_paths;  // "storage_encrypted", "root_block_device[0].encrypted"; sorted
  Value index;                             // states only: count.index or each.key
  NameList depends_on;                     // states only; addresses
};

// One object: an entry of resource_changes, resource_drift or of a state. One address can occur twice, once deposed.
// A large plan has hundreds of thousands of them: 120 bytes each.
struct ResourceInstance {
  std::string_view address;        // absolute: module.a["x.y"].aws_kms_key.k[0]
  std::string_view type;           // aws_rds_cluster
  std::string_view provider_name;  // registry.terraform.io/hashicorp/aws; empty where the document has none
  // Before is Absent in a state; null or absent for a create. After is null or absent for a delete. Both are maps of
  // the attributes that the reader was asked to keep.
  Value before;
  Value after;
  // Names of the attributes that the document has on each side and that Interest left out. None of them holds anything
  // unknown: what is unknown is kept whatever was asked for.
  NameList left_out_before;
  NameList left_out_after;
  OnDemand<RareParts> rare;
  std::uint32_t module_size = 0;  // of module_address()
  Actions actions;                // all false in a state
  bool importing = false;
  bool tainted = false;              // state only
  bool planned_values_only = false;  // found in planned_values and in no resource_changes entry
  bool flatmap = false;              // state v3: every attribute is a string

  // The module that it is in, as the address begins: module.a["x.y"]; empty at the root.
  [[nodiscard]] std::string_view module_address() const { return address.substr(0, module_size); }
  // The address, and with it the module.
  void SetAddress(std::string_view absolute);
  // The same where it is known already how much of it is left WithoutModules().
  void SetAddress(std::string_view absolute, std::size_t without_modules);
  // What the object will be, or is: after, or before for a no-op that repeats nothing.
  [[nodiscard]] bool has_before() const { return before.is_map(); }
  [[nodiscard]] bool has_after() const { return after.is_map(); }
};

// One attribute's expression in the configuration: what it refers to, or its constant.
struct Expression {
  std::vector<std::string_view> references;  // "aws_kms_key.db.arn", "var.key", "module.keys.arns", "each.value"
  Value constant;                            // Absent unless constant_value is there
};

// Expressions by attribute path; blocks are "rule[0].apply_server_side_encryption_by_default[0].sse_algorithm".
using Expressions = std::map<std::string, Expression, std::less<>>;

struct ResourceConfiguration {
  std::string_view address;  // within its module, without an instance key: aws_kms_key.k, data.aws_kms_key.k
  std::string_view type;
  std::string_view name;
  std::string_view provider_config_key;
  bool data_source = false;
  Expressions expressions;
  Expression for_each;  // empty unless set
  Expression count;
};

struct ModuleConfiguration;

// The module of a call: one, or none when the document leaves it out. Terraform writes it out again for every call of
// the same module; calls in a row then share what the first one owns.
class CalledModule {
 public:
  CalledModule() = default;
  CalledModule(const CalledModule& other);  // owns a copy of the module
  CalledModule(CalledModule&& other) noexcept = default;
  CalledModule& operator=(CalledModule other) noexcept;

  [[nodiscard]] bool empty() const { return module_ == nullptr; }
  [[nodiscard]] const ModuleConfiguration& front() const { return *module_; }
  // The one that it owns, made with the first call.
  ModuleConfiguration& Own();
  // `other` must outlive this.
  void ShareWith(const CalledModule& other);

 private:
  std::vector<ModuleConfiguration> own_;  // one or none
  const ModuleConfiguration* module_ = nullptr;
};

struct ModuleCall {
  std::string_view source;
  std::string_view version_constraint;  // of a module from a registry
  Expressions arguments;
  Expression for_each;
  Expression count;
  CalledModule module;
};

struct ModuleConfiguration {
  std::map<std::string, ResourceConfiguration, std::less<>> resources;  // by address
  // What the resources and attributes that Interest left out refer to. Prefixes of others in the same expression,
  // locals and what is known when planning are not among them.
  std::set<std::string_view> other_references;
  std::map<std::string, ModuleCall, std::less<>> calls;  // by name
  std::map<std::string, Expression, std::less<>> outputs;
};

// Whether both say the same of everything.
bool SameConfiguration(const ModuleConfiguration& a, const ModuleConfiguration& b);

struct ProviderConfiguration {
  std::string_view name;       // aws
  std::string_view full_name;  // registry.terraform.io/hashicorp/aws
  std::string_view alias;
  std::string_view module_address;
  std::string_view version_constraint;
  Expressions expressions;  // region, assume_role, allowed_account_ids, default_tags ...
};

struct Configuration {
  bool present = false;
  ModuleConfiguration root;
  std::map<std::string, ProviderConfiguration, std::less<>> providers;  // by provider_config_key
};

// A comment in the sources that starts with "tfseal:": what stands behind that.
struct SourceComment {
  std::string text;
  std::string file;
  int line = 0;
};

// Where the block header of a resource or module stands in the sources.
struct SourceLocation {
  std::string file;  // relative to the root module
  int line = 0;
  std::vector<SourceComment> comments;      // in the block, or right above it
  std::vector<std::string> dynamic_blocks;  // what the dynamic blocks right in it make: "encrypt_at_rest"
};

// An entry of relevant_attributes: something that the plan's changes were made from.
struct RelevantAttribute {
  std::string_view resource;   // module.keys["a"].aws_kms_key.k[0], data.aws_kms_key.k; module keys may be missing
  std::string_view attribute;  // its first step; empty if the whole object is referred to
};

struct Document {
  Arena arena;
  std::string path;    // as given by the user; "-" is standard input
  std::string sha256;  // of the bytes as given; may be empty for an Interest without digest
  std::uint64_t bytes = 0;
  DocumentKind kind = DocumentKind::kPlan;
  std::string_view format_version;     // plan and `show -json` state: "1.2"
  int state_version = 0;               // raw state: 3 or 4
  std::string_view terraform_version;  // OpenTofu writes its own version here
  std::string_view lineage;            // raw state
  std::uint64_t serial = 0;            // raw state
  std::string_view timestamp;

  // Plan only. Not said is not the same as false: OpenTofu never writes applyable and complete.
  std::optional<bool> errored;
  std::optional<bool> applyable;
  std::optional<bool> complete;
  bool resource_changes_present = false;  // and not empty, as for a plan that only refreshes
  // planned_values has resources, and neither resource_changes nor prior_state has any: the changes were taken out.
  bool changes_missing = false;
  std::uint64_t deferred_changes = 0;           // number of entries
  std::vector<std::string_view> failed_checks;  // addresses

  // Managed resources only, in document order. Plan: resource_changes; state: all instances.
  std::vector<ResourceInstance> resources;
  std::vector<ResourceInstance> drift;  // resource_drift
  // prior_state, kept only for a plan without resource_changes (refresh-only): the world that the plan leaves as it is.
  std::vector<ResourceInstance> prior;
  std::uint64_t data_sources = 0;  // entries with mode "data", not kept
  // Addresses of data sources that are only read during apply ("read" action): what refers to them cannot be known.
  std::vector<std::string_view> deferred_reads;
  // Addresses of managed resources that the plan creates or updates and that Interest left out: what refers to them may
  // be unknown.
  std::vector<std::string_view> changing_elsewhere;
  // How many managed resources of types that Interest left out the plan destroys, by type.
  std::map<std::string, std::uint64_t, std::less<>> destroyed_elsewhere;
  // Plan only. Terraform before 1.2 lists none.
  std::vector<RelevantAttribute> relevant_attributes;
  // State only: the data sources aws_kms_key and aws_kms_alias, which say whose a key is that the state does not
  // manage.
  std::vector<ResourceInstance> key_lookups;
  std::uint64_t resources_seen = 0;  // managed, before any were left out by Interest
  Configuration configuration;
  // From the sources inside a saved plan, or those of AttachSources(); by address without instance keys, resources and
  // module calls ("module.db"). Empty for JSON documents. Comments that belong to no block are under "".
  std::map<std::string, SourceLocation, std::less<>> sources;
  std::vector<std::string> notes;  // what the reader tolerated, for people: "skipped a byte order mark"
};

}  // namespace tfseal::terraform

#include "policy/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "policy/hidden_uses.h"
#include "policy/world.h"

namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

constexpr std::string_view kKeyTypes[] = {"aws_kms_key", "aws_kms_replica_key", "aws_kms_external_key",
                                          "aws_kms_replica_external_key"};

// What fmt::format does for plain "{}", at a fraction of the cost: a plan has these messages by the ten thousand.
std::string Joined(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  std::string text;
  text.reserve(size);
  for (const std::string_view part : parts) text += part;
  return text;
}

// As fmt::format does for plain "{}"; most numbers are small and whole, which is said much faster.
std::string NumberText(double number) {
  constexpr double kSmall = 1e9;
  if (number > 0 && number < kSmall && number == std::floor(number)) {
    return std::to_string(static_cast<std::uint32_t>(number));
  }
  return fmt::format("{}", number);
}

bool IsKeyType(std::string_view type) {
  for (const std::string_view key_type : kKeyTypes) {
    if (type == key_type) return true;
  }
  return false;
}

Judgement Unset(IfUnset if_unset, std::string_view path, std::string_view otherwise) {
  std::string message = Joined({path, " is not set"});
  switch (if_unset) {
    case IfUnset::kPass:
      return Pass(std::move(message), path);
    case IfUnset::kNotApplicable:
      return NotApplicable(std::move(message));
    case IfUnset::kUnknown: {
      Judgement judgement;
      judgement.message = message + ", so AWS decides";
      judgement.attribute = path;
      return judgement;
    }
    case IfUnset::kFail:
      break;
  }
  return Fail(otherwise.empty() ? std::move(message) : Joined({message, ": ", otherwise}), path);
}

KeyFacts Owned(KeyOwner owner, std::string why) {
  KeyFacts facts;
  facts.owner = owner;
  facts.why = std::move(why);
  return facts;
}

KeyFacts ByDefault(std::string_view path, DefaultKey if_unset) {
  switch (if_unset) {
    case DefaultKey::kAwsOwned:
      return Owned(KeyOwner::kAwsOwned, Joined({path, " names no key, so an AWS-owned key is used"}));
    case DefaultKey::kAwsManaged:
      return Owned(KeyOwner::kAwsManaged, Joined({path, " names no key, so the AWS-managed key is used"}));
    case DefaultKey::kNone:
      break;
  }
  return Owned(KeyOwner::kNone, Joined({path, " names no key"}));
}

bool IsAwsAlias(std::string_view text) {
  return text.starts_with("alias/aws/") || text.find(":alias/aws/") != std::string_view::npos;
}

// As people call AWS's own keys, which no service takes: aws/rds, arn:aws:kms:eu-west-1:111122223333:key/alias/aws/rds.
bool IsNameOfAwsKey(std::string_view text) {
  return text.starts_with("aws/") || text.find("key/alias/aws/") != std::string_view::npos;
}

bool IsAlias(std::string_view text) {
  return text.starts_with("alias/") || text.find(":alias/") != std::string_view::npos;
}

// An id, the ARN of a key, an alias or its ARN. key/alias/x is none of them.
bool LooksLikeKey(std::string_view text) {
  if (text.find_first_of(" \t\r\n") != std::string_view::npos) return false;
  if (!text.starts_with("arn:"))
    return text.starts_with("alias/") || text.find_first_of(":/") == std::string_view::npos;
  const std::size_t service = text.find(':', std::string_view("arn:").size());
  if (service == std::string_view::npos || !text.substr(service).starts_with(":kms:")) return false;
  constexpr std::string_view kKey = ":key/";
  const std::size_t key = text.find(kKey);
  return IsAlias(text) || (key != std::string_view::npos && key + kKey.size() < text.size() &&
                           text.find('/', key + kKey.size()) == std::string_view::npos);
}

// The keys of one side by what names them.
class KeyNames {
 public:
  explicit KeyNames(const World& world) {
    std::uint32_t rank = 0;
    for (const std::string_view type : kKeyTypes) {
      const auto keys = world.OfType(type);
      for (const std::string_view attribute : {"arn", "key_id", "id"}) {
        for (const ResourceInstance* key : keys) Add(world.AttributesOf(*key).At(attribute).text(), rank, key->address);
        ++rank;
      }
    }
  }

  // Its address; empty if there is none.
  [[nodiscard]] std::string_view Find(std::string_view text) const {
    const auto found = named_.find(text);
    return found == named_.end() ? std::string_view() : found->second.address;
  }

 private:
  // Of several keys the first in the order of types and attributes, and then of addresses.
  struct Named {
    std::uint32_t rank;
    std::string_view address;
  };
  void Add(std::string_view text, std::uint32_t rank, std::string_view address) {
    if (text.empty()) return;
    const auto [named, is_new] = named_.try_emplace(text, Named{rank, address});
    if (!is_new && named->second.rank == rank && address < named->second.address) named->second.address = address;
  }

  std::unordered_map<std::string_view, Named> named_;
};

// The key of this document that has the ARN or id `text`, or that the alias `text` points to.
std::string KeyNamed(const World& world, std::string_view text) {
  if (IsAlias(text)) {
    const std::string_view name = text.substr(text.find("alias/"));
    for (const ResourceInstance* alias : world.Where("aws_kms_alias", "name", name)) {
      for (const std::string_view type : kKeyTypes) {
        const auto keys = world.Follow(*alias, "target_key_id", type, {"key_id", "id", "arn"});
        if (!keys.empty()) return std::string(keys.front()->address);
      }
    }
    return {};
  }
  return std::string(world.Derived<KeyNames>().Find(text));
}

// Whether a data source that a key comes from looks up one of AWS's own keys.
bool LooksUpAwsKey(const World& world, const Origin::Target& target) {
  return IsAwsAlias(world.ConfiguredConstant(target.address, "name").text()) ||
         IsAwsAlias(world.ConfiguredConstant(target.address, "key_id").text()) ||
         target.type == "aws_ebs_default_kms_key";
}

// A data source of the state that found the key `text`, or nullptr.
const ResourceInstance* LookupThatFound(const World& world, std::string_view text) {
  for (const ResourceInstance& lookup : world.document().key_lookups) {
    for (const std::string_view attribute : {"target_key_arn", "target_key_id", "arn", "key_id"}) {
      if (lookup.after.Get(attribute).text() == text) return &lookup;
    }
  }
  return nullptr;
}

bool FoundAwsKey(const ResourceInstance& lookup) {
  return IsAwsAlias(lookup.after.Get("name").text()) || IsAwsAlias(lookup.after.Get("key_id").text()) ||
         lookup.after.Get("key_manager").text() == "AWS";
}

KeyFacts NamedKey(const Subject& subject, std::string_view path, std::string_view text) {
  if (IsAwsAlias(text)) return Owned(KeyOwner::kAwsManaged, fmt::format("{} is an alias of AWS", path));
  if (IsNameOfAwsKey(text)) return Owned(KeyOwner::kAwsManaged, fmt::format("{} is the name of AWS's own key", path));
  if (text.starts_with("AWS_OWNED")) return Owned(KeyOwner::kAwsOwned, fmt::format("{} is {}", path, text));
  if (std::string address = KeyNamed(subject.world, text); !address.empty()) {
    KeyFacts facts = Owned(KeyOwner::kCustomer, Joined({path, " is ", address}));
    facts.key_address = std::move(address);
    return facts;
  }
  if (!LooksLikeKey(text)) {
    return Owned(KeyOwner::kUnknown, Joined({path, " is not the id, the ARN or an alias of a KMS key"}));
  }
  KeyFacts facts = Owned(KeyOwner::kCustomer, Joined({path, " names a customer-managed key"}));
  if (IsAlias(text)) return facts;  // every alias outside alias/aws/ was made by the account's owner
  if (const ResourceInstance* lookup = LookupThatFound(subject.world, text); lookup != nullptr) {
    if (FoundAwsKey(*lookup)) {
      return Owned(KeyOwner::kAwsManaged, fmt::format("{} is the key that {} found, AWS's own", path, lookup->address));
    }
    facts.why = fmt::format("{} is the customer-managed key that {} found", path, lookup->address);
    return facts;
  }
  const Origin& origin = subject.world.OriginOf(subject.instance, path);
  for (const Origin::Target& target : origin.targets) {
    if (target.data_source && LooksUpAwsKey(subject.world, target)) {
      return Owned(KeyOwner::kAwsManaged, fmt::format("{} comes from {}, an alias of AWS", path, target.address));
    }
  }
  if (origin.configured) return facts;
  return Owned(KeyOwner::kUnknown,
               origin.known
                   ? fmt::format("{} is not set in the configuration and its key is not in this document: it is AWS's "
                                 "default key, or the key of the snapshot it was made from",
                                 path)
                   : fmt::format("{} names a key that is not in this document, so its owner cannot be told", path));
}

// Only things that are themselves unknown can make an attribute unknown. If exactly one of those that the expression
// refers to is, and it is a key, the attribute is that key.
KeyFacts UnknownKey(const Subject& subject, std::string_view path, DefaultKey if_unset) {
  const World& world = subject.world;
  const Origin& origin = world.OriginOf(subject.instance, path);
  if (LeftToProvider(subject, path) && if_unset != DefaultKey::kNone) {
    return ByDefault(path, if_unset);  // computed: AWS fills it in with the default key
  }
  const Origin::Target* only = nullptr;
  std::size_t unknown = 0;
  bool one_instance = true;  // for_each over several keys: each.value is one of them, and which is not recorded
  for (const Origin::Target& target : origin.targets) {
    if (!world.UnknownUntilApply(target, &subject.instance)) continue;
    if (only == nullptr || only->address != target.address) ++unknown;
    one_instance = one_instance && (only == nullptr || only->key == target.key);
    only = &target;
  }
  KeyFacts facts = Owned(KeyOwner::kUnknown, Joined({path, " is known only after apply"}));
  // A data source that is read during apply could find any key.
  if (unknown != 1 || only->data_source) return facts;
  if (!IsKeyType(only->type) && only->type != "aws_kms_alias") return facts;
  facts.key_address = only->address + (one_instance ? only->key : "");
  facts.owner = KeyOwner::kCustomer;
  facts.obligation = true;
  facts.why = Joined({path, " will be ", facts.key_address, ", created by this plan"});
  return facts;
}

// Blocks that provider 5.100 leaves empty where nobody writes them.
struct BlockOfType {
  std::string_view block;
  std::string_view type;
};
constexpr BlockOfType kNotComputedOfTypes[] = {
    {"configuration", "aws_athena_workgroup"},
    {"configuration", "aws_ecs_cluster"},
    {"encryption_config", "aws_eks_cluster"},
    {"encryption_configuration", "aws_ecr_repository"},
    {"encryption_info", "aws_msk_cluster"},
    {"encryption_options", "aws_mq_broker"},
    {"restore_to_point_in_time", "aws_db_instance"},
    {"restore_to_point_in_time", "aws_docdb_cluster"},
    {"restore_to_point_in_time", "aws_rds_cluster"},
    {"server_side_encryption", "aws_dax_cluster"},
    {"server_side_encryption", "aws_kinesis_firehose_delivery_stream"},
    {"server_side_encryption_configuration", "aws_kendra_index"},
};

// The block that is unknown as a whole and that `path` leads into, or all of `path`; empty if it is known.
std::string_view OutermostUnknown(const Subject& subject, std::string_view path) {
  for (std::size_t end = terraform::FirstStepEnd(path);; end = path.find_first_of(".[", end + 1)) {
    const std::string_view outer = path.substr(0, end);
    if (subject.At(outer).unknown()) return outer;
    if (outer.size() == path.size()) return {};
  }
}

// Terraform prints no dynamic blocks, and where for_each is not known yet the whole block is unknown. So is a block
// that nobody writes and that the provider computes, but only when the resource is new: an update keeps what was. Of a
// new resource the sources tell, and without them perhaps what the plan was made from. `path` is in the block, or is
// the attribute or block itself.
bool IsUnknownDynamicBlock(const Subject& subject, std::string_view block, std::string_view path) {
  const auto& instance = subject.instance;
  if (instance.actions.update) {
    const Value before = instance.before.At(block);
    if (!before.items().empty() && before.items().front().is_map()) return true;
  }
  const auto is_this = [&](const BlockOfType& each) { return each.block == block && each.type == instance.type; };
  if (std::any_of(std::begin(kNotComputedOfTypes), std::end(kNotComputedOfTypes), is_this)) return true;
  const auto& sources = subject.world.document().sources;
  if (!sources.empty() && terraform::FirstStepEnd(block) == block.size()) {
    const auto source = sources.find(WithoutInstanceKeys(instance.address));
    if (source != sources.end()) {
      const auto& dynamic = source->second.dynamic_blocks;
      return std::find(dynamic.begin(), dynamic.end(), block) != dynamic.end();
    }
  }
  if (path == block) return false;  // an attribute, which is printed if anybody sets it
  return subject.world.Derived<HiddenUses>().In(WithoutInstanceKeys(instance.module_address()));
}

}  // namespace

bool LeftToProvider(const Subject& subject, std::string_view path) {
  const Origin& origin = subject.world.OriginOf(subject.instance, path);
  if (!origin.LeftToProvider()) return false;
  const std::string_view block = path.substr(0, terraform::FirstStepEnd(path));
  const std::string_view unknown = OutermostUnknown(subject, path);
  if (!unknown.empty() && IsUnknownDynamicBlock(subject, unknown, path)) return false;
  const bool in_dynamic_block =
      !origin.configured && !origin.block_configured && block != path && !subject.At(block).items().empty();
  return !in_dynamic_block;
}

bool NamesAwsKey(std::string_view text) {
  return IsAwsAlias(text) || IsNameOfAwsKey(text);
}

Judgement Pass(std::string message, std::string_view attribute) {
  Judgement judgement;
  judgement.verdict = Verdict::kPass;
  judgement.message = std::move(message);
  judgement.attribute = attribute;
  return judgement;
}

Judgement Fail(std::string message, std::string_view attribute) {
  Judgement judgement = Pass(std::move(message), attribute);
  judgement.verdict = Verdict::kFail;
  return judgement;
}

Judgement NotApplicable(std::string message) {
  Judgement judgement = Pass(std::move(message));
  judgement.verdict = Verdict::kNotApplicable;
  return judgement;
}

Judgement UnknownUntilApply(std::string_view attribute) {
  Judgement judgement = Pass(Joined({attribute, " is known only after apply"}), attribute);
  judgement.verdict = Verdict::kUnknown;
  return judgement;
}

Judgement RequireBool(const Subject& subject, std::string_view path, bool wanted, IfUnset if_unset,
                      std::string_view otherwise) {
  const Value value = subject.At(path);
  if (value.unknown()) {
    // Computed, so the default of AWS or of the provider decides.
    if (if_unset == IfUnset::kPass && LeftToProvider(subject, path)) return Unset(if_unset, path, otherwise);
    return UnknownUntilApply(path);
  }
  if (value.unset() || (value.text().empty() && value.kind() == terraform::ValueKind::kString)) {
    return Unset(if_unset, path, otherwise);
  }
  const auto flag = value.AsBool();
  if (!flag.has_value()) return Fail(fmt::format("{} is not a boolean", path), path);
  std::string message = Joined({path, *flag ? " is true" : " is false"});
  if (*flag == wanted) return Pass(std::move(message), path);
  return Fail(otherwise.empty() ? std::move(message) : Joined({message, ": ", otherwise}), path);
}

Judgement RequireAtLeast(const Subject& subject, std::string_view path, double minimum, IfUnset if_unset,
                         std::string_view unit) {
  const Value value = subject.At(path);
  if (value.unknown()) return UnknownUntilApply(path);
  const auto wanted = [&] { return Joined({"at least ", NumberText(minimum), " ", unit, " are required"}); };
  if (value.unset()) {
    Judgement judgement = Unset(if_unset, path, if_unset == IfUnset::kFail ? wanted() : std::string());
    if (judgement.verdict == Verdict::kFail) judgement.strength = 0;
    return judgement;
  }
  const auto number = value.AsNumber();
  if (!number.has_value()) return Fail(fmt::format("{} is not a number", path), path);
  Judgement judgement = *number >= minimum ? Pass(Joined({path, " is ", NumberText(*number), " ", unit}), path)
                                           : Fail(Joined({path, " is ", NumberText(*number), ": ", wanted()}), path);
  judgement.strength = *number;
  return judgement;
}

KeyFacts ClassifyKey(const Subject& subject, std::string_view path, DefaultKey if_unset) {
  const Value value = subject.At(path);
  if (value.unknown()) return UnknownKey(subject, path, if_unset);
  if (value.empty()) return ByDefault(path, if_unset);
  if (value.text().empty()) return Owned(KeyOwner::kUnknown, fmt::format("{} is not a key id", path));
  return NamedKey(subject, path, value.text());
}

Judgement RequireCustomerKey(const Subject& subject, std::string_view path, DefaultKey if_unset) {
  KeyFacts key = ClassifyKey(subject, path, if_unset);
  switch (key.owner) {
    case KeyOwner::kCustomer: {
      Judgement judgement = Pass(std::move(key.why), path);
      if (key.obligation) {
        judgement.obligations.push_back(
            {std::string(path), key.key_address, Joined({path, " is the key ", key.key_address})});
      }
      return judgement;
    }
    case KeyOwner::kUnknown: {
      Judgement judgement = Pass(std::move(key.why), path);
      judgement.verdict = Verdict::kUnknown;
      return judgement;
    }
    case KeyOwner::kNone:
    case KeyOwner::kAwsOwned:
    case KeyOwner::kAwsManaged:
      break;
  }
  return Fail(std::move(key.why), path);
}

}  // namespace tfseal

#include "terraform/facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "terraform/vocabulary.h"

namespace tfseal::terraform {
namespace {

constexpr int kDepthMax = 32;
constexpr std::size_t kTextBytesMax = 2'048;

// What is decided by a name alone, remembered because a plan repeats a few hundred names a million times.
struct NameFacts {
  bool speaks = false;
  bool never = false;
  bool holds = false;
};

class Collector {
 public:
  std::vector<Fact> Take(const Value& attributes) {
    Walk(attributes, "", false, 0);
    return std::move(facts_);
  }

 private:
  static const NameFacts& Ask(std::string_view name) {
    thread_local std::unordered_map<std::string, NameFacts> known;
    thread_local std::string key;
    key.assign(name);
    const auto found = known.find(key);
    if (found != known.end()) return found->second;
    if (known.size() > 100'000) known.clear();  // a document full of made-up names
    return known.emplace(key, NameFacts{SpeaksOfProtection(name), NeverShown(name), HoldsProtection(name)})
        .first->second;
  }

  // Text that names something rather than saying something.
  static bool Shows(const Value& value) {
    if (value.kind() == ValueKind::kBool || value.kind() == ValueKind::kNumber || value.null()) return true;
    if (value.kind() != ValueKind::kString || value.text().size() > kTextBytesMax) return false;
    return std::all_of(value.text().begin(), value.text().end(), [](char c) { return c > 0x20 && c < 0x7F; });
  }

  // Inside a block that is about protection as a whole, attributes of no telling name that still say something.
  static bool Enumerates(std::string_view name) {
    constexpr std::string_view kEndings[] = {"id",   "arn",  "status", "state",     "mode",     "type",
                                             "days", "unit", "region", "algorithm", "provider", "client_broker"};
    return std::any_of(std::begin(kEndings), std::end(kEndings),
                       [&](std::string_view ending) { return name.ends_with(ending); });
  }

  void Walk(const Value& map, const std::string& prefix, bool inside, int depth) {
    for (const Member& member : map.members()) Visit(member, prefix, inside, depth);
  }

  void Visit(const Member& member, const std::string& prefix, bool inside, int depth) {
    const NameFacts name = Ask(member.key);
    if (name.never || depth > kDepthMax) return;
    const Value& value = member.value;
    const bool relevant = name.speaks || inside;
    if (value.unknown()) {
      if (relevant || name.holds) Add(prefix, member.key, value);
    } else if (value.is_map()) {
      // A free-form map has keys of the user's choice, which must not be taken for attributes.
      if (relevant) Walk(value, Path(prefix, member.key) + ".", true, depth + 1);
    } else if (value.is_list() && !value.items().empty() && IsBlocks(value)) {
      VisitBlocks(member, prefix, name, relevant, depth);
    } else if (value.is_list()) {
      if (name.speaks) AddList(prefix, member.key, value);
    } else if (name.speaks || (inside && (value.kind() != ValueKind::kString || Enumerates(member.key)))) {
      if (value.sensitive() || Shows(value)) Add(prefix, member.key, value);
    }
  }

  static bool IsBlocks(const Value& list) {
    return std::any_of(list.items().begin(), list.items().end(), [](const Value& item) { return item.is_map(); });
  }

  void VisitBlocks(const Member& member, const std::string& prefix, const NameFacts& name, bool relevant, int depth) {
    for (std::size_t i = 0; i < member.value.items().size(); ++i) {
      const Value& item = member.value.items()[i];
      const std::string path = fmt::format("{}{}[{}]", prefix, member.key, i);
      if (item.unknown() && (relevant || name.holds)) facts_.push_back({path, item, false});
      if (item.is_map()) Walk(item, path + ".", relevant, depth + 1);
    }
  }

  void AddList(const std::string& prefix, std::string_view key, const Value& list) {
    bool sensitive = list.sensitive();
    bool unknown = false;
    for (const Value& item : list.items()) {
      sensitive = sensitive || item.sensitive();
      unknown = unknown || item.unknown();
      if (!item.unknown() && !item.sensitive() && !Shows(item)) return;
    }
    facts_.push_back({Path(prefix, key), unknown ? Value::Unknown() : list, sensitive && !unknown});
  }

  void Add(const std::string& prefix, std::string_view key, const Value& value) {
    facts_.push_back({Path(prefix, key), value, value.known() && value.sensitive()});
  }

  static std::string Path(const std::string& prefix, std::string_view key) { return prefix + std::string(key); }

  std::vector<Fact> facts_;
};

}  // namespace

std::vector<Fact> FactsOf(const Value& attributes) {
  return Collector().Take(attributes);
}

}  // namespace tfseal::terraform

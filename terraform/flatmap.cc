#include "terraform/flatmap.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

namespace tfseal::terraform {
namespace {

constexpr std::ptrdiff_t kDotsMax = 200;

using Entry = std::pair<std::string_view, Value>;  // the rest of the path, and the value

std::string_view FirstStep(std::string_view path) {
  return path.substr(0, path.find('.'));
}

std::string_view AfterFirstStep(std::string_view path) {
  const std::size_t dot = path.find('.');
  return dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
}

std::uint64_t Ordinal(std::string_view step) {
  std::uint64_t number = UINT64_MAX;
  std::from_chars(step.data(), step.data() + step.size(), number);
  return number;
}

// A dot sorts before every character of a name but the hyphen, so entries are sorted by step, not by byte.
void SortBySteps(std::vector<Entry>& entries) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(FirstStep(a.first), a.first) < std::pair(FirstStep(b.first), b.first);
  });
}

class Flatmap {
 public:
  explicit Flatmap(Arena& arena) : arena_(arena) {}

  // `entries` are sorted by path and all below one place.
  Value Build(std::span<Entry> entries) {
    const auto marked = [&](std::string_view mark) {
      return std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.first == mark; });
    };
    if (marked("#")) return BuildList(entries);
    if (marked("%")) return BuildKeyedMap(entries);
    return BuildObject(entries);
  }

  Value BuildObject(std::span<Entry> entries) {
    std::vector<Member> members;
    ForEachGroup(entries, [&](std::string_view step, std::span<Entry> group) {
      members.push_back({step, Child(group)});
    });
    return KeepMap(members);
  }

 private:
  template <class Function>
  static void ForEachGroup(std::span<Entry> entries, Function function) {
    for (std::size_t from = 0; from < entries.size();) {
      const std::string_view step = FirstStep(entries[from].first);
      std::size_t to = from + 1;
      while (to < entries.size() && FirstStep(entries[to].first) == step) ++to;
      function(step, entries.subspan(from, to - from));
      from = to;
    }
  }

  Value Child(std::span<Entry> group) {
    if (group.size() == 1 && group[0].first.find('.') == std::string_view::npos) return group[0].second;
    std::vector<Entry> below;
    for (const Entry& entry : group) {
      if (entry.first.find('.') != std::string_view::npos)
        below.emplace_back(AfterFirstStep(entry.first), entry.second);
    }
    SortBySteps(below);
    return Build(below);
  }

  // The steps of a list are its places, those of a set are hashes; both count upwards.
  Value BuildList(std::span<Entry> entries) {
    std::vector<std::pair<std::uint64_t, Value>> items;
    ForEachGroup(entries, [&](std::string_view step, std::span<Entry> group) {
      if (step != "#") items.emplace_back(Ordinal(step), Child(group));
    });
    std::stable_sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    Value* kept = arena_.AllocateArray<Value>(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) kept[i] = items[i].second;
    return Value::List({kept, items.size()});
  }

  // The keys of a map may hold dots.
  Value BuildKeyedMap(std::span<Entry> entries) {
    std::vector<Member> members;
    for (const Entry& entry : entries) {
      if (entry.first != "%") members.push_back({entry.first, entry.second});
    }
    return KeepMap(members);
  }

  Value KeepMap(const std::vector<Member>& members) {
    Member* kept = arena_.AllocateArray<Member>(members.size());
    std::copy(members.begin(), members.end(), kept);
    return Value::Map({kept, members.size()});
  }

  Arena& arena_;
};

}  // namespace

Value ReadFlatmap(SliceReader& reader, const JsonNode& object, const Interest& interest, ValueReader& values) {
  std::vector<Entry> entries;
  Members members(reader, object);
  std::string_view key;
  JsonNode node;
  while (members.Next(key, node)) {
    if (!interest.WantsAttribute(FirstStep(key))) continue;
    if (std::count(key.begin(), key.end(), '.') > kDotsMax) reader.Fail("has a path of too many steps", node.begin);
    entries.emplace_back(reader.arena().Copy(key), values.Read(reader, node));
  }
  SortBySteps(entries);
  for (std::size_t i = 1; i < entries.size(); ++i) {
    if (entries[i].first == entries[i - 1].first)
      reader.Fail("says the same key twice in an object that starts", object.begin);
  }
  if (reader.failed()) return {};
  return Flatmap(reader.arena()).BuildObject(entries);
}

}  // namespace tfseal::terraform

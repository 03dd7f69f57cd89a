#include "postgres/narrow.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "crypto/digest.h"

namespace tfseal::postgres {
namespace {

constexpr std::int64_t kRowsPerBucket = 500;
constexpr int kBucketsMax = 1 << 16;     // 16 bytes each and side in the answers: a few megabytes at most
constexpr std::size_t kBucketsRead = 8;  // whose rows are compared
constexpr int kRowsMax = 50000;          // that are read on each side
constexpr std::size_t kDigestDigits = 16;

using Hashes = std::pair<std::uint64_t, std::uint64_t>;

struct KeyedRow {
  std::string key;
  Hashes hashes;
};

struct Answers {
  std::array<ScanAnswer, 2> of;
  [[nodiscard]] bool fine() const { return of[0].sqlstate.empty() && of[1].sqlstate.empty(); }
};

// One statement on each side, at the same time.
Result<Answers> AskBoth(const NarrowInput& input, std::span<ScanSession> original, std::span<ScanSession> copy,
                        const std::string& of_original, const std::string& of_copy) {
  Answers answers;
  const auto source = [&](std::span<ScanSession> sessions, std::size_t side, const std::string& sql) {
    auto next = [sql, asked = false]() mutable -> std::optional<ScanStatement> {
      if (asked) return std::nullopt;
      asked = true;
      return ScanStatement{0, sql};
    };
    auto take = [&answers, side](const ScanStatement& /*statement*/, const ScanAnswer& answer) {
      answers.of.at(side) = answer;
    };
    return ScanSource{sessions, next, take};
  };
  const std::array<ScanSource, 2> sources = {source(original.subspan(0, 1), 0, of_original),
                                             source(copy.subspan(0, 1), 1, of_copy)};
  TFSEAL_TRY(RunScans(sources, input.options.stop));
  return answers;
}

std::map<int, RowsFingerprint> Buckets(const ScanAnswer& answer) {
  std::map<int, RowsFingerprint> buckets;
  for (const Row& row : answer.rows) {
    AddFingerprint(row, 1, buckets[static_cast<int>(NumberAt(row, 0))]);
  }
  return buckets;
}

std::vector<int> Differing(const Answers& answers) {
  const std::map<int, RowsFingerprint> original = Buckets(answers.of[0]);
  const std::map<int, RowsFingerprint> copy = Buckets(answers.of[1]);
  std::set<int> differing;
  for (const auto& [bucket, sums] : original) {
    const auto other = copy.find(bucket);
    if (other == copy.end() || !(other->second == sums)) differing.insert(bucket);
  }
  for (const auto& [bucket, sums] : copy) {
    if (!original.contains(bucket)) differing.insert(bucket);
  }
  return {differing.begin(), differing.end()};
}

std::vector<KeyedRow> KeyedRows(const ScanAnswer& answer) {
  std::vector<KeyedRow> rows;
  rows.reserve(answer.rows.size());
  for (const Row& row : answer.rows) {
    rows.push_back({TextAt(row, 0), {ParseModulo64(TextAt(row, 1)), ParseModulo64(TextAt(row, 2))}});
  }
  return rows;
}

bool IsPlainKey(const ScanTable& table) {
  static constexpr std::array<std::string_view, 4> kPlain = {"smallint", "integer", "bigint", "uuid"};
  return !table.key.empty() && std::all_of(table.key_types.begin(), table.key_types.end(), [](const std::string& type) {
    return std::find(kPlain.begin(), kPlain.end(), type) != kPlain.end();
  });
}

class Walk {
 public:
  Walk(const NarrowInput& input, RowsComparison& rows) : input_(input), rows_(rows) {}

  // Merges two lists sorted by key. A list that was cut off says nothing about keys from its last one on.
  void Merge(const std::vector<KeyedRow>& original, const std::vector<KeyedRow>& copy) {
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < original.size() || j < copy.size()) {
      const std::string& key =
          j == copy.size() || (i < original.size() && original[i].key < copy[j].key) ? original[i].key : copy[j].key;
      if (Beyond(original, key) || Beyond(copy, key)) return;
      const std::vector<Hashes> here = Take(original, i, key);
      const std::vector<Hashes> there = Take(copy, j, key);
      Note(key, here, there);
    }
  }

 private:
  static bool Beyond(const std::vector<KeyedRow>& list, const std::string& key) {
    return list.size() == static_cast<std::size_t>(kRowsMax) && key >= list.back().key;
  }

  static std::vector<Hashes> Take(const std::vector<KeyedRow>& list, std::size_t& at, const std::string& key) {
    std::vector<Hashes> taken;
    for (; at < list.size() && list[at].key == key; ++at) taken.push_back(list[at].hashes);
    std::sort(taken.begin(), taken.end());
    return taken;
  }

  void Note(const std::string& key, const std::vector<Hashes>& here, const std::vector<Hashes>& there) {
    if (here == there) return;
    if (here.size() == there.size()) {
      rows_.changed += static_cast<std::int64_t>(here.size());
    } else if (here.size() > there.size()) {
      rows_.missing += static_cast<std::int64_t>(here.size() - there.size());
    } else {
      rows_.extra += static_cast<std::int64_t>(there.size() - here.size());
    }
    if (rows_.keys.size() >= static_cast<std::size_t>(std::max(0, input_.options.keys_max))) return;
    if (input_.options.show_keys && IsPlainKey(input_.original)) {
      rows_.keys.push_back(key);
    } else if (!input_.options.digest_key.empty()) {
      rows_.keys.push_back(
          "digest " +
          Sha256Hex(Sha256Hex(input_.options.digest_key) + input_.original.name + '\0' + key).substr(0, kDigestDigits));
    }
  }

  const NarrowInput& input_;
  RowsComparison& rows_;
};

}  // namespace

Status NarrowDifference(const NarrowInput& input, std::span<ScanSession> original, std::span<ScanSession> copy,
                        RowsComparison& rows) {
  const std::int64_t most = std::max(rows.original.rows, rows.copy.rows);
  const int buckets = static_cast<int>(std::clamp<std::int64_t>(most / kRowsPerBucket, 1, kBucketsMax));
  const std::vector<std::string>& columns = input.original.columns;
  ScanTable other = input.copy;
  other.key = input.original.key;  // both sides must mean the same by a key
  TFSEAL_ASSIGN(const Answers sums,
                AskBoth(input, original, copy, BucketStatement(input.original, columns, input.algorithm, buckets),
                        BucketStatement(other, columns, input.algorithm, buckets)));
  if (!sums.fine()) return {};
  std::vector<int> differing = Differing(sums);
  if (differing.empty()) return {};
  if (differing.size() > kBucketsRead) differing.resize(kBucketsRead);
  TFSEAL_ASSIGN(const Answers lists,
                AskBoth(input, original, copy,
                        BucketRowsStatement(input.original, columns, input.algorithm, buckets, differing, kRowsMax),
                        BucketRowsStatement(other, columns, input.algorithm, buckets, differing, kRowsMax)));
  if (!lists.fine()) return {};
  Walk(input, rows).Merge(KeyedRows(lists.of[0]), KeyedRows(lists.of[1]));
  return {};
}

}  // namespace tfseal::postgres

// Reading order: CompareDatabases at the end; Comparing holds its state; a Side is one of the two databases.
#include "postgres/compare.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "postgres/connection.h"
#include "postgres/fingerprint.h"
#include "postgres/inventory.h"
#include "postgres/narrow.h"
#include "postgres/scan.h"
#include "postgres/session_error.h"

namespace tfseal::postgres {
namespace {

constexpr std::string_view kReadMode = "ISOLATION LEVEL REPEATABLE READ, READ ONLY";
constexpr std::string_view kLargeObjects = "pg_catalog.pg_largeobject";

// One of the two databases, in one snapshot.
struct Side {
  ConnectionUrl url;
  std::string name;  // "original", "copy"
  std::optional<Connection> control;
  std::string snapshot;
  int version = 0;
  Inventory inventory;
  std::map<std::string, ScanTable, std::less<>> tables;
  std::map<std::string, SequencePosition> sequences;
  std::vector<ScanSession> sessions;
};

Status OpenSide(Side& side) {
  SessionOptions options;
  options.application_name = "tfseal compare";
  options.statement_timeout = std::chrono::minutes(10);  // of the inventory
  options.idle_in_transaction_timeout = std::chrono::milliseconds(0);
  TFSEAL_ASSIGN(side.control, Connection::Open(side.url, options));
  side.version = side.control->server_version();
  TFSEAL_TRY(side.control->Execute(TextSetup()));
  TFSEAL_TRY(side.control->Begin(kReadMode));
  TFSEAL_ASSIGN(const Rows rows, side.control->Query("SELECT pg_export_snapshot()"));
  side.snapshot = TextAt(rows.at(0), 0);
  TFSEAL_ASSIGN(side.inventory, ReadInventory(*side.control));
  TFSEAL_ASSIGN(side.tables, ReadTables(*side.control));
  TFSEAL_ASSIGN(side.sequences, ReadSequences(*side.control));
  return {};
}

Status OpenSessions(Side& side, std::size_t count) {
  while (side.sessions.size() < count) {
    Result<ScanSession> session = ScanSession::Open(side.url, side.snapshot);
    // Fewer sessions than wished are enough: the database is not ours alone.
    if (!session.ok() && session.error().code == ErrorCode::kThrottled && !side.sessions.empty()) return {};
    if (!session.ok()) return session.error();
    side.sessions.push_back(std::move(session).value());
  }
  return {};
}

// One table on both sides, while it is read.
struct Pair {
  const ScanTable* original = nullptr;
  const ScanTable* copy = nullptr;
  std::size_t result = 0;                     // index into Comparison::tables
  std::array<std::int64_t, 2> left = {0, 0};  // statements that are not answered yet, of each side
};

struct Piece {
  std::size_t pair = 0;
  PageRange pages;
};

std::vector<std::string> Sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

std::string PositionText(const SequencePosition& position) {
  return position.last_value + (position.called ? "" : " (not used yet)");
}

// Whether the copy's sequence would give out a value that the original's has given out.
std::string SequenceReason(const SequencePosition& original, const SequencePosition& copy) {
  const std::uint64_t difference = ParseModulo64(original.last_value) - ParseModulo64(copy.last_value);
  const bool behind = difference != 0 ? difference >> 63 == 0 : original.called && !copy.called;
  return "original at " + PositionText(original) + ", copy at " + PositionText(copy) +
         (behind ? ": behind" : ": ahead");
}

class Comparing {
 public:
  Comparing(const ConnectionUrl& original, const ConnectionUrl& copy, const CompareOptions& options)
      : options_(options) {
    sides_[0].url = original;
    sides_[0].name = "original";
    sides_[1].url = copy;
    sides_[1].name = "copy";
  }

  Result<Comparison> Run() {
    Say("inventory");
    for (Side& side : sides_) TFSEAL_TRY(OpenSide(side));
    // Text hashes of PostgreSQL are promised to be stable within a major version only.
    algorithm_ = sides_[0].version / 10000 == sides_[1].version / 10000 ? Algorithm::kHash64x2 : Algorithm::kMd5;
    CompareInventories(sides_[0].inventory, sides_[1].inventory, result_.objects);
    TFSEAL_TRY(CompareSequences());
    PairTables();
    TFSEAL_TRY(ReadRows());
    JudgeRows();
    TFSEAL_TRY(Narrow());
    // The snapshot was held to the end, or what was read belongs to different moments.
    for (Side& side : sides_) TFSEAL_TRY(side.control->Query("SELECT 1"));
    Finish();
    return std::move(result_);
  }

 private:
  void Say(std::string_view phase) {
    progress_.phase = phase;
    if (options_.progress) options_.progress(progress_);
  }

  [[nodiscard]] bool Stop() const { return options_.stop && options_.stop(); }

  Status CompareSequences() {
    for (const auto& [name, original] : sides_[0].sequences) {
      const auto copy = sides_[1].sequences.find(name);
      if (copy == sides_[1].sequences.end()) continue;  // the inventory says that it is missing
      ObjectComparison object{"sequence position", name, Sameness::kSame, ""};
      if (!original.readable || !copy->second.readable) {
        object.sameness = Sameness::kNotComparable;
        object.reason = "permission denied (42501)";
      } else if (original.last_value != copy->second.last_value || original.called != copy->second.called) {
        object.sameness = Sameness::kDifferent;
        object.reason = SequenceReason(original, copy->second);
        TFSEAL_ASSIGN(const bool behind, IsBehindItsColumn(*sides_[1].control, copy->second));
        if (behind) object.reason += ", and behind its column: the next insert into the copy fails";
      }
      result_.objects.push_back(std::move(object));
    }
    return {};
  }

  // Without the right to read pg_largeobject itself (a superuser's), large objects are read one by one, up to 1 GB
  // each.
  void ReadLargeObjectsOneByOne() {
    const auto original = sides_[0].tables.find(kLargeObjects);
    const auto copy = sides_[1].tables.find(kLargeObjects);
    if (original == sides_[0].tables.end() || copy == sides_[1].tables.end()) return;
    if (original->second.readable && copy->second.readable) return;
    for (ScanTable* table : {&original->second, &copy->second}) {
      table->relation = "(SELECT m.oid AS loid, lo_get(m.oid) AS data FROM pg_largeobject_metadata m) AS t";
      table->columns = {"loid", "data"};
      table->key = {"loid"};
      table->key_types = {"oid"};
      table->readable = true;
      table->by_pages = false;
    }
  }

  // Tables of one side only are differences of the inventory; those that can be read on both sides become pairs.
  void PairTables() {
    ReadLargeObjectsOneByOne();
    for (const auto& [name, original] : sides_[0].tables) {
      const auto found = sides_[1].tables.find(name);
      if (found == sides_[1].tables.end()) continue;
      const ScanTable& copy = found->second;
      RowsComparison rows;
      rows.table = name;
      rows.algorithm = AlgorithmName(algorithm_);
      if (original.foreign || copy.foreign) {
        rows.reason = "a foreign table: its rows live on another server";
      } else if (!original.readable || !copy.readable) {
        rows.reason = std::string(original.readable ? "copy" : "original") + ": permission denied (42501)";
      } else if (Sorted(original.columns) != Sorted(copy.columns)) {
        rows.sameness = Sameness::kDifferent;
        rows.reason = "the columns differ";
      } else if (original.populated != copy.populated) {
        rows.sameness = Sameness::kDifferent;
        rows.reason = std::string(original.populated ? "the copy" : "the original") + " was never refreshed";
      } else if (!original.populated) {
        rows.sameness = Sameness::kSame;
        rows.reason = "never refreshed on either side";
      } else {
        pairs_.push_back({&original, &copy, result_.tables.size(), {0, 0}});
      }
      result_.tables.push_back(std::move(rows));
    }
    // The large ones first, so that no session is left with one at the end.
    std::stable_sort(pairs_.begin(), pairs_.end(),
                     [](const Pair& a, const Pair& b) { return a.original->bytes > b.original->bytes; });
    progress_.tables = static_cast<std::int64_t>(pairs_.size());
  }

  // The pieces of a side, one after the other, made as they are asked for.
  std::optional<Piece> NextPiece(std::size_t side) {
    Cursor& cursor = cursors_[side];
    if (cursor.pair == pairs_.size()) return std::nullopt;
    Pair& pair = pairs_[cursor.pair];
    const ScanTable& table = side == 0 ? *pair.original : *pair.copy;
    Piece piece{cursor.pair, {cursor.page, -1}};
    const std::int64_t pages = std::max<std::int64_t>(1, options_.chunk_bytes / table.block_bytes);
    const std::int64_t all = table.bytes / table.block_bytes;
    if (table.by_pages && cursor.page + pages < all) {
      piece.pages.end = cursor.page + pages;
      cursor.page += pages;
    } else {
      // To the end, whatever was appended since: the snapshot decides what is seen.
      ++cursor.pair;
      cursor.page = 0;
    }
    ++pair.left[side];
    return piece;
  }

  ScanSource Source(std::size_t side) {
    const auto next = [this, side]() -> std::optional<ScanStatement> {
      const std::optional<Piece> piece = NextPiece(side);
      if (!piece.has_value()) return std::nullopt;
      const Pair& pair = pairs_[piece->pair];
      const ScanTable& table = side == 0 ? *pair.original : *pair.copy;
      return ScanStatement{piece->pair, SumStatement(table, pair.original->columns, algorithm_, piece->pages)};
    };
    const auto take = [this, side](const ScanStatement& statement, const ScanAnswer& answer) {
      Take(side, statement.tag, answer);
    };
    return {sides_[side].sessions, next, take};
  }

  void Take(std::size_t side, std::size_t index, const ScanAnswer& answer) {
    Pair& pair = pairs_[index];
    RowsComparison& rows = result_.tables[pair.result];
    --pair.left[side];
    if (!answer.sqlstate.empty()) {
      rows.reason =
          sides_[side].name + ": " + std::string(SqlstateMeaning(answer.sqlstate)) + " (" + answer.sqlstate + ")";
      return;
    }
    RowsFingerprint& total = side == 0 ? rows.original : rows.copy;
    const std::int64_t before = total.rows;
    AddFingerprint(answer.rows.at(0), 0, total);
    progress_.rows_done += total.rows - before;
    const bool done = cursors_[0].pair > index && cursors_[1].pair > index && pair.left[0] == 0 && pair.left[1] == 0;
    if (done) ++progress_.tables_done;
    Say("rows");
  }

  Status ReadRows() {
    Say("rows");
    const auto workers = static_cast<std::size_t>(std::max(1, options_.workers));
    for (Side& side : sides_) TFSEAL_TRY(OpenSessions(side, workers));
    const std::array<ScanSource, 2> sources = {Source(0), Source(1)};
    return RunScans(sources, [this] { return Stop(); });
  }

  void JudgeRows() {
    for (const Pair& pair : pairs_) {
      RowsComparison& rows = result_.tables[pair.result];
      result_.rows += rows.original.rows;
      if (!rows.reason.empty()) continue;  // the server refused
      if (rows.original == rows.copy) {
        rows.sameness = Sameness::kSame;
        continue;
      }
      rows.sameness = Sameness::kDifferent;
      rows.reason = rows.original.rows == rows.copy.rows
                        ? "the same number of rows (" + std::to_string(rows.original.rows) + "), other content"
                        : "original " + std::to_string(rows.original.rows) + " rows, copy " +
                              std::to_string(rows.copy.rows) + " rows";
      if (pair.original->unlogged) rows.reason += "; the table is unlogged: its rows do not survive a restore";
    }
  }

  Status Narrow() {
    int narrowed = 0;
    for (const Pair& pair : pairs_) {
      RowsComparison& rows = result_.tables[pair.result];
      if (rows.sameness != Sameness::kDifferent || narrowed == options_.narrowed_tables_max) continue;
      ++narrowed;
      Say("differences");
      const NarrowInput input{*pair.original, *pair.copy, algorithm_, options_};
      TFSEAL_TRY(NarrowDifference(input, sides_[0].sessions, sides_[1].sessions, rows));
    }
    return {};
  }

  void Finish() {
    std::stable_sort(result_.objects.begin(), result_.objects.end(), [](const auto& a, const auto& b) {
      return std::pair(a.kind, a.name) < std::pair(b.kind, b.name);
    });
    progress_.tables_done = progress_.tables;
    Say("rows");
  }

  struct Cursor {
    std::size_t pair = 0;
    std::int64_t page = 0;
  };

  const CompareOptions& options_;
  std::array<Side, 2> sides_;
  Algorithm algorithm_ = Algorithm::kMd5;
  std::vector<Pair> pairs_;
  std::array<Cursor, 2> cursors_;
  CompareProgress progress_;
  Comparison result_;
};

}  // namespace

Sameness Comparison::sameness() const {
  Sameness all = Sameness::kSame;
  const auto fold = [&](Sameness one) {
    if (one == Sameness::kDifferent) all = Sameness::kDifferent;
    if (one == Sameness::kNotComparable && all == Sameness::kSame) all = Sameness::kNotComparable;
  };
  for (const ObjectComparison& object : objects) fold(object.sameness);
  for (const RowsComparison& table : tables) fold(table.sameness);
  // Nothing was looked at: nothing is claimed.
  return objects.empty() ? Sameness::kNotComparable : all;
}

Result<Comparison> CompareDatabases(const ConnectionUrl& original, const ConnectionUrl& copy,
                                    const CompareOptions& options) {
  return Comparing(original, copy, options).Run();
}

Result<std::vector<std::string>> ListDatabases(const ConnectionUrl& url) {
  TFSEAL_ASSIGN(Connection connection, Connection::Open(url));
  TFSEAL_ASSIGN(const Rows rows,
                connection.Query("SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate"
                                 " AND NOT (datname = 'rdsadmin' AND EXISTS (SELECT FROM pg_roles WHERE rolname ="
                                 " 'rds_superuser')) ORDER BY datname COLLATE \"C\""));
  std::vector<std::string> names;
  for (const Row& row : rows) names.push_back(TextAt(row, 0));
  return names;
}

}  // namespace tfseal::postgres

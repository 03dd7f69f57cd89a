#include "crypto/rekey/segment_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "crypto/rekey/verify_statements.h"

namespace tfseal::rekey {
namespace {

// Below this, all keys are read to cut evenly: a second at most. Above it a sample is cut.
constexpr std::int64_t kCutEvenlyRowsMax = 300'000;
constexpr std::int64_t kSampledPerSegment = 20;
// A page of 8 KiB holds about this many rows of the kind we are for; only for tables that were never analysed.
constexpr std::int64_t kRowsPerPageGuess = 15;

std::string KeyList(const TableLayout& layout, std::string_view suffix) {
  std::string list;
  for (const SqlColumn& column : layout.primary_key) {
    list += fmt::format("{}{}{}", list.empty() ? "" : ", ", postgres::QuoteName(column.name), suffix);
  }
  return list;
}

KeyPlace PlaceAt(const postgres::Row& row, std::size_t column) {
  if (!row.at(column).has_value()) return std::nullopt;
  return ArrayFrom(*row.at(column));
}

std::optional<std::string> PlaceText(const KeyPlace& place) {
  if (!place.has_value()) return std::nullopt;
  return ArrayText(*place);
}

std::optional<Segment> SegmentFrom(const postgres::Rows& rows, const std::string& owner) {
  if (rows.empty()) return std::nullopt;
  const postgres::Row& row = rows.front();
  Segment segment;
  segment.id = postgres::NumberAt(row, 0);
  segment.target = static_cast<std::size_t>(postgres::NumberAt(row, 1));
  segment.after = PlaceAt(row, 2);
  segment.up_to = PlaceAt(row, 3);
  segment.owner = owner;
  segment.fence = postgres::NumberAt(row, 4);
  return segment;
}

}  // namespace

std::string ArrayText(const std::vector<std::string>& values) {
  std::string text = "{";
  for (const std::string& value : values) {
    text += text.size() > 1 ? ",\"" : "\"";
    for (const char c : value) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text + "}";
}

std::vector<std::string> ArrayFrom(std::string_view text) {
  std::vector<std::string> values;
  if (text.size() < 2) return values;
  text = text.substr(1, text.size() - 2);
  std::size_t i = 0;
  while (i < text.size()) {
    std::string value;
    if (text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        value += text[i];
      }
      ++i;
    } else {
      for (; i < text.size() && text[i] != ','; ++i) value += text[i];
    }
    values.push_back(std::move(value));
    if (i < text.size()) ++i;  // the comma
  }
  return values;
}

// From boundary to boundary along the index: all rows side by side, with their numbers, would take several times as
// long.
Result<std::vector<std::vector<std::string>>> SegmentStore::CutEvenly(const TableLayout& layout, std::int64_t rows) {
  std::vector<std::vector<std::string>> boundaries;
  KeyBound after;
  for (;;) {
    TFSEAL_ASSIGN(const postgres::Rows found, session_.Query(ChunkEndSql(layout, after, rows)));
    if (found.empty()) return boundaries;
    std::vector<std::string> place;
    for (std::size_t i = 0; i < layout.primary_key.size(); ++i) place.push_back(postgres::TextAt(found.front(), i));
    boundaries.push_back(place);
    after = std::move(place);
  }
}

Result<std::vector<std::vector<std::string>>> SegmentStore::Boundaries(const TableLayout& layout, std::int64_t rows) {
  TFSEAL_ASSIGN(const postgres::Rows size,
                session_.Query("SELECT greatest(c.reltuples, 0)::bigint, pg_relation_size(c.oid) / "
                               "current_setting('block_size')::bigint FROM pg_class c WHERE c.oid = $1::regclass",
                               {layout.SqlName()}));
  const std::int64_t pages = postgres::NumberAt(size.at(0), 1);
  const std::int64_t estimated = std::max(postgres::NumberAt(size.at(0), 0), pages * kRowsPerPageGuess);
  if (estimated <= kCutEvenlyRowsMax) return CutEvenly(layout, rows);
  const std::int64_t wanted = std::max<std::int64_t>(1, estimated / rows) * kSampledPerSegment;
  const double percent = std::min(100.0, 100.0 * static_cast<double>(wanted) / static_cast<double>(estimated));
  const std::string source = fmt::format("{} TABLESAMPLE SYSTEM ({:.6f}) REPEATABLE (1)", layout.SqlName(), percent);
  // Ordered by the columns, not by their texts: the order must be the index's.
  TFSEAL_ASSIGN(const postgres::Rows found,
                session_.Query(fmt::format("SELECT ARRAY[{0}] FROM (SELECT {1}, row_number() OVER (ORDER BY {1}) AS "
                                           "tfseal_n FROM {2}) s WHERE tfseal_n % $1::bigint = 0 ORDER BY {1}",
                                           KeyList(layout, "::text"), KeyList(layout, ""), source),
                               {std::to_string(kSampledPerSegment)}));
  std::vector<std::vector<std::string>> boundaries;
  boundaries.reserve(found.size());
  for (const postgres::Row& row : found) boundaries.push_back(ArrayFrom(postgres::TextAt(row, 0)));
  return boundaries;
}

Result<bool> SegmentStore::Plan(const Job& job, std::vector<TableLayout>& layouts, std::int64_t rows) {
  TFSEAL_TRY(session_.Begin());
  const auto plan = [&]() -> Result<bool> {
    TFSEAL_ASSIGN(const postgres::Rows mine,
                  session_.Query(fmt::format("SELECT 1 FROM {0} WHERE id = $1::bigint AND phase = 'pending' AND NOT "
                                             "EXISTS (SELECT FROM {1} WHERE job = $1::bigint) FOR UPDATE",
                                             Table("job"), Table("segment")),
                                 {std::to_string(job.id)}));
    if (mine.empty()) return false;
    for (std::size_t target = 0; target < layouts.size(); ++target) {
      TFSEAL_ASSIGN(auto boundaries, Boundaries(layouts[target], rows));
      KeyPlace from;
      for (std::size_t i = 0; i <= boundaries.size(); ++i) {
        const KeyPlace to = i < boundaries.size() ? KeyPlace(boundaries[i]) : std::nullopt;
        TFSEAL_TRY(session_.Execute(
            fmt::format("INSERT INTO {} (job, target, lo, hi, cursor) VALUES ($1::bigint, $2::int, $3::text[], "
                        "$4::text[], $3::text[])",
                        Table("segment")),
            {std::to_string(job.id), std::to_string(target), PlaceText(from), PlaceText(to)}));
        from = to;
      }
    }
    TFSEAL_ASSIGN(const std::int64_t started,
                  session_.Execute(fmt::format("UPDATE {} SET phase = 'running', epoch = epoch + 1, started_at = "
                                               "clock_timestamp() WHERE id = $1::bigint AND phase = 'pending'",
                                               Table("job")),
                                   {std::to_string(job.id)}));
    return started == 1;
  };
  auto planned = plan();
  if (!planned.ok() || !*planned) {
    (void)session_.Rollback();
    return planned;
  }
  TFSEAL_TRY(session_.Commit());
  return true;
}

Result<std::optional<Segment>> SegmentStore::Claim(const Job& job, const std::string& owner, std::int64_t lease_ms) {
  TFSEAL_ASSIGN(
      const postgres::Rows rows,
      session_.Query(
          fmt::format("UPDATE {0} SET owner = $2, fence = fence + 1, attempts = attempts + 1, state = 'leased', "
                      "lease_until = clock_timestamp() + $3::bigint * interval '1 ms' WHERE id = (SELECT s.id FROM {0} "
                      "s WHERE s.job = $1::bigint AND (s.state = 'open' OR (s.state = 'leased' AND s.lease_until < "
                      "clock_timestamp())) AND EXISTS (SELECT FROM {1} j WHERE j.id = s.job AND j.phase IN ('running', "
                      "'draining')) ORDER BY s.id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, target, cursor, hi, "
                      "fence",
                      Table("segment"), Table("job")),
          {std::to_string(job.id), owner, std::to_string(lease_ms)}));
  return SegmentFrom(rows, owner);
}

Result<std::optional<Segment>> SegmentStore::Recover(const Segment& segment, std::int64_t lease_ms) {
  TFSEAL_ASSIGN(const postgres::Rows rows,
                session_.Query(fmt::format("UPDATE {} SET fence = fence + 1, lease_until = clock_timestamp() + "
                                           "$4::bigint * interval '1 ms' WHERE id = $1::bigint AND owner = $2 AND "
                                           "fence = $3::bigint AND state = 'leased' RETURNING id, target, cursor, hi, "
                                           "fence",
                                           Table("segment")),
                               {std::to_string(segment.id), segment.owner, std::to_string(segment.fence),
                                std::to_string(lease_ms)}));
  return SegmentFrom(rows, segment.owner);
}

Result<bool> SegmentStore::Renew(const Segment& segment, std::int64_t lease_ms) {
  TFSEAL_ASSIGN(const std::int64_t changed,
                session_.Execute(fmt::format("UPDATE {} SET lease_until = clock_timestamp() + $4::bigint * interval "
                                             "'1 ms' WHERE id = $1::bigint AND owner = $2 AND fence = $3::bigint AND "
                                             "lease_until > clock_timestamp()",
                                             Table("segment")),
                                 {std::to_string(segment.id), segment.owner, std::to_string(segment.fence),
                                  std::to_string(lease_ms)}));
  return changed == 1;
}

Result<bool> SegmentStore::Finish(const Segment& segment) {
  TFSEAL_ASSIGN(
      const std::int64_t changed,
      session_.Execute(fmt::format("UPDATE {} SET state = 'done', owner = NULL, lease_until = NULL WHERE id = "
                                   "$1::bigint AND owner = $2 AND fence = $3::bigint AND lease_until > "
                                   "clock_timestamp()",
                                   Table("segment")),
                       {std::to_string(segment.id), segment.owner, std::to_string(segment.fence)}));
  return changed == 1;
}

Status SegmentStore::Release(const Segment& segment) {
  TFSEAL_TRY(session_.Execute(fmt::format("UPDATE {} SET state = 'open', owner = NULL, lease_until = NULL WHERE id = "
                                          "$1::bigint AND owner = $2 AND fence = $3::bigint",
                                          Table("segment")),
                              {std::to_string(segment.id), segment.owner, std::to_string(segment.fence)}));
  return {};
}

Result<std::int64_t> SegmentStore::Unfinished(std::int64_t job) {
  TFSEAL_ASSIGN(const postgres::Rows rows,
                session_.Query(
                    fmt::format("SELECT count(*) FROM {} WHERE job = $1::bigint AND state <> 'done'", Table("segment")),
                    {std::to_string(job)}));
  return postgres::NumberAt(rows.at(0), 0);
}

Result<bool> SegmentStore::NextPass(const Job& job) {
  TFSEAL_TRY(session_.Begin());
  const auto open = [&]() -> Result<bool> {
    TFSEAL_ASSIGN(const std::int64_t mine,
                  session_.Execute(fmt::format("UPDATE {0} SET pass = pass + 1, phase = 'draining', epoch = epoch + 1 "
                                               "WHERE id = $1::bigint AND pass = $2::int AND phase IN ('running', "
                                               "'draining') AND NOT EXISTS (SELECT FROM {1} WHERE job = $1::bigint AND "
                                               "state <> 'done')",
                                               Table("job"), Table("segment")),
                                   {std::to_string(job.id), std::to_string(job.pass)}));
    if (mine != 1) return false;
    TFSEAL_TRY(session_.Execute(fmt::format("UPDATE {} SET state = 'open', cursor = lo, pass = pass + 1 WHERE job = "
                                            "$1::bigint",
                                            Table("segment")),
                                {std::to_string(job.id)}));
    // Rows with an issue are looked at again with the others; those that still have it say so again.
    TFSEAL_TRY(session_.Execute(fmt::format("UPDATE {} SET resolved_at = clock_timestamp() WHERE job = $1::bigint AND "
                                            "resolved_at IS NULL",
                                            Table("row_issue")),
                                {std::to_string(job.id)}));
    return true;
  };
  auto opened = open();
  if (!opened.ok() || !*opened) {
    (void)session_.Rollback();
    return opened;
  }
  TFSEAL_TRY(session_.Commit());
  return true;
}

Result<std::int64_t> SegmentStore::CountOld(const TableLayout& layout) {
  TFSEAL_ASSIGN(
      const postgres::Rows rows,
      session_.Query(fmt::format("SELECT count(*) FROM {} AS t WHERE {}{}", layout.SqlName(), layout.OldRowsSql(),
                                 layout.where.empty() ? "" : " AND (" + layout.where + ")")));
  return postgres::NumberAt(rows.at(0), 0);
}

}  // namespace tfseal::rekey

#include <fmt/format.h>

#include <memory>

#include "apply/journal_lock.h"
#include "apply/journal_stores.h"
#include "postgres/connection.h"

namespace tfseal {
namespace {

using postgres::Connection;
using postgres::Rows;

constexpr const char* kMakeRecords =
    "CREATE TABLE IF NOT EXISTS public.tfseal_journal (journal text NOT NULL, sequence bigint NOT NULL, "
    "record bytea NOT NULL, written timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (journal, sequence))";
constexpr const char* kMakeLocks =
    "CREATE TABLE IF NOT EXISTS public.tfseal_journal_lock (journal text PRIMARY KEY, owner text NOT NULL)";

std::string ToHex(std::string_view bytes) {
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const char byte : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return hex;
}

unsigned Digit(char c) {
  return c <= '9' ? static_cast<unsigned>(c - '0') : static_cast<unsigned>(c - 'a') + 10U;
}

// What encode(.., 'hex') of the server gives.
std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(Digit(hex[i]) << 4U | Digit(hex[i + 1]));
  }
  return bytes;
}

class PostgresStore : public JournalStore {
 public:
  PostgresStore(postgres::ConnectionUrl url, std::string journal)
      : url_(std::move(url)), journal_(std::move(journal)) {}

  [[nodiscard]] std::string name() const override {
    return fmt::format("postgresql://{}#{}", url_.Describe(), journal_);
  }

  Status Lock(const RunIdentity& identity, TimePoint now, bool take_over) override {
    static_cast<void>(take_over);  // a session that ended has no lock to take over
    TFSEAL_TRY(Connect());
    TFSEAL_TRY(MakeTables());
    TFSEAL_ASSIGN(const Rows got, connection_->Query("SELECT pg_try_advisory_lock(hashtextextended($1::text, 0))",
                                                     {"tfseal " + journal_}));
    if (got.size() != 1 || postgres::TextAt(got[0], 0) != "t") {
      TFSEAL_ASSIGN(const LockOwner other, Owner());
      return Error{ErrorCode::kLocked, LockedBy(name(), other, now),
                   "wait for it, or end it: it stops after its current step. A lock goes with the session that has it"};
    }
    owner_ = LockOwner{identity, now, now};
    return WriteOwner();
  }

  Status KeepLock(TimePoint now) override {
    owner_.heard = now;
    return WriteOwner();
  }

  Status Unlock() override {
    if (!connection_) return {};
    owner_.released = true;
    const Status written = WriteOwner();
    // Asked for, because the server reaches the end of a session a moment after the client: who looks at once would
    // find the lock held. Where the answer is an error the session is over, and so is its lock.
    static_cast<void>(
        connection_->Query("SELECT pg_advisory_unlock(hashtextextended($1::text, 0))", {"tfseal " + journal_}));
    connection_.reset();
    return written;
  }

  Result<std::string> Holder(TimePoint now) override {
    TFSEAL_TRY(Connect());
    TFSEAL_ASSIGN(const bool there, Exists("public.tfseal_journal_lock"));
    if (!there) return std::string();
    TFSEAL_ASSIGN(const Rows free,
                  connection_->Query("SELECT pg_try_advisory_lock_shared(hashtextextended($1::text, 0))",
                                     {"tfseal " + journal_}));
    if (free.size() == 1 && postgres::TextAt(free[0], 0) == "t") {
      TFSEAL_TRY(connection_->Query("SELECT pg_advisory_unlock_shared(hashtextextended($1::text, 0))",
                                    {"tfseal " + journal_}));
      return std::string();
    }
    TFSEAL_ASSIGN(const LockOwner owner, Owner());
    return LockedBy(name(), owner, now);
  }

  Result<std::string> Read() override {
    TFSEAL_TRY(Connect());
    TFSEAL_ASSIGN(const bool there, Exists("public.tfseal_journal"));
    if (!there) return std::string();
    TFSEAL_ASSIGN(const Rows rows,
                  connection_->Query("SELECT encode(record, 'hex') FROM public.tfseal_journal WHERE journal = $1 "
                                     "ORDER BY sequence",
                                     {journal_}));
    std::string bytes;
    for (const postgres::Row& row : rows) bytes += FromHex(postgres::TextAt(row, 0));
    return bytes;
  }

  // The session that holds the lock, and no other: if it broke, the lock is gone, and so is the right to write.
  Status Append(std::uint64_t sequence, std::string_view framed) override {
    TFSEAL_TRY(Connect());
    TFSEAL_ASSIGN(const std::int64_t rows,
                  connection_->Execute(
                      "INSERT INTO public.tfseal_journal (journal, sequence, record) "
                      "SELECT $1::text, $2::bigint, decode($3::text, 'hex') WHERE (SELECT coalesce(max(sequence), -1) "
                      "FROM public.tfseal_journal WHERE journal = $1::text) = $2::bigint - 1",
                      {journal_, std::to_string(sequence), ToHex(framed)}));
    if (rows == 1) return {};
    return Error{ErrorCode::kLocked, fmt::format("{}: another run wrote record {}", name(), sequence),
                 "tfseal status says which; nothing more is changed by this run"};
  }

  Status CutTail(std::size_t bytes) override {
    return Error{ErrorCode::kCorrupt, fmt::format("{}: a record is not whole after {} bytes", name(), bytes),
                 "rows are written whole: somebody changed one; a person has to look"};
  }

 private:
  Status Connect() {
    if (connection_) return {};
    TFSEAL_ASSIGN(Connection opened, Connection::Open(url_, {.application_name = "tfseal journal"}));
    connection_ = std::make_unique<Connection>(std::move(opened));
    return {};
  }

  Result<bool> Exists(const std::string& table) {
    TFSEAL_ASSIGN(const Rows rows, connection_->Query("SELECT to_regclass($1::text) IS NOT NULL", {table}));
    return rows.size() == 1 && postgres::TextAt(rows[0], 0) == "t";
  }

  // Only where they are missing: making them needs a right that using them does not.
  Status MakeTables() {
    TFSEAL_ASSIGN(const bool records, Exists("public.tfseal_journal"));
    if (!records) TFSEAL_TRY(connection_->Execute(kMakeRecords));
    TFSEAL_ASSIGN(const bool locks, Exists("public.tfseal_journal_lock"));
    if (!locks) TFSEAL_TRY(connection_->Execute(kMakeLocks));
    return {};
  }

  Result<LockOwner> Owner() {
    TFSEAL_ASSIGN(const Rows rows,
                  connection_->Query("SELECT owner FROM public.tfseal_journal_lock WHERE journal = $1", {journal_}));
    return LockOwner::FromText(rows.empty() ? "" : postgres::TextAt(rows[0], 0));
  }

  Status WriteOwner() {
    if (!connection_) return Error{ErrorCode::kInternal, name() + ": the lock is not held", ""};
    TFSEAL_TRY(
        connection_->Execute("INSERT INTO public.tfseal_journal_lock (journal, owner) VALUES ($1, $2) "
                             "ON CONFLICT (journal) DO UPDATE SET owner = excluded.owner",
                             {journal_, owner_.ToText()}));
    return {};
  }

  postgres::ConnectionUrl url_;
  std::string journal_;
  std::unique_ptr<Connection> connection_;
  LockOwner owner_;
};

}  // namespace

std::unique_ptr<JournalStore> PostgresJournal(postgres::ConnectionUrl url, std::string journal) {
  return std::make_unique<PostgresStore>(std::move(url), std::move(journal));
}

}  // namespace tfseal

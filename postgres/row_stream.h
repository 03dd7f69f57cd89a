#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "postgres/connection.h"
#include "postgres/connection_url.h"

namespace tfseal::postgres {

// Object id of a type (pg_type.oid).
using TypeOid = std::uint32_t;
inline constexpr TypeOid kInt8Oid = 20;
inline constexpr TypeOid kTidOid = 27;

// One parameter: its bytes as the type's binary format has them, or as text. nullopt is NULL. Borrowed.
struct StreamParameter {
  std::optional<std::string_view> bytes;
  bool binary = true;
};

// A one-dimensional array in PostgreSQL's binary format (array_send), written value by value.
class BinaryArray {
 public:
  explicit BinaryArray(TypeOid element);
  void Clear();
  void Append(std::optional<std::string_view> value);
  // Valid until the next change.
  [[nodiscard]] std::string_view Bytes();
  [[nodiscard]] std::size_t size() const { return count_; }

 private:
  std::string bytes_;  // the first `used_` count; the others are room
  std::size_t used_ = 0;
  std::uint32_t count_ = 0;
  bool has_null_ = false;
};

// int8 in network order, and back; 0 for what has another length.
std::string Int8Bytes(std::int64_t number);
std::int64_t Int8From(std::string_view bytes);

// One row of an answer, in binary. Borrowed: valid during the call that shows it.
class StreamRow {
 public:
  virtual ~StreamRow() = default;
  [[nodiscard]] virtual std::size_t size() const = 0;
  // nullopt is NULL.
  [[nodiscard]] virtual std::optional<std::string_view> at(std::size_t column) const = 0;
};

// What the server answered to one statement that was sent with others.
struct StreamAnswer {
  std::string sqlstate;            // empty: it succeeded. "ABORTED": one before it did not
  std::int64_t affected = 0;       // rows
  std::vector<std::string> first;  // values of the first row, NULL as the empty text
};

// A session that carries many rows: binary results, binary array parameters, and statements that are sent together so
// that the server works while the caller does. Statements are unnamed, so that a pooler between the two may give every
// transaction another server session, unless `named` says that there is none: then the session keeps those that have
// parameters. For one thread at a time.
//
// Errors as Connection's. A session that broke stays broken.
class RowStream {
 public:
  static Result<RowStream> Open(const ConnectionUrl& url, const SessionOptions& options, bool named);
  RowStream(RowStream&&) noexcept;
  RowStream& operator=(RowStream&&) noexcept;
  ~RowStream();

  // Has the server's process keep memory for statements with parameters of so many bytes in all, instead of giving it
  // back to its system after each and being given it anew, page by page. Of use with glibc, without harm elsewhere.
  // For speed only: a server that does not have that much is not asked again, and a session that broke says so with the
  // next statement.
  void KeepMemory(std::size_t bytes);

  // Shows the rows one by one, without keeping any. If `take` says false the rest is cancelled and not shown; that is
  // no error. Not between Queue and Receive.
  Status Read(const std::string& sql, std::span<const StreamParameter> parameters,
              const std::function<bool(const StreamRow&)>& take);

  // Appends a statement to what will be sent. The bytes of the parameters are copied.
  Status Queue(const std::string& sql, std::span<const StreamParameter> parameters = {});
  // Sends what was queued; returns when the server has been given all of it, not when it is done.
  Status Flush();
  // Waits for the answers of everything that was flushed, one for each statement in order.
  Result<std::vector<StreamAnswer>> Receive();

  // What a refusal in an answer means, for people.
  [[nodiscard]] Error Refusal(std::string_view sqlstate) const;
  [[nodiscard]] bool broken() const;
  [[nodiscard]] int backend_pid() const;

 private:
  struct State;
  explicit RowStream(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tfseal::postgres

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/result.h"
#include "postgres/connection.h"
#include "postgres/connection_url.h"

namespace tfseal::postgres {

// A session that reads rows by binary COPY, the cheapest way to get all of a table. Reads only. For one thread at a
// time; sessions of several threads are independent of each other. Errors as Connection's.
class CopyRows {
 public:
  using Values = std::span<const std::optional<std::string_view>>;

  static Result<CopyRows> Open(const ConnectionUrl& url, const SessionOptions& options);
  CopyRows(CopyRows&&) noexcept;
  CopyRows& operator=(CopyRows&&) noexcept;
  ~CopyRows();

  // Begins a read-only transaction whose snapshot all statements until Finish() see.
  Status Begin();
  Status Finish();
  // Values of the first row as text; empty if there is none.
  Result<Row> First(const std::string& sql);
  // Shows each row of a SELECT, values in PostgreSQL's binary format and borrowed for the call. If `take` says false,
  // the rest is not shown and the session is done: kTimeout.
  Status Copy(const std::string& select, const std::function<bool(Values)>& take);

 private:
  struct State;
  explicit CopyRows(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tfseal::postgres

#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/result.h"

namespace tfseal::postgres {

// Where a PostgreSQL server is and who connects to it: a "postgresql://" URL or a "key=value" text as libpq takes them
// (https://www.postgresql.org/docs/current/libpq-connect.html). Holds a password: nothing of it but Describe() may be
// shown.
class ConnectionUrl {
 public:
  // The error says what is wrong and never quotes the text.
  static Result<ConnectionUrl> Parse(std::string_view text);

  // A copy with one parameter replaced, named as libpq names it: "host", "port", "dbname", "application_name" ...
  // An empty value takes it away.
  [[nodiscard]] ConnectionUrl With(std::string_view key, std::string_view value) const;

  // A parameter's value; empty if it was not given.
  [[nodiscard]] std::string Get(std::string_view key) const;

  // "user@host:port/database", without anything secret; parts that were not given are left out.
  [[nodiscard]] std::string Describe() const;

  // What libpq takes. Contains the password: only for handing over to the library.
  [[nodiscard]] std::string ConnectionText() const;

  // `text` with every secret of this URL replaced by "***", for what a library or a server says about a connection.
  [[nodiscard]] std::string Redact(std::string text) const;

 private:
  std::map<std::string, std::string, std::less<>> parameters_;
};

}  // namespace tfseal::postgres

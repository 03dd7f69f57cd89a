#pragma once

#include <string>
#include <string_view>

#include "core/error.h"
#include "postgres/connection_url.h"

namespace tfseal::postgres {

// An error that a server gave for a statement, by its SQLSTATE (PostgreSQL documentation, appendix A). The server's own
// text is not used: it may quote values of rows.
Error StatementError(const ConnectionUrl& url, std::string_view sqlstate);

// A connection that could not be made. `text` is what libpq said; its first line is kept, without secrets.
Error ConnectError(const ConnectionUrl& url, std::string_view text);

// A connection that broke while it was used.
Error LostError(const ConnectionUrl& url);

// What a SQLSTATE means, for people: "permission denied".
std::string_view SqlstateMeaning(std::string_view sqlstate);

}  // namespace tfseal::postgres

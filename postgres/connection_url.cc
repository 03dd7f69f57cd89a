#include "postgres/connection_url.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <array>
#include <memory>

namespace tfseal::postgres {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

constexpr std::array<std::string_view, 3> kSecrets = {"password", "sslpassword", "passfile"};

// libpq's own description quotes what it could not read, which may be the password: only its kind is told.
std::string Trouble(std::string_view text) {
  if (text.empty()) return "it is empty";
  const bool url = text.starts_with("postgresql://") || text.starts_with("postgres://");
  if (url) return "it is not a valid URL: is a '@', '/', '%' or ':' of the password not percent-encoded?";
  if (text.find("://") != std::string_view::npos) return "its scheme is neither postgresql:// nor postgres://";
  return "it is neither a postgresql:// URL nor key=value words";
}

}  // namespace

Result<ConnectionUrl> ConnectionUrl::Parse(std::string_view text) {
  char* message = nullptr;
  const Options options(text.empty() ? nullptr : PQconninfoParse(std::string(text).c_str(), &message));
  if (message != nullptr) PQfreemem(message);
  if (options == nullptr) {
    return Error{ErrorCode::kUsage, "database URL: " + Trouble(text),
                 "write it as postgresql://user:password@host:5432/database?sslmode=verify-full"};
  }
  ConnectionUrl url;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr && *option->val != '\0') url.parameters_.emplace(option->keyword, option->val);
  }
  return url;
}

ConnectionUrl ConnectionUrl::With(std::string_view key, std::string_view value) const {
  ConnectionUrl copy = *this;
  if (value.empty()) {
    copy.parameters_.erase(std::string(key));
  } else {
    copy.parameters_.insert_or_assign(std::string(key), std::string(value));
  }
  return copy;
}

std::string ConnectionUrl::Get(std::string_view key) const {
  const auto found = parameters_.find(key);
  return found == parameters_.end() ? std::string() : found->second;
}

std::string ConnectionUrl::Describe() const {
  std::string text = Get("user");
  if (!text.empty()) text += "@";
  text += Get("host").empty() ? Get("hostaddr") : Get("host");
  if (!Get("port").empty()) text += ":" + Get("port");
  if (!Get("dbname").empty()) text += "/" + Get("dbname");
  return text.empty() ? "the default server" : text;
}

std::string ConnectionUrl::ConnectionText() const {
  std::string text;
  for (const auto& [key, value] : parameters_) {
    text += text.empty() ? key + "='" : " " + key + "='";
    for (const char c : value) {
      if (c == '\'' || c == '\\') text += '\\';
      text += c;
    }
    text += "'";
  }
  return text;
}

std::string ConnectionUrl::Redact(std::string text) const {
  for (const std::string_view key : kSecrets) {
    const std::string secret = Get(key);
    if (secret.empty()) continue;
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3)) {
      text.replace(at, secret.size(), "***");
    }
  }
  return text;
}

}  // namespace tfseal::postgres

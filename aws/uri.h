#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tfseal::aws {

// Percent-encodes everything but the unreserved characters of RFC 3986 (A-Z a-z 0-9 - . _ ~); slashes stay where asked.
enum class Slash : std::uint8_t { kEncode, kKeep };
std::string EncodeUri(std::string_view text, Slash slash = Slash::kEncode);
// nullopt: a percent sign that is not followed by two hexadecimal digits.
std::optional<std::string> DecodeUri(std::string_view text);

// Dot segments (RFC 3986, 5.2.4) and empty segments removed, as every service but S3 signs paths.
std::string NormalizePath(std::string_view path);

struct Uri {
  std::string scheme;  // lower case: "http" or "https"
  std::string host;    // with the port where one is given; IPv6 in brackets
  std::string path;    // without a trailing slash; may be empty
  std::string query;

  [[nodiscard]] std::string HostName() const;  // without port and brackets
  [[nodiscard]] bool IsLoopback() const;       // "localhost", 127.0.0.0/8, ::1
};

// An endpoint as people write it. Refuses user names, passwords, fragments and everything that is not http or https.
std::optional<Uri> ParseUri(std::string_view text);

}  // namespace tfseal::aws

#include "aws/uri.h"

#include <algorithm>
#include <vector>

namespace tfseal::aws {
namespace {

bool IsAlphanumeric(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// "name" or "name:port" or "[::1]:port": the two parts, if they are well-formed.
struct Authority {
  std::string name;
  std::string port;
};

std::optional<Authority> SplitAuthority(std::string_view host) {
  Authority parts;
  std::string_view rest;
  if (host.starts_with("[")) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    parts.name = host.substr(1, end - 1);
    rest = host.substr(end + 1);
    const auto in_address = [](char c) { return HexValue(c) >= 0 || c == ':' || c == '.'; };
    if (!std::all_of(parts.name.begin(), parts.name.end(), in_address)) return std::nullopt;
  } else {
    const std::size_t end = std::min(host.find(':'), host.size());
    parts.name = host.substr(0, end);
    rest = host.substr(end);
    const auto in_name = [](char c) { return IsAlphanumeric(c) || c == '-' || c == '.' || c == '_'; };
    if (!std::all_of(parts.name.begin(), parts.name.end(), in_name)) return std::nullopt;
  }
  if (parts.name.empty()) return std::nullopt;
  if (rest.empty()) return parts;
  parts.port = rest.substr(1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (rest[0] != ':' || parts.port.empty() || parts.port.size() > 5 ||
      !std::all_of(parts.port.begin(), parts.port.end(), is_digit) || std::stoi(parts.port) > 65535) {
    return std::nullopt;
  }
  return parts;
}

}  // namespace

std::string EncodeUri(std::string_view text, Slash slash) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (IsAlphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~' || (c == '/' && slash == Slash::kKeep)) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += '%';
      encoded += kDigits[byte >> 4U];
      encoded += kDigits[byte & 15U];
    }
  }
  return encoded;
}

std::optional<std::string> DecodeUri(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = HexValue(text[i + 1]);
    const int low = HexValue(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(16 * high + low);
    i += 2;
  }
  return decoded;
}

std::string NormalizePath(std::string_view path) {
  std::vector<std::string_view> segments;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string_view segment = path.substr(start, end - start);
    if (segment == "..") {
      if (!segments.empty()) segments.pop_back();
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(segment);
    }
    start = end + 1;
  }
  std::string normalized;
  if (path.empty() || path.front() == '/') normalized += '/';
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (i > 0) normalized += '/';
    normalized += segments[i];
  }
  if (!segments.empty() && path.ends_with('/')) normalized += '/';
  return normalized;
}

std::string Uri::HostName() const {
  const std::optional<Authority> parts = SplitAuthority(host);
  return parts ? parts->name : std::string();
}

bool Uri::IsLoopback() const {
  const std::string name = HostName();
  if (name == "localhost" || name == "::1") return true;
  const auto in_address = [](char c) { return (c >= '0' && c <= '9') || c == '.'; };
  return name.starts_with("127.") && std::all_of(name.begin(), name.end(), in_address) &&
         std::count(name.begin(), name.end(), '.') == 3;
}

std::optional<Uri> ParseUri(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  Uri uri;
  for (const char c : text.substr(0, colon)) uri.scheme += Lower(c);
  if (uri.scheme != "http" && uri.scheme != "https") return std::nullopt;
  std::string_view rest = text.substr(colon + 3);
  const auto is_plain = [](char c) { return c > ' ' && c < '\x7f' && c != '\\' && c != '#'; };
  if (!std::all_of(rest.begin(), rest.end(), is_plain)) return std::nullopt;
  if (const std::size_t question = rest.find('?'); question != std::string_view::npos) {
    uri.query = rest.substr(question + 1);
    rest = rest.substr(0, question);
  }
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  uri.host = rest.substr(0, slash);
  uri.path = rest.substr(slash);
  if (!SplitAuthority(uri.host)) return std::nullopt;
  while (uri.path.ends_with('/')) uri.path.pop_back();
  return uri;
}

}  // namespace tfseal::aws

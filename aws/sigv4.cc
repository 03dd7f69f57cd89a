#include "aws/sigv4.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "aws/timestamp.h"
#include "aws/uri.h"
#include "crypto/digest.h"

namespace tfseal::aws {
namespace {

// Hop-by-hop headers (RFC 9110, 7.6.1) and those that something on the way may change.
constexpr std::array<std::string_view, 11> kUnsigned = {
    "connection",        "expect",  "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
    "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id"};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool IsBlank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

// Without blanks at the ends, runs of blanks as one.
std::string TrimAll(std::string_view value) {
  std::string trimmed;
  bool gap = false;
  for (const char c : value) {
    if (IsBlank(c)) {
      gap = !trimmed.empty();
      continue;
    }
    if (gap) trimmed += ' ';
    gap = false;
    trimmed += c;
  }
  return trimmed;
}

std::map<std::string, std::string> HeadersToSign(const HttpRequest& request) {
  std::map<std::string, std::string> headers;
  for (const Header& header : request.headers) {
    const std::string name = Lower(header.name);
    if (std::find(kUnsigned.begin(), kUnsigned.end(), name) != kUnsigned.end()) continue;
    const auto [entry, is_new] = headers.try_emplace(name, TrimAll(header.value));
    if (!is_new) entry->second += "," + TrimAll(header.value);
  }
  headers.try_emplace("host", HostHeader(request));
  return headers;
}

std::string CanonicalQuery(std::string_view query) {
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  for (std::size_t start = 0; start < query.size() || (start == query.size() && start > 0);) {
    const std::size_t end = std::min(query.find('&', start), query.size());
    const std::string_view pair = query.substr(start, end - start);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    pairs.emplace_back(pair.substr(0, equals), equals < pair.size() ? pair.substr(equals + 1) : std::string_view());
    start = end + 1;
  }
  std::sort(pairs.begin(), pairs.end());
  std::string canonical;
  for (const auto& [key, value] : pairs) {
    if (!canonical.empty() || &key != &pairs.front().first) canonical += '&';
    canonical += fmt::format("{}={}", key, value);
  }
  return canonical;
}

std::string Scope(const SigningScope& scope) {
  return fmt::format("{}/{}/{}/aws4_request", FormatIso8601Basic(scope.time).substr(0, 8), scope.region, scope.service);
}

std::string BodyHash(const HttpRequest& request) {
  for (const Header& header : request.headers) {
    if (Lower(header.name) == "x-amz-content-sha256") return header.value;
  }
  return Sha256Hex(request.body);
}

void Replace(HttpRequest& request, const std::string& name, std::string_view value) {
  std::erase_if(request.headers, [&](const Header& header) { return Lower(header.name) == Lower(name); });
  request.headers.push_back({name, std::string(value)});
}

}  // namespace

std::string HostHeader(const HttpRequest& request) {
  std::string host = Lower(request.host);
  const std::string_view usual = request.scheme == "http" ? ":80" : ":443";
  if (host.ends_with(usual)) host.resize(host.size() - usual.size());
  return host;
}

std::string SignedHeaders(const HttpRequest& request) {
  std::string names;
  for (const auto& [name, value] : HeadersToSign(request)) {
    if (!names.empty()) names += ';';
    names += name;
  }
  return names;
}

std::string CanonicalRequest(const HttpRequest& request, bool s3) {
  const std::string path = s3 ? request.path : EncodeUri(NormalizePath(request.path), Slash::kKeep);
  std::string headers;
  for (const auto& [name, value] : HeadersToSign(request)) headers += fmt::format("{}:{}\n", name, value);
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, path, CanonicalQuery(request.query), headers,
                     SignedHeaders(request), BodyHash(request));
}

std::string StringToSign(std::string_view canonical_request, const SigningScope& scope) {
  return fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", FormatIso8601Basic(scope.time), Scope(scope),
                     Sha256Hex(canonical_request));
}

SecretBytes SigningKey(const SecretBytes& secret_access_key, const SigningScope& scope) {
  std::string key = "AWS4";
  key.reserve(4 + secret_access_key.size());
  key += secret_access_key.Expose();
  for (const std::string& part :
       {FormatIso8601Basic(scope.time).substr(0, 8), scope.region, scope.service, std::string("aws4_request")}) {
    std::string next = HmacSha256(key, part);
    Wipe(key);
    key = std::move(next);
  }
  SecretBytes signing_key(key);
  Wipe(key);
  return signing_key;
}

std::string Signature(const SecretBytes& signing_key, std::string_view string_to_sign) {
  return Hex(HmacSha256(signing_key.Expose(), string_to_sign));
}

void AddSigningHeaders(HttpRequest& request, const Credentials& credentials, const SigningScope& scope) {
  std::erase_if(request.headers, [](const Header& header) {
    const std::string name = Lower(header.name);
    return name == "authorization" || name == "date" || name == "x-amz-security-token";
  });
  Replace(request, "X-Amz-Date", FormatIso8601Basic(scope.time));
  if (!credentials.session_token.empty()) {
    Replace(request, "X-Amz-Security-Token", credentials.session_token.Expose());
  }
  if (scope.s3) Replace(request, "X-Amz-Content-SHA256", Sha256Hex(request.body));
}

void Authorize(HttpRequest& request, const Credentials& credentials, const SigningScope& scope) {
  AddSigningHeaders(request, credentials, scope);
  const std::string to_sign = StringToSign(CanonicalRequest(request, scope.s3), scope);
  const std::string signature = Signature(SigningKey(credentials.secret_access_key, scope), to_sign);
  request.headers.push_back(
      {"Authorization", fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
                                    credentials.access_key_id, Scope(scope), SignedHeaders(request), signature)});
}

}  // namespace tfseal::aws

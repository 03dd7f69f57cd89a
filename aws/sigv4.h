#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "aws/credentials.h"
#include "aws/http.h"
#include "core/clock.h"

// AWS Signature Version 4 in the headers of a request, as pure stages:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

namespace tfseal::aws {

struct SigningScope {
  std::string region;
  std::string service;  // the signing name: "rds", "ecr"
  TimePoint time;
  // S3 signs paths as they are sent and wants the hash of the body in a header; every other service has the path
  // normalised and encoded once more.
  bool s3 = false;
};

// The Host header: lower case, without a port that is the scheme's.
std::string HostHeader(const HttpRequest& request);
// Names of the headers that are signed, sorted, joined by semicolons: all but those that proxies change.
std::string SignedHeaders(const HttpRequest& request);
std::string CanonicalRequest(const HttpRequest& request, bool s3);
std::string StringToSign(std::string_view canonical_request, const SigningScope& scope);
SecretBytes SigningKey(const SecretBytes& secret_access_key, const SigningScope& scope);
// 64 lower-case hexadecimal digits.
std::string Signature(const SecretBytes& signing_key, std::string_view string_to_sign);

// Adds date, security token (and for S3 the body's hash) to the headers of a request, replacing what is there.
void AddSigningHeaders(HttpRequest& request, const Credentials& credentials, const SigningScope& scope);
// All of it: the headers above and Authorization.
void Authorize(HttpRequest& request, const Credentials& credentials, const SigningScope& scope);

}  // namespace tfseal::aws

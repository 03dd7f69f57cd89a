#include "report/fingerprint.h"

#include <fmt/format.h>

#include "crypto/digest.h"

namespace tfseal::report {
namespace {

// 6ba7b812-9dad-11d1-80b4-00c04fd430c8, the namespace of OIDs (RFC 4122, appendix C), and within it a name.
constexpr std::string_view kNamespace("\x6b\xa7\xb8\x12\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8", 16);

}  // namespace

std::string Fingerprint(std::string_view rule, std::string_view address, std::size_t occurrence) {
  Sha256 digest;
  digest.Update(std::string_view("tfseal/1\0", 9));
  digest.Update(rule);
  digest.Update(std::string_view("\0", 1));
  digest.Update(address);
  if (occurrence > 0) digest.Update(fmt::format("{}{}", '\0', occurrence));
  return digest.FinishHex().substr(0, 32);
}

std::string Uuid(std::string_view name) {
  std::string bytes(kNamespace);
  bytes += "tfseal:";
  bytes += name;
  std::string hex = Sha1Hex(bytes).substr(0, 32);
  hex[12] = '5';
  constexpr std::string_view kVariant = "89ab";
  const char digit = hex[16];
  hex[16] = kVariant[static_cast<std::size_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10) & 3U];
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                     hex.substr(20));
}

}  // namespace tfseal::report

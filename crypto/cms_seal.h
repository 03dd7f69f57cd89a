#pragma once

#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/result.h"

// Sealing for one recipient: CMS (RFC 5652) that `openssl cms -decrypt` opens with the recipient's private key.
namespace tfseal {

struct Recipient {
  std::string subject;             // "CN=security@example.com"
  std::string certificate_sha256;  // of the DER bytes, in hexadecimal
  std::string key;                 // "RSA 3072 bits", "EC 256 bits"
};

// Reads the first certificate of a PEM file. Refuses one that is not valid at `now`, whose key usage does not allow to
// encrypt for it, or whose RSA key has less than 2048 bits.
Result<Recipient> ReadRecipient(std::string_view certificate_pem, TimePoint now);

// The bytes as AuthEnvelopedData with AES-256-GCM in PEM. The content key goes to an RSA recipient by OAEP with
// SHA-256, to an elliptic curve recipient by ECDH.
Result<std::string> SealForRecipient(std::string_view certificate_pem, std::string_view bytes);

}  // namespace tfseal

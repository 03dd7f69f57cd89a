#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "crypto/ed25519.h"
#include "evidence/chain.h"

// The end of a chain, signed: how many lines there are, the digest of the last, a Merkle root over all, and what they
// amount to. A JWS (RFC 7515, general JSON) over an in-toto statement.
namespace tfseal::evidence {

// `name` is that of the chain's file, `outcome` what the run amounted to. Without a key the statement has no signature.
Result<std::string> MakeSeal(const Chain& chain, std::string_view name, const JsonValue& outcome,
                             const Ed25519SigningKey* key);

enum class SignatureState : unsigned char {
  kNone,     // the seal has none
  kUnknown,  // by a key that is not among the trusted ones
  kGood,
};

// What the member "end" of an outcome is while a run is not over: its chain may go on behind the seal. Such a seal is
// written before the first record, so that a chain without one has lost it.
inline constexpr std::string_view kBegun = "begun";      // and not ended, as far as this seal knows
inline constexpr std::string_view kStopped = "stopped";  // by an error, with everything sealed that was done
inline constexpr std::string_view kWaiting = "waiting";
inline constexpr std::string_view kRefused = "refused";

struct SealCheck {
  std::vector<std::string> problems;  // for people; empty: the chain is the one that was sealed, or goes on behind it
  // For people; empty: the run came to an end. Otherwise what is sealed is whole, and the run has to be repeated.
  std::string incomplete;
  std::uint64_t unsealed = 0;  // records behind the sealed ones: of a run that was stopped, or added by anybody
  SignatureState signature = SignatureState::kNone;
  std::string key_thumbprint;  // that the signature names
  JsonValue outcome{Json::objectValue};
};
// `seal` empty: there is none, which is a problem: a chain without it can lack its end.
SealCheck CheckSeal(const Chain& chain, std::string_view name, std::string_view seal,
                    std::span<const Ed25519PublicKey> trusted);

// A JWK Set (RFC 7517) of public keys, and back; other kinds of keys in it are passed over.
JsonValue ToJwks(std::span<const Ed25519PublicKey> keys);
Result<std::vector<Ed25519PublicKey>> FromJwks(std::string_view text);

}  // namespace tfseal::evidence

#include "crypto/row_cipher.h"

#include <fmt/format.h>

#include <array>
#include <span>

#include "core/check.h"
#include "crypto/aes_gcm.h"
#include "crypto/canonical_bytes.h"
#include "crypto/digest.h"

namespace tfseal {
namespace {

// The first bytes of what a sealed value is bound to; the last two are the version of the encoding and how the data key
// is had: 1, as the wrapped key says.
constexpr std::string_view kAadHead{"tfsealAD\x01\x01", 10};

Error Refused(const std::string& what) {
  return {ErrorCode::kInvalidInput, what, ""};
}

Status CheckKey(const SecretBytes& key) {
  if (key.size() == kAesKeySize) return {};
  return Refused(fmt::format("the data key has {} bytes, not {}", key.size(), kAesKeySize));
}

// Randomness is drawn for many values at once: one draw for each would take longer than the sealing.
constexpr std::size_t kIvsDrawn = 1024;

}  // namespace

std::string AssociatedData(AadScheme scheme, const SealedPlace& place) {
  if (scheme == AadScheme::kNone) return {};
  std::string bytes(kAadHead);
  bytes.reserve(bytes.size() + 16 + place.table_label.size() + place.column.size() + place.primary_key.size() +
                place.tenant.size());
  AppendWithLength(bytes, place.table_label);
  AppendWithLength(bytes, place.column);
  AppendWithLength(bytes, place.primary_key);
  AppendWithLength(bytes, place.tenant);
  return bytes;
}

std::string KeyCommitment(const SecretBytes& key) {
  return HmacSha256(key.Expose(), "tfseal:key-commitment:v1");
}

struct RowCipher::State {
  explicit State(Entropy& source) : entropy(source) {}

  void NextIv(std::string& iv) {
    if (drawn_left == 0) {
      entropy.Fill(std::as_writable_bytes(std::span(drawn)));
      drawn_left = kIvsDrawn;
    }
    --drawn_left;
    iv.assign(&drawn[drawn_left * kGcmIvSize], kGcmIvSize);
  }

  Entropy& entropy;
  AesGcm gcm;
  std::array<char, kIvsDrawn * kGcmIvSize> drawn{};
  std::size_t drawn_left = 0;
};

RowCipher::RowCipher(Entropy& entropy) : state_(std::make_unique<State>(entropy)) {}
RowCipher::~RowCipher() = default;
RowCipher::RowCipher(RowCipher&&) noexcept = default;
RowCipher& RowCipher::operator=(RowCipher&&) noexcept = default;

Result<SecretBytes> RowCipher::Open(const SecretBytes& key, const Envelope& envelope,
                                    std::string_view associated_data) {
  SecretBytes plaintext;
  TFSEAL_TRY(OpenInto(key, envelope, associated_data, plaintext));
  return plaintext;
}

Status RowCipher::OpenInto(const SecretBytes& key, const Envelope& envelope, std::string_view associated_data,
                           SecretBytes& plaintext) {
  TFSEAL_TRY(CheckKey(key));
  if (envelope.iv.size() != kGcmIvSize) {
    return Refused(fmt::format("the iv has {} bytes, not {}", envelope.iv.size(), kGcmIvSize));
  }
  if (envelope.tag.size() != kGcmTagSize) {
    return Refused(fmt::format("the tag has {} bytes, not {}", envelope.tag.size(), kGcmTagSize));
  }
  if (envelope.ciphertext.size() > kGcmTextMax) return Refused("the ciphertext is longer than 1 GiB");
  if (!envelope.commitment.empty() && !EqualInConstantTime(envelope.commitment, KeyCommitment(key))) {
    return Refused("the value was sealed under another data key: its key commitment does not fit");
  }
  if (plaintext.size() != envelope.ciphertext.size()) plaintext = SecretBytes::Blank(envelope.ciphertext.size());
  const AesGcm::Input input{key.Expose(), envelope.iv, associated_data, envelope.ciphertext};
  if (!state_->gcm.Open(input, envelope.tag, plaintext.Writable())) return Refused("authentication failed");
  return {};
}

Status RowCipher::Seal(const SecretBytes& key, std::string_view plaintext, std::string_view associated_data,
                       bool committing, Envelope& envelope) {
  TFSEAL_TRY(CheckKey(key));
  if (plaintext.size() > kGcmTextMax) return Refused("the value is longer than 1 GiB");
  state_->NextIv(envelope.iv);
  envelope.ciphertext.resize(plaintext.size());
  envelope.tag.resize(kGcmTagSize);
  state_->gcm.Seal({key.Expose(), envelope.iv, associated_data, plaintext}, envelope.ciphertext.data(),
                   envelope.tag.data());
  if (committing) envelope.commitment = KeyCommitment(key);
  return {};
}

}  // namespace tfseal

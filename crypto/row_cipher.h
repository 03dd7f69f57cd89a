#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "core/entropy.h"
#include "core/result.h"
#include "crypto/row_format.h"
#include "crypto/secret_bytes.h"

namespace tfseal {

// What a sealed value is bound to (docs/row-formats.md): encoded with lengths, so that no two places give the same
// bytes. Never the wrapping key's id: a data key must be able to move to another one.
struct SealedPlace {
  std::string table_label;  // stable; not the SQL name
  std::string column;
  std::string primary_key;  // canonical bytes of all its columns
  std::string tenant;       // empty: none
};

enum class AadScheme : unsigned char {
  kNone,      // what most applications write today
  kTfsealV1,  // SealedPlace, canonical
};
std::string AssociatedData(AadScheme scheme, const SealedPlace& place);

// 32 bytes that only this key gives and that tell nothing of it: GCM alone lets a ciphertext open under two keys.
std::string KeyCommitment(const SecretBytes& key);

// AES-256-GCM (SP 800-38D) over the envelope's ciphertext, iv and tag, with contexts that are kept between calls. For
// one thread at a time, and in one process: a copy made by fork() would draw the same ivs. Keys have 32 bytes; the iv
// 12, the tag 16.
class RowCipher {
 public:
  explicit RowCipher(Entropy& entropy);
  ~RowCipher();
  RowCipher(RowCipher&&) noexcept;
  RowCipher& operator=(RowCipher&&) noexcept;

  // kInvalidInput: the commitment (if the envelope has one) or the tag does not fit; the plaintext is then not given
  // out.
  Result<SecretBytes> Open(const SecretBytes& key, const Envelope& envelope, std::string_view associated_data);
  // The same into `plaintext`, whose memory is used again where it is as long; after an error it holds none of it.
  Status OpenInto(const SecretBytes& key, const Envelope& envelope, std::string_view associated_data,
                  SecretBytes& plaintext);
  // A fresh random iv each time. Fills iv, ciphertext, tag and, if `committing`, commitment; leaves the rest alone.
  Status Seal(const SecretBytes& key, std::string_view plaintext, std::string_view associated_data, bool committing,
              Envelope& envelope);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tfseal

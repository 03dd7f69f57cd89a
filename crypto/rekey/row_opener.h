#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/entropy.h"
#include "core/result.h"
#include "crypto/key_wrapper.h"
#include "crypto/rekey/key_index.h"
#include "crypto/rekey/row_batch.h"
#include "crypto/rekey/table_layout.h"
#include "crypto/rekey/verify_rows.h"
#include "crypto/row_cipher.h"

namespace tfseal::rekey {

// Opens rows that refer to the new key, and drops what it finds. One for each thread; they share the wrapper.
class RowOpener {
 public:
  RowOpener(KeyWrapper& key, std::mutex& key_mutex, Entropy& entropy)
      : key_(key), key_mutex_(key_mutex), cipher_(entropy) {}

  // Adds to `proof` what becomes of the rows of the batch. An error is about the key service, not about a row.
  Status Open(const TableLayout& layout, const RowBatch& batch, TableProof& proof);

 private:
  struct Value {
    std::size_t row = 0;
    std::size_t field = 0;
    std::size_t key = 0;  // into wrapped_
    Envelope envelope;
  };
  // What a row came to, before its values are opened.
  enum class State : unsigned char { kEmpty, kSealed, kFailed };

  State Parse(const TableLayout& layout, const SourceRow& row, std::size_t index, TableProof& proof);
  // Its place in wrapped_.
  std::size_t PlaceOf(const Envelope& envelope);
  Status Unwrap();
  // Whether it opens; `bound`: with the AAD that is written now.
  bool OpenValue(const TableLayout& layout, const SourceRow& row, const Value& value, bool& bound);

  KeyWrapper& key_;
  std::mutex& key_mutex_;
  RowCipher cipher_;
  // Of both the first are in use, and the memory of all is kept.
  std::vector<Value> values_;
  std::size_t values_used_ = 0;
  std::vector<WrappedKey> wrapped_;
  std::size_t distinct_ = 0;
  KeyIndex index_;  // of wrapped_
  ColumnValues scratch_;
  SecretBytes plaintext_;                   // of the value at hand
  std::vector<const SecretBytes*> opened_;  // by wrapped_; nullptr: it does not open
  // Of batches before: a data key that many rows share is unwrapped once.
  std::unordered_map<std::string, SecretBytes> known_;
  std::vector<Result<SecretBytes>> fresh_;
  std::int64_t unwrapped_ = 0;
};

}  // namespace tfseal::rekey

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/entropy.h"
#include "core/json.h"
#include "core/result.h"
#include "crypto/key_wrapper.h"
#include "crypto/rekey/mapping.h"
#include "crypto/rekey/table_layout.h"
#include "postgres/connection_url.h"

// Whether rows are what they should be: every one of them opens under the new key, and none is left under the old.
namespace tfseal::rekey {

// A range of rows in the order of the primary key, read within one snapshot.
struct ChunkProof {
  std::int64_t rows = 0;     // count(*) in the snapshot
  std::int64_t visited = 0;  // rows that the same snapshot gave
  std::string root;          // Merkle root over the rows, in hexadecimal; empty unless asked for
};

struct TableProof {
  std::string table;
  std::string label;
  std::int64_t rows = 0;                         // counted by the server
  std::int64_t visited = 0;                      // seen by us: the same number, or rows were missed
  std::int64_t opened = 0;                       // under the new key
  std::int64_t empty = 0;                        // refer to the new key and hold nothing that is sealed
  std::int64_t unbound = 0;                      // of `opened`: without the AAD that the mapping upgrades to
  std::int64_t old = 0;                          // refer to the old key
  std::int64_t other = 0;                        // refer to another key, which this is not about
  std::int64_t failed = 0;                       // refer to the new key and do not open under it
  std::int64_t old_at_end = 0;                   // counted over the whole table when everything else was done
  std::map<std::string, std::int64_t> failures;  // by code: "authentication", "wrapped-key", "no-key", ...
  std::int64_t unwrapped = 0;                    // distinct wrapped keys that were opened
  std::vector<ChunkProof> chunks;                // in the order of the primary key
  std::int64_t bad_at_most = 0;                  // of a sample: at the confidence of the options
};

struct RowsProof {
  VerifyKind kind = VerifyKind::kFull;
  double confidence = 0;  // of a sample
  std::string new_key;    // KeyWrapper::id()
  std::vector<TableProof> tables;

  [[nodiscard]] std::int64_t old_rows() const;
  // No row is left under the old key, none fails, and every row was seen. A sample can pass, too, and says less.
  [[nodiscard]] bool passed() const;
  // What retiring the old key needs: a full verification that passed.
  [[nodiscard]] bool unlocks_retire() const { return kind == VerifyKind::kFull && passed(); }
};

struct VerifyOptions {
  VerifyKind kind = VerifyKind::kFull;
  std::int64_t sample_rows = 30'000;  // of each table
  double confidence = 0.95;
  std::int64_t seed = 0;                 // of the sample
  std::int64_t rows_per_chunk = 50'000;  // so that the threads have several each, and the proof of 10^8 rows is short
  // Tables with so many rows are cut by a sample of their pages, into chunks that are not as even: to count rows along
  // the index of a table that vacuum has not seen takes a quarter of what reading it does. Never with `merkle`.
  std::int64_t cut_by_sample_from = 100'000;
  int threads = 2;
  bool merkle = false;
  std::function<void(std::int64_t rows_done)> progress;  // from one thread at a time
  std::function<bool()> stop;                            // from several threads; true ends it with kTimeout
};

// Reads every row (or a sample) in chunks, each within a snapshot of its own, so that neither writers nor vacuum are
// held back for long; opens each with its data key, which is unwrapped with `key` and nothing else. An error is no
// verdict: a connection that broke, a key service that does not answer.
Result<RowsProof> VerifyRows(const postgres::ConnectionUrl& url, const std::vector<TableLayout>& layouts,
                             KeyWrapper& key, Entropy& entropy, const VerifyOptions& options);

// Opens up to `rows` rows of each table that refer to the layouts' new key: a trial before anything is changed.
Result<RowsProof> ProbeRows(const postgres::ConnectionUrl& url, const std::vector<TableLayout>& layouts,
                            KeyWrapper& key, Entropy& entropy, std::int64_t rows);

JsonValue ToJson(const RowsProof& proof);
std::string ProofText(const RowsProof& proof);

}  // namespace tfseal::rekey

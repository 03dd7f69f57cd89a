#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "core/entropy.h"
#include "core/result.h"
#include "crypto/key_wrapper.h"
#include "crypto/rekey/key_index.h"
#include "crypto/rekey/mapping.h"
#include "crypto/rekey/row_batch.h"
#include "crypto/rekey/service_watch.h"
#include "crypto/rekey/table_layout.h"
#include "crypto/row_cipher.h"

namespace tfseal::rekey {

// What rows are opened and sealed with. Borrowed.
struct RowKeys {
  KeyWrapper* from = nullptr;  // none where all rows are legacy rows
  KeyWrapper* to = nullptr;
  const SecretBytes* legacy = nullptr;  // the key of rows without a wrapped one, from the catalogue; may be none
  // Requests that the client of both has sent; nullptr: what the two say themselves.
  const std::uint64_t* requests_sent = nullptr;
  ServiceWatch* watch = nullptr;  // of the services of both; nullptr: none looks up

  [[nodiscard]] std::uint64_t Calls() const;
};

// Opens rows and seals them anew, or moves only their wrapped data keys. No plaintext and no key outlives a call, but
// data keys that several rows share. For one thread at a time.
class RowRekeyer {
 public:
  // So many rows in a row that cannot be opened are no damage: something is wrong with all of them.
  static constexpr int kPoisonInARowMax = 50;

  RowRekeyer(const RowKeys& keys, const Mapping& mapping, RekeyMode mode, Entropy& entropy, const Clock& clock);

  // Fills batch.rekeyed: new values, or why the row stays; of rows that are not done yet. Nothing is written anywhere.
  //
  // An error is about the whole batch: kThrottled, kUnavailable and kTimeout may be gone in a moment; every other code
  // means that going on does harm (the key is disabled or refused, or too many rows cannot be opened).
  Status Rekey(const TableLayout& layout, RowBatch& batch);
  // The same batch after such an error that may be gone: only what was not answered is asked for again, so that every
  // answer brings the end nearer.
  Status RekeyAgain(const TableLayout& layout, RowBatch& batch);
  // The same while a batch is being read, for rows that came since the last time, if there are enough of them to be
  // worked on together and their keys need no service: they are in the processor's caches then. It sets batch.done.
  // After an error, which is Rekey's to tell, there is no point in reading on.
  [[nodiscard]] bool RekeyWhileRead(const TableLayout& layout, RowBatch& batch);
  // So many rows are known to be damaged: they are no sign that something is wrong with all. In later passes nearly
  // nothing but them is left, one after the other.
  void ExpectDamage(std::int64_t rows) { expected_ = rows; }
  // A row that the server does not take is damage, too; an error if there are too many of them, before anything is
  // written about this one. CountWritten: it took others.
  Status CountRefused(const std::string& sqlstate);
  void CountWritten() { refused_in_a_row_ = 0; }
  // How much of the batch at hand the services have answered; grows with every attempt that was worth it.
  [[nodiscard]] std::size_t answered() const { return answered_; }

  // Data keys that were unwrapped, and how many distinct ones there were in it.
  [[nodiscard]] std::uint64_t unwrapped() const { return unwrapped_; }

 private:
  // A data key that a row holds, as its place among those of the batch.
  static constexpr std::size_t kLegacy = static_cast<std::size_t>(-1);
  static constexpr std::size_t kNoKey = static_cast<std::size_t>(-2);
  static constexpr std::size_t kOpenAtOnce = 32;  // rows

  [[nodiscard]] bool InGroups() const;
  Status RekeyGroup(const TableLayout& layout, RowGroup group);
  void Parse(const TableLayout& layout, RowGroup group);
  std::size_t PlaceOf(const SealedField& field, const Envelope& envelope);
  void ParseRow(const TableLayout& layout, const SourceRow& row, std::size_t index, RekeyedRow& out);
  Status RekeyParsed(const TableLayout& layout, RowGroup group);
  Status UnwrapAll();
  void DropAgedKeys();
  [[nodiscard]] bool HasAgedKeys() const;
  Status NewKeys(const TableLayout& layout, RowGroup group);
  Status Reseal(const TableLayout& layout, RowGroup group);
  void KeepOthers(const TableLayout& layout, const SourceRow& row, std::size_t index, RekeyedRow& out);
  [[nodiscard]] bool HasField(const TableLayout& layout, RowGroup group, std::size_t index, std::size_t f) const;
  [[nodiscard]] const DataKey& NewKeyOf(const TableLayout& layout, std::size_t index, const SealedField& field) const;
  void OpenField(const TableLayout& layout, RowGroup group, std::size_t index, std::size_t f, SecretBytes& plaintext);
  Status SealField(const TableLayout& layout, RowGroup group, std::size_t index, std::size_t f,
                   const SecretBytes& plaintext);
  Status CheckField(const TableLayout& layout, RowGroup group, std::size_t index, std::size_t f,
                    const SecretBytes& plaintext);
  Status CheckDocuments(const TableLayout& layout, std::size_t index, const RekeyedRow& out);
  std::span<const std::optional<std::string>> Before(const SealedField& field, const SourceRow& row,
                                                     const RekeyedRow& out);
  void Forget();
  [[nodiscard]] std::span<const WrappedKey> Wrapped() const { return {wrapped_.data(), distinct_}; }
  void RecallMoved();
  void RememberMoved();
  Status Rewrap(const TableLayout& layout, RowGroup group);
  [[nodiscard]] bool OpensAsMoved(const TableLayout& layout, const SourceRow& row, const SealedField& field,
                                  const Envelope& envelope, std::size_t place);
  Status CheckMovedKeys();
  Status RewrapRow(const TableLayout& layout, const SourceRow& row, std::size_t index, RekeyedRow& out);
  Status CheckNewKeys();
  Status CountPoison(RowGroup group);
  [[nodiscard]] Status CheckShare() const;
  [[nodiscard]] Envelope& EnvelopeAt(const TableLayout& layout, std::size_t row, std::size_t field) {
    return envelopes_[row * layout.fields.size() + field];
  }
  std::size_t& KeyAt(const TableLayout& layout, std::size_t row, std::size_t data_key) {
    return key_of_[row * layout.data_keys + data_key];
  }

  RowKeys keys_;
  Entropy& entropy_;
  const Clock& clock_;
  const Mapping& mapping_;
  RekeyMode mode_;
  RowCipher cipher_;
  RowCipher reader_;  // opens what was just sealed: nothing that the other keeps can hide a mistake

  // Of the group at hand: where services are asked that is the batch.
  std::vector<Envelope> envelopes_;
  bool had_large_ = false;           // the batch before
  bool keys_only_ = false;           // rows were read as Wanted::kKeys
  std::vector<bool> present_;        // whether the row has a value in the field at all
  std::vector<std::size_t> key_of_;  // into wrapped_
  std::vector<WrappedKey> wrapped_;  // distinct ones: the first `distinct_`, whose memory is kept
  std::size_t distinct_ = 0;
  std::vector<const RowFormat*> format_of_;  // by wrapped_: what knows where in it the data key is
  std::vector<Result<SecretBytes>> opened_;  // as wrapped_ itself, not the structure that may hold it
  std::vector<Result<WrappedKey>> moved_;    // the same under the new key
  std::vector<std::size_t> new_key_of_;      // into made_
  std::vector<Result<DataKey>> made_;
  std::vector<TimePoint> asked_at_;            // when made_ was asked for, at the latest
  std::vector<Result<SecretBytes>> returned_;  // what the new key's service gives back for new data keys
  std::size_t answered_ = 0;
  KeyIndex index_;                   // of wrapped_
  std::vector<std::uint32_t> uses_;  // by wrapped_: in how many fields of how many rows
  ColumnValues scratch_;
  std::vector<WrappedKey> check_;  // what the new key's service is asked to open again

  std::array<SecretBytes, kOpenAtOnce> plaintexts_;

  // Of the row at hand.
  SecretBytes again_;
  ColumnValues built_;
  Envelope stored_;

  std::unordered_map<std::string, WrappedKey> moved_before_;  // of earlier batches
  std::uint64_t unwrapped_ = 0;
  std::int64_t expected_ = 0;  // damaged rows that were not met yet
  int poison_in_a_row_ = 0;
  int refused_in_a_row_ = 0;
  std::uint64_t poison_ = 0;
  std::uint64_t seen_ = 0;
};

// Whether a key's work is done in this process, without asking a service.
bool IsLocal(const KeyWrapper* wrapper);

// Whether the error of a batch may be gone in a moment.
bool IsTransient(ErrorCode code);

}  // namespace tfseal::rekey

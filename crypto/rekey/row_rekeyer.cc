#include "crypto/rekey/row_rekeyer.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "crypto/rekey/row_statements.h"
#include "crypto/rekey/sealed_row.h"

namespace tfseal::rekey {
namespace {

// Beyond this share of the rows (and this number), damage is no longer taken for single accidents.
constexpr std::uint64_t kPoisonCountMin = 200;
constexpr std::uint64_t kPoisonPerRows = 1000;
// Wrapped keys that were moved and are remembered: some megabytes, none of them secret.
constexpr std::size_t kMovedKept = 4096;
// Rows whose keys and values, some 1.5 KiB each, are worked on together where no service is asked.
constexpr std::size_t kGroupRows = 128;

RowIssue Poison(std::string code) {
  return {"poison", std::move(code)};
}

bool AboutOneBlob(ErrorCode code) {
  return code == ErrorCode::kInvalidInput;
}

// Asks for the results that are not there yet, or whose error may be gone by now: all of them on the first attempt.
template <class T, class Ask>
void AskForMissing(std::vector<Result<T>>& results, std::size_t count, const Ask& ask) {
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < count; ++i) {
    if (i >= results.size() || (!results[i].ok() && IsTransient(results[i].error().code))) missing.push_back(i);
  }
  if (missing.empty()) return;
  std::vector<Result<T>> answers = ask(missing);
  if (missing.size() == count) {
    results = std::move(answers);
    return;
  }
  for (std::size_t n = 0; n < missing.size(); ++n) results[missing[n]] = std::move(answers[n]);
}

template <class T>
std::size_t CountAnswers(const std::vector<Result<T>>& results) {
  return static_cast<std::size_t>(
      std::count_if(results.begin(), results.end(), [](const Result<T>& result) { return result.ok(); }));
}

// The keys at these places, which mostly are all: those are not copied. `memory` is for the others.
std::span<const WrappedKey> Chosen(std::span<const WrappedKey> keys, const std::vector<std::size_t>& places,
                                   std::vector<WrappedKey>& memory) {
  if (places.size() == keys.size()) return keys;
  memory.clear();
  for (const std::size_t place : places) memory.push_back(keys[place]);
  return memory;
}

Error NotAsWrapped(const KeyWrapper& wrapper) {
  return {ErrorCode::kCorrupt, fmt::format("{}: a new data key does not come back as it was wrapped", wrapper.id()),
          "nothing was written; check the key"};
}

// What is under the data key that was made last, where several rows of one tenant may share it. A key seals rows of one
// batch, all at once.
class SharedKey {
 public:
  explicit SharedKey(const DataKeyPolicy& policy) : policy_(policy) {}

  // Whether the row goes under it, too; it is counted under the key that it gets.
  bool Takes(const SourceRow& row) {
    if (!policy_.shared) return false;
    std::int64_t bytes = 0;
    for (const std::optional<std::string>& value : row.values) {
      bytes += value.has_value() ? static_cast<std::int64_t>(value->size()) : 0;
    }
    const bool same =
        tenant_ != nullptr && *tenant_ == row.tenant && rows_ < policy_.max_rows && bytes_ + bytes <= policy_.max_bytes;
    rows_ = same ? rows_ + 1 : 1;
    bytes_ = same ? bytes_ + bytes : bytes;
    tenant_ = &row.tenant;
    return same;
  }

 private:
  const DataKeyPolicy& policy_;
  const std::string* tenant_ = nullptr;  // of the row before, whatever rows with issues lie between
  int rows_ = 0;
  std::int64_t bytes_ = 0;
};

// New values that the format has a place for, but not in what is there, are that row's issue. Otherwise no row has one.
Status NotReplaced(const SealedField& field, const Envelope& envelope, const Error& error, RekeyedRow& out) {
  if (!AboutOneBlob(error.code) || !field.format->Build(envelope).ok()) return error;
  out.issue = Poison("format: " + error.message);
  return {};
}

// The error of a wrapper about many keys, for the job: what, and with which key.
Error About(const KeyWrapper& wrapper, Error error) {
  error.message = fmt::format("{}: {}", wrapper.id(), error.message);
  return error;
}

}  // namespace

std::uint64_t RowKeys::Calls() const {
  if (requests_sent != nullptr) return *requests_sent;
  return to->calls() + (from == nullptr ? 0 : from->calls());
}

bool IsLocal(const KeyWrapper* wrapper) {
  return wrapper->seals_directly() || wrapper->id().starts_with("local:");
}

bool IsTransient(ErrorCode code) {
  return code == ErrorCode::kThrottled || code == ErrorCode::kUnavailable || code == ErrorCode::kTimeout;
}

RowRekeyer::RowRekeyer(const RowKeys& keys, const Mapping& mapping, RekeyMode mode, Entropy& entropy,
                       const Clock& clock)
    : keys_(keys),
      entropy_(entropy),
      clock_(clock),
      mapping_(mapping),
      mode_(mode),
      cipher_(entropy),
      reader_(entropy) {}

// No key and no plaintext of the batch stays.
void RowRekeyer::Forget() {
  opened_.clear();
  moved_.clear();
  made_.clear();
  asked_at_.clear();
  returned_.clear();
  for (SecretBytes& plaintext : plaintexts_) plaintext = SecretBytes();
  again_ = SecretBytes();
}

// Keys in files are asked nothing: what is kept for some rows stays in the processor's caches from step to step, which
// of a batch it does not. Keys that rows share are shared in the batch.
bool RowRekeyer::InGroups() const {
  return (keys_.from == nullptr || IsLocal(keys_.from)) && IsLocal(keys_.to) && !mapping_.data_keys.shared;
}

Status RowRekeyer::Rekey(const TableLayout& layout, RowBatch& batch) {
  if (!InGroups()) {
    Forget();
    answered_ = 0;
    return RekeyAgain(layout, batch);
  }
  for (std::size_t begin = batch.done; begin < batch.size; begin += kGroupRows) {
    Status done = RekeyGroup(layout, batch.Group(begin, kGroupRows));
    if (done.ok()) continue;
    Forget();  // whoever tries again tries the whole batch
    return done;
  }
  return CountPoison(batch.Group(0, batch.size));
}

bool RowRekeyer::RekeyWhileRead(const TableLayout& layout, RowBatch& batch) {
  if (batch.size - batch.done < kGroupRows || !InGroups()) return true;
  const bool done = RekeyGroup(layout, batch.Group(batch.done, kGroupRows)).ok();
  if (done) {
    batch.done += kGroupRows;
  } else {
    Forget();
  }
  return done;
}

Status RowRekeyer::RekeyAgain(const TableLayout& layout, RowBatch& batch) {
  batch.done = 0;
  const RowGroup all = batch.Group(0, batch.size);
  TFSEAL_TRY(RekeyGroup(layout, all));
  return CountPoison(all);
}

Status RowRekeyer::RekeyGroup(const TableLayout& layout, RowGroup group) {
  keys_only_ = WantedOf(layout, mode_, mapping_) == Wanted::kKeys;
  // The same rows give the same list of data keys.
  Parse(layout, group);
  Status done = RekeyParsed(layout, group);
  if (!done.ok() && IsTransient(done.error().code)) {
    answered_ = CountAnswers(opened_) + CountAnswers(moved_) + CountAnswers(made_) + CountAnswers(returned_);
    return done;
  }
  Forget();
  return done;
}

Status RowRekeyer::RekeyParsed(const TableLayout& layout, RowGroup group) {
  Status done;
  if (mode_ == RekeyMode::kRewrap) {
    done = Rewrap(layout, group);
  } else {
    done = UnwrapAll();
    if (done.ok()) done = NewKeys(layout, group);
    if (done.ok()) done = CheckNewKeys();
    // Rows of the batch share them from here on. The services may have been away for long; the next attempt makes new
    // ones.
    if (done.ok() && HasAgedKeys()) {
      done = Error{ErrorCode::kTimeout,
                   fmt::format("{}: new data keys were older than dek.max_age ({} s) before rows could be sealed",
                               keys_.to->id(), mapping_.data_keys.max_age.count()),
                   "a longer dek.max_age, or a service that answers sooner"};
    }
    if (done.ok()) done = Reseal(layout, group);
  }
  return done;
}

void RowRekeyer::Parse(const TableLayout& layout, RowGroup group) {
  const std::size_t fields = layout.fields.size();
  if (envelopes_.size() < group.size() * fields) envelopes_.resize(group.size() * fields);
  present_.assign(group.size() * fields, false);
  key_of_.assign(group.size() * layout.data_keys, kNoKey);
  if (std::exchange(had_large_, group.has_large)) {
    for (Envelope& envelope : envelopes_) {
      DropLarge(envelope.ciphertext);
      DropLarge(envelope.associated);
    }
  }
  index_.Clear(group.size() * fields);
  if (wrapped_.size() < group.size() * fields) wrapped_.resize(group.size() * fields);
  distinct_ = 0;
  format_of_.clear();
  uses_.clear();
  for (std::size_t i = 0; i < group.size(); ++i) {
    RekeyedRow& out = group.rekeyed[i];
    out.issue.reset();
    if (!group.rows[i].mirrors_agree) {
      out.issue = Poison("mirror: the columns that are to be the same differ");
      continue;
    }
    ParseRow(layout, group.rows[i], i, out);
  }
}

void RowRekeyer::ParseRow(const TableLayout& layout, const SourceRow& row, std::size_t index, RekeyedRow& out) {
  for (std::size_t f = 0; f < layout.fields.size(); ++f) {
    const SealedField& field = layout.fields[f];
    // A row that has no secret has nothing to move but the reference to the key.
    if (HoldsNothing(layout, field, row.values)) continue;
    const auto values = ValuesOf(field, row.values, scratch_);
    Envelope& envelope = EnvelopeAt(layout, index, f);
    const Status parsed =
        keys_only_ ? field.format->ParseKeyInto(values, envelope) : field.format->ParseInto(values, envelope);
    // A document without the value is as good as a column that is NULL.
    if (!parsed.ok() && parsed.error().code == ErrorCode::kNotFound) continue;
    if (!parsed.ok()) {
      out.issue = Poison("format: " + parsed.error().message);
      return;
    }
    // Another value of the row is under the old key; this one stays as it is.
    if (layout.key_in_value() && envelope.key_reference != layout.key_from) continue;
    present_[index * layout.fields.size() + f] = true;
    std::size_t& key = KeyAt(layout, index, field.data_key);
    if (envelope.wrapped_key.empty()) {
      if (mode_ == RekeyMode::kRewrap) {
        out.issue = RowIssue{"legacy", "legacy: no wrapped data key, so the row has to be resealed"};
      } else if (keys_.legacy == nullptr) {
        out.issue = Poison("legacy: no wrapped data key, and neither the catalogue nor keys.from says what opens it");
      }
      key = kLegacy;
    } else if (keys_.from == nullptr) {
      out.issue = Poison("wrapped-key: there is one, and the old key has no provider");
    } else {
      key = PlaceOf(field, envelope);
    }
    if (out.issue.has_value()) return;
  }
}

// Its place among the distinct wrapped keys of the batch.
std::size_t RowRekeyer::PlaceOf(const SealedField& field, const Envelope& envelope) {
  const std::size_t place = index_.PlaceOf({envelope.wrapped_key, envelope.wrapped_key_nonce}, wrapped_, distinct_);
  if (place < distinct_) {
    ++uses_[place];
    return place;
  }
  wrapped_[place].blob.assign(envelope.wrapped_key);
  wrapped_[place].nonce.assign(envelope.wrapped_key_nonce);
  format_of_.push_back(field.format.get());
  uses_.push_back(1);
  return distinct_++;
}

Status RowRekeyer::UnwrapAll() {
  if (distinct_ == 0) return {};
  std::vector<WrappedKey> some;
  AskForMissing(opened_, distinct_, [&](const std::vector<std::size_t>& missing) {
    std::vector<Result<SecretBytes>> opened = keys_.from->Unwrap(Chosen(Wrapped(), missing, some));
    for (std::size_t n = 0; n < missing.size(); ++n) {
      if (opened[n].ok()) opened[n] = format_of_[missing[n]]->DataKeyOf(std::move(*opened[n]));
    }
    return opened;
  });
  unwrapped_ += distinct_;
  for (const Result<SecretBytes>& key : opened_) {
    if (!key.ok() && !AboutOneBlob(key.error().code)) return About(*keys_.from, key.error());
  }
  return {};
}

bool RowRekeyer::HasAgedKeys() const {
  if (!mapping_.data_keys.shared) return false;
  const TimePoint oldest = clock_.Now() - mapping_.data_keys.max_age;
  return std::any_of(asked_at_.begin(), asked_at_.end(), [&](TimePoint at) { return at < oldest; });
}

// What an attempt before this one made and is too old by now. All of them: one call of the service made most.
void RowRekeyer::DropAgedKeys() {
  if (!HasAgedKeys()) return;
  made_.clear();
  asked_at_.clear();
  returned_.clear();
}

// One for each row and data key, or one for several rows of the same tenant where the mapping allows it.
Status RowRekeyer::NewKeys(const TableLayout& layout, RowGroup group) {
  new_key_of_.assign(group.size() * layout.data_keys, kNoKey);
  std::size_t wanted = 0;
  const DataKeyPolicy& policy = mapping_.data_keys;
  const bool one_for_all = keys_.to->seals_directly();
  SharedKey last(policy);
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (group.rekeyed[i].issue.has_value()) continue;
    for (std::size_t k = 0; k < layout.data_keys; ++k) {
      if (KeyAt(layout, i, k) == kNoKey) continue;
      const bool same = one_for_all ? wanted > 0 : layout.data_keys == 1 && last.Takes(group.rows[i]);
      new_key_of_[i * layout.data_keys + k] = same ? wanted - 1 : wanted++;
    }
  }
  if (wanted == 0) return {};
  DropAgedKeys();
  if (policy.shared) asked_at_.resize(wanted);
  AskForMissing(made_, wanted, [&](const std::vector<std::size_t>& missing) {
    if (policy.shared) {
      const TimePoint now = clock_.Now();
      for (const std::size_t key : missing) asked_at_[key] = now;
    }
    return keys_.to->NewDataKeys(std::vector<EncryptionContext>(missing.size()));
  });
  for (const Result<DataKey>& key : made_) {
    if (!key.ok()) return About(*keys_.to, key.error());
  }
  return {};
}

// What was wrapped must come back: all of it where that is a matter of a microsecond, one of a batch where it is a
// call.
Status RowRekeyer::CheckNewKeys() {
  if (made_.empty()) return {};
  const bool all = IsLocal(keys_.to) || mapping_.read_back_every;
  const std::size_t count = all ? made_.size() : 1;
  if (check_.size() < count) check_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    check_[i].blob.assign(made_[i]->wrapped.blob);
    check_[i].nonce.assign(made_[i]->wrapped.nonce);
    check_[i].context = made_[i]->wrapped.context;
  }
  std::vector<WrappedKey> some;
  AskForMissing(returned_, count, [&](const std::vector<std::size_t>& missing) {
    return keys_.to->Unwrap(Chosen({check_.data(), count}, missing, some));
  });
  for (std::size_t i = 0; i < returned_.size(); ++i) {
    const Result<SecretBytes>& key = returned_[i];
    if (!key.ok() && !AboutOneBlob(key.error().code)) return About(*keys_.to, key.error());
    if (key.ok() && EqualInConstantTime(key->Expose(), made_[i]->plaintext.Expose())) continue;
    return NotAsWrapped(*keys_.to);
  }
  return {};
}

// The same for keys that the service moved without showing them; what they have to open tells whether they are right.
Status RowRekeyer::CheckMovedKeys() {
  if (!mapping_.read_back_every) return {};
  std::vector<WrappedKey> wrapped;
  std::vector<WrappedKey> some;
  for (const Result<WrappedKey>& key : moved_) wrapped.push_back(key.ok() ? *key : WrappedKey{});
  AskForMissing(returned_, wrapped.size(), [&](const std::vector<std::size_t>& missing) {
    std::vector<Result<SecretBytes>> opened = keys_.to->Unwrap(Chosen(wrapped, missing, some));
    for (std::size_t n = 0; n < missing.size(); ++n) {
      if (opened[n].ok()) opened[n] = format_of_[missing[n]]->DataKeyOf(std::move(*opened[n]));
    }
    return opened;
  });
  for (std::size_t i = 0; i < returned_.size(); ++i) {
    if (!moved_[i].ok() || returned_[i].ok()) continue;
    return AboutOneBlob(returned_[i].error().code) ? NotAsWrapped(*keys_.to) : About(*keys_.to, returned_[i].error());
  }
  return {};
}

// Step by step for all rows, some at a time so that plaintexts stay few: the code of one step is in the processor's
// cache then, that of all of them together is not.
Status RowRekeyer::Reseal(const TableLayout& layout, RowGroup group) {
  for (std::size_t i = 0; i < group.size(); ++i) KeepOthers(layout, group.rows[i], i, group.rekeyed[i]);
  const std::size_t at_once = group.has_large ? 1 : kOpenAtOnce;
  for (std::size_t begin = 0; begin < group.size(); begin += at_once) {
    const std::size_t end = std::min(begin + at_once, group.size());
    for (std::size_t f = 0; f < layout.fields.size(); ++f) {
      for (std::size_t i = begin; i < end; ++i) OpenField(layout, group, i, f, plaintexts_[i - begin]);
      for (std::size_t i = begin; i < end; ++i) {
        TFSEAL_TRY(SealField(layout, group, i, f, plaintexts_[i - begin]));
      }
      for (std::size_t i = begin; i < end; ++i) {
        TFSEAL_TRY(CheckField(layout, group, i, f, plaintexts_[i - begin]));
      }
    }
  }
  for (std::size_t i = 0; i < group.size(); ++i) TFSEAL_TRY(CheckDocuments(layout, i, group.rekeyed[i]));
  return {};
}

// What is not sealed anew. Before all else: a column that two fields share is the other's then.
void RowRekeyer::KeepOthers(const TableLayout& layout, const SourceRow& row, std::size_t index, RekeyedRow& out) {
  if (out.issue.has_value()) return;
  out.values.resize(row.values.size());
  for (std::size_t f = 0; f < layout.fields.size(); ++f) {
    if (present_[index * layout.fields.size() + f] && !layout.fields[f].shares_document) continue;
    for (const std::size_t column : layout.fields[f].columns) out.values[column] = row.values[column];
  }
}

bool RowRekeyer::HasField(const TableLayout& layout, RowGroup group, std::size_t index, std::size_t f) const {
  return !group.rekeyed[index].issue.has_value() && present_[index * layout.fields.size() + f];
}

// What was sealed into a document is still there when the other values of it are sealed, too.
Status RowRekeyer::CheckDocuments(const TableLayout& layout, std::size_t index, const RekeyedRow& out) {
  if (out.issue.has_value()) return {};
  for (std::size_t f = 0; f < layout.fields.size(); ++f) {
    const SealedField& field = layout.fields[f];
    if (!field.shares_document || !present_[index * layout.fields.size() + f]) continue;
    const Envelope& sealed = EnvelopeAt(layout, index, f);
    const Status parsed = field.format->ParseInto(ValuesOf(field, out.values, scratch_), stored_);
    if (parsed.ok() && stored_.iv == sealed.iv && stored_.ciphertext == sealed.ciphertext &&
        stored_.tag == sealed.tag && stored_.wrapped_key == sealed.wrapped_key &&
        stored_.wrapped_key_nonce == sealed.wrapped_key_nonce && stored_.commitment == sealed.commitment) {
      continue;
    }
    return Error{ErrorCode::kCorrupt, fmt::format("{}: the values of one document do not fit together", layout.label),
                 "nothing of the batch was written"};
  }
  return {};
}

// What a field's new values go into: the row as it was read, or a document in which others were replaced already.
std::span<const std::optional<std::string>> RowRekeyer::Before(const SealedField& field, const SourceRow& row,
                                                               const RekeyedRow& out) {
  return ValuesOf(field, field.shares_document ? out.values : row.values, scratch_);
}

void RowRekeyer::OpenField(const TableLayout& layout, RowGroup group, std::size_t index, std::size_t f,
                           SecretBytes& plaintext) {
  if (!HasField(layout, group, index, f)) return;
  RekeyedRow& out = group.rekeyed[index];
  const SealedField& field = layout.fields[f];
  const std::size_t old = KeyAt(layout, index, field.data_key);
  if (old != kLegacy && !opened_[old].ok()) {
    out.issue = Poison("wrapped-key: it does not open under the old key");
    return;
  }
  const Envelope& envelope = EnvelopeAt(layout, index, f);
  const std::string associated = AssociatedOf(layout, group.rows[index], field, field.opened_with, envelope);
  if (cipher_.OpenInto(old == kLegacy ? *keys_.legacy : *opened_[old], envelope, associated, plaintext).ok()) return;
  out.issue = Poison("authentication: the value does not open with its data key");
}

const DataKey& RowRekeyer::NewKeyOf(const TableLayout& layout, std::size_t index, const SealedField& field) const {
  return *made_[new_key_of_[index * layout.data_keys + field.data_key]];
}

Status RowRekeyer::SealField(const TableLayout& layout, RowGroup group, std::size_t index, std::size_t f,
                             const SecretBytes& plaintext) {
  if (!HasField(layout, group, index, f)) return {};
  const SourceRow& row = group.rows[index];
  const SealedField& field = layout.fields[f];
  const DataKey& key = NewKeyOf(layout, index, field);
  Envelope& envelope = EnvelopeAt(layout, index, f);
  const std::string associated = AssociatedOf(layout, row, field, field.sealed_with, envelope);
  envelope.wrapped_key.assign(key.wrapped.blob);
  envelope.wrapped_key_nonce.assign(key.wrapped.nonce);
  if (layout.key_in_value()) envelope.key_reference = layout.key_to;
  TFSEAL_TRY(cipher_.Seal(key.plaintext, plaintext.Expose(), associated, field.committing, envelope));
  RekeyedRow& out = group.rekeyed[index];
  const Status replaced = field.format->ReplaceInto(Before(field, row, out), envelope, built_);
  if (!replaced.ok()) return NotReplaced(field, envelope, replaced.error(), out);
  // What was in their place is memory for the next row's.
  for (std::size_t i = 0; i < built_.size(); ++i) std::swap(out.values[field.columns[i]], built_[i]);
  return {};
}

// What will be stored is read as any reader would.
Status RowRekeyer::CheckField(const TableLayout& layout, RowGroup group, std::size_t index, std::size_t f,
                              const SecretBytes& plaintext) {
  if (!HasField(layout, group, index, f)) return {};
  const SealedField& field = layout.fields[f];
  const DataKey& key = NewKeyOf(layout, index, field);
  TFSEAL_TRY(field.format->ParseInto(ValuesOf(field, group.rekeyed[index].values, scratch_), stored_));
  const std::string associated = AssociatedOf(layout, group.rows[index], field, field.sealed_with, stored_);
  const Status again = reader_.OpenInto(key.plaintext, stored_, associated, again_);
  // They differ only where the machine is broken: there is nobody who could learn from how long it takes.
  if (again.ok() && again_.Expose() == plaintext.Expose() && stored_.wrapped_key == key.wrapped.blob) return {};
  return Error{ErrorCode::kCorrupt, fmt::format("{}: a value that was just sealed does not open again", layout.label),
               "nothing of the batch was written; the machine may be damaged"};
}

// What rows of earlier batches share with these need not be asked for again.
void RowRekeyer::RecallMoved() {
  if (!moved_.empty() || moved_before_.empty()) return;
  for (const WrappedKey& key : Wrapped()) {
    const auto known = moved_before_.find(key.blob + key.nonce);
    if (known != moved_before_.end()) {
      moved_.emplace_back(known->second);
    } else {
      moved_.emplace_back(Error{ErrorCode::kUnavailable, "not asked for yet", ""});
    }
  }
}

// What several rows share may come again; in the next rows, if it was in the last one.
void RowRekeyer::RememberMoved() {
  if (moved_before_.size() > kMovedKept) moved_before_.clear();
  for (std::size_t i = 0; i < distinct_; ++i) {
    if (!moved_[i].ok() || (uses_[i] == 1 && i + 1 != distinct_)) continue;
    moved_before_.emplace(wrapped_[i].blob + wrapped_[i].nonce, *moved_[i]);
  }
}

Status RowRekeyer::Rewrap(const TableLayout& layout, RowGroup group) {
  RecallMoved();
  std::vector<WrappedKey> some;
  AskForMissing(moved_, distinct_, [&](const std::vector<std::size_t>& missing) {
    return keys_.to->Rewrap(*keys_.from, Chosen(Wrapped(), missing, some),
                            std::vector<EncryptionContext>(missing.size()));
  });
  unwrapped_ += distinct_;
  for (const Result<WrappedKey>& key : moved_) {
    if (!key.ok() && !AboutOneBlob(key.error().code)) return About(*keys_.to, key.error());
  }
  TFSEAL_TRY(CheckMovedKeys());
  RememberMoved();
  // Formats that authenticate the wrapped key with the data key cannot change the one without the other.
  const bool unseen = std::all_of(layout.fields.begin(), layout.fields.end(),
                                  [](const SealedField& field) { return field.format->replaces_keys_unseen(); });
  if (!unseen) TFSEAL_TRY(UnwrapAll());
  for (std::size_t i = 0; i < group.size(); ++i) {
    RekeyedRow& out = group.rekeyed[i];
    if (!out.issue.has_value()) TFSEAL_TRY(RewrapRow(layout, group.rows[i], i, out));
  }
  return {};
}

Status RowRekeyer::RewrapRow(const TableLayout& layout, const SourceRow& row, std::size_t index, RekeyedRow& out) {
  out.values.resize(row.values.size());
  for (std::size_t c = 0; c < layout.columns.size(); ++c) {
    if (layout.columns[c].wraps) out.values[c] = row.values[c];  // the others are not written
  }
  for (std::size_t f = 0; f < layout.fields.size(); ++f) {
    if (!present_[index * layout.fields.size() + f]) continue;
    const SealedField& field = layout.fields[f];
    const std::size_t place = KeyAt(layout, index, field.data_key);
    const bool unseen = field.format->replaces_keys_unseen();
    if (!moved_[place].ok() || (!unseen && !opened_[place].ok())) {
      out.issue = Poison("wrapped-key: it does not open under the old key");
      return {};
    }
    Envelope& envelope = EnvelopeAt(layout, index, f);
    if (mapping_.read_back_every && !OpensAsMoved(layout, row, field, envelope, place)) {
      out.issue = Poison("authentication: the value does not open with its data key");
      return {};
    }
    envelope.wrapped_key.assign(moved_[place]->blob);
    envelope.wrapped_key_nonce.assign(moved_[place]->nonce);
    if (layout.key_in_value()) envelope.key_reference = layout.key_to;
    const auto before = Before(field, row, out);
    Status replaced;
    if (keys_only_) {
      replaced = field.format->BuildKeyInto(envelope, built_);
    } else if (unseen) {
      replaced = field.format->ReplaceInto(before, envelope, built_);
    } else {
      TFSEAL_ASSIGN(built_, field.format->ReplaceKey(before, envelope, *opened_[place], entropy_));
    }
    if (!replaced.ok()) return NotReplaced(field, envelope, replaced.error(), out);
    for (std::size_t c = 0; c < built_.size(); ++c) {
      if (layout.columns[field.columns[c]].wraps) std::swap(out.values[field.columns[c]], built_[c]);
    }
  }
  return {};
}

bool RowRekeyer::OpensAsMoved(const TableLayout& layout, const SourceRow& row, const SealedField& field,
                              const Envelope& envelope, std::size_t place) {
  return reader_.Open(*returned_[place], envelope, AssociatedOf(layout, row, field, field.opened_with, envelope)).ok();
}

Status RowRekeyer::CountPoison(RowGroup group) {
  for (std::size_t i = 0; i < group.size(); ++i) {
    const std::optional<RowIssue>& issue = group.rekeyed[i].issue;
    const bool poison = issue.has_value() && issue->kind == "poison";
    if (poison && expected_ > 0) {
      --expected_;
      continue;
    }
    ++seen_;
    poison_ += poison ? 1 : 0;
    poison_in_a_row_ = poison ? poison_in_a_row_ + 1 : 0;
    if (poison_in_a_row_ >= kPoisonInARowMax) {
      return Error{ErrorCode::kInvalidInput,
                   fmt::format("{} rows in a row cannot be moved ({})", poison_in_a_row_, issue->code),
                   "the mapping or the key is wrong for all of them; nothing of the batch was written"};
    }
  }
  return CheckShare();
}

Status RowRekeyer::CheckShare() const {
  if (poison_ < kPoisonCountMin || poison_ * kPoisonPerRows <= seen_) return {};
  return Error{ErrorCode::kInvalidInput, fmt::format("{} of {} rows cannot be moved", poison_, seen_),
               "more than one in a thousand is no single accident; tfseal rekey status lists the reasons"};
}

Status RowRekeyer::CountRefused(const std::string& sqlstate) {
  if (expected_ > 0) {
    --expected_;
    return {};
  }
  ++poison_;
  if (++refused_in_a_row_ < kPoisonInARowMax) return CheckShare();
  return Error{ErrorCode::kInvalidInput,
               fmt::format("{} rows in a row are refused by the database (SQLSTATE {})", refused_in_a_row_, sqlstate),
               "a column that is too short for the new key's name, a constraint or a trigger refuses every row"};
}

}  // namespace tfseal::rekey

#include "crypto/rekey/row_opener.h"

#include <algorithm>
#include <span>
#include <utility>

#include "crypto/rekey/sealed_row.h"

namespace tfseal::rekey {
namespace {

// Data keys that are kept open between batches; they take locked memory.
constexpr std::size_t kKnownMax = 2048;

}  // namespace

RowOpener::State RowOpener::Parse(const TableLayout& layout, const SourceRow& row, std::size_t index,
                                  TableProof& proof) {
  const auto fail = [&](const char* code) {
    ++proof.failures[code];
    return State::kFailed;
  };
  if (!row.mirrors_agree) return fail("mirror");
  const std::size_t before = values_used_;
  for (std::size_t f = 0; f < layout.fields.size(); ++f) {
    const SealedField& field = layout.fields[f];
    if (HoldsNothing(layout, field, row.values)) continue;
    const auto columns = ValuesOf(field, row.values, scratch_);
    if (values_used_ == values_.size()) values_.emplace_back();
    Value& value = values_[values_used_];
    DropLarge(value.envelope.ciphertext);
    const Status parsed = field.format->ParseInto(columns, value.envelope);
    if (!parsed.ok() && parsed.error().code == ErrorCode::kNotFound) continue;  // a document without it
    if (!parsed.ok() || (value.envelope.wrapped_key.empty() && !key_.seals_directly())) {
      values_used_ = before;
      return fail(parsed.ok() ? "legacy" : "format");
    }
    // Under another key that is known, and none of this job's.
    if (layout.key_in_value() && value.envelope.key_reference != layout.key_to) continue;
    value.row = index;
    value.field = f;
    value.key = PlaceOf(value.envelope);
    ++values_used_;
  }
  return values_used_ == before ? State::kEmpty : State::kSealed;
}

std::size_t RowOpener::PlaceOf(const Envelope& envelope) {
  const std::size_t place = index_.PlaceOf({envelope.wrapped_key, envelope.wrapped_key_nonce}, wrapped_, distinct_);
  if (place < distinct_) return place;
  wrapped_[place].blob.assign(envelope.wrapped_key);
  wrapped_[place].nonce.assign(envelope.wrapped_key_nonce);
  return distinct_++;
}

Status RowOpener::Unwrap() {
  std::vector<WrappedKey> some;
  std::vector<std::size_t> places;
  opened_.assign(distinct_, nullptr);
  if (known_.size() > kKnownMax) known_.clear();
  for (std::size_t i = 0; i < distinct_; ++i) {
    if (known_.empty()) {
      places.push_back(i);
      continue;
    }
    const auto known = known_.find(wrapped_[i].blob + wrapped_[i].nonce);
    if (known != known_.end()) {
      opened_[i] = &known->second;
    } else {
      some.push_back(wrapped_[i]);
      places.push_back(i);
    }
  }
  fresh_.clear();
  const std::span<const WrappedKey> missing =
      known_.empty() ? std::span(std::as_const(wrapped_)).first(distinct_) : some;
  if (missing.empty()) return {};
  {
    const std::lock_guard<std::mutex> lock(key_mutex_);
    fresh_ = key_.Unwrap(missing);
  }
  unwrapped_ += static_cast<std::int64_t>(missing.size());
  for (std::size_t i = 0; i < fresh_.size(); ++i) {
    if (fresh_[i].ok()) {
      opened_[places[i]] = &*fresh_[i];
    } else if (fresh_[i].error().code != ErrorCode::kInvalidInput) {
      return fresh_[i].error();
    }
  }
  return {};
}

bool RowOpener::OpenValue(const TableLayout& layout, const SourceRow& row, const Value& value, bool& bound) {
  const SealedField& field = layout.fields[value.field];
  const SecretBytes* key = opened_[value.key];
  const auto opens = [&](AadScheme scheme) {
    const std::string associated = AssociatedOf(layout, row, field, scheme, value.envelope);
    return cipher_.OpenInto(*key, value.envelope, associated, plaintext_).ok();
  };
  if (opens(field.sealed_with)) return true;
  // The application may not know the new AAD yet. The key is the same, so nothing is guessed.
  if (field.opened_with == field.sealed_with) return false;
  bound = false;
  return opens(field.opened_with);
}

Status RowOpener::Open(const TableLayout& layout, const RowBatch& batch, TableProof& proof) {
  values_used_ = 0;
  distinct_ = 0;
  const std::size_t keys_max = batch.size * layout.fields.size();
  index_.Clear(keys_max);
  if (wrapped_.size() < keys_max) wrapped_.resize(keys_max);
  unwrapped_ = 0;
  std::vector<State> states(batch.size);
  for (std::size_t i = 0; i < batch.size; ++i) states[i] = Parse(layout, batch.rows[i], i, proof);
  TFSEAL_TRY(Unwrap());
  std::vector<bool> bound(batch.size, true);
  for (const Value& value : std::span(std::as_const(values_)).first(values_used_)) {
    if (states[value.row] == State::kFailed) continue;
    bool is_bound = true;
    const char* code = opened_[value.key] == nullptr ? "wrapped-key" : nullptr;
    if (code == nullptr && !OpenValue(layout, batch.rows[value.row], value, is_bound)) code = "authentication";
    if (code != nullptr) {
      ++proof.failures[code];
      states[value.row] = State::kFailed;
    }
    if (!is_bound) bound[value.row] = false;
  }
  for (std::size_t i = 0; i < batch.size; ++i) {
    proof.failed += states[i] == State::kFailed ? 1 : 0;
    proof.empty += states[i] == State::kEmpty ? 1 : 0;
    proof.opened += states[i] == State::kSealed ? 1 : 0;
    proof.unbound += states[i] == State::kSealed && !bound[i] ? 1 : 0;
  }
  proof.unwrapped += unwrapped_;
  // Only keys that several rows of the batch share are likely to come again.
  if (distinct_ * 2 < values_used_) {
    for (std::size_t i = 0, next = 0; i < distinct_ && next < fresh_.size(); ++i) {
      if (known_.contains(wrapped_[i].blob + wrapped_[i].nonce)) continue;
      Result<SecretBytes>& key = fresh_[next++];
      if (key.ok()) known_.emplace(wrapped_[i].blob + wrapped_[i].nonce, std::move(*key));
    }
  }
  fresh_.clear();
  plaintext_ = SecretBytes();
  return {};
}

}  // namespace tfseal::rekey

#include "vault/transit_key_wrapper.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base64.h"
#include "core/check.h"
#include "crypto/canonical_bytes.h"
#include "vault/transit_client.h"

namespace tfseal::vault {
namespace {

constexpr std::size_t kDataKeySize = 32;

class TransitKeyWrapper : public KeyWrapper {
 public:
  TransitKeyWrapper(TransitClient client, const TransitOptions& options)
      : client_(std::move(client)), options_(options) {}

  // Looks the key up and pins its version.
  Status Pin() {
    TFSEAL_ASSIGN(const JsonValue key, ReadKey());
    derived_ = key["derived"].isBool() && key["derived"].asBool();
    version_ = options_.version != 0 ? options_.version : key["latest_version"].asInt();
    if (version_ < 1 || version_ > key["latest_version"].asInt()) {
      return Error{ErrorCode::kNotFound, fmt::format("vault: the key {} has no version {}", options_.key, version_),
                   ""};
    }
    prefix_ = fmt::format("vault:v{}:", version_);
    id_ = fmt::format("vault:{}/{}:v{}", options_.mount, options_.key, version_);
    return {};
  }

  [[nodiscard]] const std::string& id() const override { return id_; }
  [[nodiscard]] std::uint64_t calls() const override { return client_.requests(); }

  Result<WrappingKeyState> Describe() override {
    TFSEAL_ASSIGN(const JsonValue key, ReadKey());
    const int least = key["min_decryption_version"].isInt() ? key["min_decryption_version"].asInt() : 0;
    WrappingKeyState state{id_, true, fmt::format("version {} of {}", version_, key["latest_version"].asInt())};
    if (version_ < least) {
      state.usable = false;
      state.detail += fmt::format(", and only versions from {} on are decrypted", least);
    }
    if (key["soft_deleted"].isBool() && key["soft_deleted"].asBool()) {
      state.usable = false;
      state.detail += ", deleted";
    }
    return state;
  }

  std::vector<Result<DataKey>> NewDataKeys(std::span<const EncryptionContext> contexts) override {
    std::vector<Result<DataKey>> keys;
    keys.reserve(contexts.size());
    // In portions: a call makes one key.
    for (std::size_t begin = 0; begin < contexts.size(); begin += options_.keys_per_call) {
      const auto portion = contexts.subspan(begin, std::min(options_.keys_per_call, contexts.size() - begin));
      std::vector<TransitCall> calls;
      for (const EncryptionContext& context : portion) {
        if (!CheckContext(context).ok()) continue;
        TransitCall call{"POST", "datakey/plaintext/" + options_.key, JsonValue(Json::objectValue)};
        call.body["bits"] = 256;
        AddContext(call.body, context);
        calls.push_back(std::move(call));
      }
      const std::vector<Result<JsonValue>> answers = client_.SendAll(calls);
      auto answer = answers.begin();
      for (const EncryptionContext& context : portion) {
        if (const Status bound = CheckContext(context); !bound.ok()) {
          keys.emplace_back(bound.error());
          continue;
        }
        keys.push_back(answer->ok() ? ReadDataKey(**answer, context) : Result<DataKey>(answer->error()));
        if (answer->ok()) WipeMember(**answer, "plaintext");
        ++answer;
      }
    }
    return keys;
  }

  std::vector<Result<SecretBytes>> Unwrap(std::span<const WrappedKey> keys) override {
    const auto check = [&](std::size_t i) -> Status {
      TFSEAL_TRY(CheckContext(keys[i].context));
      return CheckToken(keys[i]);
    };
    const auto item = [&](std::size_t i) {
      JsonValue input(Json::objectValue);
      input["ciphertext"] = keys[i].blob;
      AddContext(input, keys[i].context);
      return input;
    };
    const auto read = [&](std::size_t, const JsonValue& result) { return ReadPlaintext(result); };
    return Batch<SecretBytes>("decrypt", keys.size(), check, item, read);
  }

  std::vector<Result<WrappedKey>> Rewrap(KeyWrapper& from, std::span<const WrappedKey> keys,
                                         std::span<const EncryptionContext> contexts) override {
    TFSEAL_CHECK(keys.size() == contexts.size());
    auto* const source = dynamic_cast<TransitKeyWrapper*>(&from);
    const bool inside = source != nullptr && source->client_.IsSameAs(client_) &&
                        source->options_.key == options_.key &&
                        std::equal(keys.begin(), keys.end(), contexts.begin(),
                                   [](const WrappedKey& key, const EncryptionContext& c) { return key.context == c; });
    if (!inside) return Encrypt(from.Unwrap(keys), contexts);
    const auto check = [&](std::size_t i) -> Status {
      TFSEAL_TRY(CheckContext(contexts[i]));
      return source->CheckToken(keys[i]);
    };
    const auto item = [&](std::size_t i) {
      JsonValue input(Json::objectValue);
      input["ciphertext"] = keys[i].blob;
      input["key_version"] = version_;
      AddContext(input, contexts[i]);
      return input;
    };
    const auto read = [&](std::size_t i, const JsonValue& result) { return ReadToken(result, contexts[i]); };
    return Batch<WrappedKey>("rewrap", keys.size(), check, item, read);
  }

 private:
  std::vector<Result<WrappedKey>> Encrypt(const std::vector<Result<SecretBytes>>& keys,
                                          std::span<const EncryptionContext> contexts) {
    const auto check = [&](std::size_t i) -> Status {
      if (!keys[i].ok()) return keys[i].error();
      return CheckContext(contexts[i]);
    };
    const auto item = [&](std::size_t i) {
      JsonValue input(Json::objectValue);
      std::string plaintext = ToBase64(keys[i]->Expose());
      input["plaintext"] = plaintext;
      Wipe(plaintext);
      input["key_version"] = version_;
      AddContext(input, contexts[i]);
      return input;
    };
    const auto read = [&](std::size_t i, const JsonValue& result) { return ReadToken(result, contexts[i]); };
    return Batch<WrappedKey>("encrypt", keys.size(), check, item, read);
  }

  Result<JsonValue> ReadKey() {
    const TransitCall call{"GET", "keys/" + options_.key, JsonValue()};
    TFSEAL_ASSIGN(const JsonValue key, std::move(client_.SendAll({&call, 1}).front()));
    if (!key["latest_version"].isInt() || !key["supports_encryption"].isBool()) {
      return Error{ErrorCode::kUnavailable, fmt::format("vault {}: the answer is not Vault's", call.path), ""};
    }
    if (!key["supports_encryption"].asBool()) {
      return Error{ErrorCode::kInvalidInput, fmt::format("vault: the key {} is not for encryption", options_.key), ""};
    }
    return key;
  }

  // Items that pass `check` go to Vault in batches; the others keep the error that it gave.
  template <class T, class Check, class MakeItem, class ReadItem>
  std::vector<Result<T>> Batch(const std::string& operation, std::size_t count, const Check& check,
                               const MakeItem& item, const ReadItem& read) {
    std::vector<std::optional<Result<T>>> results(count);
    std::vector<std::size_t> sent;
    for (std::size_t i = 0; i < count; ++i) {
      const Status checked = check(i);
      if (checked.ok()) {
        sent.push_back(i);
      } else {
        results[i].emplace(checked.error());
      }
    }
    std::vector<TransitCall> calls;
    for (std::size_t begin = 0; begin < sent.size(); begin += options_.keys_per_call) {
      TransitCall call{"POST", operation + "/" + options_.key, JsonValue(Json::objectValue)};
      const std::size_t end = std::min(sent.size(), begin + options_.keys_per_call);
      for (std::size_t n = begin; n < end; ++n) call.body["batch_input"].append(item(sent[n]));
      calls.push_back(std::move(call));
    }
    const std::vector<Result<JsonValue>> answers = client_.SendAll(calls);
    for (const TransitCall& call : calls) {
      for (const JsonValue& input : call.body["batch_input"]) WipeMember(input, "plaintext");
    }
    for (std::size_t n = 0; n < sent.size(); ++n) {
      const Result<JsonValue>& answer = answers[n / options_.keys_per_call];
      results[sent[n]].emplace(answer.ok() ? ReadResult<T>(operation, *answer, n, sent.size(), sent[n], read)
                                           : Result<T>(answer.error()));
    }
    std::vector<Result<T>> all;
    all.reserve(count);
    for (std::optional<Result<T>>& result : results) all.push_back(*std::move(result));
    return all;
  }

  template <class T, class ReadItem>
  Result<T> ReadResult(const std::string& operation, const JsonValue& answer, std::size_t n, std::size_t count,
                       std::size_t index, const ReadItem& read) const {
    const JsonValue& batch = answer["batch_results"];
    const std::size_t begin = n - n % options_.keys_per_call;
    if (!batch.isArray() || batch.size() != std::min(options_.keys_per_call, count - begin)) {
      return Error{ErrorCode::kUnavailable, fmt::format("vault {}: the answer has another number of items", operation),
                   ""};
    }
    const JsonValue& result = batch[static_cast<Json::ArrayIndex>(n - begin)];
    const bool failed = !result.isObject() || (result["error"].isString() && !result["error"].asString().empty());
    if (failed) {
      return Error{ErrorCode::kInvalidInput,
                   fmt::format("vault {}: the key is not under {}, or is damaged", operation, id_), ""};
    }
    Result<T> value = read(index, result);
    WipeMember(result, "plaintext");
    return value;
  }

  [[nodiscard]] Status CheckContext(const EncryptionContext& context) const {
    if (derived_ || context.empty()) return {};
    return Error{
        ErrorCode::kInvalidInput,
        fmt::format("vault: the key {} is not derived, so that it cannot bind an encryption context", options_.key),
        "make a key with derived=true, or map the column without a context"};
  }
  // A derived key always needs one.
  void AddContext(JsonValue& body, const EncryptionContext& context) const {
    if (derived_) body["context"] = ToBase64("tfseal:v1" + ContextBytes(context));
  }

  [[nodiscard]] Status CheckToken(const WrappedKey& key) const {
    if (key.nonce.empty() && key.blob.starts_with(prefix_) && FromBase64(key.blob.substr(prefix_.size())).ok())
      return {};
    return Error{ErrorCode::kInvalidInput, "the wrapped key is not under " + id_ + ", or is damaged", ""};
  }

  Result<DataKey> ReadDataKey(const JsonValue& answer, const EncryptionContext& context) const {
    TFSEAL_ASSIGN(WrappedKey wrapped, ReadToken(answer, context));
    TFSEAL_ASSIGN(SecretBytes plaintext, ReadPlaintext(answer));
    if (plaintext.size() != kDataKeySize) {
      return Error{ErrorCode::kUnavailable, fmt::format("vault: the data key has {} bytes, not 32", plaintext.size()),
                   ""};
    }
    return DataKey{std::move(plaintext), std::move(wrapped)};
  }

  static Result<SecretBytes> ReadPlaintext(const JsonValue& result) {
    const Error unreadable{ErrorCode::kUnavailable, "vault: the answer has no data key that can be read", ""};
    if (!result["plaintext"].isString()) return unreadable;
    std::string text = result["plaintext"].asString();
    Result<std::string> bytes = FromBase64(text);
    Wipe(text);
    if (!bytes.ok() || bytes->empty()) return unreadable;
    SecretBytes key(*bytes);
    Wipe(*bytes);
    return key;
  }

  Result<WrappedKey> ReadToken(const JsonValue& result, const EncryptionContext& context) const {
    WrappedKey wrapped{result["ciphertext"].isString() ? result["ciphertext"].asString() : "", "", context};
    if (CheckToken(wrapped).ok()) return wrapped;
    return Error{ErrorCode::kCorrupt, "vault: the answer is not under the pinned " + id_,
                 "nothing was written; was the key rotated meanwhile?"};
  }

  TransitClient client_;
  TransitOptions options_;
  bool derived_ = false;
  int version_ = 0;
  std::string prefix_, id_;
};

}  // namespace

Result<std::unique_ptr<KeyWrapper>> OpenTransitKey(const TransitParts& parts, const TransitOptions& options,
                                                   SecretBytes token) {
  TFSEAL_ASSIGN(TransitClient client, TransitClient::Make(parts, options, std::move(token)));
  auto wrapper = std::make_unique<TransitKeyWrapper>(std::move(client), options);
  TFSEAL_TRY(wrapper->Pin());
  return std::unique_ptr<KeyWrapper>(std::move(wrapper));
}

}  // namespace tfseal::vault

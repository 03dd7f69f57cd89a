#include "aws/kms_key_wrapper.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "aws/failure.h"
#include "aws/kms_key_name.h"
#include "core/base64.h"
#include "core/check.h"

namespace tfseal::aws {
namespace {

constexpr std::size_t kDataKeySize = 32;
// The most that KMS encrypts.
constexpr std::size_t kUnwrappedMax = 4096;

JsonValue ContextOf(const EncryptionContext& context) {
  JsonValue json(Json::objectValue);
  for (const auto& [name, value] : context) json[name] = value;
  return json;
}

// The text of a data key in a call or an answer.
void WipeText(const JsonValue& parent, const char* member) {
  const JsonValue& value = parent[member];
  const char* begin = nullptr;
  const char* end = nullptr;
  if (value.isString() && value.getString(&begin, &end)) {
    WipeShown({begin, static_cast<std::size_t>(end - begin)});
  }
}

class KmsKeyWrapper : public KeyWrapper {
 public:
  KmsKeyWrapper(Api& api, KmsKeyOptions options, std::string region)
      : api_(api), options_(std::move(options)), region_(std::move(region)) {}

  // Looks the key up and pins it.
  Status Pin(const std::string& key_id) {
    JsonValue parameters(Json::objectValue);
    parameters["KeyId"] = key_id;
    TFSEAL_ASSIGN(const JsonValue answer, SendOne("DescribeKey", std::move(parameters)));
    const JsonValue& key = answer["KeyMetadata"];
    const std::string arn = key["Arn"].isString() ? key["Arn"].asString() : std::string();
    if (!IsKmsKeyArn(arn)) return Unexpected("DescribeKey", "there is no ARN of a key in it");
    if (IsKmsKeyArn(key_id) && arn != key_id) return OtherKey("DescribeKey");
    const std::string usage = key["KeyUsage"].isString() ? key["KeyUsage"].asString() : "unknown";
    const JsonValue& spec_member = key.isMember("KeySpec") ? key["KeySpec"] : key["CustomerMasterKeySpec"];
    const std::string spec = spec_member.isString() ? spec_member.asString() : "unknown";
    if (usage != "ENCRYPT_DECRYPT" || spec != "SYMMETRIC_DEFAULT") {
      return Error{
          ErrorCode::kInvalidInput,
          fmt::format("the key {} is for {} with {}: data keys need a symmetric one for encryption", arn, usage, spec),
          "aws kms create-key makes one that fits"};
    }
    id_ = arn;
    return {};
  }

  [[nodiscard]] const std::string& id() const override { return id_; }
  [[nodiscard]] std::uint64_t calls() const override { return calls_; }

  Result<WrappingKeyState> Describe() override {
    JsonValue parameters(Json::objectValue);
    parameters["KeyId"] = id_;
    TFSEAL_ASSIGN(const JsonValue answer, SendOne("DescribeKey", std::move(parameters)));
    const JsonValue& key = answer["KeyMetadata"];
    if (key["Arn"] != JsonValue(id_)) return OtherKey("DescribeKey");
    if (!key["KeyState"].isString()) return Unexpected("DescribeKey", "there is no state of the key in it");
    WrappingKeyState state;
    state.id = id_;
    state.detail = key["KeyState"].asString();
    state.usable = state.detail == "Enabled";
    if (key["DeletionDate"].isString()) state.detail += " until " + key["DeletionDate"].asString();
    return state;
  }

  std::vector<Result<DataKey>> NewDataKeys(std::span<const EncryptionContext> contexts) override {
    const auto call = [&](std::size_t i) {
      JsonValue parameters(Json::objectValue);
      parameters["KeyId"] = id_;
      parameters["KeySpec"] = "AES_256";
      if (!contexts[i].empty()) parameters["EncryptionContext"] = ContextOf(contexts[i]);
      return MakeCall("GenerateDataKey", std::move(parameters));
    };
    const auto read = [&](std::size_t i, const JsonValue& answer) -> Result<DataKey> {
      TFSEAL_ASSIGN(SecretBytes plaintext, ReadPlaintext("GenerateDataKey", answer));
      TFSEAL_ASSIGN(WrappedKey wrapped, ReadBlob("GenerateDataKey", answer, contexts[i]));
      return DataKey{std::move(plaintext), std::move(wrapped)};
    };
    return Exchange<DataKey>(contexts.size(), call, read);
  }

  std::vector<Result<SecretBytes>> Unwrap(std::span<const WrappedKey> keys) override {
    const auto call = [&](std::size_t i) {
      JsonValue parameters(Json::objectValue);
      parameters["KeyId"] = id_;
      parameters["CiphertextBlob"] = ToBase64(keys[i].blob);
      if (!keys[i].context.empty()) parameters["EncryptionContext"] = ContextOf(keys[i].context);
      return MakeCall("Decrypt", std::move(parameters));
    };
    const auto read = [&](std::size_t, const JsonValue& answer) { return ReadPlaintext("Decrypt", answer); };
    return Exchange<SecretBytes>(keys.size(), call, read);
  }

  std::vector<Result<WrappedKey>> Rewrap(KeyWrapper& from, std::span<const WrappedKey> keys,
                                         std::span<const EncryptionContext> contexts) override {
    TFSEAL_CHECK(keys.size() == contexts.size());
    const auto* const source = dynamic_cast<const KmsKeyWrapper*>(&from);
    if (source == nullptr || &source->api_ != &api_ || source->region_ != region_) {
      return Encrypt(from.Unwrap(keys), contexts);
    }
    const auto call = [&](std::size_t i) {
      JsonValue parameters(Json::objectValue);
      parameters["CiphertextBlob"] = ToBase64(keys[i].blob);
      parameters["SourceKeyId"] = source->id_;
      parameters["DestinationKeyId"] = id_;
      if (!keys[i].context.empty()) parameters["SourceEncryptionContext"] = ContextOf(keys[i].context);
      if (!contexts[i].empty()) parameters["DestinationEncryptionContext"] = ContextOf(contexts[i]);
      return MakeCall("ReEncrypt", std::move(parameters));
    };
    const auto read = [&](std::size_t i, const JsonValue& answer) -> Result<WrappedKey> {
      if (answer["SourceKeyId"] != JsonValue(source->id_)) return OtherKey("ReEncrypt");
      return ReadBlob("ReEncrypt", answer, contexts[i]);
    };
    return Exchange<WrappedKey>(keys.size(), call, read);
  }

 private:
  // Where the data keys come from elsewhere. Those that could not be unwrapped keep their errors.
  std::vector<Result<WrappedKey>> Encrypt(const std::vector<Result<SecretBytes>>& keys,
                                          std::span<const EncryptionContext> contexts) {
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i].ok()) open.push_back(i);
    }
    const auto call = [&](std::size_t n) {
      JsonValue parameters(Json::objectValue);
      parameters["KeyId"] = id_;
      std::string plaintext = ToBase64(keys[open[n]]->Expose());
      parameters["Plaintext"] = plaintext;
      Wipe(plaintext);
      if (!contexts[open[n]].empty()) parameters["EncryptionContext"] = ContextOf(contexts[open[n]]);
      return MakeCall("Encrypt", std::move(parameters));
    };
    const auto read = [&](std::size_t n, const JsonValue& answer) {
      return ReadBlob("Encrypt", answer, contexts[open[n]]);
    };
    std::vector<Result<WrappedKey>> encrypted = Exchange<WrappedKey>(open.size(), call, read);
    std::vector<Result<WrappedKey>> all;
    all.reserve(keys.size());
    std::size_t next = 0;
    for (const Result<SecretBytes>& key : keys) {
      all.push_back(key.ok() ? std::move(encrypted[next++]) : Result<WrappedKey>(key.error()));
    }
    return all;
  }

  Call MakeCall(std::string operation, JsonValue parameters) const {
    return {
        .service = "kms", .operation = std::move(operation), .region = region_, .parameters = std::move(parameters)};
  }

  // Calls and answers by portions, so that no more than a portion of requests is held in memory.
  template <class T, class MakeOne, class ReadOne>
  std::vector<Result<T>> Exchange(std::size_t count, const MakeOne& make, const ReadOne& read) {
    std::vector<Result<T>> results;
    results.reserve(count);
    for (std::size_t begin = 0; begin < count; begin += options_.calls_at_once) {
      const std::size_t end = std::min(count, begin + options_.calls_at_once);
      std::vector<Call> calls;
      calls.reserve(end - begin);
      for (std::size_t i = begin; i < end; ++i) calls.push_back(make(i));
      std::vector<Result<JsonValue>> answers = SendAll(calls);
      for (const Call& call : calls) WipeText(call.parameters, "Plaintext");
      for (std::size_t i = begin; i < end; ++i) {
        const Result<JsonValue>& answer = answers[i - begin];
        results.push_back(answer.ok() ? Result<T>(read(i, *answer)) : Result<T>(AboutCall(answer.error())));
        if (answer.ok()) WipeText(*answer, "Plaintext");
      }
    }
    return results;
  }

  // An answer that was cut off says nothing about the key that was asked for.
  static Error AboutCall(Error error) {
    if (error.service_code == kUnreadableAnswer) error.code = ErrorCode::kUnavailable;
    return error;
  }

  std::vector<Result<JsonValue>> SendAll(std::span<const Call> calls) {
    const std::uint64_t before = options_.requests_sent == nullptr ? 0 : *options_.requests_sent;
    std::vector<Result<JsonValue>> answers = api_.SendAll(calls);
    calls_ += options_.requests_sent == nullptr ? calls.size() : *options_.requests_sent - before;
    return answers;
  }

  Result<JsonValue> SendOne(std::string operation, JsonValue parameters) {
    const Call call = MakeCall(std::move(operation), std::move(parameters));
    return std::move(SendAll({&call, 1}).front());
  }

  Result<SecretBytes> ReadPlaintext(std::string_view operation, const JsonValue& answer) const {
    if (answer["KeyId"] != JsonValue(id_)) return OtherKey(operation);
    if (!answer["Plaintext"].isString()) return Unexpected(operation, "there is no data key in it");
    std::string text = answer["Plaintext"].asString();
    Result<std::string> bytes = FromBase64(text);
    Wipe(text);
    if (!bytes.ok()) return Unexpected(operation, "its data key is not base64");
    SecretBytes key(*bytes);
    Wipe(*bytes);
    // What was wrapped by others may be a structure that holds the key (RowFormat::DataKeyOf).
    if (operation == "GenerateDataKey" ? key.size() != kDataKeySize : key.size() > kUnwrappedMax) {
      return Error{
          ErrorCode::kInvalidInput,
          fmt::format("kms {} in {}: the data key has {} bytes, not {}", operation, region_, key.size(), kDataKeySize),
          ""};
    }
    return key;
  }

  Result<WrappedKey> ReadBlob(std::string_view operation, const JsonValue& answer,
                              const EncryptionContext& context) const {
    if (answer["KeyId"] != JsonValue(id_)) return OtherKey(operation);
    if (!answer["CiphertextBlob"].isString()) return Unexpected(operation, "there is no wrapped key in it");
    Result<std::string> blob = FromBase64(answer["CiphertextBlob"].asString());
    if (!blob.ok() || blob->empty()) return Unexpected(operation, "its wrapped key cannot be read");
    return WrappedKey{std::move(blob).value(), "", context};
  }

  [[nodiscard]] Error Unexpected(std::string_view operation, std::string_view what) const {
    return {ErrorCode::kUnavailable, fmt::format("kms {} in {}: the answer is not AWS': {}", operation, region_, what),
            ""};
  }
  // An alias that was moved, or an answer that is somebody else's: nothing may be written with it.
  [[nodiscard]] Error OtherKey(std::string_view operation) const {
    return {ErrorCode::kCorrupt,
            fmt::format("kms {} in {}: the answer is of another key than the pinned one", operation, region_),
            "nothing was written; check which keys the endpoint has"};
  }

  Api& api_;
  KmsKeyOptions options_;
  std::string region_;
  std::string id_;
  std::uint64_t calls_ = 0;
};

}  // namespace

Result<std::unique_ptr<KeyWrapper>> OpenKmsKey(Api& api, const KmsKeyOptions& options) {
  TFSEAL_CHECK(options.calls_at_once > 0);
  TFSEAL_ASSIGN(const KmsKeyName name, ParseKmsKeyName(options.key, options.region));
  auto wrapper = std::make_unique<KmsKeyWrapper>(api, options, name.region);
  TFSEAL_TRY(wrapper->Pin(name.key_id));
  return std::unique_ptr<KeyWrapper>(std::move(wrapper));
}

}  // namespace tfseal::aws

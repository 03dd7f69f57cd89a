#include "crypto/aes_gcm.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "core/check.h"
#include "crypto/openssl.h"
#include "crypto/secret_bytes.h"

// How to read this: EVP chooses the implementation; its functions are then called as EVP calls them, by the interface
// between libcrypto and providers (provider-cipher(7)), which both sides keep stable. At the size of a data key two
// fifths of a call through EVP are EVP's own: asking the implementation by name for lengths that are constants here.

namespace tfseal {
namespace {

using Cipher = OpenSslOwner<EVP_CIPHER, EVP_CIPHER_free>;

constexpr std::string_view kName = "AES-256-GCM";

// The functions of one implementation.
struct Functions {
  OSSL_FUNC_cipher_newctx_fn* new_context = nullptr;
  OSSL_FUNC_cipher_freectx_fn* free_context = nullptr;
  OSSL_FUNC_cipher_encrypt_init_fn* begin_seal = nullptr;
  OSSL_FUNC_cipher_decrypt_init_fn* begin_open = nullptr;
  OSSL_FUNC_cipher_update_fn* update = nullptr;
  OSSL_FUNC_cipher_final_fn* finish = nullptr;
  OSSL_FUNC_cipher_get_ctx_params_fn* get = nullptr;

  [[nodiscard]] bool complete() const {
    return new_context != nullptr && free_context != nullptr && begin_seal != nullptr && begin_open != nullptr &&
           update != nullptr && finish != nullptr && get != nullptr;
  }
};

Functions FunctionsIn(const OSSL_DISPATCH* table) {
  Functions functions;
  for (; table->function_id != 0; ++table) {
    switch (table->function_id) {
      case OSSL_FUNC_CIPHER_NEWCTX:
        functions.new_context = OSSL_FUNC_cipher_newctx(table);
        break;
      case OSSL_FUNC_CIPHER_FREECTX:
        functions.free_context = OSSL_FUNC_cipher_freectx(table);
        break;
      case OSSL_FUNC_CIPHER_ENCRYPT_INIT:
        functions.begin_seal = OSSL_FUNC_cipher_encrypt_init(table);
        break;
      case OSSL_FUNC_CIPHER_DECRYPT_INIT:
        functions.begin_open = OSSL_FUNC_cipher_decrypt_init(table);
        break;
      case OSSL_FUNC_CIPHER_UPDATE:
        functions.update = OSSL_FUNC_cipher_update(table);
        break;
      case OSSL_FUNC_CIPHER_FINAL:
        functions.finish = OSSL_FUNC_cipher_final(table);
        break;
      case OSSL_FUNC_CIPHER_GET_CTX_PARAMS:
        functions.get = OSSL_FUNC_cipher_get_ctx_params(table);
        break;
      default:
        break;
    }
  }
  return functions;
}

// `names` are all names of one implementation, with colons between them.
bool IsNamed(std::string_view names, std::string_view name) {
  while (!names.empty()) {
    const std::size_t end = names.find(':');
    if (names.substr(0, end) == name) return true;
    names.remove_prefix(end == std::string_view::npos ? names.size() : end + 1);
  }
  return false;
}

// Of the implementation that EVP chose, by the configuration's properties.
Functions FunctionsOf(const EVP_CIPHER* cipher) {
  const OSSL_PROVIDER* const provider = EVP_CIPHER_get0_provider(cipher);
  int changes = 0;
  const OSSL_ALGORITHM* const all = OSSL_PROVIDER_query_operation(provider, OSSL_OP_CIPHER, &changes);
  Functions functions;
  for (const OSSL_ALGORITHM* one = all; one != nullptr && one->algorithm_names != nullptr; ++one) {
    if (!IsNamed(one->algorithm_names, kName)) continue;
    functions = FunctionsIn(one->implementation);
    break;
  }
  OSSL_PROVIDER_unquery_operation(provider, OSSL_OP_CIPHER, all);
  return functions;
}

// For the parameters of a call; the functions take what they only read as void*.
struct TagParameter {
  explicit TagParameter(char* tag)
      : list{OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, kGcmTagSize),
             OSSL_PARAM_construct_end()} {}
  OSSL_PARAM list[2];
};

void CheckSizes(const AesGcm::Input& input, bool keyed) {
  TFSEAL_CHECK(input.key.size() == kAesKeySize || (input.key.empty() && keyed));
  TFSEAL_CHECK(input.iv.size() == kGcmIvSize);
  TFSEAL_CHECK(input.aad.size() <= kGcmTextMax);
  TFSEAL_CHECK(input.text.size() <= kGcmTextMax);
}

// For begin_seal and its like: nullptr keeps the key.
const unsigned char* KeyOf(const AesGcm::Input& input) {
  return input.key.empty() ? nullptr : Bytes(input.key.data());
}

}  // namespace

struct AesGcm::State {
  State() {
    TFSEAL_CHECK(cipher != nullptr);
    functions = FunctionsOf(cipher.get());
    TFSEAL_CHECK(functions.complete());
    void* const provider = OSSL_PROVIDER_get0_provider_ctx(EVP_CIPHER_get0_provider(cipher.get()));
    seal = functions.new_context(provider);
    open = functions.new_context(provider);
    TFSEAL_CHECK(seal != nullptr && open != nullptr);
  }
  ~State() {
    functions.free_context(seal);
    functions.free_context(open);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // Associated data and text, in this order. False: the tag does not fit.
  [[nodiscard]] bool Process(void* context, const Input& input, char* out) const {
    std::size_t size = 0;
    if (!input.aad.empty()) {
      TFSEAL_CHECK(
          functions.update(context, nullptr, &size, input.aad.size(), Bytes(input.aad.data()), input.aad.size()) == 1);
    }
    // Without the condition an empty text without a buffer would be taken for associated data.
    if (!input.text.empty()) {
      TFSEAL_CHECK(functions.update(context, Bytes(out), &size, input.text.size(), Bytes(input.text.data()),
                                    input.text.size()) == 1);
      TFSEAL_CHECK(size == input.text.size());
    }
    unsigned char rest[kGcmTagSize];
    return functions.finish(context, rest, &size, sizeof rest) == 1 && size == 0;
  }

  Cipher cipher{EVP_CIPHER_fetch(nullptr, kName.data(), nullptr)};  // keeps the functions loaded
  Functions functions;
  void* seal = nullptr;
  void* open = nullptr;
  // Whether the contexts have the key of UseKey.
  bool seal_keyed = false;
  bool open_keyed = false;
};

AesGcm::AesGcm() : state_(std::make_unique<State>()) {}
AesGcm::~AesGcm() = default;
AesGcm::AesGcm(AesGcm&&) noexcept = default;
AesGcm& AesGcm::operator=(AesGcm&&) noexcept = default;

void AesGcm::UseKey(std::string_view key) {
  TFSEAL_CHECK(key.size() == kAesKeySize);
  const Functions& functions = state_->functions;
  TFSEAL_CHECK(functions.begin_seal(state_->seal, Bytes(key.data()), key.size(), nullptr, 0, nullptr) == 1);
  TFSEAL_CHECK(functions.begin_open(state_->open, Bytes(key.data()), key.size(), nullptr, 0, nullptr) == 1);
  state_->seal_keyed = state_->open_keyed = true;
}

void AesGcm::Seal(const Input& input, char* ciphertext, char* tag) {
  CheckSizes(input, state_->seal_keyed);
  if (!input.key.empty()) state_->seal_keyed = false;
  const Functions& functions = state_->functions;
  TFSEAL_CHECK(functions.begin_seal(state_->seal, KeyOf(input), input.key.size(), Bytes(input.iv.data()),
                                    input.iv.size(), nullptr) == 1);
  TFSEAL_CHECK(state_->Process(state_->seal, input, ciphertext));
  TagParameter parameter(tag);
  TFSEAL_CHECK(functions.get(state_->seal, parameter.list) == 1);
  TFSEAL_CHECK(parameter.list[0].return_size == kGcmTagSize);
}

bool AesGcm::Open(const Input& input, std::string_view tag, char* plaintext) {
  CheckSizes(input, state_->open_keyed);
  if (!input.key.empty()) state_->open_keyed = false;
  TFSEAL_CHECK(tag.size() == kGcmTagSize);
  char expected[kGcmTagSize];
  tag.copy(expected, kGcmTagSize);
  const TagParameter parameter(expected);
  TFSEAL_CHECK(state_->functions.begin_open(state_->open, KeyOf(input), input.key.size(), Bytes(input.iv.data()),
                                            input.iv.size(), parameter.list) == 1);
  if (state_->Process(state_->open, input, plaintext)) return true;
  DropOpenSslErrors();
  Wipe(plaintext, input.text.size());
  return false;
}

}  // namespace tfseal

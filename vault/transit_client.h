#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "vault/transit_key_wrapper.h"

namespace tfseal::vault {

struct TransitCall {
  std::string method = "POST";
  std::string path;  // "keys/app", below the mount
  JsonValue body;
};

// The transit engine over HTTP. Every call of it that is made here changes nothing, so it is repeated while there are
// attempts left.
class TransitClient {
 public:
  static Result<TransitClient> Make(const TransitParts& parts, const TransitOptions& options, SecretBytes token);

  // The member "data" of each answer, in the order of the calls. An answer with batch_results counts as one even where
  // Vault gives it a status that says that some items failed.
  std::vector<Result<JsonValue>> SendAll(std::span<const TransitCall> calls);
  [[nodiscard]] std::uint64_t requests() const { return requests_; }
  // Whether both talk to the same engine.
  [[nodiscard]] bool IsSameAs(const TransitClient& other) const;

 private:
  TransitClient(const TransitParts& parts, const TransitOptions& options, SecretBytes token)
      : parts_(parts), options_(options), token_(std::move(token)) {}
  [[nodiscard]] aws::HttpRequest MakeRequest(const TransitCall& call) const;
  [[nodiscard]] Result<JsonValue> Read(const TransitCall& call, const aws::HttpResponse& response) const;

  TransitParts parts_;
  TransitOptions options_;
  SecretBytes token_;
  std::string scheme_, host_, base_path_;
  std::uint64_t requests_ = 0;
};

// Wipes the text of a member, which may be a key.
void WipeMember(const JsonValue& parent, const char* member);

}  // namespace tfseal::vault

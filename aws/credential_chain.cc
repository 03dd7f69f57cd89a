#include "aws/credential_chain.h"

#include <array>
#include <chrono>
#include <cstring>

#include "aws/timestamp.h"

namespace tfseal::aws {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRenewBefore = std::chrono::minutes(5);
constexpr milliseconds kJitter = std::chrono::minutes(1);
// Credentials that live for less than that would be renewed with every call.
constexpr milliseconds kShortLife = std::chrono::minutes(10);
// After a failed renewal of credentials that are still good.
constexpr milliseconds kPauseAfterFailure = std::chrono::seconds(30);

TimePoint WhenToRenew(TimePoint now, TimePoint expires, Entropy& entropy) {
  if (expires - now < kShortLife) return now + (expires - now) / 2;
  std::array<std::byte, 4> bytes{};
  entropy.Fill(bytes);
  std::uint32_t random = 0;
  std::memcpy(&random, bytes.data(), sizeof random);
  return expires - kRenewBefore - milliseconds(static_cast<std::int64_t>(random) * kJitter.count() >> 32);
}

}  // namespace

CredentialChain::CredentialChain(std::vector<std::unique_ptr<CredentialProvider>> providers, const Clock& clock,
                                 Entropy& entropy)
    : providers_(std::move(providers)), clock_(clock), entropy_(entropy) {}

Result<Credentials> CredentialChain::Load() {
  for (const std::unique_ptr<CredentialProvider>& provider : providers_) {
    if (chosen_ != nullptr && chosen_ != provider.get()) continue;
    TFSEAL_ASSIGN(std::optional<Credentials> found, provider->Load());
    if (!found) continue;
    chosen_ = provider.get();
    return *std::move(found);
  }
  if (chosen_ != nullptr) {
    return Error{.code = ErrorCode::kUnauthenticated,
                 .message = "the AWS credentials that were used are no longer there",
                 .hint = "sign in again, then `tfseal resume`"};
  }
  return Error{.code = ErrorCode::kUnauthenticated,
               .message = "there are no AWS credentials",
               .hint = "set AWS_PROFILE, sign in with `aws sso login`, or see docs/aws-access.md"};
}

Result<const Credentials*> CredentialChain::Get() {
  const TimePoint now = clock_.Now();
  const bool is_due = current_ && current_->expires && now >= renew_;
  if (current_ && !is_due && !invalid_) return &*current_;
  Result<Credentials> loaded = Load();
  const bool was_refused = std::exchange(invalid_, false);
  if (!loaded.ok()) {
    // Before their end, the old ones are better than none.
    if (current_ && !was_refused && current_->expires && now < *current_->expires) {
      renew_ = now + kPauseAfterFailure;
      return &*current_;
    }
    invalid_ = was_refused;
    return loaded.error();
  }
  if (loaded->expires && *loaded->expires <= now) {
    return Error{.code = ErrorCode::kUnauthenticated,
                 .message = loaded->provider + ": the AWS credentials expired at " + FormatRfc3339(*loaded->expires),
                 .hint = "get new ones (`aws sso login` for SSO), then run it again"};
  }
  current_.emplace(std::move(loaded).value());
  if (current_->expires) renew_ = WhenToRenew(now, *current_->expires, entropy_);
  return &*current_;
}

}  // namespace tfseal::aws

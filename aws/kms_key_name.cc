#include "aws/kms_key_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tfseal::aws {
namespace {

// https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
constexpr std::size_t kNameMax = 2048;
constexpr std::string_view kAlias = "alias/";
constexpr std::string_view kKey = "key/";

bool IsPlain(std::string_view text, std::string_view more) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [more](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           more.find(c) != std::string_view::npos;
  });
}

bool IsKeyId(std::string_view text) {
  return IsPlain(text, "-");
}

bool IsAlias(std::string_view text) {
  return text.starts_with(kAlias) && IsPlain(text.substr(kAlias.size()), "/_-");
}

struct Arn {
  std::string_view partition, service, region, account, resource;
};

bool SplitArn(std::string_view text, Arn& arn) {
  std::array<std::string_view, 5> parts;
  for (std::string_view& part : parts) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return false;
    part = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  arn = {parts[1], parts[2], parts[3], parts[4], text};
  return parts[0] == "arn" && !arn.partition.empty() && arn.service == "kms" && IsPlain(arn.region, "-") &&
         arn.account.size() == 12 &&
         std::all_of(arn.account.begin(), arn.account.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Error NoKey(std::string_view text, const std::string& why, std::string hint) {
  return {ErrorCode::kInvalidInput, fmt::format("'{}' is no KMS key: {}", text, why), std::move(hint)};
}

}  // namespace

bool IsKmsKeyArn(std::string_view text) {
  Arn arn;
  return SplitArn(text, arn) && arn.resource.starts_with(kKey) && IsKeyId(arn.resource.substr(kKey.size()));
}

Result<KmsKeyName> ParseKmsKeyName(std::string_view key, std::string_view default_region) {
  if (key.empty() || key.size() > kNameMax) return NoKey("", "it is empty, or too long", "");
  Arn arn;
  if (SplitArn(key, arn)) {
    if (IsKmsKeyArn(key) || IsAlias(arn.resource)) return KmsKeyName{std::string(arn.region), std::string(key)};
    const std::string_view alias = arn.resource.starts_with(kKey) ? arn.resource.substr(kKey.size()) : "";
    if (IsAlias(alias)) {
      return NoKey(
          key, "an ARN has either key/ID or alias/NAME, not both",
          fmt::format("aws kms describe-key --region {} --key-id {} --query KeyMetadata.Arn shows the key's own "
                      "ARN; that of the alias is arn:{}:kms:{}:{}:{}",
                      arn.region, alias, arn.partition, arn.region, arn.account, alias));
    }
    return NoKey(key, "after the account there is neither key/ID nor alias/NAME", "");
  }
  if (key.starts_with("arn:")) {
    return NoKey(key, "the ARN is not complete", "arn:aws:kms:REGION:ACCOUNT:key/ID, with an account of 12 digits");
  }
  if (!IsAlias(key) && !IsKeyId(key)) {
    return NoKey(key, "it is neither an ARN, nor a key id, nor alias/NAME", "give the key's ARN");
  }
  if (default_region.empty()) {
    return NoKey(key, "it names no region", "give the key's ARN, or set AWS_REGION");
  }
  return KmsKeyName{std::string(default_region), std::string(key)};
}

}  // namespace tfseal::aws

#include "apply/handlers/exposed_value.h"

#include <algorithm>
#include <array>

#include "apply/handlers/calls.h"
#include "crypto/digest.h"
#include "crypto/system_entropy.h"
#include "planner/parameters.h"
#include "policy/secret_scan.h"

namespace tfseal {
namespace {

constexpr std::size_t kDigestDigits = 32;
constexpr std::size_t kHexDigits = 64;

using DigestKey = std::array<std::byte, 32>;

const DigestKey& KeyOfThisProcess() {
  static const DigestKey key = [] {
    DigestKey fresh{};
    SystemEntropy().Fill(fresh);
    return fresh;
  }();
  return key;
}

bool IsHexDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::size_t Base64Bytes(std::string_view text) {
  auto decoded = DecodeBase64(text);
  if (!decoded) return 0;
  const std::size_t bytes = decoded->size();
  Wipe(*decoded);
  return bytes;
}

}  // namespace

Result<std::optional<ValueInUse>> FindValueInUse(const std::string& family, const std::string& container,
                                                 const std::string& variable, const Action& action,
                                                 RunContext& context) {
  for (const char* status : {"ACTIVE", "INACTIVE"}) {
    TFSEAL_ASSIGN(const std::vector<std::string> arns, ListRevisions(family, status, action, context));
    for (const std::string& arn : arns) {
      TFSEAL_ASSIGN(Revision revision, ReadRevision(arn, action, context));
      auto value = VariableOf(revision.definition, container, variable);
      if (value) return std::optional<ValueInUse>(ValueInUse{*std::move(value), std::move(revision)});
    }
  }
  return std::optional<ValueInUse>();
}

std::string RunDigest(std::string_view value) {
  const DigestKey& key = KeyOfThisProcess();
  std::string key_bytes(key.size(), '\0');
  std::transform(key.begin(), key.end(), key_bytes.begin(), [](std::byte byte) { return static_cast<char>(byte); });
  std::string digest = Hex(HmacSha256(key_bytes, value)).substr(0, kDigestDigits);
  Wipe(key_bytes);
  return digest;
}

JsonValue Traces(std::string_view value) {
  return Object({{"length", static_cast<Json::UInt64>(value.size())}, {"digest", Text(RunDigest(value))}});
}

KeyShape KeyShapeOf(std::string_view value) {
  const auto behind = [&value](std::string_view prefix) { return value.substr(prefix.size()); };
  if (value.starts_with("base64:")) return {"base64", Base64Bytes(behind("base64:"))};
  std::string_view digits = value.starts_with("hex:") ? behind("hex:") : value;
  const bool hex = !digits.empty() && std::all_of(digits.begin(), digits.end(), IsHexDigit);
  if (hex && (digits.size() == kHexDigits || value.starts_with("hex:"))) return {"hex", digits.size() / 2};
  const std::size_t bytes = Base64Bytes(value);
  return bytes == 0 ? KeyShape{} : KeyShape{"base64", bytes};
}

std::optional<Error> KeyShapeProblem(std::string_view value, const std::string& variable, const Action& action,
                                     const RunContext& context) {
  const KeyShape shape = KeyShapeOf(value);
  if (shape.valid() || context.settings.approvals.contains(action.id)) return std::nullopt;
  const std::string what = shape.encoding.empty()
                               ? "is neither base64 nor 64 hexadecimal digits"
                               : "is " + std::string(shape.encoding) + " of " + std::to_string(shape.bytes) + " bytes";
  return InTheWay("variable " + variable + " has to hold a key of 32 bytes, but its value " + what,
                  "look at how the application reads it; if it is used as it is: " + ApproveCommand(action));
}

}  // namespace tfseal

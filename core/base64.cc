#include "core/base64.h"

#include <array>
#include <cstdint>

namespace tfseal {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<int, 256> MakeValues() {
  std::array<int, 256> values{};
  for (int& value : values) value = -1;
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<int>(i);
  }
  return values;
}
constexpr std::array<int, 256> kValues = MakeValues();

}  // namespace

std::string ToBase64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = bytes.size() - i < 3 ? bytes.size() - i : 3;
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8U | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text += j <= count ? kAlphabet[group >> (18U - 6U * j) & 63U] : '=';
    }
  }
  return text;
}

Result<std::string> FromBase64(std::string_view text) {
  const Error damaged{.code = ErrorCode::kInvalidInput, .message = "text is not base64", .hint = ""};
  if (text.size() % 4 != 0) return damaged;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    std::size_t digits = 4;
    if (last && text[i + 3] == '=') digits = text[i + 2] == '=' ? 2 : 3;
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      const int value = j < digits ? kValues[static_cast<unsigned char>(text[i + j])] : 0;
      if (value < 0) return damaged;
      group = group << 6U | static_cast<std::uint32_t>(value);
    }
    if ((digits == 2 && (group & 0xFFFFU) != 0) || (digits == 3 && (group & 0xFFU) != 0)) return damaged;
    for (std::size_t j = 0; j + 1 < digits; ++j) bytes += static_cast<char>(group >> (16U - 8U * j) & 0xFFU);
  }
  return bytes;
}

}  // namespace tfseal

#pragma once

#include <gtest/gtest.h>

#include <string>

#include "core/file.h"
#include "core/json.h"
#include "crypto/formats/value_text.h"

namespace tfseal::testing {

// The cases of a file of fixtures/crypto-vectors; none if it cannot be read, which fails the test.
inline JsonValue Vectors(const std::string& file) {
  const auto text = ReadFileBounded(std::string(TFSEAL_SOURCE_DIR) + "/fixtures/" + file, 16U << 20U);
  if (!text.ok()) {
    ADD_FAILURE() << text.error().message;
    return {};
  }
  const auto json = ParseJson(*text);
  if (!json.ok()) {
    ADD_FAILURE() << json.error().message;
    return {};
  }
  return *json;
}

inline std::string Bin(const JsonValue& hex) {
  return formats::FromHex(hex.asString()).value();
}

// Bytes that differ from place to place and are the same in each run.
inline void FillPattern(char* bytes, std::size_t size, unsigned seed) {
  for (std::size_t i = 0; i < size; ++i) {
    seed = seed * 1'664'525U + 1'013'904'223U;
    bytes[i] = static_cast<char>(seed >> 24U);
  }
}
inline std::string Pattern(std::size_t size, unsigned seed) {
  std::string bytes(size, '\0');
  FillPattern(bytes.data(), size, seed);
  return bytes;
}

}  // namespace tfseal::testing

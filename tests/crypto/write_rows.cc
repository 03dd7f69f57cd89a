// Writes values of several formats for other implementations to read, one JSON object a line.
#include <cstdio>
#include <string>
#include <vector>

#include "core/json.h"
#include "crypto/aes_kwp.h"
#include "crypto/digest.h"
#include "crypto/formats/row_formats.h"
#include "crypto/row_cipher.h"
#include "crypto/system_entropy.h"

namespace tfseal {
namespace {

struct Kind {
  const char* layout;  // what the readers know it as
  FormatOptions options;
  bool committing = false;
  bool has_wrapped_key = true;
  const char* key_reference = "";
};

std::vector<Kind> Kinds() {
  FormatOptions columns;
  columns.columns = {{ColumnRole::kCiphertext}, {ColumnRole::kIv}, {ColumnRole::kWrappedKey}};
  FormatOptions one;
  const auto named = [&one](const char* name) {
    one.name = name;
    return one;
  };
  return {{"columns", columns},
          {"version-prefix", named("version-prefix"), false, false, "v7"},
          {"tfseal", named("tfseal"), true, true, "2025-03-kms"},
          {"rails", named("rails"), false, false, ""},
          {"lockbox", named("lockbox"), false, true, "v1"}};
}

bool Write(const Kind& kind, std::size_t size, SystemEntropy& entropy) {
  RowCipher cipher(entropy);
  AesKwp kwp;
  std::string key(32, '\0');
  std::string kek(32, '\0');
  std::string text(size, '\0');
  for (std::string* bytes : {&key, &kek, &text}) entropy.Fill(std::as_writable_bytes(std::span(*bytes)));
  const std::string aad = AssociatedData(kind.committing ? AadScheme::kTfsealV1 : AadScheme::kNone,
                                         {"connections", "payload", "42", "acme"});
  Envelope envelope;
  if (!cipher.Seal(SecretBytes(key), text, aad, kind.committing, envelope).ok()) return false;
  if (kind.has_wrapped_key) envelope.wrapped_key = kwp.Wrap(kek, key);
  envelope.key_reference = kind.key_reference;
  const auto format = MakeRowFormat(kind.options);
  if (!format.ok()) return false;
  const auto values = (*format)->Build(envelope);
  if (!values.ok()) return false;
  JsonValue line;
  line["layout"] = kind.layout;
  for (const auto& value : *values) line["values"].append(Hex(*value));
  line["kek"] = Hex(kek);
  line["key"] = kind.has_wrapped_key ? "" : Hex(key);
  line["plaintext"] = Hex(text);
  return std::fputs((WriteJsonLine(line) + "\n").c_str(), stdout) >= 0;
}

}  // namespace
}  // namespace tfseal

int main() {
  tfseal::SystemEntropy entropy;
  for (const auto& kind : tfseal::Kinds()) {
    for (const std::size_t size : {0U, 1U, 16U, 300U, 70'000U}) {
      if (!tfseal::Write(kind, size, entropy)) return 1;
    }
  }
  return 0;
}
